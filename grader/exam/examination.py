"""Examine one submission: ask each question once, and remember the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NoReturn, TypeVar

import msgspec
import pytest

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.replies import LoadReply, Raised
from grader.candidate.request import Request
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    ForwardAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
    forward_request,
    train_request,
)
from grader.exam.laws.calls import BackwardAnswer
from grader.exam.laws.findings import Failure, failure
from grader.exam.laws.fit_log import Training
from grader.exam.questions.cases import BackwardCase, FitCase, TrainCase
from grader.exam.questions.questions import Questions
from grader.messages import finding_text
from grader.model import Excerpt, Feedback, Message, Place, Status
from grader.text import printable

__all__ = ["Examination"]

Answers = TypeVar("Answers")

_STATUS = {How.TIMEOUT: Status.TIMEOUT, How.DIED: Status.ERROR, How.PROTOCOL: Status.ERROR}
_SAYS = {
    How.TIMEOUT: "The submission {ended} in {method}. Is there a loop that never ends?",
    How.DIED: "The submission {ended} in {method}. Does it call exit(), or need far too much memory?",
    How.PROTOCOL: "The submission {ended} in {method}.",
}
_SAYS_OF_TRAINING = {
    How.TIMEOUT: "The submission {ended} in training a network. Is there a loop that never ends?",
    How.DIED: "The submission {ended} in training a network. Does it call exit(), or need far too much memory?",
    How.PROTOCOL: "The submission {ended} in training a network.",
}
_TRAINING = "training"
_AROUND = 3
"""Lines before and after the one that an excerpt is about."""
_LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line for Python; ``str.splitlines`` knows more."""
_ENDS = 2
"""How many requests about edits may go without an answer."""
_DIAGNOSIS_REQUEST, _DIAGNOSIS_TOTAL = 3.0, 10.0
"""Seconds for one answer that the score does not depend on, and for all of them: a hundred times what most need.

What is asked is counted, so this ends only what runs for ever without running lines, or very slowly.
"""
_SOURCE_LIMIT = 160
"""A line of the submission is cut after so many characters."""


class Examination:
    """Asks a candidate the exam's questions, many in one frame, and remembers the answers.

    If there is no answer, a failure stands in its place: a class is missing, or the candidate died. After a method has
    stopped the candidate once, it is not asked again.
    """

    def __init__(self, candidate: Candidate, questions: Questions, feedback: Feedback) -> None:
        self._candidate = candidate
        self.questions = questions
        self.feedback = feedback
        self.failure: Failure | None = None
        """The failure of the law that failed last, with its name and the place in the source."""
        self.searches = True
        """Whether the simplest case is searched in which a law fails."""
        self._ended: dict[str, Failure] = {}
        self._ends = 0

    def fail(self, law: str, found: Failure) -> NoReturn:
        """Fail the test of ``law`` for what was ``found``."""
        place = None if found.raised is None else self.place(found.raised)
        finding = msgspec.structs.replace(found.finding, law=law, place=place)
        self.failure = Failure(finding, found.status, found.is_clear, found.raised)
        pytest.fail(finding_text(finding), pytrace=False)

    def hurry(self) -> None:
        """Give the submission little time from now on: its score does not depend on what it is asked."""
        self._candidate.hurry(_DIAGNOSIS_REQUEST, _DIAGNOSIS_TOTAL)

    @cached_property
    def loaded(self) -> LoadReply:
        """What the submission defines after its statements were run."""
        return self._candidate.load()

    def place(self, raised: Raised) -> Place | None:
        """Return the line of the submission that an exception came from, if it passed one."""
        return self.place_at(raised.label, raised.line)

    def place_at(self, label: str | None, line: int | None) -> Place | None:
        """Return a line of the submission; ``None`` if there is no such line, whatever its process says."""
        if label is None or line is None or not 0 < line <= len(self._lines.get(label, [])):
            return None
        return Place(label, line, self.line(label, line))

    def line(self, label: str, number: int) -> str:
        """Return a line of the submission, cut; an empty text if there is no such line."""
        lines = self._lines.get(label, [])
        return lines[number - 1].strip()[:_SOURCE_LIMIT] if 0 < number <= len(lines) else ""

    def excerpt(self, place: Place) -> Excerpt:
        """Return the lines around ``place``, with blanks for tabs, each cut and made safe to show."""
        first = max(1, place.line - _AROUND)
        lines = self._lines.get(place.file, [])[first - 1 : place.line + _AROUND]
        return Excerpt(first, tuple(printable(line.expandtabs(4)[:_SOURCE_LIMIT]) for line in lines))

    def text(self, label: str) -> str:
        """Return the source text of a label; empty if there is none."""
        return self._texts.get(label, "")

    @cached_property
    def _texts(self) -> dict[str, str]:
        source = self._candidate.read()
        texts = {cell.label: cell.text for cell in source.cells}
        return texts | {helper.file: helper.text for helper in source.helpers}

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        return {label: _LINE_END.split(text) for label, text in self._texts.items()}

    def ask_backward(self, case: BackwardCase) -> BackwardAnswer | Failure:
        """Return what ``backward`` does in ``case``."""
        answers = self._asked("backward", backward_request({"given": [case]}), "Layer")
        return answers if isinstance(answers, Failure) else answers.given[0]

    def ask_fit(self, case: FitCase) -> Training | Failure:
        """Return what ``fit`` does in ``case``, with probe layers."""
        answers = self._asked("fit", fit_request([case]), "Perceptron")
        return answers if isinstance(answers, Failure) else answers.trainings[0]

    def explain_backward(self, case: BackwardCase) -> Raised | None:
        """Return what ``backward`` raises in ``case``, with an account, if it is asked again."""
        answers = self._asked("backward", backward_request({"given": [case]}, is_explained=True), "Layer")
        return None if isinstance(answers, Failure) else answers.given[0].reply.raised

    def explain_fit(self, case: FitCase) -> Raised | None:
        """Return what ``fit`` raises in ``case``, with an account, if it is asked again."""
        answers = self._asked("fit", fit_request([case], is_explained=True), "Perceptron")
        return None if isinstance(answers, Failure) else answers.trainings[0].reply.raised

    def explain_training(self, case: TrainCase) -> Raised | None:
        """Return what training a network raises in ``case``, with an account, if it is asked again."""
        answers = self._asked(_TRAINING, train_request([case], is_explained=True))
        return None if isinstance(answers, Failure) else answers[0][1].raised

    def ask_forward(self, cases: Sequence[BackwardCase]) -> ForwardAnswers | Failure:
        """Return what ``forward`` does with the inputs of the first step of each case."""
        return self._asked("forward", forward_request(cases), "Layer")

    def ask_about_edits(self, request: Request[Answers]) -> Answers | None:
        """Return what the submission does with its source edited; ``None`` if it does not survive that.

        Once it has not survived some requests, it is not asked any more.
        """
        if self._ends >= _ENDS:
            return None
        try:
            return self._candidate.ask(request)
        except Ended:
            self._ends += 1
            return None

    def with_answers(
        self,
        backward: BackwardAnswers | Failure,
        fit: FitAnswers | Failure,
        gradient_checks: TrainAnswers | Failure = (),
        descents: TrainAnswers | Failure = (),
    ) -> Examination:
        """Return an examination with these answers, in which any failure of a law will do."""
        other = Examination(self._candidate, self.questions, Feedback.VERDICT)
        other.searches = False
        other.backward, other.fit = backward, fit
        other.gradient_checks, other.descents = gradient_checks, descents
        return other

    def ask_training(self, request: Request[TrainAnswers]) -> TrainAnswers | Failure:
        """Return the parameters of other networks that ``fit`` trained."""
        return self._asked(_TRAINING, request)

    @cached_property
    def backward(self) -> BackwardAnswers | Failure:
        """What ``backward`` did in the exam's cases."""
        return self._asked("backward", self.questions.backward_request, "Layer")

    @cached_property
    def fit(self) -> FitAnswers | Failure:
        """What ``fit`` did in the exam's cases."""
        return self._asked("fit", self.questions.fit_request, "Perceptron")

    @cached_property
    def gradient_checks(self) -> TrainAnswers | Failure:
        """The parameters after one epoch of training."""
        return self._asked(_TRAINING, self.questions.gradient_request)

    @cached_property
    def descents(self) -> TrainAnswers | Failure:
        """The parameters after each of five epochs of training at a small rate."""
        return self._asked(_TRAINING, self.questions.monotone_request)

    def _asked(self, method: str, request: Request[Answers], *classes: str) -> Answers | Failure:
        for name in classes:
            if name not in self.loaded.classes:
                says = Message("The submission defines no class {name}.", {"name": name})
                return failure(says, status=Status.ERROR)
        if method not in self._ended:
            try:
                return self._candidate.ask(request)
            except Ended as error:
                text = (_SAYS_OF_TRAINING if method == _TRAINING else _SAYS)[error.how]
                says = Message(text, {"ended": error.message, "method": method})
                self._ended[method] = failure(says, status=_STATUS[error.how])
        return self._ended[method]
