"""What submissions answered, and what is judged of that alone: once for all who answer the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate import replies
from grader.candidate.replies import BackwardReply, FitReply, TrainReply
from grader.candidate.request import Request
from grader.exam import backward as laws
from grader.exam import fit as fit_laws
from grader.exam.backward import Observation, Reading, Sighting
from grader.exam.cases import BackwardCase, FitCase, TrainCase
from grader.exam.fit import Fault, Training
from grader.rubric import default_rubric

__all__ = [
    "BackwardAnswers",
    "FitAnswers",
    "TrainAnswers",
    "backward_request",
    "fit_request",
    "sightings",
    "train_request",
    "trainings",
]

Floats = NDArray[np.float64]
Case = TypeVar("Case", BackwardCase, FitCase, TrainCase)
Reply = TypeVar("Reply", BackwardReply, FitReply, TrainReply)
Answers = TypeVar("Answers")
TrainAnswers = Sequence[tuple[TrainCase, TrainReply]]

_BACKWARD = "backward."


def sightings(cases: Sequence[BackwardCase], answered: Sequence[BackwardReply]) -> list[Sighting]:
    """Return what was seen of ``backward`` in each of ``cases``."""
    return [Sighting(case, reply) for case, reply in zip(cases, answered, strict=True)]


def trainings(cases: Sequence[FitCase], answered: Sequence[FitReply]) -> list[Training]:
    """Return what was seen of ``fit`` in each of ``cases``."""
    return [Training(case, reply) for case, reply in zip(cases, answered, strict=True)]


@dataclass(frozen=True, eq=False)
class BackwardAnswers:
    """What ``backward`` did in every family of the questions."""

    families: Mapping[str, Sequence[Sighting]]

    @classmethod
    def of(
        cls, families: Mapping[str, Sequence[BackwardCase]], answered: Sequence[BackwardReply]
    ) -> BackwardAnswers:
        """Return the answers to the cases of ``families``, one family after the other."""
        left = iter(answered)
        return cls({name: sightings(cases, [next(left) for _ in cases]) for name, cases in families.items()})

    @cached_property
    def observed(self) -> list[Observation]:
        """The calls with the given activations, at sizes at which none raised."""
        return laws.observations(self.families["given"])

    @cached_property
    def failing_sizes(self) -> frozenset[tuple[int, int]]:
        """The sizes of layers at which ``backward`` raised with a given activation; they cost the shape alone."""
        return laws.failing_sizes(self.families["given"])

    @cached_property
    def is_right_somewhere(self) -> bool:
        """Whether a law other than that of the shapes holds in some calls, and not by luck."""
        return laws.right_somewhere(self.observed)

    @cached_property
    def reading(self) -> Reading:
        """How ``backward``'s own ``dz`` is read off what it did; the default marks decide between readings."""
        marks = {
            id_.removeprefix(_BACKWARD): mark
            for id_, mark in default_rubric().points.items()
            if id_.startswith(_BACKWARD)
        }
        return laws.read(self.observed, marks)

    @cached_property
    def holds_for_unseen_activations(self) -> bool:
        """Whether what holds for the given activations does for the others, and nothing more is raised."""
        seen = [s for s in self.families["unseen"] if s.case.size not in self.failing_sizes]
        return all(s.reply.raised is None for s in seen) and all(
            laws.LAWS[name](observation, observation.true_dz)
            for sighting in seen
            for observation in sighting.observations
            for name in self.reading.directions
        )


@dataclass(frozen=True, eq=False)
class FitAnswers:
    """What ``fit`` did with probe layers, and what is wrong with it in each case."""

    trainings: Sequence[Training]

    @classmethod
    def of(cls, cases: Sequence[FitCase], answered: Sequence[FitReply]) -> FitAnswers:
        """Return the answers to ``cases``."""
        return cls(trainings(cases, answered))

    @cached_property
    def reads_labels(self) -> bool:
        """Whether ``da`` at the output is not always the derivative for one and the same label."""
        return fit_laws.reads_labels(self.trainings)

    @cached_property
    def labels_are_told(self) -> bool:
        """Whether the labels that ``fit`` used can be read off its ``da`` in every step."""
        return self.reads_labels and all(training.tells_labels for training in self.trainings)

    @cached_property
    def output_gradient(self) -> list[Fault | None]:
        """What is wrong with the first ``da`` that goes into the layers."""
        return [fit_laws.output_gradient(t, reads_labels=self.reads_labels) for t in self.trainings]

    @cached_property
    def backpropagation(self) -> list[Fault | None]:
        """What is wrong with the order and the arguments of the calls."""
        return [fit_laws.backpropagation(t, self.labels_are_told) for t in self.trainings]

    @cached_property
    def loss(self) -> list[Fault | None]:
        """What is wrong with the printed lines."""
        return [fit_laws.loss(t) for t in self.trainings]


def backward_request(
    cases: Sequence[BackwardCase], read: Callable[[Sequence[BackwardCase], Sequence[BackwardReply]], Answers]
) -> Request[Answers]:
    """Return the request for what ``backward`` does in ``cases``, of whose replies ``read`` makes the answer."""
    return _request("backward", cases, replies.backward_reply, read)


def fit_request(
    cases: Sequence[FitCase], read: Callable[[Sequence[FitCase], Sequence[FitReply]], Answers]
) -> Request[Answers]:
    """Return the request for what ``fit`` does in ``cases``, of whose replies ``read`` makes the answer."""
    return _request("fit", cases, replies.fit_reply, read)


def train_request(cases: Sequence[TrainCase]) -> Request[TrainAnswers]:
    """Return the request for where the submission's own layers and ``fit`` lead in ``cases``."""
    return _request(
        "train", cases, replies.train_reply, lambda asked, answered: list(zip(asked, answered, strict=True))
    )


def _request(
    verb: str,
    cases: Sequence[Case],
    replies_of: Callable[[Mapping[str, Any], Floats, Sequence[Mapping[str, Any]]], Sequence[Reply]],
    read: Callable[[Sequence[Case], Sequence[Reply]], Answers],
) -> Request[Answers]:
    headers = [case.header() for case in cases]
    arrays = [numbers for case in cases for numbers in case.arrays()]
    return Request(verb, headers, arrays, lambda header, flat: read(cases, replies_of(header, flat, headers)))
