"""Ask for cases and hold the answers; what follows from an answer is computed once for all who give it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar, cast

import numpy as np
from msgspec import Struct, field
from numpy.typing import NDArray

from grader.candidate.replies import BackwardReply, FitReply, ForwardReply, TrainReply
from grader.candidate.reply_checks import backward_reply, fit_reply, forward_reply, train_reply
from grader.candidate.request import ReplyCache, Request
from grader.exam.laws.calls import BackwardAnswer, BackwardCall
from grader.exam.laws.fit_log import Training
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase

__all__ = [
    "BackwardAnswers",
    "FitAnswers",
    "ForwardAnswers",
    "TrainAnswers",
    "backward_request",
    "fit_request",
    "forward_request",
    "train_request",
]

Floats = NDArray[np.float64]
T = TypeVar("T")
Reply = TypeVar("Reply")
ForwardAnswers = tuple[tuple[BackwardCase, ForwardReply], ...]
TrainAnswers = tuple[tuple[TrainCase, TrainReply], ...]


class _Judged(Struct, frozen=True, eq=False, kw_only=True):
    """Answers, and what was computed from them."""

    _known: dict[Hashable, object] = field(default_factory=dict)

    def once(self, what: Hashable, judge: Callable[[], T]) -> T:
        """Return what ``judge`` returns; it is called once for ``what``."""
        if what not in self._known:
            self._known[what] = judge()
        return cast("T", self._known[what])


class BackwardAnswers(_Judged, frozen=True, eq=False, dict=True):
    """What ``backward`` did, by the families of the questions."""

    families: Mapping[str, Sequence[BackwardAnswer]]

    @property
    def given(self) -> Sequence[BackwardAnswer]:
        """The cases with the given activations."""
        return self.families["given"]

    @cached_property
    def failing_sizes(self) -> frozenset[tuple[int, int]]:
        """The sizes of layers at which ``backward`` raised with a given activation; they cost the shape alone."""
        return frozenset(answer.case.size for answer in self.given if answer.reply.raised is not None)

    @cached_property
    def calls(self) -> list[BackwardCall]:
        """The calls with the given activations, at sizes at which none raised."""
        return [call for answer in self.given if self.is_sound(answer) for call in answer.calls]

    def is_sound(self, answer: BackwardAnswer) -> bool:
        """Tell whether ``answer`` is for a size at which ``backward`` never raised with a given activation."""
        return answer.case.size not in self.failing_sizes


class FitAnswers(_Judged, frozen=True, eq=False, dict=True):
    """What ``fit`` did with probe layers in each case."""

    trainings: Sequence[Training]

    @cached_property
    def reads_labels(self) -> bool:
        """Whether ``da`` at the output is the derivative for label 1 in some steps and for label 0 in others.

        If it is always the derivative for one label, it need not come from a label: a term may be missing.
        """
        return {0.0, 1.0} <= {step.label for training in self.trainings for step in training.steps}

    @cached_property
    def labels_are_told(self) -> bool:
        """Whether the labels that ``fit`` used can be read off its ``da`` in every step."""
        return self.reads_labels and all(training.tells_labels for training in self.trainings)

    @cached_property
    def raises_only_after_epochs(self) -> bool:
        """Whether ``fit`` raises exceptions, and only after an epoch's last step."""
        raising = [training for training in self.trainings if training.reply.raised is not None]
        return bool(raising) and all(training.is_whole for training in raising)


def backward_request(
    families: Mapping[str, Sequence[BackwardCase]], *, remembers: bool = False, is_explained: bool = False
) -> Request[BackwardAnswers]:
    """Return the request for what ``backward`` does in the cases of each family.

    If ``is_explained``, exceptions come with an account (as in the other requests).
    """

    def answers(replies: Sequence[BackwardReply]) -> BackwardAnswers:
        left = iter(replies)
        return BackwardAnswers(
            {name: [BackwardAnswer(case, next(left)) for case in cases] for name, cases in families.items()}
        )

    every = [case for cases in families.values() for case in cases]
    return _request(
        "backward", every, backward_reply, answers, remembers=remembers, is_explained=is_explained
    )


def forward_request(cases: Sequence[BackwardCase]) -> Request[ForwardAnswers]:
    """Return the request for what ``forward`` does with the inputs of the first step of each case."""

    def answers(replies: Sequence[ForwardReply]) -> ForwardAnswers:
        return tuple(zip(cases, replies, strict=True))

    headers = [case.header() for case in cases]
    arrays = [array for case in cases for array in islice(case.arrays(), 3)]
    return Request(
        "forward", headers, arrays, lambda header, flat: answers(forward_reply(header, flat, headers))
    )


def fit_request(
    cases: Sequence[FitCase], *, remembers: bool = False, is_explained: bool = False
) -> Request[FitAnswers]:
    """Return the request for what ``fit`` does in ``cases``, with probe layers."""

    def answers(replies: Sequence[FitReply]) -> FitAnswers:
        return FitAnswers(list(map(Training, cases, replies)))

    return _request("fit", cases, fit_reply, answers, remembers=remembers, is_explained=is_explained)


def train_request(cases: Sequence[TrainCase], *, is_explained: bool = False) -> Request[TrainAnswers]:
    """Return the request to train networks of the submission's own layers with its ``fit``."""

    def answers(replies: Sequence[TrainReply]) -> TrainAnswers:
        return tuple(zip(cases, replies, strict=True))

    return _request(
        "train", cases, train_reply, answers, remembers=not is_explained, is_explained=is_explained
    )


def _request(
    verb: str,
    cases: Sequence[BackwardCase] | Sequence[FitCase] | Sequence[TrainCase],
    read: Callable[[Mapping[str, Any], Floats, Sequence[Mapping[str, Any]]], Sequence[Reply]],
    answers: Callable[[Sequence[Reply]], T],
    *,
    remembers: bool,
    is_explained: bool,
) -> Request[T]:
    option = {"explained": True} if is_explained else {}
    headers = [case.header() | option for case in cases]
    arrays = [numbers for case in cases for numbers in case.arrays()]
    cache = ReplyCache[T]() if remembers else None
    return Request(verb, headers, arrays, lambda header, flat: answers(read(header, flat, headers)), cache)
