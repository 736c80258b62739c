"""How the commands end: one clear line for the caller's mistakes, a traceback for ours."""

from __future__ import annotations

import os
import sys
import traceback

import click

from grader.errors import KitError, UsageError
from grader.text import printable

__all__ = ["run_command"]

_WRONG_USAGE, _OUR_FAULT, _INTERRUPTED = 2, 3, 130


def run_command(command: click.Command, name: str) -> None:
    """Run ``command`` and end the process: 2 after wrong usage, 3 after a failure of ours, 130 after Ctrl-C."""
    sys.exit(_run(command, name))


def _run(command: click.Command, name: str) -> int:
    try:
        code = command.main(prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _complain(name, f"{error.format_message()} ({name} --help has more)", _WRONG_USAGE)
    except UsageError as error:
        return _complain(name, str(error), _WRONG_USAGE)
    except KitError as error:
        return _complain(name, str(error), _OUR_FAULT)
    except BrokenPipeError:
        # The reader has gone; what is left in the buffer must not complain when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (KeyboardInterrupt, click.Abort):
        return _complain(name, "interrupted", _INTERRUPTED)
    except Exception:  # noqa: BLE001 - a bug of ours: crash loudly, and never as a student's mark
        traceback.print_exc()
        return _OUR_FAULT
    return code if isinstance(code, int) else 0


def _complain(name: str, text: str, code: int) -> int:
    line = " ".join(printable(text, keep="").split("\\n"))
    print(f"{name}: {line}", file=sys.stderr)
    return code
