"""``perceptron-kit grade-notebook``, which released notebooks call."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from grader.cli.lazy import LateCommand
from grader.cli.options import feedback_option, language_option
from grader.cli.streams import write_out
from grader.errors import UngradedError
from grader.languages import speaking, translated
from grader.messages import lines_text
from grader.model import Feedback, SubmissionStatus
from grader.nbgrader.feedback import feedback as cell_feedback
from grader.nbgrader.submitted import grade_notebook
from grader.settings import Settings

__all__ = ["command"]

_TIMEOUT, _TOTAL_TIMEOUT = 5.0, 12.0
"""Seconds for a submission whose kernel waits for its points: nbgrader stops a cell after 30."""


@click.command(cls=LateCommand)
@click.argument("notebook", type=click.Path(path_type=Path))
@feedback_option
@language_option
def command(notebook: Path, feedback: str, language: str) -> int:
    """Grade a notebook for the kernel that nbgrader runs it in, if nbgrader does not use the sandbox itself.

    Writes a JSON object: for each autograded cell the share of its points that was earned, the feedback, and a note
    that there was no sandbox around the kernel.
    """
    level = Feedback(feedback)
    settings = Settings(timeout=_TIMEOUT, total_timeout=_TOTAL_TIMEOUT, feedback=level)
    result = grade_notebook(notebook.parent, notebook.name, notebook.stem, settings)
    if result.status is SubmissionStatus.UNGRADED:
        raise UngradedError(lines_text(result.reasons))
    with speaking(language):
        note = translated(
            "Graded without the sandbox: nbgrader ran this notebook in a kernel that could have changed these points. "
            "They are right if the notebook does not cheat. `perceptron-kit nbgrader COURSE` sets a course up so that "
            "no notebook can."
        )
        cells = {cell: asdict(said) | {"note": note} for cell, said in cell_feedback(result, level).items()}
    write_out(json.dumps(cells) + "\n")
    return 0
