"""Explain how far the weights or the biases moved, by the formulas for their gradient, with a given ``dz``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import BIASES, WEIGHTS, Formula
from grader.diagnosis.backward.observed import Match, Observed, OwnDz, is_same, text_of
from grader.diagnosis.backward.scales import Fit, Measured, Scale, fitted, of_overwritten, of_step
from grader.diagnosis.backward.transforms import transformed

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

    def explain(self, observed: Observed, dz: OwnDz, most: int) -> list[Match]:
        """Return what explains the new parameters in all calls, by at most ``most`` mistakes."""
        if any(self.after(call) is None for call in observed.returned) or not observed.returned:
            return []
        if all(_is_unchanged(self.before(call), self.after(call)) for call in observed.returned):
            return [self._unchanged(observed, dz)]
        found: list[Match] = []
        known: set[tuple[object, ...]] = set()
        for formula in self.formulas:
            if len(formula.mistakes) > most:
                break
            for is_overwritten in (False, True):
                match = self._match(observed, dz, formula, is_overwritten=is_overwritten)
                if match is None or len(match.mistakes) > most:
                    continue
                key = (frozenset(match.mistakes), match.texts)
                if key not in known:
                    known.add(key)
                    found.append(match)
                if not match.mistakes and not observed.raised:
                    return found
        if not found and most > 0 and not observed.raised:
            found = self._transformed(observed, dz)
        return found

    def _match(
        self, observed: Observed, dz: OwnDz, formula: Formula, *, is_overwritten: bool
    ) -> Match | None:
        calls, tolerance = observed.returned, observed.tolerance

        def fit(i: int) -> tuple[Floats, Fit] | None:
            call = calls[i]
            try:
                gradient = formula.compute(call, dz.values[i])
            except ValueError:
                return None
            before, after = self.before(call), self.after(call)
            if after is None:
                return None
            found = _fit_overwritten(gradient, after, tolerance)
            if not is_overwritten:
                found = _fit_step(gradient, before, after, tolerance)
            return None if found is None else (gradient, found)

        if any(fit(i) is None for i in observed.trials):
            return None
        fits: list[Fit] = []
        for i in range(len(calls)):
            pair = fit(i)
            if pair is None:
                return None
            fits.append(pair[1])
        measured = Measured.of(calls, fits, tolerance)
        scale = (of_overwritten if is_overwritten else of_step)(measured)
        return None if scale is None else self._described(observed, dz, formula, scale)

    def _described(self, observed: Observed, dz: OwnDz, formula: Formula, scale: Scale) -> Match:
        mistakes = dict.fromkeys(formula.mistakes, "of") | dict.fromkeys(scale.mistakes, "step")
        texts = [self._texts(call, value, formula) for call, value in zip(observed.raised, dz.raised, strict=True)]
        is_overwritten = "weights-overwritten" in scale.mistakes
        start = f"{self.symbol} ← " + ("" if is_overwritten else f"{self.symbol} ")
        step = f"{start}{scale.text}{self.gradient}" if scale.mistakes else ""
        seen = f"{self.gradient} = {formula.text}"
        tells = self._tells(observed, dz) if mistakes else frozenset[int]()
        return Match(mistakes, seen, step, tuple(texts), tells)

    def _texts(self, call: Call, dz: Floats | str, formula: Formula) -> frozenset[str]:
        if isinstance(dz, str):
            return frozenset()
        try:
            gradient = formula.compute(call, dz)
        except ValueError as error:
            return frozenset({text_of(error)})
        before = self.before(call)
        texts = set()
        for subtract in (np.subtract, _subtract_in_place):
            try:
                subtract(before, gradient)
            except ValueError as error:
                texts.add(text_of(error))
        return frozenset(texts)

    def _tells(self, observed: Observed, dz: OwnDz) -> frozenset[int]:
        return frozenset(
            i for i, (call, own) in enumerate(zip(observed.returned, dz.values, strict=True))
            if not self._is_right(call, own, observed.tolerance)
        )

    def _is_right(self, call: Call, dz: Floats, tolerance: float) -> bool:
        after = self.after(call)
        try:
            due = self.before(call) - call.rate * self.right(call, dz)
        except ValueError:
            return False
        return after is not None and is_same(after, due, tolerance)

    def _unchanged(self, observed: Observed, dz: OwnDz) -> Match:
        mistake = f"{self.name}-not-updated"
        tells = self._tells(observed, dz)
        texts = tuple(frozenset[str]() for _ in observed.raised)
        step = f"{self.symbol} ← {self.symbol}"
        return Match({mistake: "step"}, f"{self.gradient} = 0", step, texts, tells, is_gradient=False)

    def _transformed(self, observed: Observed, dz: OwnDz) -> list[Match]:
        calls, tolerance = observed.returned, observed.tolerance
        before = [self.before(call) for call in calls]
        after = [self.after(call) for call in calls]
        try:
            gradients = [self.right(call, own) for call, own in zip(calls, dz.values, strict=True)]
        except ValueError:
            return []
        taken = [b - a for b, a in zip(before, after, strict=True) if a is not None and a.shape == b.shape]
        if len(taken) < len(calls) or any(g.shape != b.shape for g, b in zip(gradients, before, strict=True)):
            return []
        for sign, ascent in ((1.0, ()), (-1.0, ("gradient-ascent",))):
            signed = [sign * step for step in taken]
            for mistake, text, steps in transformed(calls, gradients, signed):
                if all(
                    _close(own, step, b, tolerance)
                    for own, step, b in zip(signed, steps, before, strict=True)
                ):
                    seen = f"{self.symbol} ← {self.symbol} {'+' if ascent else '−'} learning_rate · " + text.format(
                        name=self.gradient
                    )
                    mistakes = {mistake: "step", **dict.fromkeys(ascent, "step")}
                    return [Match(mistakes, seen, seen, (), self._tells(observed, dz))]
        return []


def _close(seen: Floats, due: Floats, before: Floats, tolerance: float) -> bool:
    leave = tolerance * max(1.0, float(np.abs(before).max()), float(np.abs(due).max()))
    return bool(np.abs(seen - due).max() <= leave)


def _subtract_in_place(before: Floats, gradient: Floats) -> None:
    before = before.copy()
    before -= gradient


def _is_unchanged(before: Floats, after: Floats | None) -> bool:
    return after is not None and after.shape == before.shape and bool((after == before).all())


def _fit_step(gradient: Floats, before: Floats, after: Floats, tolerance: float) -> Fit | None:
    direction = gradient
    if gradient.shape != before.shape:
        try:
            direction = np.broadcast_to(gradient, np.broadcast_shapes(gradient.shape, before.shape))
        except ValueError:
            return None
    if after.shape != direction.shape:
        return None
    scale = max(float(np.abs(before).max()), float(np.abs(after).max()))
    return fitted(after - before, direction, scale, tolerance)


def _fit_overwritten(gradient: Floats, after: Floats, tolerance: float) -> Fit | None:
    return fitted(after, gradient, 0.0, tolerance)


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
