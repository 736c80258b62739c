"""One submission's examination: asks each question once, and keeps what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TypeVar

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.replies import Loaded, Raised
from grader.candidate.request import Request
from grader.exam.answers import (
    BackwardAnswers,
    FitAnswers,
    TrainAnswers,
    backward_request,
    fit_request,
)
from grader.exam.laws.backward import Sighting
from grader.exam.laws.fit import Training
from grader.exam.questions.cases import BackwardCase, FitCase
from grader.exam.questions.questions import Questions
from grader.exam.questions.search import simplest
from grader.exam.questions.searches import Search
from grader.exam.verdict import Unmet
from grader.model import Feedback, Status

__all__ = ["Examination"]

Answers = TypeVar("Answers")
Case = TypeVar("Case", BackwardCase, FitCase)

_STATUS = {How.TIMEOUT: Status.TIMEOUT, How.DIED: Status.ERROR, How.PROTOCOL: Status.ERROR}
_HINTS = {
    How.TIMEOUT: " Is there a loop that never ends?",
    How.DIED: " Does it call exit(), or need far too much memory?",
    How.PROTOCOL: "",
}


class Examination:
    """Asks a candidate the exam's questions, many in one frame, and keeps what was answered."""

    def __init__(self, candidate: Candidate, questions: Questions, feedback: Feedback) -> None:
        self._candidate = candidate
        self.questions = questions
        self._feedback = feedback
        self._ended: dict[str, Unmet] = {}

    @cached_property
    def loaded(self) -> Loaded:
        """What is left after the submission's statements were run."""
        return self._candidate.load()

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of the prison that the candidate runs in."""
        return self._candidate.layers

    def quoted(self, raised: Raised) -> str:
        """Return an exception's type, and the line of the submission that it came from, with its text."""
        if raised.label is None or raised.line is None:
            return raised.type
        text = self.line(raised.label, raised.line)
        return f"{raised.type} in line {raised.line} of {raised.label}" + (f": {text}" if text else "")

    def line(self, label: str, number: int) -> str:
        """Return a line of the submission, cut; an empty text where there is no such line."""
        lines = self._lines_of(label)
        return lines[number - 1].strip()[:160] if 0 < number <= len(lines) else ""

    @lru_cache(maxsize=8)  # noqa: B019 - an examination is over before the next begins
    def _lines_of(self, label: str) -> list[str]:
        source = self._candidate.read()
        texts = {cell.label: cell for cell in source.cells} | {
            helper.file: helper for helper in source.helpers
        }
        return texts[label].text.splitlines() if label in texts else []

    def ask_backward(self, case: BackwardCase) -> Sighting:
        """Return what ``backward`` does in ``case``."""
        return self._asked("backward", backward_request([case]), "Layer").given[0]

    def ask_fit(self, case: FitCase) -> Training:
        """Return what ``fit`` does in ``case``, with probe layers."""
        return self._asked("fit", fit_request([case]), "Perceptron").trainings[0]

    def fault(
        self,
        search: Search[Case],
        known: Iterable[tuple[Case, Unmet | None]],
        find: Callable[[Case], Unmet | None],
    ) -> Unmet | None:
        """Return the finding in the simplest case of ``search`` that has one, or ``None`` if no case does.

        ``known`` has the findings in the cases that were asked already; ``find`` asks another one. If all those
        findings have one status, so has the one returned; it is clear if one of them is. Any will do if nobody wants to
        see the numbers.
        """
        findings = dict(known)
        statuses = {finding.status for finding in findings.values() if finding is not None}
        if len(statuses) != 1:
            return simplest(search, findings, find, self.questions.seed)
        if self._feedback is Feedback.SCORE:
            return next(finding for finding in findings.values() if finding is not None)

        is_clear = any(finding is not None and finding.is_clear for finding in findings.values())

        def alike(finding: Unmet | None) -> Unmet | None:
            fits = finding is not None and finding.status in statuses and finding.is_clear >= is_clear
            return finding if fits else None

        asked = {case: alike(finding) for case, finding in findings.items()}
        return simplest(search, asked, lambda case: alike(find(case)), self.questions.seed)

    @cached_property
    def backward(self) -> BackwardAnswers:
        """What ``backward`` did in the questions."""
        return self._asked("backward", self.questions.backward_request, "Layer")

    @cached_property
    def fit(self) -> FitAnswers:
        """What ``fit`` did in the questions."""
        return self._asked("fit", self.questions.fit_request, "Perceptron")

    @cached_property
    def gradient_checks(self) -> TrainAnswers:
        """Where one epoch of training led."""
        self._require_methods()
        return self._asked("training", self.questions.gradient_request)

    @cached_property
    def descents(self) -> TrainAnswers:
        """Where five epochs of training at a small rate led."""
        self._require_methods()
        return self._asked("training", self.questions.monotone_request)

    def _require_methods(self) -> None:
        """Skip what is judged of both methods together where one of them has earned nothing (rule 2)."""
        backward = {"weights", "biases", "update"} & self.backward.reading.holds
        fit = not any(self.fit.output_gradient) or not any(self.fit.backpropagation)
        if not backward or not fit:
            needed = (
                "backward.weights, backward.biases and backward.update"
                if not backward
                else "fit.output_gradient and fit.backpropagation"
            )
            raise Unmet(
                f"Training a whole network is judged once one of {needed} is earned.", status=Status.SKIPPED
            )

    def _asked(self, method: str, request: Request[Answers], *classes: str) -> Answers:
        """Ask, unless a class is missing, or the method ended the candidate before: the first time decides."""
        for name in classes:
            if name not in self.loaded.classes:
                raise Unmet(f"The submission defines no class {name}.", status=Status.ERROR)
        ended = self._ended.get(method)
        if ended is None:
            try:
                return self._candidate.ask(request)
            except Ended as error:
                where = "training a network" if method == "training" else method
                text = f"The submission {error} in {where}.{_HINTS[error.how]}"
                ended = self._ended[method] = Unmet(text, status=_STATUS[error.how])
        raise ended
