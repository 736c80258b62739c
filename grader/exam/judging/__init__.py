"""Judge submissions by the laws: ask, carry errors forward, search the simplest case that fails.

In come formulas, as functions that compare what a submission did with the task sheet; out come pytest tests.
"""
