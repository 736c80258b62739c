"""Describe members of zip archives that have the same bytes whenever and wherever they are written."""

from __future__ import annotations

from zipfile import ZIP_DEFLATED, ZipInfo

__all__ = ["zip_member"]

_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can hold."""
_READABLE, _UNIX = 0o644, 3


def zip_member(name: str, *, mode: int = _READABLE, compress_type: int = ZIP_DEFLATED) -> ZipInfo:
    """Return the entry of a file, with the permissions ``mode``, and always the same date and system."""
    member = ZipInfo(name, _FIRST_DAY)
    member.create_system, member.external_attr, member.compress_type = _UNIX, mode << 16, compress_type
    return member
