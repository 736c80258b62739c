"""What a submission may weigh before it is refused unread."""

from __future__ import annotations

__all__ = ["BYTES", "DEPTH", "ENTRIES", "HEADER", "MEMORY", "SCRIPTS"]

BYTES = 20 * 1000 * 1000
"""Of all files of one submission, unpacked."""
ENTRIES = 2000
"""Files and folders in one submission."""
SCRIPTS = 200
"""Scripts and notebooks in one submission, each of which is parsed to find the one to examine."""
HEADER = 4096
"""Bytes of a header of an archive that is not a file's own: a long name, say."""
MEMORY = 64 * 1024 * 1024
"""Bytes that unpacking xz may take besides what it unpacks."""
DEPTH = 20
"""Folders inside each other."""
