"""What reads and runs a submission in a process that is already locked down.

``worker`` answers requests: ``reading`` and ``showing`` read files without running them, ``loader`` runs the
statements, and ``methods`` calls ``backward`` and ``fit``. Files and numbers come in; source texts, numbers, printed
text and exceptions go out.
"""
