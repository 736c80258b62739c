"""Explain how far the weights or the biases moved, by the formulas for their gradient, with a given ``dz``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import product
from math import prod

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.changes import Seen
from grader.diagnosis.backward.formulas import BIASES, UNNAMED, WEIGHTS, Formula
from grader.diagnosis.backward.observed import (
    Match,
    Observed,
    OwnDz,
    distinct,
    is_dominated,
    is_longer,
    is_same,
    shows,
)
from grader.diagnosis.backward.scales import (
    Fit,
    Scale,
    fitted,
    mistakes_of_overwritten,
    mistakes_of_step,
    of_overwritten,
    of_step,
)
from grader.diagnosis.backward.transforms import alike, transformed

__all__ = ["BIASES_STEP", "WEIGHTS_STEP", "Parameters"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Parameters:
    """The weights or the biases: which they are, and how to find them in a call."""

    name: str
    symbol: str
    gradient: str
    formulas: Sequence[Formula]
    before: Callable[[Call], Floats]
    after: Callable[[Call], Floats | None]
    right: Callable[[Call, Floats], Floats]

    def fits(self, observed: Observed, dz: OwnDz) -> bool:
        """Tell whether the parameters move along a right formula, or become it, in the first calls on their layers."""
        if self.is_unchanged(observed):
            return False
        right = distinct((formula for formula in self.formulas if not formula.mistakes), observed, dz)
        return any(
            self._scale(observed, dz, formula, observed.first_calls, is_overwritten=is_overwritten)
            is not None
            for formula, is_overwritten in product(right, (False, True))
        )

    def is_alike(self, observed: Observed, dz: OwnDz) -> bool:
        """Tell whether the first steps have the signs of the right gradient, or all the opposite ones."""
        signs = {1.0, -1.0}
        for i in observed.first_calls:
            call, own = observed.returned[i], dz.value(i)
            before, after = self.before(call), self.after(call)
            if own is None or after is None or after.shape != before.shape or own.shape != call.da.shape:
                return False
            moved, due = np.sign(before - after), np.sign(self.right(call, own))
            signs = {sign for sign in signs if (moved == sign * due).all()}
            if not signs:
                return False
        return True

    def is_unchanged(self, observed: Observed) -> bool:
        """Tell whether the parameters stay as they were in all calls."""
        return observed.once(
            (self.name, "is unchanged"),
            lambda: all(_is_unchanged(self.before(call), self.after(call)) for call in observed.returned),
        )

    def explain(self, observed: Observed, dz: OwnDz, most: int) -> list[Match]:
        """Return what explains the new parameters in all calls, by at most ``most`` mistakes."""
        calls = observed.returned
        if not calls or any(self.after(call) is None for call in calls):
            return []
        if self.is_unchanged(observed):
            nothing = self._unchanged(observed, dz)
            return [nothing, *self._with_unused(observed, dz, nothing, most)]
        found = list(self._matches(observed, dz, most))
        if not found and most > 0:
            found = list(self._transformed(observed, dz, most))
        return found

    def _matches(self, observed: Observed, dz: OwnDz, most: int) -> Iterator[Match]:
        known: list[Match] = []
        for formula in distinct(self.formulas, observed, dz):
            for is_overwritten in (False, True):
                if len(formula.mistakes) + is_overwritten > most or not self._fits_trials(
                    observed, dz, formula, is_overwritten=is_overwritten
                ):
                    continue
                raises = self._raises(observed, dz, formula)
                if is_dominated(formula.mistakes, raises, known):
                    continue
                every = range(len(observed.returned))
                scale = self._scale(observed, dz, formula, every, is_overwritten=is_overwritten)
                if scale is not None and len(formula.mistakes) + len(scale.mistakes) <= most:
                    known.append(self._described(observed, dz, formula, scale, raises))
                    yield known[-1]

    def _fits_trials(self, observed: Observed, dz: OwnDz, formula: Formula, *, is_overwritten: bool) -> bool:
        """Tell whether the parameters are along the formula in the trials, by whatever factor."""
        return all(
            self._fit(observed, dz, i, formula, is_overwritten=is_overwritten) is not None
            for i in observed.trials
        )

    def _fit(
        self, observed: Observed, dz: OwnDz, i: int, formula: Formula, *, is_overwritten: bool
    ) -> Fit | None:
        call, own = observed.returned[i], dz.value(i)
        after = self.after(call)
        if own is None or after is None:
            return None
        try:
            gradient = formula.compute(call, own)
        except ValueError:
            return None
        if is_overwritten:
            whole = self._gradient(call, own, formula, after.shape)
            return None if whole is None else fitted(after, whole, 0.0, observed.tolerance)
        return _fit_step(gradient, self.before(call), after, observed.tolerance)

    def _scale(
        self, observed: Observed, dz: OwnDz, formula: Formula, which: Iterable[int], *, is_overwritten: bool
    ) -> Scale | None:
        calls: list[Call] = []
        fits: list[Fit] = []
        for i in which:
            fit = self._fit(observed, dz, i, formula, is_overwritten=is_overwritten)
            if fit is None:
                return None
            calls.append(observed.returned[i])
            fits.append(fit)
        return (of_overwritten if is_overwritten else of_step)(calls, fits)

    def _described(
        self,
        observed: Observed,
        dz: OwnDz,
        formula: Formula,
        scale: Scale,
        raises: frozenset[int],
    ) -> Match:
        mistakes = dict.fromkeys(formula.mistakes, "formula") | dict.fromkeys(scale.mistakes, "step")
        start = f"{self.symbol} ← " + ("" if "weights-overwritten" in scale.mistakes else f"{self.symbol} ")
        step = f"{start}{scale.text}{self.gradient}" if scale.mistakes else ""
        tells = self._tells(observed, dz) if mistakes else frozenset[int]()
        of_dz = None if scale.rule is None else scale.rule.of_gradient
        return Match(
            mistakes, f"{self.gradient} = {formula.text}", step, scale.factor, raises, tells, of_dz=of_dz
        )

    def _raises(
        self, observed: Observed, dz: OwnDz, formula: Formula, *, is_used: bool = True
    ) -> frozenset[int]:
        """Return the calls that raised in which the formula, or the step along it in any style, raises just so.

        If it is used, and results show that it is wrong, these may be calls that the submission refuses.
        """
        or_refused = is_used and observed.refuses and shows(observed, dz, formula, self.right)
        return observed.once(
            (self.name, formula, dz.raised_shapes, or_refused),
            lambda: observed.raising(lambda call: self._attempts(call, dz, formula), or_refused=or_refused),
        )

    def _attempts(self, call: Call, dz: OwnDz, formula: Formula) -> Iterator[Callable[[], object]]:
        """Yield the ways to take the step with a ``dz`` that does not raise."""
        own = dz.in_call(call)
        if own is not None:
            yield lambda: np.subtract(self.before(call), formula.compute(call, own))
            yield lambda: _subtract_in_place(self.before(call), formula.compute(call, own))
            yield lambda: _subtract_rows(self.before(call), formula.compute(call, own))
            yield lambda: _fill_in_place(self.before(call), formula.compute(call, own))

    def _tells(self, observed: Observed, dz: OwnDz) -> frozenset[int]:
        return frozenset(
            i
            for i, call in enumerate(observed.returned)
            if not self._is_right(call, dz.value(i), observed.tolerance)
        )

    def _is_right(self, call: Call, dz: Floats | None, tolerance: float) -> bool:
        try:
            return dz is not None and is_same(
                self.after(call), self.before(call) - call.rate * self.right(call, dz), tolerance
            )
        except ValueError:
            return False

    def _unchanged(self, observed: Observed, dz: OwnDz) -> Match:
        step = f"{self.symbol} ← {self.symbol}"
        mistakes = {f"{self.name}-not-updated": "step"}
        return Match(mistakes, "", step, tells=self._tells(observed, dz), is_gradient=False)

    def _with_unused(self, observed: Observed, dz: OwnDz, match: Match, most: int) -> Iterator[Match]:
        """Yield the match with a gradient that is not used, if its computation raises as was seen."""
        known: list[Match] = []
        for formula in self.formulas if observed.raised and len(match.mistakes) < most else ():
            if UNNAMED not in formula.mistakes:
                raises = self._raises(observed, dz, formula, is_used=False)
                mistakes = {**match.mistakes, **dict.fromkeys(formula.mistakes, "formula")}
                if raises and len(mistakes) <= most and not is_dominated(mistakes, raises, known):
                    known.append(replace(match, mistakes=mistakes, raises=raises))
                    yield replace(
                        known[-1], seen=f"{self.gradient} = {formula.text}" if formula.mistakes else ""
                    )

    def _transformed(self, observed: Observed, dz: OwnDz, most: int) -> Iterator[Match]:
        """Yield the matches by the fewest mistakes if gradients are clipped, or remembered, or divided by a root."""
        calls = observed.returned
        before = [self.before(call) for call in calls]
        after = [array for call in calls if (array := self.after(call)) is not None]
        scales = [float(np.abs(each).max()) for each in before]
        moved = [_moved(b, a) for b, a in zip(before, after, strict=True)]
        ways = [
            (wrong, Seen(calls, values, scales, observed.trials_first, observed.tolerance))
            for wrong, values in (((), moved), (("weights-overwritten",), after))
        ]
        known: list[Match] = []
        for wrong, seen in ways:
            for formula in self._distinct(observed, dz, most):
                count = len(formula.mistakes) + len(wrong) + 1
                raises = self._raises_somehow(observed, dz, formula)
                if count > most or is_longer(count, raises, known):
                    continue
                for match in self._changed(observed, dz, formula, seen, wrong, most):
                    if len(match.mistakes) <= most and not is_longer(len(match.mistakes), raises, known):
                        known.append(match)
                        yield match

    def _changed(
        self, observed: Observed, dz: OwnDz, formula: Formula, seen: Seen, wrong: Sequence[str], most: int
    ) -> Iterator[Match]:
        """Yield the matches with one formula and one way to use it, by about ``most`` mistakes."""
        calls = observed.returned

        @cache
        def gradient(i: int) -> Floats:
            found = self._gradient(calls[i], dz.value(i), formula, seen.values[i].shape)
            return np.full_like(seen.values[i], np.nan) if found is None else found

        is_simple = len(formula.mistakes) <= 1 and not wrong
        most = min(observed.most_changes if is_simple else 1, most - len(formula.mistakes) - len(wrong))
        what = (self.name, formula.text, formula.mistakes, tuple(wrong), most, dz.numbers)
        for change in observed.once(
            what,
            lambda: list(transformed(seen, gradient, most)) if alike(seen, gradient, observed.trials) else [],
        ):
            is_negative = change.rule.constant < 0
            mistakes = dict.fromkeys(formula.mistakes, "formula")
            mistakes |= dict.fromkeys(change.earlier, "formula")
            of_rule = mistakes_of_overwritten if wrong else mistakes_of_step
            step = (change.mistake, *wrong, *of_rule(change.rule))
            mistakes |= dict.fromkeys(step, "step")
            if is_negative and not wrong:
                mistakes["gradient-ascent"] = "step"
            start = ("−" if is_negative else "") if wrong else f"{self.symbol} {'+' if is_negative else '−'} "
            yield Match(
                mistakes,
                f"{self.gradient} = {change.of.format(name=formula.text)}",
                f"{self.symbol} ← {start}{change.text.format(name=self.gradient)}",
                change.rule.size_text,
                self._raises_somehow(observed, dz, formula),
                self._tells(observed, dz),
                of_dz=change.rule.of_gradient,
            )

    def _raises_somehow(self, observed: Observed, dz: OwnDz, formula: Formula) -> frozenset[int]:
        return observed.raising_somehow(formula, self.formulas, partial(self._raises, observed, dz))

    def _distinct(self, observed: Observed, dz: OwnDz, most: int) -> Iterator[Formula]:
        """Yield the formulas with at most ``most`` mistakes that are possible, one of each text."""
        texts = set()
        for formula in self.formulas:
            if len(formula.mistakes) <= most and formula.text not in texts:
                first = observed.trials[0]
                if self._computed(observed.returned[first], dz.value(first), formula) is not None:
                    texts.add(formula.text)
                    yield formula

    @staticmethod
    def _computed(call: Call, dz: Floats | None, formula: Formula) -> Floats | None:
        """Return what the formula gives; ``None`` if it raises."""
        try:
            return None if dz is None else formula.compute(call, dz)
        except ValueError:
            return None

    def _gradient(
        self, call: Call, dz: Floats | None, formula: Formula, shape: tuple[int, ...]
    ) -> Floats | None:
        """Return the gradient in ``shape``, if the parameters have that after a step, or are overwritten."""
        gradient = self._computed(call, dz, formula)
        if gradient is None or gradient.shape == shape:
            return gradient
        if gradient.size == prod(shape) == 1:
            return gradient.reshape(shape)
        try:
            is_step = np.broadcast_shapes(gradient.shape, self.before(call).shape) == shape
        except ValueError:
            return None
        return np.broadcast_to(gradient, shape) if is_step else None


def _moved(before: Floats, after: Floats) -> Floats:
    """Return the step from ``before`` to ``after``; NaN if it is none."""
    try:
        moved = before - after
    except ValueError:
        return np.full_like(after, np.nan)
    return moved if moved.shape == after.shape else np.full_like(after, np.nan)


def _subtract_in_place(before: Floats, gradient: Floats) -> None:
    before = before.copy()
    before -= gradient


def _fill_in_place(before: Floats, gradient: Floats) -> None:
    before = before.copy()
    before[:] = before - gradient


def _subtract_rows(before: Floats, gradient: Floats) -> None:
    before = before.copy()
    for i in range(len(before)):
        before[i] = before[i] - gradient[i]


def _is_unchanged(before: Floats, after: Floats | None) -> bool:
    return after is not None and after.shape == before.shape and bool((after == before).all())


def _fit_step(gradient: Floats, before: Floats, after: Floats, tolerance: float) -> Fit | None:
    direction = gradient
    if gradient.shape != before.shape:
        try:
            direction = np.broadcast_to(gradient, np.broadcast_shapes(gradient.shape, before.shape))
            if direction.shape != after.shape == before.shape and len(gradient) > len(before):
                direction = np.broadcast_to(gradient[: len(before)], before.shape)
        except ValueError:
            return None
    if after.shape != direction.shape:
        return None
    scale = max(float(np.vdot(before, before)), float(np.vdot(after, after))) ** 0.5
    return fitted(after - before, direction, scale, tolerance)


WEIGHTS_STEP = Parameters(
    "weights",
    "W",
    "d_weights",
    WEIGHTS,
    lambda call: call.W,
    lambda call: call.new_weights,
    lambda call, dz: dz @ call.a_prev.T,
)
BIASES_STEP = Parameters(
    "biases", "b", "d_biases", BIASES, lambda call: call.b, lambda call: call.new_biases, lambda _call, dz: dz
)
