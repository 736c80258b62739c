"""What makes nbgrader mark the exercise behind the wall: a few lines in a course's ``nbgrader_config.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["CALL", "CONFIG_FILE", "LINES", "configure", "is_configured", "with_lines"]

CONFIG_FILE = "nbgrader_config.py"
CALL = "configure(get_config())"
LINES = f"""\
# Marks the exercise of perceptron-kit behind its wall; other assignments are marked as ever. Keep this at the end.
from grader.nbgrader import configure

{CALL}
"""
_EXPORTER = "grader.nbgrader.exporter.SubmissionExporter"
_MARKING = "grader.nbgrader.marking.SandboxGrade"
_COMMENTS = "grader.nbgrader.comments.SaveComments"


def configure(config: Config) -> None:
    """Put our steps among those of ``Autograde`` in ``config``, whatever these are; a second time changes nothing.

    ``SandboxGrade`` takes the place of ``Execute``, ``SaveComments`` comes after ``SaveAutoGrades``.
    Raises ``UsageError`` if there is no such step.
    """
    from nbgrader.converters import Autograde  # noqa: PLC0415 - slow to import

    default = Autograde.autograde_preprocessors.default_args[0]
    steps = list(config.Autograde.get("autograde_preprocessors", default))
    names = [_name(step) for step in steps]
    for ours, theirs in ((_MARKING, "Execute"), (_COMMENTS, "SaveAutoGrades")):
        if _last(ours) not in names and theirs not in names:
            raise UsageError(
                f"{theirs} is none of Autograde.autograde_preprocessors; it is needed for {_last(ours)}"
            )
    if _last(_MARKING) not in names:
        steps[names.index("Execute")] = _MARKING
    if _last(_COMMENTS) not in names:
        steps.insert(names.index("SaveAutoGrades") + 1, _COMMENTS)
    config.Autograde.autograde_preprocessors = steps
    config.Autograde.exporter_class = _EXPORTER


def is_configured(folder: Path) -> bool:
    """Tell whether the configuration file in ``folder``, run as nbgrader runs it, has our steps in it.

    Raises ``UsageError`` if it cannot be run.
    """
    from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415 - not needed by `configure`

    path = folder / CONFIG_FILE
    if not path.is_file():
        return False
    try:
        config = PyFileConfigLoader(path.name, path=str(folder)).load_config()
    except Exception as error:  # noqa: BLE001 - whatever an instructor wrote
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UsageError(f"{path} cannot be run ({what}); fix it first") from None
    steps = [_name(step) for step in config.Autograde.get("autograde_preprocessors", [])]
    after = steps.index("SaveAutoGrades") if "SaveAutoGrades" in steps else len(steps)
    return (
        _last(_MARKING) in steps
        and "Execute" not in steps
        and _last(_COMMENTS) in steps[after:]
        and config.Autograde.get("exporter_class") == _EXPORTER
    )


def with_lines(text: str) -> str:
    """Return the text of a configuration file with our lines at its end."""
    if not text:
        return LINES
    return text + ("" if text.endswith("\n") else "\n") + "\n" + LINES


def _name(step: Any) -> str:
    """Return the bare name of a preprocessor, which may be a class, an instance or a dotted name."""
    if isinstance(step, str):
        return _last(step)
    return str(getattr(step, "__name__", type(step).__name__))


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]
