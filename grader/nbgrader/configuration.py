"""Configure nbgrader to grade the exercise in the sandbox: a few lines in a course's ``nbgrader_config.py``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.errors import UsageError
from grader.languages import ENGLISH

if TYPE_CHECKING:
    from traitlets.config import Config

__all__ = ["CALL", "CONFIG_FILE", "configure", "is_configured", "lines"]

CONFIG_FILE = "nbgrader_config.py"
CALL = "configure(get_config()"
"""How the call begins that a configured course has."""
_EXPORTER = "grader.nbgrader.exporter.SubmissionExporter"
_PAGES = "grader.nbgrader.feedback_page.FeedbackExporter"
_GRADING = "grader.nbgrader.preprocessors.SandboxGrade"
_COMMENTING = "grader.nbgrader.preprocessors.SaveComments"


def lines(language: str) -> str:
    """Return what configures a course whose students read a ``language``."""
    call = f"{CALL})" if language == ENGLISH else f'{CALL}, language="{language}")'
    return f"""\
# Grades the exercise of perceptron-kit in its sandbox; other assignments are graded as before. Keep this at the end.
from grader.nbgrader import configure

{call}
"""


def configure(config: Config, language: str = ENGLISH) -> None:
    """Put our preprocessors among those of ``Autograde`` in ``config``, whatever these are.

    ``SandboxGrade`` replaces ``Execute``, and ``SaveComments`` follows ``SaveAutoGrades``. ``FeedbackExporter`` writes
    the pages of feedback, unless another exporter was chosen. A second call changes nothing. Raises ``UsageError`` if
    one of nbgrader's two is missing.
    """
    from nbgrader.converters import Autograde  # noqa: PLC0415 - slow to import

    default = Autograde.autograde_preprocessors.default_args[0]
    steps: list[Any] = []
    for step in config.Autograde.get("autograde_preprocessors", default):
        match _name(step):
            case "Execute" | "SandboxGrade":
                steps += [] if _GRADING in steps else [_GRADING]
            case "SaveAutoGrades":
                steps += [step, _COMMENTING]
            case "SaveComments":
                pass
            case _:
                steps.append(step)
    for ours, theirs in ((_GRADING, "Execute"), (_COMMENTING, "SaveAutoGrades")):
        if ours not in steps:
            raise UsageError(f"Autograde.autograde_preprocessors lacks {theirs}; add it in {CONFIG_FILE}")
    config.Autograde.autograde_preprocessors = steps
    config.Autograde.exporter_class = _EXPORTER
    config.GenerateFeedback.setdefault("exporter_class", _PAGES)
    if language != ENGLISH:
        config.SandboxGrade.language = language


def is_configured(folder: Path, language: str = ENGLISH) -> bool:
    """Tell whether the configuration file in ``folder``, run as nbgrader runs it, has what `configure` would add.

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
    before = dict(config.Autograde), config.SandboxGrade.get("language", ENGLISH)
    configure(config, language)
    return before == (dict(config.Autograde), config.SandboxGrade.get("language", ENGLISH))


def _name(step: Any) -> str:
    """Return the bare name of a preprocessor, which may be a class, an instance or a dotted name."""
    if isinstance(step, str):
        return step.rpartition(".")[2]
    return str(getattr(step, "__name__", type(step).__name__))
