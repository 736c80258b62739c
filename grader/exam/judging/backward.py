"""Tries the laws of ``Layer.backward``, with errors carried forward."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.answers import BackwardAnswers
from grader.exam.examination import Examination
from grader.exam.judging.base import Test, as_test, simplest_failure
from grader.exam.judging.failure import RAISED, Failure, exception_failure, failure
from grader.exam.laws.calls import BackwardAnswer, BackwardCall
from grader.exam.laws.carrying import DIRECTIONS, Formula, Reading, judged, read, right_somewhere
from grader.exam.laws.comparison import Comparison, Equality, Result
from grader.exam.laws.values import array_value, backward_facts
from grader.exam.questions.cases import BackwardCase
from grader.exam.questions.families import GIVEN_LAYERS, Family
from grader.model import Message, TextValue, Value
from grader.rubric import default_rubric

__all__ = ["BackwardLaws"]

Floats = NDArray[np.float64]
Find = Callable[[BackwardAnswer], Failure | None]
_Compared = tuple[BackwardCall, Comparison]
_Judge = Callable[[Examination, BackwardAnswers], Failure | None]
Choice = Callable[[Reading], Collection[str]]
"""Says which of weights, biases and ``da_prev`` a law is judged by; may skip the test."""

_CRITERION = "backward."
_UNJUDGED = Message("Too few calls of backward did anything that this could be judged by.")
_NO_STEP = Message(
    "Neither the weights nor the biases move along their gradient, so there is no step to measure."
)
_NOTHING_AGREES = Message("Nothing that backward does agrees with dz = da ⊙ f′(z).")
_DEAD = TextValue("nothing moved, and zeros came back")


class BackwardLaws:
    """Makes pytest tests of formulas, and knows those that errors are carried forward by."""

    def __init__(self) -> None:
        self.formulas: dict[str, Formula] = {}
        """For ``weights``, ``biases``, ``da_prev`` and ``update``, what each says of a call and its ``dz``."""

    def reading(self, answers: BackwardAnswers) -> Reading:
        """Return how ``backward``'s own ``dz`` is read off what it did; the default points decide between readings."""
        points = {id_.removeprefix(_CRITERION): value for id_, value in default_rubric().points.items()}
        return answers.once("reading", lambda: read(answers.calls, self.formulas, points))

    def hold_in_part(self, answers: BackwardAnswers) -> bool:
        """Tell whether any parameters move along their gradient."""
        return bool(self.reading(answers).moving)

    def comparisons(self, call: BackwardCall, dz: Floats) -> list[Comparison]:
        """Return what the three laws that see a ``dz`` say of a call."""
        return [comparison for name in DIRECTIONS for comparison in self.formulas[name](call, dz)]

    def carried_forward(self, criterion: str, *, says: str) -> Callable[[Formula], Test]:
        """Make a test of a formula that is judged with the ``dz`` that the submission itself used."""
        name = criterion.removeprefix(_CRITERION)

        def decorate(formula: Formula) -> Test:
            self.formulas[name] = formula

            def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
                reading = self.reading(answers)
                if name in reading.holds:
                    return None
                if name == "update" and not reading.moving:
                    return _simplest(examination, answers, GIVEN_LAYERS, _exception) or failure(_NO_STEP)
                names = reading.moving if name == "update" else DIRECTIONS

                def find(answer: BackwardAnswer) -> Failure | None:
                    wrong = (
                        (call, comparison)
                        for call, dz in judged(answer.calls, reading.rule)
                        for comparison in formula(call, dz)
                        if comparison.name in names and not comparison.holds
                    )
                    return _clearest(says, wrong)

                return _simplest_or_unjudged(examination, answers, find)

            return _test(criterion, formula, judge)

        return decorate

    def own_dz(self, *, says: str) -> Callable[[Callable[[BackwardCall, Result], Equality]], Test]:
        """Make a test of the formula for ``dz`` itself, as it is read off what a call did."""

        def decorate(formula: Callable[[BackwardCall, Result], Equality]) -> Test:
            def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
                reading = self.reading(answers)
                if "dz" in reading.holds:
                    return None

                def find(answer: BackwardAnswer) -> Failure | None:
                    for call in answer.calls:
                        found = self._wrong_dz(call, reading, says, formula)
                        if found is not None:
                            return found
                    return None

                return _simplest_or_unjudged(examination, answers, find)

            return _test("backward.dz", formula, judge)

        return decorate

    def _wrong_dz(
        self,
        call: BackwardCall,
        reading: Reading,
        says: str,
        formula: Callable[[BackwardCall, Result], Equality],
    ) -> Failure | None:
        if call.is_dead:
            expected = {"da ⊙ f′(z)": array_value(call.true_dz)}
            return failure(Message(says), {"": _DEAD}, expected, _facts(call))
        if (dz := call.dz(reading.rule)) is not None:
            compared = formula(call, Result("dz", dz, Returned(dz), reading.rule.value))
            if not compared.holds:
                return _wrong(says, call, compared)
        comparisons = self.comparisons(call, call.true_dz)
        if reading.holds or any(comparison.holds for comparison in comparisons):
            return None
        seen = {name: value for comparison in comparisons for name, value in comparison.seen.items()}
        due = {name: value for comparison in comparisons for name, value in comparison.due.items()}
        return failure(_NOTHING_AGREES, seen, due, _facts(call))

    def each_call(
        self,
        criterion: str,
        *,
        on: Family[BackwardCase],
        says: str,
        of: Choice | None = None,
    ) -> Callable[[Callable[[BackwardCall], Sequence[Comparison]]], Test]:
        """Make a test of a formula that must hold in every call, none of which may raise anything.

        A law that is judged ``of`` something is not judged at the sizes that cost the shape.
        """

        def decorate(formula: Callable[[BackwardCall], Sequence[Comparison]]) -> Test:
            def find(answer: BackwardAnswer, names: Collection[str] | None) -> Failure | None:
                compared = ((call, each) for call in answer.calls for each in formula(call))
                return _first_wrong(says, compared, names) or _exception(answer)

            def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
                return self._simplest_of(examination, answers, on, of, find)

            return _test(criterion, formula, judge)

        return decorate

    def calls_together(
        self,
        criterion: str,
        *,
        on: Family[BackwardCase],
        says: str,
        of: Choice,
        after: int = 0,
        may_raise: bool = False,
    ) -> Callable[[Callable[..., Sequence[Comparison]]], Test]:
        """Make a test of a formula over as many calls of a case as it has parameters, ``after`` the first ones."""

        def decorate(formula: Callable[..., Sequence[Comparison]]) -> Test:
            used = slice(after, after + formula.__code__.co_argcount)

            def find(answer: BackwardAnswer, names: Collection[str] | None) -> Failure | None:
                calls = answer.calls[used]
                if len(answer.calls) < used.stop:
                    return None if may_raise else _exception(answer)
                return _first_wrong(says, ((calls[-1], each) for each in formula(*calls)), names)

            def judge(examination: Examination, answers: BackwardAnswers) -> Failure | None:
                return self._simplest_of(examination, answers, on, of, find)

            return _test(criterion, formula, judge)

        return decorate

    def holds_somewhere(self, criterion: str, *, says: str) -> Callable[[Formula], Test]:
        """Make a test of formulas of which some must hold in some calls, and not by luck."""

        def decorate(formula: Formula) -> Test:
            def judge(_examination: Examination, answers: BackwardAnswers) -> Failure | None:
                holds = answers.once(formula, lambda: right_somewhere(answers.calls, formula))
                return None if holds else failure(Message(says))

            return _test(criterion, formula, judge)

        return decorate

    def _simplest_of(
        self,
        examination: Examination,
        answers: BackwardAnswers,
        on: Family[BackwardCase],
        of: Choice | None,
        find: Callable[[BackwardAnswer, Collection[str] | None], Failure | None],
    ) -> Failure | None:
        """Return the simplest of the failures at the sizes and in the results that a law is judged by."""
        names = None if of is None else of(self.reading(answers))

        def find_if_judged(answer: BackwardAnswer) -> Failure | None:
            return find(answer, names) if names is None or answers.is_sound(answer) else None

        known = answers.once(find, lambda: _known(answers, on, find_if_judged))
        return simplest_failure(examination, on, known, examination.ask_backward, find_if_judged)


def _test(criterion: str, formula: Callable[..., object], judge: _Judge) -> Test:
    def judge_answers(examination: Examination) -> Failure | None:
        answers = examination.backward
        return answers if isinstance(answers, Failure) else judge(examination, answers)

    return as_test(criterion, formula, judge_answers)


def _simplest(
    examination: Examination, answers: BackwardAnswers, family: Family[BackwardCase], find: Find
) -> Failure | None:
    known = _known(answers, family, find)
    return simplest_failure(examination, family, known, examination.ask_backward, find)


def _known(
    answers: BackwardAnswers, family: Family[BackwardCase], find: Find
) -> dict[BackwardCase, Failure | None]:
    return {answer.case: find(answer) for answer in answers.families[family.name]}


def _simplest_or_unjudged(examination: Examination, answers: BackwardAnswers, find: Find) -> Failure | None:
    """Return the simplest failure, else an exception, else that too few calls are left to judge by."""
    return (
        _simplest(examination, answers, GIVEN_LAYERS, find)
        or _simplest(examination, answers, GIVEN_LAYERS, _exception)
        or failure(_UNJUDGED)
    )


def _exception(answer: BackwardAnswer) -> Failure | None:
    """Return what a case raised as a failure, if it raised something."""
    if answer.reply.raised is None:
        return None
    steps = answer.case.steps
    facts = backward_facts(answer.case, steps[min(len(answer.calls), len(steps) - 1)])
    return exception_failure(RAISED, answer.reply.raised, facts, answer.reply.during)


def _first_wrong(says: str, compared: Iterable[_Compared], names: Collection[str] | None) -> Failure | None:
    """Return the first of ``names`` that does not hold; any that does not, without names."""
    for call, comparison in compared:
        if (names is None or comparison.name in names) and not comparison.holds:
            return _wrong(says, call, comparison)
    return None


def _clearest(says: str, wrong: Iterable[_Compared]) -> Failure | None:
    """Return the first that is clear, else the first."""
    found = [_wrong(says, *each, is_clear=each[1].is_clear) for each in wrong]
    return next((each for each in found if each.is_clear), next(iter(found), None))


def _wrong(says: str, call: BackwardCall, comparison: Comparison, *, is_clear: bool = True) -> Failure:
    return failure(Message(says), comparison.seen, comparison.due, _facts(call), is_clear=is_clear)


def _facts(call: BackwardCall) -> dict[str, Value]:
    facts, count = backward_facts(call.case, call.step), len(call.case.steps)
    if count == 1:
        return facts
    text = "{number} of {count}, on the same layer"
    return {"call": TextValue(text, {"number": call.number, "count": count}), **facts}
