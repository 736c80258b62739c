"""The far side of the wall: a forking parent, and workers that each hold one submission.

``start.py`` runs with an empty environment and loads NumPy, ``utils.py``, ``grader.protocol`` and this package,
and nothing else of the kit: a submission can find nothing else in memory. ``wall/`` locks a worker down;
``runtime/`` reads and runs the submission. Requests come in over a socket, and replies go out.
"""
