"""The exam: judge what a submission's ``backward`` and ``fit`` did by the formulas of the task sheet.

In comes a submission behind the wall (a `Candidate`) and the examples of a seed (`Questions`). Out goes, for each law,
that it holds, or a `Finding`: what was seen, what is due, and on which case. The laws are ordinary pytest tests, in
``test_backward.py``, ``test_fit.py`` and ``test_training.py``; ``pytest grader/exam --submission PATH`` runs them by
hand. ``laws/`` has what they share, ``questions/`` the examples, ``plugin.py`` the pytest plugin that grading uses.
"""
