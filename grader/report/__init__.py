"""The forms that a report takes: results in, text out; each is a pure function of the results."""
