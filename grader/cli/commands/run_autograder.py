"""``perceptron-kit run-autograder``, which Gradescope calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from grader.bundles import run_autograder as autograder
from grader.candidate.isolation import Isolation
from grader.cli.lazy import LateCommand
from grader.cli.options import (
    ExamOptions,
    exam_options,
    feedback_option,
    language_option,
    strongest_isolation_option,
)
from grader.cli.streams import say_line
from grader.model import Feedback

__all__ = ["command"]

_UNGRADED = 3


@click.command(cls=LateCommand)
@click.argument("root", metavar="DIR", type=click.Path(path_type=Path))
@exam_options
@strongest_isolation_option
@feedback_option
@language_option
def command(root: Path, exam: ExamOptions, isolation: str, feedback: str, language: str) -> int:
    """Grade the submission in DIR/submission, on Gradescope, and write DIR/results/results.json.

    The exit code is 0 if it has a score, and 3 if it has none.
    """
    isolations = autograder.SAFE_ISOLATIONS if isolation == "strongest" else (Isolation(isolation),)
    settings = replace(exam.settings(), feedback=Feedback(feedback))
    return 0 if autograder.run_autograder(root, settings, isolations, _say, language) else _UNGRADED


def _say(text: str) -> None:
    for line in text.splitlines():
        say_line("perceptron-kit", line)
