"""What submissions answered, and what is judged of that alone: once for all who answer the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import TrainReply, backward_reply, fit_reply, train_reply
from grader.candidate.request import Request
from grader.exam.laws import backward as laws
from grader.exam.laws import fit as fit_laws
from grader.exam.laws.backward import Observation, Reading, Sighting
from grader.exam.laws.fit import Fault, Training
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase
from grader.rubric import default_rubric

__all__ = [
    "BackwardAnswers",
    "FitAnswers",
    "TrainAnswers",
    "backward_request",
    "fit_request",
    "train_request",
]

Floats = NDArray[np.float64]
Answers = TypeVar("Answers")
Headers = Sequence[Mapping[str, Any]]
TrainAnswers = tuple[tuple[TrainCase, TrainReply], ...]

_BACKWARD = "backward."


@dataclass(frozen=True, eq=False)
class BackwardAnswers:
    """What ``backward`` did in each family of the questions."""

    given: Sequence[Sighting]
    unseen: Sequence[Sighting]
    linear_in_da: Sequence[Sighting]
    linear_in_rate: Sequence[Sighting]

    @cached_property
    def observed(self) -> list[Observation]:
        """The calls with the given activations, at sizes at which none raised."""
        return laws.observations(self.given)

    @cached_property
    def failing_sizes(self) -> frozenset[tuple[int, int]]:
        """The sizes of layers at which ``backward`` raised with a given activation; they cost the shape alone."""
        return laws.failing_sizes(self.given)

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

    def disagreements(self, sighting: Sighting) -> Iterator[tuple[Observation, str]]:
        """Yield the calls that the true ``dz`` does not explain, with a law that holds for the given activations."""
        for seen in sighting.observations:
            for name in self.reading.directions:
                if not laws.LAWS[name](seen, seen.true_dz):
                    yield seen, name

    @cached_property
    def holds_for_unseen_activations(self) -> bool:
        """Whether what holds for the given activations does for the others, and nothing more is raised."""
        return all(
            sighting.reply.raised is None and not any(self.disagreements(sighting))
            for sighting in self.unseen
            if sighting.case.size not in self.failing_sizes
        )


@dataclass(frozen=True, eq=False)
class FitAnswers:
    """What ``fit`` did with probe layers, and what is wrong with it in each case."""

    trainings: Sequence[Training]

    @cached_property
    def reads_labels(self) -> bool:
        """Whether ``da`` at the output is not always the derivative for one and the same label."""
        return fit_laws.reads_labels(self.trainings)

    @cached_property
    def labels_are_told(self) -> bool:
        """Whether the labels that ``fit`` used can be read off its ``da`` in every step."""
        return self.reads_labels and all(training.tells_labels for training in self.trainings)

    @cached_property
    def raises_only_after_epochs(self) -> bool:
        """Whether ``fit`` raises something, and only when an epoch was trained."""
        raising = [training for training in self.trainings if training.reply.raised is not None]
        return bool(raising) and all(training.is_whole for training in raising)

    @cached_property
    def _steps_somewhere(self) -> bool:
        return any(training.steps for training in self.trainings)

    @cached_property
    def _is_whole_somewhere(self) -> bool:
        return any(training.is_whole for training in self.trainings)

    def output_gradient_fault(self, training: Training) -> Fault | None:
        """Return what is wrong with the first ``da`` that goes into the layers.

        A training that raised before its first step is not judged, if there are others.
        """
        if training.reply.raised is not None and not training.steps and self._steps_somewhere:
            return None
        return fit_laws.output_gradient(training, reads_labels=self.reads_labels)

    def loss_fault(self, training: Training) -> Fault | None:
        """Return what is wrong with the printed lines.

        A training that raised before the end of an epoch is not judged, if there are others.
        """
        if not training.is_whole and self._is_whole_somewhere:
            return None
        return fit_laws.loss(training)

    @cached_property
    def output_gradient(self) -> list[Fault | None]:
        """What is wrong with the first ``da`` that goes into the layers."""
        return [self.output_gradient_fault(training) for training in self.trainings]

    @cached_property
    def backpropagation(self) -> list[Fault | None]:
        """What is wrong with the order and the arguments of the calls."""
        return [fit_laws.backpropagation(t, self.labels_are_told) for t in self.trainings]

    @cached_property
    def loss(self) -> list[Fault | None]:
        """What is wrong with the printed lines."""
        return [self.loss_fault(training) for training in self.trainings]


def backward_request(
    given: Sequence[BackwardCase],
    unseen: Sequence[BackwardCase] = (),
    linear_in_da: Sequence[BackwardCase] = (),
    linear_in_rate: Sequence[BackwardCase] = (),
    *,
    remembers: bool = False,
) -> Request[BackwardAnswers]:
    """Return the request for what ``backward`` does in the cases of each family."""
    families = (given, unseen, linear_in_da, linear_in_rate)

    def read(header: Mapping[str, Any], flat: Floats, asked: Headers) -> BackwardAnswers:
        left = iter(backward_reply(header, flat, asked))
        return BackwardAnswers(*([Sighting(case, next(left)) for case in family] for family in families))

    return _request("backward", [case for family in families for case in family], read, remembers)


def fit_request(cases: Sequence[FitCase], *, remembers: bool = False) -> Request[FitAnswers]:
    """Return the request for what ``fit`` does in ``cases``, with probe layers."""

    def read(header: Mapping[str, Any], flat: Floats, asked: Headers) -> FitAnswers:
        return FitAnswers(list(map(Training, cases, fit_reply(header, flat, asked))))

    return _request("fit", cases, read, remembers)


def train_request(cases: Sequence[TrainCase], *, remembers: bool = False) -> Request[TrainAnswers]:
    """Return the request for where the submission's own layers and ``fit`` lead in ``cases``."""

    def read(header: Mapping[str, Any], flat: Floats, asked: Headers) -> TrainAnswers:
        return tuple(zip(cases, train_reply(header, flat, asked), strict=True))

    return _request("train", cases, read, remembers)


def _request(
    verb: str,
    cases: Sequence[BackwardCase] | Sequence[FitCase] | Sequence[TrainCase],
    read: Callable[[Mapping[str, Any], Floats, Headers], Answers],
    remembers: bool,
) -> Request[Answers]:
    headers = [case.header() for case in cases]
    arrays = [numbers for case in cases for numbers in case.arrays()]
    return Request(verb, headers, arrays, lambda header, flat: read(header, flat, headers), remembers)
