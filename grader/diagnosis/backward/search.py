"""Search the explanation with the fewest mistakes for all that the calls of ``backward`` did."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward import returned
from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.changes import Seen
from grader.diagnosis.backward.formulas import DZ, NO_DZ, OWN_DZ, RIGHT_DZ, Formula, clipped_dz
from grader.diagnosis.backward.limits import COMMON_BOUNDS
from grader.diagnosis.backward.observed import Match, Observed, OwnDz, is_same
from grader.diagnosis.backward.parameters import BIASES_STEP, WEIGHTS_STEP
from grader.diagnosis.backward.scales import CONSTANT, Rule, mistakes_of_returned

__all__ = ["Explanation", "best_explanations", "explanation_by_own_dz"]

Floats = NDArray[np.float64]

_MOST = 3
"""How many mistakes one result may have, besides those of ``dz``."""
_WRONG_COLUMNS = tuple(
    formula for formula in DZ[1:] if not {"dz-not-elementwise", "gradient-accumulated"} & {*formula.mistakes}
)
"""The wrong formulas for dz that are elementwise, by this call's da alone."""
_FROM_DA = {"weights-gradient-from-da", "biases-gradient-from-da", "da_prev-from-da"}
_WITHOUT_SLOPE = tuple(formula for formula in DZ if formula.mistakes == ("derivative-missing",))
_SIMPLE = (0, 3)
"""An explanation that costs more may have a simpler one, with another dz that all results hide."""
_MOST_BOUNDS = 4
"""So many bounds that the results show, those of the fewest digits, are tried with a wrong dz."""
_LEAST_SQUARE = 1e-24
"""Inputs whose square is smaller are zeros."""
RESULTS = ("weights", "biases", "da_prev")


@dataclass(frozen=True, eq=False)
class Explanation:
    """A ``dz``, and what explains each result with it; ``None`` if nothing does."""

    dz: OwnDz
    weights: Match | None
    biases: Match | None
    da_prev: Match | None
    unexplained_exceptions: int

    @property
    def matches(self) -> dict[str, Match]:
        """The results that are explained, by their names."""
        named = zip(RESULTS, (self.weights, self.biases, self.da_prev), strict=True)
        return {name: match for name, match in named if match is not None}

    @property
    def mistakes(self) -> frozenset[str]:
        """The names of all mistakes, with two that are known as one joined."""
        names = {name for match in self.matches.values() for name in match.mistakes} | set(
            self.dz.formula.mistakes
        )
        if {"weights-not-updated", "biases-not-updated"} <= names:
            names = names - {"weights-not-updated", "biases-not-updated"} | {"parameters-not-updated"}
        return frozenset(names)

    def is_longer(self, other: Explanation) -> bool:
        """Tell whether ``other`` needs fewer changes to the code, with a multiple of this ``dz``."""
        own, others = self.dz.formula, other.dz.formula
        is_multiple = own.unscaled == others.unscaled and own.factor != others.factor
        return is_multiple and other._changes < self._changes

    @property
    def _changes(self) -> int:
        """How many mistakes there are, each in each place where it is."""
        return sum(len(match.mistakes) for match in self.matches.values()) + len(self.dz.formula.mistakes)

    @property
    def cost(self) -> tuple[int, int]:
        """How much is not explained, and by how many mistakes the rest is."""
        left = len(RESULTS) - len(self.matches) + (self.unexplained_exceptions > 0)
        return left, len(self.mistakes)


def best_explanations(observed: Observed) -> list[Explanation]:
    """Return the explanations with the fewest mistakes of those that explain the most; at least one result each."""
    found: list[Explanation] = []
    for formula, is_sign_enough in _dz_formulas(observed, found):
        left, mistakes = min((each.cost for each in found), default=(1, 0))
        most = _MOST if left else min(_MOST, mistakes - len(formula.mistakes))
        if most >= 0:
            found += _explanations(observed, formula, most, is_sign_enough=is_sign_enough)
    if not any(each.cost[0] == 0 for each in found):
        for formula in _clipped_like_own_dz(observed):
            found += _explanations(observed, formula, _MOST, is_sign_enough=False)
    for formula in _equivalent_dz(_best(found)):
        left, mistakes = min(each.cost for each in found)
        most = _MOST if left else min(_MOST, mistakes - len(formula.mistakes))
        found += _explanations(observed, formula, most, is_sign_enough=None)
    best = _best(found)
    return [each for each in best if not any(each.is_longer(other) for other in best)]


def _best(found: Sequence[Explanation]) -> list[Explanation]:
    """Return the explanations with the fewest mistakes of those that explain the most."""
    best = min((each.cost for each in found), default=None)
    return [each for each in found if each.cost == best]


def _equivalent_dz(found: Sequence[Explanation]) -> list[Formula]:
    """Return other formulas for ``dz`` that may give the same results.

    They are each ``dz`` times what a result is multiplied by, and ``da`` if a result has that in place of ``dz``.
    """
    scaled = {
        (each.dz.formula.text, rule): _times(rule, each.dz.formula)
        for each in found
        for match in each.matches.values()
        if (rule := match.of_dz) is not None and (rule.power, rule.is_plain) != (0.0, True)
    }
    is_with_da = any(_FROM_DA & each.mistakes and each.dz.formula is RIGHT_DZ for each in found)
    return [*scaled.values(), *(_WITHOUT_SLOPE if is_with_da else ())]


def _times(rule: Rule, formula: Formula) -> Formula:
    mistakes = (*formula.mistakes, *mistakes_of_returned(rule))
    text = f"{rule.text}{formula.text}"

    def compute(call: Call, dz: Floats) -> Floats:
        return rule.of(call) * formula.compute(call, dz)

    return Formula(text, compute, mistakes, factor=rule.text)


def explanation_by_own_dz(calls: Sequence[Call], tolerance: float) -> tuple[Observed, Explanation] | None:
    """Return what explains the results with the ``dz`` that the biases moved along, and the calls that tell it.

    Two of the three results must agree on this ``dz``, and the third may have one mistake.
    """
    observed = Observed([call for call in calls if call.rate > 0], tolerance)
    dz = OwnDz(observed, OWN_DZ)
    if not observed.returned or not dz.is_possible or BIASES_STEP.is_unchanged(observed):
        return None
    biases = [match for match in BIASES_STEP.explain(observed, dz, 0) if not match.mistakes]
    weights = WEIGHTS_STEP.explain(observed, dz, 1)
    da_prev = returned.explain_returned(observed, dz, 1)
    if not biases or not any(match.is_gradient and not match.mistakes for match in (*weights, *da_prev)):
        return None
    chosen = [_only(matches) for matches in (weights, da_prev)]
    return observed, Explanation(dz, chosen[0], biases[0], chosen[1], len(observed.raised))


def _only(matches: Sequence[Match]) -> Match | None:
    """Return the match that is right, or the only one."""
    return next((m for m in matches if not m.mistakes), matches[0] if len(matches) == 1 else None)


def _dz_formulas(observed: Observed, found: Sequence[Explanation]) -> Iterator[tuple[Formula, bool]]:
    """Yield formulas for dz, and whether steps that have its signs alone are explained with it, too."""
    yield from ((formula, False) for formula in DZ)
    if not any(each.cost[0] == 0 for each in found):
        yield from ((formula, False) for formula in _clipped_dz(observed))
    if not any(each.cost <= _SIMPLE for each in found):
        yield from ((formula, True) for formula in _WRONG_COLUMNS)


def _clipped_dz(observed: Observed) -> Iterator[Formula]:
    """Yield dz clipped to the bounds that the results show; the right one to common bounds, too."""
    bounds = (bound for seen in _own_dz(observed) for bound in seen.bounds)
    shown = sorted({bound.size for bound in bounds if (bound.rule.power, bound.rule.size) == (1.0, CONSTANT)})
    for bound in dict.fromkeys((*shown, *COMMON_BOUNDS)):
        yield from clipped_dz(bound)
    likely = sorted(shown, key=lambda bound: len(f"{bound:.6g}"))[:_MOST_BOUNDS]
    for bound, formula in product(likely, _WRONG_COLUMNS):
        yield from clipped_dz(bound, formula)


def _clipped_like_own_dz(observed: Observed) -> Iterator[Formula]:
    """Yield each wrong dz, clipped to a common bound, that is the dz along which the biases moved."""
    calls = [call for call in observed.returned if call.rate > 0 and _has_shape_of_da(call.new_biases, call)]
    if not calls:
        return
    own = [OWN_DZ.compute(call, NO_DZ) for call in calls]
    trials = sorted(range(len(calls)), key=lambda i: -float(np.abs(own[i]).max()))
    for bound, wrong in product(COMMON_BOUNDS, _WRONG_COLUMNS):
        for formula in clipped_dz(bound, wrong):
            with suppress(ValueError):
                if all(
                    is_same(own[i], formula.compute(calls[i], NO_DZ), observed.tolerance / calls[i].rate)
                    for i in trials
                ):
                    yield formula


def _has_shape_of_da(array: Floats | None, call: Call) -> bool:
    return array is not None and array.shape == call.da.shape


def _own_dz(observed: Observed) -> Iterator[Seen]:
    """Yield learning_rate · dz as the biases show it, and as the weights do."""
    for step in (BIASES_STEP, WEIGHTS_STEP):
        calls, values = [], []
        for call in observed.returned:
            before, after = step.before(call), step.after(call)
            if after is not None and after.shape == before.shape:
                calls.append(call)
                moved = before - after
                square = float(np.vdot(call.a_prev, call.a_prev))
                values.append(
                    moved if step is BIASES_STEP else moved @ call.a_prev / max(square, _LEAST_SQUARE)
                )
        if calls:
            yield Seen(calls, values, [1.0] * len(calls), range(len(calls)), observed.tolerance)


def _explanations(
    observed: Observed, formula: Formula, most: int, *, is_sign_enough: bool | None
) -> Iterator[Explanation]:
    """Yield the explanations with a ``dz`` that shows in a result, or by its sign; ``None`` if anything will do."""
    dz = OwnDz(observed, formula)
    if formula is not RIGHT_DZ and is_sign_enough is not None and _is_telling(observed, dz) == is_sign_enough:
        return
    if is_sign_enough and not (
        BIASES_STEP.is_alike(observed, dz)
        and WEIGHTS_STEP.is_alike(observed, dz)
        and any("formula" not in match.mistakes.values() for match in BIASES_STEP.explain(observed, dz, 1))
    ):
        return
    if not dz.is_possible or (formula is not RIGHT_DZ and not dz.tells and not observed.raised):
        return
    choices = (
        WEIGHTS_STEP.explain(observed, dz, most),
        BIASES_STEP.explain(observed, dz, most),
        returned.explain_returned(observed, dz, most),
    )
    if not any(match.is_gradient for matches in choices for match in matches):
        return
    for weights, biases, da_prev in product(*((*_unlike(matches),) or (None,) for matches in choices)):
        if da_prev is not None and not da_prev.stands_with(weights):
            continue
        yield Explanation(
            dz, weights, biases, da_prev, _unexplained(observed, dz, (weights, biases, da_prev))
        )


def _unlike(matches: Iterable[Match]) -> list[Match]:
    """Return the matches, one of those that stand for the same mistakes."""
    kinds: dict[Hashable, Match] = {}
    for match in matches:
        kind = (
            frozenset(match.mistakes.items()),
            match.raises,
            match.is_gradient,
            match.of_dz,
            match.needs,
            match.needs_wrong_weights,
        )
        kinds.setdefault(kind, match)
    return [*kinds.values()]


def _is_telling(observed: Observed, dz: OwnDz) -> bool:
    """Tell whether a result is along a right formula with ``dz`` in the first calls on their layers."""
    return BIASES_STEP.fits(observed, dz) or WEIGHTS_STEP.fits(observed, dz) or returned.fits(observed, dz)


def _unexplained(observed: Observed, dz: OwnDz, matches: Iterable[Match | None]) -> int:
    """Return how many of the exceptions nothing in an explanation would have raised."""
    explained = dz.raises.union(*(match.raises for match in matches if match is not None))
    return len(observed.raised) - len(explained)
