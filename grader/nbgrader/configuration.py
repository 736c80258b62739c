"""Configure nbgrader to grade the exercise in the sandbox: a few lines in a course's ``nbgrader_config.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["CALL", "CONFIG_FILE", "LINES", "configure", "is_configured"]

CONFIG_FILE = "nbgrader_config.py"
CALL = "configure(get_config())"
LINES = f"""\
# Grades the exercise of perceptron-kit in its sandbox; other assignments are graded as before. Keep this at the end.
from grader.nbgrader import configure

{CALL}
"""
_EXPORTER = "grader.nbgrader.exporter.SubmissionExporter"
_GRADING = "grader.nbgrader.preprocessors.SandboxGrade"
_COMMENTING = "grader.nbgrader.preprocessors.SaveComments"


def configure(config: Config) -> None:
    """Add our preprocessors to those of ``Autograde`` in ``config``, whatever these are.

    ``SandboxGrade`` replaces ``Execute``, and ``SaveComments`` follows ``SaveAutoGrades``. A second call changes
    nothing. Raises ``UsageError`` if one of nbgrader's two is missing.
    """
    from nbgrader.converters import Autograde  # noqa: PLC0415 - slow to import

    default = Autograde.autograde_preprocessors.default_args[0]
    steps = list(config.Autograde.get("autograde_preprocessors", default))
    names = [_name(step) for step in steps]
    for ours, theirs in ((_GRADING, "Execute"), (_COMMENTING, "SaveAutoGrades")):
        if _last(ours) not in names and theirs not in names:
            raise UsageError(
                f"Autograde.autograde_preprocessors lacks {theirs}, which {_last(ours)} needs; "
                f"add it to {CONFIG_FILE}"
            )
    if _last(_GRADING) not in names:
        steps[names.index("Execute")] = _GRADING
    if _last(_COMMENTING) not in names:
        steps.insert(names.index("SaveAutoGrades") + 1, _COMMENTING)
    config.Autograde.autograde_preprocessors = steps
    config.Autograde.exporter_class = _EXPORTER


def is_configured(folder: Path) -> bool:
    """Tell whether the configuration file in ``folder``, run as nbgrader runs it, contains our steps.

    Raises ``UsageError`` if it cannot be run.
    """
    from traitlets.config.loader import PyFileConfigLoader  # noqa: PLC0415 - not needed by `configure`

    path = folder / CONFIG_FILE
    if not path.is_file():
        return False
    try:
        config = PyFileConfigLoader(path.name, path=str(folder)).load_config()
    except Exception as error:  # noqa: BLE001 - an instructor may have written anything
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        raise UsageError(f"{path} cannot be run ({what}); fix it first") from None
    steps = [_name(step) for step in config.Autograde.get("autograde_preprocessors", [])]
    after = steps.index("SaveAutoGrades") if "SaveAutoGrades" in steps else len(steps)
    return (
        _last(_GRADING) in steps
        and "Execute" not in steps
        and _last(_COMMENTING) in steps[after:]
        and config.Autograde.get("exporter_class") == _EXPORTER
    )


def _name(step: Any) -> str:
    """Return the bare name of a preprocessor, which may be a class, an instance or a dotted name."""
    if isinstance(step, str):
        return _last(step)
    return str(getattr(step, "__name__", type(step).__name__))


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]
