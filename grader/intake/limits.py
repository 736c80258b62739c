"""How large a submission may be before it is refused unread, and how large the archive of a class may be."""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "BYTES",
    "DEPTH",
    "ENTRIES",
    "HEADER",
    "MEMORY",
    "METADATA",
    "OF_CLASS",
    "OF_SUBMISSION",
    "PACKED",
    "QUICK",
    "SCRIPTS",
    "STREAMS",
    "UNPACKED_SLOWLY",
    "VOTES",
    "ArchiveLimits",
]

BYTES = 20 * 1000 * 1000
"""Bytes of all scripts and notebooks of one submission, unpacked."""
ENTRIES = 2000
"""Files and folders in one submission, without what lies in folders that are ignored."""
SCRIPTS = 200
"""Scripts and notebooks in one submission, each of which is parsed to find the one to examine."""
DEPTH = 20
"""Folders inside each other."""
VOTES = 10 * BYTES
"""Bytes that are read to tell whether a folder or an archive is one submission or many."""
QUICK = 500 * 1000
"""Bytes of an archive that is unpacked in a moment, however it is compressed."""
PACKED = 100 * 1000 * 1000
"""Bytes of one student's archive as it was handed in, with all that is not read of it."""
UNPACKED_SLOWLY = 30 * 1000 * 1000
"""Bytes that one student's tar may unpack to if bzip2 or xz packed it, which may unpack only 7 MB in a second."""
STREAMS = 20_000
"""Streams one after another in a compressed tar; bgzip makes one for each 64 KB."""
HEADER = 4096
"""Bytes of a header in a tar that is not a file's own: a long name, for example."""
MEMORY = 96 * 1024 * 1024
"""Bytes that unpacking xz may take besides what it unpacks: ``xz -9`` needs 65 MiB."""
METADATA = 100 * 1000 * 1000
"""Bytes of the file in which Gradescope says who handed in what: the results of all runs are in it."""


class ArchiveLimits(Struct, frozen=True):
    """How large an archive may be."""

    entries: int
    """Files and folders, without what lies in folders that are ignored."""
    headers: int
    """Headers of a tar, with those of what is ignored."""
    listing: int
    """Bytes of the list of entries, which is held in memory."""
    unpacked: int
    """Bytes that a compressed tar may unpack to, with all that is not read of it."""


OF_SUBMISSION = ArchiveLimits(ENTRIES, headers=50_000, listing=8 * 1024 * 1024, unpacked=200 * 1000 * 1000)
OF_CLASS = ArchiveLimits(
    entries=100_000, headers=400_000, listing=16 * 1024 * 1024, unpacked=200 * 1000 * 1000
)
"""A compressed tar of a class is held in memory when it is unpacked."""
