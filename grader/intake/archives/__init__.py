"""Read archives that students and learning platforms packed, under limits, and write nothing of them to disk.

A file comes in whose sizes, names and checksums are not trusted. Out come the scripts and notebooks of one student
(``submission_archive``), or a tree of files and folders for a whole class (``class_archive``).
"""
