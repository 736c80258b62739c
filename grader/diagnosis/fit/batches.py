"""Find the formula of a first ``da`` that comes from several examples or labels at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.formulas import FORMS, SCALES, TOLERANCES, Form, Scale, ids_of, is_scale
from grader.diagnosis.fit.mistake import ENOUGH
from grader.exam.questions.cases import FitCase

__all__ = ["CLIPS", "Batch", "Joint", "joint_formula"]

Floats = NDArray[np.float64]

CLIPS = tuple((far, 1.0 - far) for far in (0.2, 0.15, 0.1, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01))
"""The bounds of ŷ that are likely and that the exam can see."""


class Batch(NamedTuple):
    """The case, the examples, predictions and labels behind one ``da``, and its numbers."""

    case: FitCase
    rows: tuple[int, ...]
    y_hat: Floats
    y: Floats
    da: Floats


class Joint(NamedTuple):
    """A formula that gives every ``da`` from several examples or labels."""

    ids: tuple[str, ...]
    text: str
    bounds: tuple[float, float] | None = None
    """The least and the largest ŷ, if it is kept away from 0 and 1."""


_JOINED: tuple[tuple[str, Callable[[Form, Batch], Floats]], ...] = (
    ("{}", lambda form, batch: form.value(batch.y_hat, batch.y)),
    ("{} / N", lambda form, batch: form.value(batch.y_hat, batch.y) / batch.y.size),
    ("mean of {}", lambda form, batch: form.value(batch.y_hat, batch.y).mean(keepdims=True)),
    ("sum of {}", lambda form, batch: form.value(batch.y_hat, batch.y).sum(keepdims=True)),
    ("sum of {} / N", lambda form, batch: _over_all(form.value(batch.y_hat, batch.y), batch)),
    (
        "{} of the means",
        lambda form, batch: form.value(batch.y_hat.mean(keepdims=True), batch.y.mean(keepdims=True)),
    ),
)


def _over_all(values: Floats, batch: Batch) -> Floats:
    """Return the sum over the number of all examples, which an epoch that leaves some out may take for its own."""
    is_most = 2 * batch.y.size > batch.case.examples
    return values.sum(keepdims=True) / batch.case.examples if is_most else np.full(1, np.nan)


def joint_formula(batches: Sequence[Batch]) -> Joint | None:
    """Return the formula with the fewest mistakes that gives every ``da``; a single number may be a mean or a sum.

    A formula with a ŷ that is kept away from 0 and 1 is tried if there is no other.
    """
    for tolerance in TOLERANCES:
        if found := list(_joint(batches, tolerance)):
            return _one_of(found)
        for low, high in CLIPS:
            bounded = [each._replace(y_hat=np.clip(each.y_hat, low, high)) for each in batches]
            changed = [
                new.case for new, old in zip(bounded, batches, strict=True) if (new.y_hat != old.y_hat).any()
            ]
            if len({*map(id, changed)}) >= ENOUGH and (found := list(_joint(bounded, tolerance))):
                best = _one_of(found)
                return best and best._replace(ids=("prediction-clipped", *best.ids), bounds=(low, high))
    return None


def _one_of(found: Sequence[Joint]) -> Joint | None:
    """Return the formula with the fewest mistakes; ``None`` if there are several with different ones."""
    least = min(len(each.ids) for each in found)
    best = [each for each in found if len(each.ids) == least]
    return best[0] if len({each.ids for each in best}) == 1 else None


def _joint(batches: Sequence[Batch], tolerance: float) -> Iterator[Joint]:
    for form, sign, (text, joined) in product(FORMS, (1.0, -1.0), _JOINED):
        values = [sign * joined(form, batch) for batch in batches]
        if any(value.size != batch.da.size for value, batch in zip(values, batches, strict=True)):
            continue
        for scale in (*SCALES, *_constant(form, values, batches)):
            if all(
                _is(scale.value(batch.case) * value, batch.da, tolerance)
                for value, batch in zip(values, batches, strict=True)
            ):
                said = text.format(f"{'−' if sign < 0 else ''}{form.text}")
                yield Joint(ids_of(form, sign, scale.text), f"{said}{scale.text}")


def _constant(form: Form, values: Sequence[Floats], batches: Sequence[Batch]) -> Iterator[Scale]:
    """Yield the factor between the first ``da`` and its formula, if it may be one for all."""
    if (value := values[0].flat[0]) and is_scale(form, factor := float(batches[0].da.flat[0] / value)):
        yield Scale(f"·{factor:.6g}", lambda _case: factor)


def _is(due: Floats, seen: Floats, tolerance: float) -> bool:
    return bool((np.abs(due - seen) <= tolerance * np.abs(due).max()).all())
