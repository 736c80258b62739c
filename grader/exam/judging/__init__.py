"""What is done once for all laws: ask, replay, carry errors forward, search the simplest case, build the finding.

In come formulas, as functions from what a submission did to a comparison; out come pytest tests of one submission.
"""
