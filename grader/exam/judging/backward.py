"""Judge ``Layer.backward`` by its laws, with errors carried forward."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.answers import BackwardAnswers
from grader.exam.examination import Examination
from grader.exam.judging.base import Test, as_test, simplest_failure
from grader.exam.laws.calls import BackwardAnswer, BackwardCall
from grader.exam.laws.carrying import DIRECTIONS, Formula, Reading, judged, read, right_somewhere
from grader.exam.laws.comparison import Comparison, Result
from grader.exam.laws.findings import (
    RAISED,
    Failure,
    array_value,
    backward_facts,
    exception_failure,
    failure,
)
from grader.exam.questions.cases import BackwardCase
from grader.exam.questions.families import GIVEN_LAYERS, Family
from grader.model import Message, TextValue, Value
from grader.rubric import default_rubric

__all__ = ["OWN_DZ", "BackwardLaws"]

Floats = NDArray[np.float64]
DzFormula = Callable[[BackwardCall, Result], Comparison]
Find = Callable[[BackwardAnswers, BackwardAnswer], Failure | None]
Choice = Callable[[Reading], Sequence[str]]

OWN_DZ = "dz in your code"
"""The fact that holds a wrong ``dz`` which is carried forward."""
_CRITERION = "backward."
_UNJUDGED = "Too few calls of backward did anything to judge this by."
_NOTHING_AGREES = Message("Nothing that backward does agrees with dz = da ⊙ f′(z).")
_DEAD = TextValue("nothing moved, and zeros came back")


class BackwardLaws:
    """Makes pytest tests of formulas, and knows the formulas that errors are carried forward by."""

    def __init__(self) -> None:
        self.formulas: dict[str, Formula] = {}
        """Those of ``weights``, ``biases``, ``da_prev`` and ``update``."""

    def reading(self, answers: BackwardAnswers) -> Reading:
        """Return which ``dz`` was used and what holds for it; the default points decide between readings."""
        return answers.once("reading", lambda: read(answers.calls, self.formulas, _points()))

    def hold_in_part(self, answers: BackwardAnswers) -> bool:
        """Tell whether any parameters move along their gradient."""
        return bool(self.reading(answers).moving())

    def weights_biases_da_prev(self, call: BackwardCall, dz: Floats) -> list[Comparison]:
        """Compare weights, biases and ``da_prev``, each by the formula of its own law, for a given ``dz``."""
        return [comparison for name in DIRECTIONS for comparison in self.formulas[name](call, dz)]

    def carried_forward(
        self, criterion: str, *, says: str, unjudged: str = _UNJUDGED
    ) -> Callable[[Formula], Test]:
        """Make a test of a formula that is judged with the ``dz`` that the submission itself used.

        The message is ``unjudged`` if there is nothing to judge.
        """
        name = criterion.removeprefix(_CRITERION)

        def decorate(formula: Formula) -> Test:
            self.formulas[name] = formula

            def find(answers: BackwardAnswers, answer: BackwardAnswer) -> Failure | None:
                reading = self.reading(answers)
                names = reading.moving() if name == "update" else DIRECTIONS
                found = [
                    _wrong(says, call, comparison, dz)
                    for call, dz in judged(answer.calls, reading.rule)
                    for comparison in formula(call, dz)
                    if comparison.name in names and not comparison.holds
                ]
                return next((each for each in found if each.is_clear), next(iter(found), None))

            return self._unless_it_holds(criterion, formula, find, unjudged)

        return decorate

    def own_dz(self, criterion: str, *, says: str) -> Callable[[DzFormula], Test]:
        """Make a test of the formula for ``dz`` itself, which is found from what a call did."""

        def decorate(formula: DzFormula) -> Test:
            def find(answers: BackwardAnswers, answer: BackwardAnswer) -> Failure | None:
                reading = self.reading(answers)
                wrong = (self._wrong_dz(call, reading, says, formula) for call in answer.calls)
                return next(filter(None, wrong), None)

            return self._unless_it_holds(criterion, formula, find, _UNJUDGED)

        return decorate

    def _wrong_dz(
        self, call: BackwardCall, reading: Reading, says: str, formula: DzFormula
    ) -> Failure | None:
        if call.is_dead:
            expected = {"da ⊙ f′(z)": array_value(call.true_dz)}
            return failure(Message(says), {"": _DEAD}, expected, _facts(call))
        if (dz := call.dz(reading.rule)) is not None:
            compared = formula(call, Result("dz", dz, Returned(dz), reading.rule.value))
            if not compared.holds:
                return _wrong(says, call, compared, is_clear=True)
        comparisons = self.weights_biases_da_prev(call, call.true_dz)
        if reading.holds or any(comparison.holds for comparison in comparisons):
            return None
        shown = [comparison.show() for comparison in comparisons]
        seen = {name: value for each in shown for name, value in each.seen.items()}
        due = {name: value for each in shown for name, value in each.due.items()}
        return failure(_NOTHING_AGREES, seen, due, _facts(call))

    def calls(
        self,
        criterion: str,
        *,
        on: Family[BackwardCase],
        says: str,
        only: Choice | None = None,
        may_raise: bool = False,
    ) -> Callable[[Callable[..., Sequence[Comparison]]], Test]:
        """Make a test of a formula that must hold for each call, or for as many calls in a row as it has parameters.

        ``only`` chooses the results that are compared. Then sizes that cost the shape are left out, and the law is
        skipped if there are no such results.
        """

        def decorate(formula: Callable[..., Sequence[Comparison]]) -> Test:
            count = formula.__code__.co_argcount

            def find(answers: BackwardAnswers, answer: BackwardAnswer) -> Failure | None:
                names = None if only is None else only(self.reading(answers))
                if names is not None and not answers.is_sound(answer):
                    return None
                # As many calls in a row as the formula takes.
                groups = list(zip(*[iter(answer.calls)] * count, strict=False))
                for group in groups:
                    for comparison in formula(*group):
                        if not comparison.holds and (names is None or comparison.name in names):
                            return _wrong(says, group[-1], comparison, is_clear=True)
                if may_raise or len(groups) == len(answer.case.steps) // count:
                    return None
                return _exception(answers, answer)

            def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
                if only is not None and not only(self.reading(answers)):
                    pytest.skip("No result that this is judged by is right for the given activations.")
                return _simplest(examination, answers, on, find)

            return _test(criterion, formula, judge)

        return decorate

    def holds_somewhere(self, criterion: str, *, says: str) -> Callable[[Formula], Test]:
        """Make a test of a formula that must hold in part in some calls, and not by luck."""

        def decorate(formula: Formula) -> Test:
            def judge(_examination: Examination, answers: BackwardAnswers) -> Failure | None:
                holds = answers.once(formula, lambda: right_somewhere(answers.calls, formula))
                return None if holds else failure(Message(says))

            return _test(criterion, formula, judge)

        return decorate

    def _unless_it_holds(
        self, criterion: str, formula: Callable[..., object], find: Find, unjudged: str
    ) -> Test:
        """Make a test that shows the simplest failure, or an exception, or that there is nothing to judge."""
        name = criterion.removeprefix(_CRITERION)

        def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
            if name in self.reading(answers).holds:
                return None
            return (
                _simplest(examination, answers, GIVEN_LAYERS, find)
                or _simplest(examination, answers, GIVEN_LAYERS, _exception)
                or failure(Message(unjudged))
            )

        return _test(criterion, formula, judge)


def _points() -> dict[str, float]:
    return {id_.removeprefix(_CRITERION): value for id_, value in default_rubric().points.items()}


def _test(
    criterion: str,
    formula: Callable[..., object],
    judge: Callable[[Examination, BackwardAnswers], Failure | None],
) -> Test:
    def judge_answers(examination: Examination) -> Failure | None:
        answers = examination.backward
        return answers if isinstance(answers, Failure) else judge(examination, answers)

    return as_test(criterion, formula, judge_answers)


def _simplest(
    examination: Examination, answers: BackwardAnswers, family: Family[BackwardCase], find: Find
) -> Failure | None:
    found = partial(find, answers)
    known = answers.once(find, lambda: {a.case: found(a) for a in answers.families[family.name]})
    return simplest_failure(examination, family, known, examination.ask_backward, found)


def _exception(_answers: BackwardAnswers, answer: BackwardAnswer) -> Failure | None:
    if answer.reply.raised is None:
        return None
    steps = answer.case.steps
    facts = backward_facts(answer.case, steps[min(len(answer.calls), len(steps) - 1)])
    return exception_failure(RAISED, answer.reply.raised, facts, answer.reply.during)


def _wrong(
    says: str, call: BackwardCall, comparison: Comparison, dz: Floats | None = None, *, is_clear: bool = False
) -> Failure:
    """Return the failure of a comparison; ``dz`` is the one that it was made with, which is shown if it is wrong."""
    shown, facts = comparison.show(), _facts(call)
    if dz is not None and not np.array_equal(dz, call.true_dz):
        facts[OWN_DZ] = array_value(dz)
    return failure(Message(says), shown.seen, shown.due, facts, is_clear=is_clear or shown.is_clear)


def _facts(call: BackwardCall) -> dict[str, Value]:
    facts, count = backward_facts(call.case, call.step), len(call.case.steps)
    if count == 1:
        return facts
    text = "{number} of {count}, on the same layer"
    return {"call": TextValue(text, {"number": call.number, "count": count}), **facts}
