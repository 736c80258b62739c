"""What a submission may weigh before it is refused unread, and what a class may."""

from __future__ import annotations

__all__ = [
    "BYTES",
    "CLASS_BYTES",
    "CLASS_ENTRIES",
    "CLASS_HEADERS",
    "CLASS_LIST",
    "DEPTH",
    "ENTRIES",
    "HEADER",
    "HEADERS",
    "LIST",
    "MEMORY",
    "METADATA",
    "PACKED",
    "QUICK",
    "SCRIPTS",
    "STREAMS",
    "UNPACKED",
    "UNPACKED_SLOWLY",
    "VOTES",
]

BYTES = 20 * 1000 * 1000
"""Of all scripts and notebooks of one submission, unpacked."""
ENTRIES = 2000
"""Files and folders in one submission, without what lies in folders that are ignored."""
SCRIPTS = 200
"""Scripts and notebooks in one submission, each of which is parsed to find the one to examine."""
QUICK = 500 * 1000
"""Bytes of an archive that is unpacked in a moment, however it is compressed."""
PACKED = 100 * 1000 * 1000
"""Bytes of one student's archive as it was handed in, with all that is not read of it."""
UNPACKED = 200 * 1000 * 1000
"""Bytes that one student's tar, compressed by gzip, may unpack to, with all that is not read of it."""
UNPACKED_SLOWLY = 30 * 1000 * 1000
"""The same for bzip2 and xz, which may unpack as little as 7 MB in a second."""
STREAMS = 20_000
"""Streams one after another in a compressed tar; bgzip makes one for each 64 KB."""
VOTES = 10 * BYTES
"""Bytes that are read to tell whether a folder or an archive is one submission or many."""
HEADER = 4096
"""Bytes of a header of an archive that is not a file's own: a long name, say."""
HEADERS = 50_000
"""Headers of one student's archive, with those of what is ignored."""
LIST = 8 * 1024 * 1024
"""Bytes of the list of entries of one student's archive, which is held in memory."""
MEMORY = 96 * 1024 * 1024
"""Bytes that unpacking xz may take besides what it unpacks: ``xz -9`` needs 65 MiB."""
DEPTH = 20
"""Folders inside each other."""
CLASS_ENTRIES = 100_000
"""Files and folders in an archive of a whole class, without what lies in folders that are ignored."""
CLASS_HEADERS = 400_000
"""Headers of such an archive, with those of what is ignored."""
CLASS_LIST = 16 * 1024 * 1024
"""Bytes of the list of entries of such an archive, which is held in memory."""
CLASS_BYTES = 200 * 1000 * 1000
"""Bytes of such an archive, unpacked, if it is a compressed tar: it is held in memory."""
METADATA = 100 * 1000 * 1000
"""Bytes of the file in which Gradescope says who handed in what: the results of all runs are in it."""
