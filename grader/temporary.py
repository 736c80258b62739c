"""Say what is wrong with the folder for temporary files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["fault", "reason"]


def fault(error: OSError) -> str | None:
    """Return one line about the folder for temporary files if it is what ``error`` comes from, else ``None``."""
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError:
        return "no folder for temporary files can be written to; set TMPDIR to one that can"
    if error.filename is None or not Path(os.fsdecode(error.filename)).is_relative_to(folder):
        return None
    return (
        f"{folder}, the folder for temporary files, cannot be written to ({error.strerror}); make room there, or set "
        "TMPDIR to another folder"
    )


def reason(error: OSError) -> str:
    """Return why a process could not be started."""
    return fault(error) or error.strerror or str(error)
