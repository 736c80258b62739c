"""What a submission may weigh before it is refused unread."""

from __future__ import annotations

__all__ = ["BYTES", "DEPTH", "ENTRIES"]

BYTES = 20 * 1000 * 1000
"""Of all files of one submission, unpacked."""
ENTRIES = 2000
"""Files and folders in one submission."""
DEPTH = 20
"""Folders inside each other."""
