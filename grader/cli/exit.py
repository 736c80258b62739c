"""How the commands end: with one clear line for the caller's mistakes, and a traceback for ours."""

from __future__ import annotations

import gc
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

import click

from grader.cli.streams import ReaderGoneError, guard_streams, say_line
from grader.errors import KitError, UsageError
from grader.failures import temporary_folder

__all__ = ["run_command"]

_WRONG_USAGE, _OUR_FAULT = 2, 3
_BY_SIGNAL = 128
"""What shells add to the number of the signal that stopped a process."""
_READER_GONE = _BY_SIGNAL + 13
_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals that ask a command to stop; the last one says that its terminal was closed."""


class _Stopped(KeyboardInterrupt):
    """A signal asked this process to stop, which it does without leaving anything behind."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def run_command(command: click.Command, name: str) -> None:
    """Run ``command``, a `LateCommand` or a group of them, and end the process.

    The exit code is the command's own; 2 after wrong usage; 3 if the kit or the machine failed; 129 after the
    terminal was closed, 130 after Ctrl-C, 143 after SIGTERM; 141 if the reader of the standard output has gone.
    """
    for number in _STOPPING:
        # A signal that is ignored, as under nohup, stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)
    code = _run(command, name)
    # Collecting garbage at exit would take a tenth of a short run.
    gc.freeze()
    sys.exit(code)


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    # A closing shell may send several; a second Ctrl-C stops at once what takes too long to clean up.
    for other in _STOPPING:
        signal.signal(other, signal.SIG_IGN if other != signal.SIGINT else signal.default_int_handler)
    raise _Stopped(number)


def _run(command: click.Command, name: str) -> int:  # noqa: PLR0911 - one for each way to end
    try:
        guard_streams()
        work = command.main(prog_name=name, standalone_mode=False)
        code: int = work() if callable(work) else work
        sys.stdout.flush()
    except click.ClickException as error:
        return _complain(name, _with_help(error, name), _WRONG_USAGE)
    except UsageError as error:
        return _complain(name, str(error), _WRONG_USAGE)
    except KitError as error:
        return _complain(name, str(error), _OUR_FAULT)
    except ReaderGoneError:
        return _READER_GONE
    except (KeyboardInterrupt, click.Abort) as interruption:
        number = interruption.number if isinstance(interruption, _Stopped) else signal.SIGINT
        return _complain(name, str(interruption) or "interrupted", _BY_SIGNAL + number)
    except Exception as error:  # noqa: BLE001 - a bug of ours: it must be seen, and its exit code must not mean a score
        if isinstance(error, OSError) and (fault := temporary_folder(error)) is not None:
            return _complain(name, fault, _OUR_FAULT)
        traceback.print_exc()
        return _complain(name, "this is a bug of the kit, not of a submission; please report it", _OUR_FAULT)
    return code


def _with_help(error: click.ClickException, name: str) -> str:
    """Return what click says is wrong, and which command's help has more."""
    text = error.format_message().rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    end = "" if text.endswith(("?", "?)")) else ";"
    return f"{text}{end} {context.command_path if context else name} --help has more"


def _complain(name: str, text: str, code: int) -> int:
    say_line(name, text)
    return code
