"""The grader's side of the wall: processes that each hold one submission, and the conversation with them.

``launcher`` starts the processes, ``client`` asks them, ``reply_checks`` checks what they say, and ``clock`` counts
only their own time. A ``Submission`` and requests come in; the records of ``replies`` go out, or ``Ended`` if the
submission is at fault, or ``DisturbedError`` if it is not. ``sandbox/`` is the far side; nothing else here imports it.
"""
