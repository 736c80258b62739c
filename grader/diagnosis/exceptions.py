"""Find the exceptions of a submission, the criteria that each of them costs, and what is certain about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from grader.candidate.replies import Account, Raised
from grader.exam.answers import BackwardAnswers, FitAnswers
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.model import Place

__all__ = ["Crash", "exceptions"]

Case = TypeVar("Case")

_METHODS = frozenset(
    f"{name}.{method}"
    for name, methods in {
        "Layer": ("__init__", "forward", "backward"),
        "Perceptron": ("__init__", "forward", "fit"),
    }.items()
    for method in methods
)
_COSTS = {
    "given": "backward.shape",
    "unseen": "backward.dz",
    "linear_in_da": "backward.dz",
    "linear_in_rate": "backward.update",
}
"""What an exception costs that ``backward`` raises in a family of cases only."""


@dataclass(frozen=True)
class Crash:
    """An exception that costs criteria."""

    method: str
    """The method that raised it, such as ``Layer.backward``."""
    raised: Raised
    account: Account | None
    """What is certain about the expression that raised it; ``None`` if asking again did not raise it."""
    criteria: tuple[str, ...]
    """The lost criteria that it costs."""
    cases: int
    """In how many cases it was raised."""
    is_everywhere: bool
    """Whether there is no case without an exception."""
    size: tuple[int, int] | None = None
    """The numbers of inputs and of neurons in the simplest of them."""

    def place(self, examination: Examination) -> Place | None:
        """Return the line that holds the mistake: that of a definition, or the one that raised."""
        account = self.account
        if account is not None and account.kind != "statement" and account.label and account.line:
            return examination.place_at(account.label, account.line)
        return examination.place(self.raised)


def exceptions(examination: Examination, lost: Sequence[str]) -> Iterator[Crash]:
    """Yield the exceptions that cost criteria out of ``lost``, at most one for each method.

    One that only training a network raises is there if nothing but ``training.*`` is lost.
    """
    if any(not name.startswith("training.") for name in lost):
        yield from _of_classes(examination, lost)
        yield from _of_backward(examination, _starting(lost, "backward."))
        yield from _of_fit(examination, _starting(lost, "fit."))
    else:
        yield from _of_training(examination, lost)


def _starting(lost: Sequence[str], prefix: str) -> tuple[str, ...]:
    return tuple(name for name in lost if name.startswith(prefix))


def _of_backward(examination: Examination, lost: Sequence[str]) -> Iterator[Crash]:
    answers = examination.backward
    if isinstance(answers, Failure) or not lost:
        return
    raising = [
        (answer.reply.raised, answer)
        for family in answers.families.values()
        for answer in family
        if answer.reply.raised is not None
    ]
    if raising:
        own = _most_frequent(raising)
        raised, simplest = min(own, key=lambda pair: _simplicity(*pair[1].case.size))
        account = _account(raised, simplest.case, examination.explain_backward)
        costs = _costs_of_backward(answers)
        criteria = tuple(name for name in lost if costs is None or name in costs)
        method, size = _method(simplest.reply.during, account), simplest.case.size
        is_everywhere = len(raising) == sum(map(len, answers.families.values()))
        yield Crash(method, raised, account, criteria, len(own), is_everywhere, size)


def _simplicity(n_inputs: int, n_neurons: int) -> tuple[bool, int]:
    """Return the order of sizes: first those whose shapes cannot be mistaken for each other, small ones first."""
    are_alike = n_inputs == n_neurons or 1 in (n_inputs, n_neurons)
    return are_alike, n_inputs * n_neurons


def _costs_of_backward(answers: BackwardAnswers) -> set[str] | None:
    """Return the criteria that exceptions cost; ``None`` if they leave nothing to judge."""
    if not any(call.has_several_of_both for call in answers.calls):
        return None
    return {
        _COSTS[name]
        for name, family in answers.families.items()
        for answer in family
        if answer.reply.raised is not None and (name == "given" or answers.is_sound(answer))
    }


def _of_fit(examination: Examination, lost: Sequence[str]) -> Iterator[Crash]:
    answers = examination.fit
    if isinstance(answers, Failure) or not lost:
        return
    raising = [(each.reply.raised, each.case) for each in answers.trainings if each.reply.raised is not None]
    if raising:
        own = _most_frequent(raising)
        raised, case = min(own, key=lambda pair: (len(pair[1].sizes), pair[1].examples, pair[1].epochs))
        account = _account(raised, case, examination.explain_fit)
        costs = _costs_of_fit(answers)
        criteria = tuple(name for name in lost if name in costs)
        method, is_everywhere = _method("Perceptron.fit", account), len(raising) == len(answers.trainings)
        yield Crash(method, raised, account, criteria, len(own), is_everywhere)


def _costs_of_fit(answers: FitAnswers) -> set[str]:
    """Return the criteria that exceptions cost, by the rules for errors carried forward."""
    if answers.raises_only_after_epochs:
        return {"fit.loss"}
    costs = {"fit.backpropagation"}
    if not any(training.is_whole for training in answers.trainings):
        costs.add("fit.loss")
    if not any(training.steps for training in answers.trainings):
        costs.add("fit.output_gradient")
    return costs


def _of_training(examination: Examination, lost: Sequence[str]) -> Iterator[Crash]:
    answers = examination.gradient_checks
    if isinstance(answers, Failure):
        return
    raising = [(reply.raised, case) for case, reply in answers if reply.raised is not None]
    if raising:
        own = _most_frequent(raising)
        raised, case = own[0]
        account = _account(raised, case, examination.explain_training)
        method, is_everywhere = _method("Perceptron.fit", account), len(raising) == len(answers)
        yield Crash(method, raised, account, tuple(lost), len(own), is_everywhere)


def _of_classes(examination: Examination, lost: Sequence[str]) -> Iterator[Crash]:
    """Yield the exceptions because of which a class is not defined."""
    for name, prefix in (("Layer", "backward."), ("Perceptron", "fit.")):
        failed = [each.raised for each in examination.loaded.skipped if each.defines == name and each.raised]
        if name not in examination.loaded.classes and failed:
            yield Crash(name, failed[-1], failed[-1].account, _starting(lost, prefix), 1, is_everywhere=True)


def _most_frequent(raising: Sequence[tuple[Raised, Case]]) -> list[tuple[Raised, Case]]:
    """Return the exceptions of the line that raises most of them, the first such line on ties."""
    lines = [(raised.type, raised.label, raised.line) for raised, _ in raising]
    most = Counter(lines).most_common(1)[0][0]
    return [pair for pair, line in zip(raising, lines, strict=True) if line == most]


def _account(raised: Raised, case: Case, explain: Callable[[Case], Raised | None]) -> Account | None:
    """Return the account of an exception, if asking again raises it again."""
    again = explain(case)
    return again.account if again is not None and replace(again, account=None) == raised else None


def _method(called: str, account: Account | None) -> str:
    """Return the method that raised: an own one of the two classes, or else the one that was called."""
    return account.function if account is not None and account.function in _METHODS else called
