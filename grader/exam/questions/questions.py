"""The cases that every submission is asked, many in one request.

Those of the default seed are stored in ``questions.json``, so that grading with them needs no Hypothesis, and no
version of it matters. The file has a line for each case, its numbers in the order of the fields in ``cases``.

The networks that are trained are in ``networks.json``. They are the same for every seed: many mistakes show on some
networks only, so a draw would decide what a submission earns (``tests/choose_networks.py``).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path

import msgspec
from msgspec import Struct, field

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

__all__ = [
    "FILE",
    "NETWORKS",
    "Networks",
    "Questions",
    "document",
    "networks_document",
    "questions",
]

FILE = Path(__file__).with_name("questions.json")
NETWORKS = Path(__file__).with_name("networks.json")


class Networks(Struct, frozen=True):
    """The networks that every submission trains, chosen so that mistakes show."""

    gradient: list[TrainCase]
    monotone: list[TrainCase]


@cache
def _networks() -> Networks:
    return msgspec.json.decode(NETWORKS.read_bytes(), type=Networks)


class Questions(Struct, frozen=True, dict=True):
    """The cases of one exam, by their families; ``families`` describes those of single methods."""

    seed: int
    given: list[BackwardCase]
    unseen: list[BackwardCase]
    linear_in_da: list[BackwardCase]
    linear_in_rate: list[BackwardCase]
    fit: list[FitCase]
    gradient: list[TrainCase] = field(default_factory=lambda: _networks().gradient)
    """Networks that are trained for one epoch, for the gradient check."""
    monotone: list[TrainCase] = field(default_factory=lambda: _networks().monotone)
    """Networks whose mean loss must fall."""

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
    """Return the cases of ``seed``, which are drawn if they are neither stored nor cached."""
    if (stored := _stored()).seed == seed:
        return stored
    from grader.exam.questions.cached import cached  # noqa: PLC0415 - not needed for the default seed

    return cached(seed, _drawn)


def _drawn(seed: int) -> Questions:
    from grader.exam.questions.drawing import draw_questions  # noqa: PLC0415 - imports Hypothesis

    return draw_questions(seed)


@cache
def _stored() -> Questions:
    return msgspec.json.decode(FILE.read_bytes(), type=Questions)


def document(drawn: Questions) -> str:
    """Return what ``questions.json`` holds if its cases are those that were ``drawn``."""
    families = [
        name for name in Questions.__struct_fields__ if name not in ("seed", *Networks.__struct_fields__)
    ]
    return _object([f'"seed": {drawn.seed}', *(_family(name, getattr(drawn, name)) for name in families)])


def networks_document(networks: Networks) -> str:
    """Return what ``networks.json`` holds if it has ``networks``."""
    return _object([_family(name, getattr(networks, name)) for name in Networks.__struct_fields__])


def _object(members: Sequence[str]) -> str:
    return "{\n" + ",\n".join(members) + "\n}\n"


def _family(name: str, cases: Sequence[Struct]) -> str:
    lines = ",\n".join(msgspec.json.encode(case).decode() for case in cases)
    return f'"{name}": [\n{lines}\n]'
