"""The questions of the exam: cases as records, and the strategies that draw them.

In comes a seed; out come the cases of each family. Those of seed 0 are stored in ``questions.json``.
"""
