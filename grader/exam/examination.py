"""One submission's examination: asks each question once, and keeps what was seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

from hypothesis.strategies import SearchStrategy

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.replies import FitReply, Loaded, Raised, TrainReply
from grader.exam import backward as laws
from grader.exam import fit as fit_laws
from grader.exam.backward import Observation, Reading, Sighting
from grader.exam.cases import BackwardCase, FitCase, TrainCase
from grader.exam.fit import Training
from grader.exam.questions import Questions
from grader.exam.search import simplest
from grader.exam.verdict import Unmet
from grader.model import Feedback, Status, Submission

__all__ = ["Examination"]

Answers = TypeVar("Answers")
Case = TypeVar("Case", BackwardCase, FitCase)

_BACKWARD = "backward."
_STATUS = {How.TIMEOUT: Status.TIMEOUT, How.DIED: Status.ERROR, How.PROTOCOL: Status.ERROR}
_HINTS = {
    How.TIMEOUT: " Is there a loop that never ends?",
    How.DIED: " Does it call exit(), or need far too much memory?",
    How.PROTOCOL: "",
}


class Examination:
    """Asks a candidate the exam's questions, each family in one frame, and judges the answers together.

    ``points`` has the default marks of ``backward``'s criteria: they decide between readings of a wrong ``dz``.
    """

    def __init__(
        self,
        submission: Submission,
        candidate: Candidate,
        questions: Questions,
        points: Mapping[str, float],
        feedback: Feedback,
    ) -> None:
        self._submission, self._candidate = submission, candidate
        self.questions = questions
        self._feedback = feedback
        self._points = {
            id_.removeprefix(_BACKWARD): mark for id_, mark in points.items() if id_.startswith(_BACKWARD)
        }
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
        sources = {cell.label: cell.text for cell in self._submission.cells}
        sources |= {helper.file: helper.text for helper in self._submission.helpers}
        return sources.get(label, "").splitlines()

    def ask_backward(self, cases: Sequence[BackwardCase]) -> list[Sighting]:
        """Return what ``backward`` does in ``cases``."""
        self._require("Layer")
        header = {"cases": [case.header() for case in cases]}
        arrays = [numbers for case in cases for numbers in case.arrays()]
        replies = self._guarded("backward", lambda: self._candidate.backward(header, arrays))
        return [Sighting(case, reply) for case, reply in zip(cases, replies, strict=True)]

    def ask_fit(self, cases: Sequence[FitCase]) -> list[Training]:
        """Return what ``fit`` does in ``cases``, with probe layers."""
        self._require("Perceptron")
        header = {"cases": [case.header() for case in cases]}
        arrays = [numbers for case in cases for numbers in case.arrays()]
        replies: list[FitReply] = self._guarded("fit", lambda: self._candidate.fit(header, arrays))
        return [Training(case, reply) for case, reply in zip(cases, replies, strict=True)]

    def ask_train(self, cases: Sequence[TrainCase]) -> list[tuple[TrainCase, TrainReply]]:
        """Return where the submission's own layers and ``fit`` lead in ``cases``."""
        self._require("Layer")
        self._require("Perceptron")
        header = {"cases": [case.header() for case in cases]}
        arrays = [numbers for case in cases for numbers in case.arrays()]
        replies = self._guarded("training", lambda: self._candidate.train(header, arrays))
        return list(zip(cases, replies, strict=True))

    def fault(
        self,
        strategy: SearchStrategy[Case],
        known: Iterable[tuple[Case, Unmet | None]],
        find: Callable[[Case], Unmet | None],
    ) -> Unmet | None:
        """Return the finding in the simplest case of ``strategy`` that has one, or none where no case does.

        ``known`` has the findings in the cases that were asked already; ``find`` asks another one. Where all those
        findings have one status, so has the one returned, and any will do where nobody wants to see the numbers.
        """
        findings = dict(known)
        statuses = {finding.status for finding in findings.values() if finding is not None}
        if len(statuses) != 1:
            return simplest(strategy, findings, find, self.questions.seed)
        if self._feedback is Feedback.SCORE:
            return next(finding for finding in findings.values() if finding is not None)

        def find_alike(case: Case) -> Unmet | None:
            finding = find(case)
            return finding if finding is not None and finding.status in statuses else None

        return simplest(strategy, findings, find_alike, self.questions.seed)

    @cached_property
    def _backward(self) -> dict[str, list[Sighting]]:
        questions = self.questions
        families = {
            "given": questions.given,
            "unseen": questions.unseen,
            "linear_in_da": questions.linear_in_da,
            "linear_in_rate": questions.linear_in_rate,
        }
        seen = iter(self.ask_backward([case for cases in families.values() for case in cases]))
        return {name: [next(seen) for _ in cases] for name, cases in families.items()}

    def sightings(self, family: str) -> list[Sighting]:
        """Return what ``backward`` did in one family of the questions."""
        return self._backward[family]

    @cached_property
    def observed(self) -> list[Observation]:
        """The calls of ``backward`` with the given activations, at sizes at which none raised."""
        return laws.observations(self.sightings("given"))

    @cached_property
    def failing_sizes(self) -> frozenset[tuple[int, int]]:
        """The sizes of layers at which ``backward`` raised with a given activation; they cost the shape alone."""
        return laws.failing_sizes(self.sightings("given"))

    @cached_property
    def reading(self) -> Reading:
        """How ``backward``'s own ``dz`` is read off what it did."""
        return laws.read(self.observed, self._points)

    @cached_property
    def trainings(self) -> list[Training]:
        """What ``fit`` did with probe layers."""
        return self.ask_fit(self.questions.fit)

    @cached_property
    def reads_labels(self) -> bool:
        """Whether ``da`` at the output is not always the derivative for one and the same label."""
        return fit_laws.reads_labels(self.trainings)

    @cached_property
    def labels_are_told(self) -> bool:
        """Whether the labels that ``fit`` used can be read off its ``da`` in every step."""
        return self.reads_labels and all(training.tells_labels for training in self.trainings)

    @cached_property
    def gradient_checks(self) -> list[tuple[TrainCase, TrainReply]]:
        """Where one epoch of training led."""
        self._require_methods()
        return self.ask_train(self.questions.gradient)

    @cached_property
    def descents(self) -> list[tuple[TrainCase, TrainReply]]:
        """Where five epochs of training at a small rate led."""
        self._require_methods()
        return self.ask_train(self.questions.monotone)

    def _require_methods(self) -> None:
        """Skip what is judged of both methods together where one of them has earned nothing (rule 2)."""
        backward = {"weights", "biases", "update"} & self.reading.holds
        fit = all(
            fit_laws.output_gradient(t, reads_labels=self.reads_labels) is None for t in self.trainings
        ) or all(fit_laws.backpropagation(t, self.labels_are_told) is None for t in self.trainings)
        if not backward or not fit:
            needed = (
                "backward.weights, backward.biases and backward.update"
                if not backward
                else "fit.output_gradient and fit.backpropagation"
            )
            raise Unmet(
                f"Training a whole network is judged once one of {needed} is earned.", status=Status.SKIPPED
            )

    def _require(self, name: str) -> None:
        if name not in self.loaded.classes:
            raise Unmet(f"The submission defines no class {name}.", status=Status.ERROR)

    def _guarded(self, method: str, ask: Callable[[], Answers]) -> Answers:
        """Ask, unless the method ended the candidate before: the first time decides."""
        ended = self._ended.get(method)
        if ended is None:
            try:
                return ask()
            except Ended as error:
                where = "training a network" if method == "training" else method
                text = f"The submission {error} in {where}.{_HINTS[error.how]}"
                ended = self._ended[method] = Unmet(text, status=_STATUS[error.how])
        raise ended
