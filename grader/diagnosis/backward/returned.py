"""Explain what ``backward`` returned, by the formulas for ``da_prev``, with a given ``dz``."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.formulas import DA_PREV, OTHERS, Formula
from grader.diagnosis.backward.observed import Match, Observed, OwnDz, is_same, text_of
from grader.diagnosis.backward.scales import Fit, Measured, fitted, of_returned

__all__ = ["explain_returned"]

Floats = NDArray[np.float64]

_COLLECTIONS = {"tuple", "list", "dict"}
_ENOUGH = 3
_STACKED = 3
"""The dimensions of an array that NumPy makes of several matrices of one shape."""


def explain_returned(observed: Observed, dz: OwnDz, most: int) -> list[Match]:
    """Return what explains the returned gradient in all calls, by at most ``most`` mistakes."""
    replies = [call.returned for call in observed.returned if call.returned is not None]
    if not replies:
        return []
    nothing = tuple(frozenset[str]() for _ in observed.raised)
    every = frozenset(range(len(replies)))
    if all(reply.type == "NoneType" for reply in replies):
        mistakes = {"da_prev-not-returned": "of"}
        return [Match(mistakes, "backward returns None", "", nothing, every, is_gradient=False)]
    if sum(reply.type in _COLLECTIONS for reply in replies) >= _ENOUGH and all(map(_may_be_several, replies)):
        mistakes = {"wrong-gradient-returned": "of"}
        return [Match(mistakes, "backward returns several values", "", nothing, every)]
    if any(reply.array is None for reply in replies):
        return []
    found: list[Match] = []
    known: set[tuple[object, ...]] = set()
    for match in _matches(observed, dz, most):
        key = (frozenset(match.mistakes), match.texts)
        if key not in known:
            known.add(key)
            found.append(match)
        if not match.mistakes and not observed.raised:
            return found
    if not found and most > 0 and not observed.raised:
        found = list(_transformed(observed, dz))
    return found


def _may_be_several(reply: Returned) -> bool:
    return reply.type in _COLLECTIONS or (reply.shape is not None and len(reply.shape) >= _STACKED)


def _matches(observed: Observed, dz: OwnDz, most: int) -> Iterator[Match]:
    for formula in (*DA_PREV, *OTHERS):
        if len(formula.mistakes) <= most:
            match = _match(observed, dz, formula)
            if match is not None and len(match.mistakes) <= most:
                yield match


def _match(observed: Observed, dz: OwnDz, formula: Formula) -> Match | None:
    calls, tolerance = observed.returned, observed.tolerance

    def fit(i: int) -> tuple[Fit, str] | None:
        due = _computed(formula, calls[i], dz.values[i])
        seen = None if calls[i].returned is None else _array(calls[i])
        if due is None or seen is None:
            return None
        shape = _shape_of(seen, due, calls[i])
        if shape is None:
            return None
        found = fitted(seen.reshape(due.shape), due, float(np.abs(due).max(initial=0.0)), tolerance)
        return None if found is None else (found, shape)

    if any(fit(i) is None for i in observed.trials):
        return None
    fits: list[Fit] = []
    shapes: set[str] = set()
    for i in range(len(calls)):
        pair = fit(i)
        if pair is None:
            return None
        fits.append(pair[0])
        shapes.add(pair[1])
    lost = shapes - {""}
    scale = of_returned(Measured.of(calls, fits, tolerance))
    if scale is None or len(lost) > 1 or (formula in OTHERS and (scale.mistakes or lost)):
        return None
    mistakes = dict.fromkeys((*formula.mistakes, *scale.mistakes), "of")
    mistakes |= dict.fromkeys(("gradient-shape-lost",) if lost else (), "shape")
    name = "backward returns " if formula in OTHERS else "da_prev = "
    seen = f"{name}{scale.text}{formula.text}{''.join(lost)}"
    texts = [_texts(formula, call, own) for call, own in zip(observed.raised, dz.raised, strict=True)]
    tells = _tells(observed, dz) if mistakes else frozenset[int]()
    return Match(mistakes, seen, "", tuple(texts), tells)


def _array(call: Call) -> Floats | None:
    return None if call.returned is None else call.returned.array


def _computed(formula: Formula, call: Call, dz: Floats) -> Floats | None:
    """Return what ``formula`` gives, as a column if it is ``da_prev`` by another way; ``None`` if it raises."""
    try:
        due = formula.compute(call, dz)
    except ValueError:
        return None
    is_product = formula not in OTHERS and "da_prev-elementwise" not in formula.mistakes
    return due.reshape(-1, 1) if is_product and due.size == call.n_inputs else due


def _shape_of(seen: Floats, due: Floats, call: Call) -> str | None:
    """Return in which wrong shape ``due`` was returned; empty if in its own, ``None`` if it is not ``due``."""
    if seen.shape == due.shape:
        return ""
    if due.shape != (call.n_inputs, 1) or seen.size != due.size:
        return None
    return {(call.n_inputs,): ", in shape (n_inputs,)", (1, call.n_inputs): ", in shape (1, n_inputs)"}.get(
        seen.shape
    )


def _texts(formula: Formula, call: Call, dz: Floats | str) -> frozenset[str]:
    if isinstance(dz, str):
        return frozenset()
    try:
        formula.compute(call, dz)
    except ValueError as error:
        return frozenset({text_of(error)})
    return frozenset()


def _tells(observed: Observed, dz: OwnDz) -> frozenset[int]:
    return frozenset(
        i
        for i, (call, own) in enumerate(zip(observed.returned, dz.values, strict=True))
        if not _is_right(call, own, observed.tolerance)
    )


def _is_right(call: Call, dz: Floats, tolerance: float) -> bool:
    seen = _array(call)
    try:
        return seen is not None and is_same(seen, call.W.T @ dz, tolerance)
    except ValueError:
        return False


def _transformed(observed: Observed, dz: OwnDz) -> Iterator[Match]:
    """Yield a match if the right gradient was clipped, or added up over the calls on a layer."""
    calls, tolerance = observed.returned, observed.tolerance
    seen = [array for call in calls if (array := _array(call)) is not None]
    try:
        due = [call.W.T @ own for call, own in zip(calls, dz.values, strict=True)]
    except ValueError:
        return
    bound = round(max(float(np.abs(array).max(initial=0.0)) for array in seen), 6)
    at = {id(call): i for i, call in enumerate(calls)}
    for mistake, text, values in (
        ("gradient-clipped", f"clip(Wᵀ · dz, −{bound}, {bound})", [np.clip(each, -bound, bound) for each in due]),
        (
            "gradient-accumulated",
            "Wᵀ · dz + those of earlier calls",
            [sum((due[at[id(e)]] for e in call.earlier), own) for call, own in zip(calls, due, strict=True)],
        ),
    ):
        if all(is_same(a, b, tolerance) for a, b in zip(seen, values, strict=True)):
            yield Match({mistake: "of"}, f"da_prev = {text}", "", (), _tells(observed, dz))
            return
