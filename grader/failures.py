"""Put into one line what is wrong with the machine, or with the kit itself."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from traceback import format_exception

from grader.errors import KitError, UngradedError, UsageError
from grader.model import Message

__all__ = ["not_started", "not_written", "temporary_folder", "undiagnosed_by", "ungraded_by"]

_DISK_IS_FULL = {errno.ENOSPC, errno.EDQUOT}


def temporary_folder(error: OSError) -> str | None:
    """Return what is wrong with the folder for temporary files; ``None`` if ``error`` is about something else."""
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


def not_started(error: OSError) -> str:
    """Return why a process could not be started."""
    return temporary_folder(error) or error.strerror or str(error)


def not_written(path: Path, error: OSError) -> KitError:
    """Return what to raise if a result cannot be written: only a full disk is nobody's mistake."""
    if error.errno in _DISK_IS_FULL:
        return UngradedError(f"{path} cannot be written ({error.strerror}); make room for the results")
    return UsageError(
        f"{path} cannot be written ({error.strerror}); name a folder for results that can be written to"
    )


def ungraded_by(error: BaseException, id_: str) -> str:
    """Return why the submission ``id_`` could not be graded.

    An error that nobody has foreseen is a bug of the kit; its traceback is printed on standard error.
    """
    if isinstance(error, KitError):
        return str(error)
    if isinstance(error, MemoryError):
        return "the grader ran out of memory while it examined this submission"
    if isinstance(error, OSError) and (fault := temporary_folder(error)) is not None:
        return fault
    _report(f"'{id_}' could not be graded:", error)
    return (
        f"a bug of the kit ({type(error).__name__}) kept it from being graded; please report the traceback "
        "on standard error"
    )


def undiagnosed_by(error: BaseException, id_: str) -> Message:
    """Return why the mistakes of the submission ``id_`` have no names, and print the traceback of this bug."""
    _report(f"the mistakes of '{id_}' could not be named:", error)
    return Message(
        "A bug of the kit ({type}) kept the mistakes from being named, which changes no points; please report the "
        "traceback on standard error",
        {"type": type(error).__name__},
    )


def _report(what: str, error: BaseException) -> None:
    if sys.stderr is not None:
        with suppress(OSError):
            print(what, *format_exception(error), sep="\n", file=sys.stderr)
