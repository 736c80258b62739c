"""How the commands end: one clear line for the caller's mistakes, a traceback for ours."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import click

from grader.errors import KitError, UsageError
from grader.text import printable

__all__ = ["Work", "run_command", "write_out"]

Work = Callable[[], int]
"""What a command does once its line has been read; gives the exit code."""

_WRONG_USAGE, _OUR_FAULT = 2, 3
_INTERRUPTED, _READER_GONE, _TERMINATED = 128 + 2, 128 + 13, 128 + 15
"""What shells give for a process that SIGINT, SIGPIPE or SIGTERM ended."""


class _ReaderGoneError(Exception):
    """Nobody reads the standard output any more."""


def run_command(command: click.Command, name: str) -> None:
    """Run ``command``, whose callback returns its `Work`, and end the process.

    The exit code is the work's own; 2 after wrong usage; 3 where the kit or the machine failed; 130 after
    Ctrl-C, 143 after SIGTERM; 141 where the reader of the standard output has gone.
    """
    signal.signal(signal.SIGTERM, _terminate)
    code = _run(command, name)
    # The interpreter need not search for rubbish what ends with it, which would take a tenth of a short run.
    gc.freeze()
    sys.exit(code)


class _Terminated(KeyboardInterrupt):
    """Somebody asked this process to end: it does as after Ctrl-C, with nothing left behind."""


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _Terminated


def write_out(text: str, *, encoding: str | None = None) -> None:
    """Write ``text`` to standard output at once, in its own encoding or byte for byte in another."""
    try:
        if encoding is None:
            sys.stdout.write(text)
        else:
            sys.stdout.buffer.write(text.encode(encoding))
        sys.stdout.flush()
    except BrokenPipeError:
        raise _ReaderGoneError from None
    except OSError as error:
        raise KitError(f"the report cannot be written: {error.strerror}") from None


def _run(command: click.Command, name: str) -> int:  # noqa: PLR0911 - one for each way to end
    try:
        # Only the reading of the line is click's: it would take a broken pipe or an EOFError of ours for its own.
        work: Work | int = command.main(prog_name=name, standalone_mode=False)
        return work if isinstance(work, int) else work()
    except click.ClickException as error:
        return _complain(name, f"{error.format_message().rstrip('.')}; {name} --help has more", _WRONG_USAGE)
    except UsageError as error:
        return _complain(name, str(error), _WRONG_USAGE)
    except KitError as error:
        return _complain(name, str(error), _OUR_FAULT)
    except _ReaderGoneError:
        # What is left in the buffer must not complain when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except (KeyboardInterrupt, click.Abort) as interruption:
        code = _TERMINATED if isinstance(interruption, _Terminated) else _INTERRUPTED
        return _complain(name, str(interruption) or "interrupted", code)
    except Exception:  # noqa: BLE001 - a bug of ours: it must be seen, and never end in a code that means a mark
        traceback.print_exc()
        return _complain(
            name, "this is a mistake in the kit, not in a submission; please report it", _OUR_FAULT
        )


def _complain(name: str, text: str, code: int) -> int:
    line = " ".join(part.strip() for part in text.splitlines())
    print(f"{name}: {printable(line, keep='')}", file=sys.stderr)
    return code
