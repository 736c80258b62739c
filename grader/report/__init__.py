"""The forms that a report takes; each is a pure function of the results."""
