"""What a submission may weigh before it is refused unread, and what a class may."""

from __future__ import annotations

__all__ = [
    "BYTES",
    "CLASS_BYTES",
    "CLASS_ENTRIES",
    "CLASS_LIST",
    "DEPTH",
    "ENTRIES",
    "HEADER",
    "MEMORY",
    "METADATA",
    "SCRIPTS",
    "VOTES",
]

BYTES = 20 * 1000 * 1000
"""Of all files of one submission, unpacked."""
ENTRIES = 2000
"""Files and folders in one submission."""
SCRIPTS = 200
"""Scripts and notebooks in one submission, each of which is parsed to find the one to examine."""
VOTES = 10 * BYTES
"""Bytes that are read to tell whether a folder or an archive is one submission or many."""
HEADER = 4096
"""Bytes of a header of an archive that is not a file's own: a long name, say."""
MEMORY = 64 * 1024 * 1024
"""Bytes that unpacking xz may take besides what it unpacks."""
DEPTH = 20
"""Folders inside each other."""
CLASS_ENTRIES = 100_000
"""Files and folders in an archive of a whole class."""
CLASS_LIST = 16 * 1024 * 1024
"""Bytes of the list of its entries that such an archive has, where it is a zip: it is held in memory."""
CLASS_BYTES = 200 * 1000 * 1000
"""Bytes of such an archive, unpacked, where it is a compressed tar: it is held in memory."""
METADATA = 100 * 1000 * 1000
"""Bytes of the file in which Gradescope says who handed in what: the results of all runs are in it."""
