"""Explain what ``backward`` returned, by the formulas for ``da_prev``, with a given ``dz``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.changes import Seen
from grader.diagnosis.backward.formulas import DA_PREV, OTHERS, UNNAMED, Formula
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
from grader.diagnosis.backward.scales import Fit, Scale, fitted, mistakes_of_returned, of_returned
from grader.diagnosis.backward.transforms import alike, transformed_result

__all__ = ["explain_returned", "fits"]

Floats = NDArray[np.float64]

_COLLECTIONS = {"tuple", "list", "dict"}
_ENOUGH = 3
_CHANGES = {"gradient-clipped", "gradient-accumulated"}
"""What students do to the gradient that they return."""
_MATRIX = 2
_FLAT, _FEWER = ", in shape (n_inputs,)", ", in shape (n_inputs · n_neurons,)"
_UPDATED = "updated-before-da_prev"
_OF_OBJECTS = " of object"
_STACKED = 3
"""The dimensions of an array that NumPy makes of several matrices of one shape."""


def explain_returned(observed: Observed, dz: OwnDz, most: int) -> list[Match]:
    """Return what explains the returned gradient in all calls, by at most ``most`` mistakes."""
    replies = [call.returned for call in observed.returned if call.returned is not None]
    if not replies:
        return []
    every = frozenset(range(len(replies)))
    if all(reply.type == "NoneType" for reply in replies):
        mistakes = {"da_prev-not-returned": "formula"}
        nothing = Match(mistakes, "return None", tells=every, is_gradient=False)
        return [nothing, *_with_unused(observed, dz, nothing, most)]
    if sum(reply.type in _COLLECTIONS for reply in replies) >= _ENOUGH and all(map(_may_be_several, replies)):
        several = Match({"wrong-gradient-returned": "formula"}, "return (…, …)", tells=every)
        return [several, *_with_unused(observed, dz, several, most)]
    kinds = {reply.type for reply in replies}
    if len(kinds) == 1 and (kind := next(iter(kinds)).removesuffix(_OF_OBJECTS)).isidentifier():
        other = Match(
            {"wrong-gradient-returned": "formula"}, f"return {kind}", tells=every, is_gradient=False
        )
        return [other, *_with_unused(observed, dz, other, most)]
    if any(reply.array is None for reply in replies):
        return []
    found = list(_matches(observed, dz, most))
    if not found and most > 0:
        found = list(_transformed(observed, dz, most))
    others = [match for match in found if "wrong-gradient-returned" in match.mistakes]
    return [*found, *(more for match in others for more in _with_unused(observed, dz, match, most))]


def _with_unused(observed: Observed, dz: OwnDz, match: Match, most: int) -> Iterator[Match]:
    """Yield the match with a ``da_prev`` that is not returned, if its computation raises as was seen."""
    if not observed.raised or len(match.mistakes) >= most:
        return
    known: list[Match] = []
    for formula in DA_PREV:
        if UNNAMED not in formula.mistakes:
            raises = match.raises | _raises(observed, dz, formula, is_used=False)
            mistakes = {**match.mistakes, **dict.fromkeys(formula.mistakes, "formula")}
            if raises > match.raises and len(mistakes) <= most and not is_dominated(mistakes, raises, known):
                known.append(replace(match, mistakes=mistakes, raises=raises))
                seen = f"da_prev = {formula.text}; {match.seen}" if formula.mistakes else match.seen
                yield replace(known[-1], seen=seen)


def fits(observed: Observed, dz: OwnDz) -> bool:
    """Tell whether what the first calls on their layers return is along a right formula, with the old or new W."""
    right = distinct((formula for formula in DA_PREV if {*formula.mistakes} <= {_UPDATED}), observed, dz)
    return any(_measured(observed, dz, formula, observed.first_calls) is not None for formula in right)


def _may_be_several(reply: Returned) -> bool:
    return reply.type in _COLLECTIONS or (reply.shape is not None and len(reply.shape) >= _STACKED)


def _matches(observed: Observed, dz: OwnDz, most: int) -> Iterator[Match]:
    known: list[Match] = []
    for formula in distinct((*DA_PREV, *OTHERS), observed, dz):
        if len(formula.mistakes) > most or not _measured(observed, dz, formula, observed.trials):
            continue
        raises = _raises(observed, dz, formula)
        if is_dominated(formula.mistakes, raises, known):
            continue
        match = _match(observed, dz, formula, raises)
        if match is not None and len(match.mistakes) <= most:
            known.append(match)
            yield match
            more = (
                _raises(observed, dz, formula, has_misshapen=True) if _UPDATED in formula.mistakes else raises
            )
            if more > raises:
                yield replace(match, raises=more, needs_wrong_weights=True)


def _measured(
    observed: Observed, dz: OwnDz, formula: Formula, which: Iterable[int]
) -> tuple[Scale, set[str]] | None:
    """Return the rule for the factor in these calls, and the wrong shapes of what was returned."""
    calls: list[Call] = []
    fits: list[Fit] = []
    shapes: set[str] = set()
    for i in which:
        pair = _fit(observed, dz, i, formula)
        if pair is None:
            return None
        calls.append(observed.returned[i])
        fits.append(pair[0])
        shapes.add(pair[1])
    scale = of_returned(calls, fits)
    return None if scale is None else (scale, shapes - {""})


def _fit(observed: Observed, dz: OwnDz, i: int, formula: Formula) -> tuple[Fit, str] | None:
    """Return the factor in one call, and the wrong shape that the gradient was returned in, if any."""
    call, own = observed.returned[i], dz.value(i)
    seen = _array(call)
    if own is None or seen is None:
        return None
    due = _computed(formula, call, own)
    if due is not None and "da_prev-elementwise" in formula.mistakes and seen.shape == (due.size, 1):
        due = due.reshape(-1, 1)
    if due is not None and "da_prev-elementwise" in formula.mistakes and seen.ndim < due.ndim == _MATRIX:
        return _fit_flat(seen, due, call, observed.tolerance)
    if due is not None and due.size > call.n_inputs and seen.shape == (due.size, 1):
        due = due.reshape(-1, 1)
    shape = None if due is None else _shape_of(seen, due, call)
    if due is None or shape is None:
        return None
    found = fitted(seen.reshape(due.shape), due, float(np.vdot(due, due)) ** 0.5, observed.tolerance)
    return None if found is None else (found, shape)


def _fit_flat(seen: Floats, due: Floats, call: Call, tolerance: float) -> tuple[Fit, str] | None:
    """Return the factor, and the shape, if all numbers of a matrix were returned, or its first column."""
    for part in (due[:, 0], due.ravel()):
        if part.size == seen.size:
            found = fitted(seen.ravel(), part, float(np.vdot(part, part)) ** 0.5, tolerance)
            if found is not None:
                return found, _FLAT if seen.size == call.n_inputs else _FEWER
    return None


def _match(observed: Observed, dz: OwnDz, formula: Formula, raises: frozenset[int]) -> Match | None:
    measured = _measured(observed, dz, formula, range(len(observed.returned)))
    if measured is None:
        return None
    scale, lost = measured
    lost = {_FEWER} if lost == {_FLAT, _FEWER} else lost
    is_other = _is_other(formula)
    if len(lost) > 1 or (is_other and (scale.mistakes or lost)):
        return None
    mistakes = dict.fromkeys((*formula.mistakes, *scale.mistakes), "formula")
    mistakes |= dict.fromkeys(("gradient-shape-lost",) if lost else (), "shape")
    seen = f"{'return ' if is_other else 'da_prev = '}{scale.text}{formula.text}{''.join(lost)}"
    tells = _tells(observed, dz) if mistakes else frozenset[int]()
    is_gradient = not is_other or formula.is_gradient
    return Match(mistakes, seen, "", scale.text, raises, tells, is_gradient, scale.rule, formula.needs)


def _is_other(formula: Formula) -> bool:
    return "wrong-gradient-returned" in formula.mistakes


def _array(call: Call) -> Floats | None:
    return None if call.returned is None else call.returned.array


def _computed(formula: Formula, call: Call, dz: Floats) -> Floats | None:
    """Return what ``formula`` gives, as a column if it is ``da_prev`` by another way; ``None`` if it raises."""
    try:
        due = formula.compute(call, dz)
    except ValueError:
        return None
    is_product = not _is_other(formula) and not {"da_prev-elementwise", UNNAMED} & {*formula.mistakes}
    return due.reshape(-1, 1) if is_product and due.size == call.n_inputs else due


def _shape_of(seen: Floats, due: Floats, call: Call) -> str | None:
    """Return in which wrong shape ``due`` was returned; empty if in its own, ``None`` if it is not ``due``."""
    if seen.shape == due.shape:
        return ""
    if due.shape != (call.n_inputs, 1) or seen.size != due.size:
        return None
    row = ", in shape (1, n_inputs)"
    return {(call.n_inputs,): _FLAT, (): _FLAT, (1, call.n_inputs): row}.get(seen.shape)


def _raises(
    observed: Observed, dz: OwnDz, formula: Formula, *, has_misshapen: bool = False, is_used: bool = True
) -> frozenset[int]:
    """Return the calls that raised in which the formula raises just so, or a loop over all numbers of ``dz`` does.

    With ``has_misshapen``, new weights may have another shape than W. If the result is used, and shows that the formula
    is wrong, these may be calls that the submission refuses.
    """
    or_refused = (
        is_used and observed.refuses and shows(observed, dz, formula, lambda call, own: call.W.T @ own)
    )

    def attempts(call: Call) -> Iterator[Callable[[], object]]:
        own = dz.in_call(call)
        if own is not None:
            # Nobody has seen the new weights of a call that raised, but only their shape matters.
            yield partial(formula.compute, call.with_new_weights(np.zeros(call.W.shape)), own)
            if not formula.mistakes:
                yield lambda: [call.W[i, 0] * own.flat[i] for i in range(own.size)]
            for new in _misshapen_weights(call) if has_misshapen else ():
                yield partial(formula.compute, call.with_new_weights(new), own)

    what = ("da_prev", formula, dz.raised_shapes, has_misshapen, or_refused)
    return observed.once(what, lambda: observed.raising(attempts, or_refused=or_refused))


def _misshapen_weights(call: Call) -> Iterator[Floats]:
    """Yield what the weights may be after an update along a gradient of another shape, of which only that matters."""
    rows, columns = call.W.shape
    for shape in ((columns, rows), (columns, 1), (rows, rows), (rows, 1)):
        if shape != call.W.shape:
            yield np.zeros(shape)
            with suppress(ValueError):
                yield np.zeros(np.broadcast_shapes(call.W.shape, shape))


def _tells(observed: Observed, dz: OwnDz) -> frozenset[int]:
    return frozenset(
        i for i, call in enumerate(observed.returned) if not _is_right(call, dz.value(i), observed.tolerance)
    )


def _is_right(call: Call, dz: Floats | None, tolerance: float) -> bool:
    try:
        return dz is not None and is_same(_array(call), call.W.T @ dz, tolerance)
    except ValueError:
        return False


def _transformed(observed: Observed, dz: OwnDz, most: int) -> Iterator[Match]:
    """Yield the matches by the fewest mistakes if a gradient is clipped, or added up over the calls on a layer."""
    calls = observed.returned
    values = [array for call in calls if (array := _array(call)) is not None]
    columns = [
        value.reshape(-1, 1) if value.size == call.n_inputs else value
        for value, call in zip(values, calls, strict=True)
    ]
    lost = {
        _shape_of(value, column, call) for value, column, call in zip(values, columns, calls, strict=True)
    }
    if None not in lost and len(lost - {""}) <= 1:
        shape = "".join(each for each in lost if each)
        yield from _changed(observed, dz, DA_PREV, columns, shape, most)
    as_they_are = [formula for formula in OTHERS if formula.is_gradient]
    if lost != {""}:
        as_they_are += [formula for formula in DA_PREV if "da_prev-elementwise" in formula.mistakes]
    yield from _changed(observed, dz, as_they_are, values, "", most)


def _changed(
    observed: Observed,
    dz: OwnDz,
    formulas: Sequence[Formula],
    values: Sequence[Floats],
    shape: str,
    most: int,
) -> Iterator[Match]:
    """Yield the matches by the fewest mistakes of those by ``formulas``, with a wrong ``shape`` if there is one."""
    calls = observed.returned
    seen = Seen(calls, values, [1.0] * len(calls), observed.trials_first, observed.tolerance)
    known: list[Match] = []
    kinds = set()
    for formula in formulas:
        has_shapes = "da_prev-elementwise" in formula.mistakes
        kind = (formula.text, dz.shape_of(formula) if has_shapes else None)
        extra = 1 + bool(shape)
        raises = observed.raising_somehow(formula, formulas, partial(_raises, observed, dz))
        count = len(formula.mistakes) + extra
        if count > most or kind in kinds or is_longer(count, raises, known):
            continue
        kinds.add(kind)
        gradient = _values(observed, dz, formula, values)
        if not alike(seen, gradient, observed.trials):
            continue
        for change in transformed_result(seen, gradient):
            rule = change.rule
            if change.mistake not in _CHANGES or rule.constant < 0 or rule.power > 1:
                continue
            if _is_other(formula) and not (rule.is_plain and rule.power == 0.0):
                continue
            mistakes = dict.fromkeys(
                (*formula.mistakes, change.mistake, *mistakes_of_returned(rule)), "formula"
            )
            mistakes |= dict.fromkeys(("gradient-shape-lost",) if shape else (), "shape")
            if len(mistakes) <= most and not is_longer(len(mistakes), raises, known):
                name = "return " if _is_other(formula) else "da_prev = "
                text = f"{name}{change.text.format(name=formula.text)}{shape}"
                known.append(Match(mistakes, text, "", rule.text, raises, _tells(observed, dz), of_dz=rule))
                yield known[-1]


def _value(observed: Observed, dz: OwnDz, formula: Formula, i: int) -> Floats | None:
    """Return the formula's result in the i-th call that returned; ``None`` if it raises."""
    own = dz.value(i)
    return None if own is None else _computed(formula, observed.returned[i], own)


def _values(
    observed: Observed, dz: OwnDz, formula: Formula, seen: Sequence[Floats]
) -> Callable[[int], Floats]:
    """Return what gives the formula's result in the i-th call that returned, computed once.

    It is NaN if it cannot be computed, or has another shape than what was seen.
    """

    @cache
    def value(i: int) -> Floats:
        found = _value(observed, dz, formula, i)
        return np.full_like(seen[i], np.nan) if found is None or found.shape != seen[i].shape else found

    return value
