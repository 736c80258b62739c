"""The questions of the exam: cases as records, the strategies that draw them, and the search for the simplest one.

In comes a seed; out come the cases of each family. Those of seed 0 are stored in ``questions.json``.
"""
