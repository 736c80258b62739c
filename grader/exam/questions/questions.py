"""The cases that every submission is asked, many in one request.

Those of the default seed are stored in ``questions.json``, so that grading with them needs no Hypothesis, and no
version of it matters. The file has a line for each case, its numbers in the order of the fields in ``cases``.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path

import msgspec
from msgspec import Struct

from grader.candidate.request import Request
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
    train_request,
)
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase

__all__ = ["FILE", "Questions", "document", "questions"]

FILE = Path(__file__).with_name("questions.json")


class Questions(Struct, frozen=True, dict=True):
    """The cases of one exam, by their families; ``families`` describes those of single methods."""

    seed: int
    given: list[BackwardCase]
    unseen: list[BackwardCase]
    linear_in_da: list[BackwardCase]
    linear_in_rate: list[BackwardCase]
    fit: list[FitCase]
    gradient: list[TrainCase]
    """Networks that are trained for one epoch, for the gradient check."""
    monotone: list[TrainCase]
    """Networks whose mean loss must fall; with a ``da`` that says nothing it does not fall on all of them."""

    @cached_property
    def backward_request(self) -> Request[BackwardAnswers]:
        """All that is asked of ``backward``."""
        names = ("given", "unseen", "linear_in_da", "linear_in_rate")
        return backward_request({name: getattr(self, name) for name in names}, remembers=True)

    @cached_property
    def fit_request(self) -> Request[FitAnswers]:
        """All that is asked of ``fit`` with probe layers."""
        return fit_request(self.fit, remembers=True)

    @cached_property
    def gradient_request(self) -> Request[TrainAnswers]:
        """The training of networks for the gradient check."""
        return train_request(self.gradient)

    @cached_property
    def monotone_request(self) -> Request[TrainAnswers]:
        """The training of networks whose mean loss must fall."""
        return train_request(self.monotone)


def questions(seed: int) -> Questions:
    """Return the cases of ``seed``, which are drawn if they are not stored."""
    if (stored := _stored()).seed == seed:
        return stored
    from grader.exam.questions.drawing import draw_questions  # noqa: PLC0415 - imports Hypothesis

    return draw_questions(seed)


@cache
def _stored() -> Questions:
    return msgspec.json.decode(FILE.read_bytes(), type=Questions)


def document(drawn: Questions) -> str:
    """Return what ``questions.json`` holds if its cases are those that were ``drawn``."""
    seed, *families = Questions.__struct_fields__
    lines = [f'"{seed}": {drawn.seed}']
    for name in families:
        cases = (msgspec.json.encode(case).decode() for case in getattr(drawn, name))
        lines.append(f'"{name}": [\n' + ",\n".join(cases) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"
