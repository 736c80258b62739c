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

__all__ = ["CLIPS", "Batch", "Joint", "Ruled", "joint_formula", "ruled_formula"]

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


class Ruled(NamedTuple):
    """A rule for the labels, by its place, the formula with them, and the cases in which they are not their own."""

    place: int
    joint: Joint
    cases: int


_ADDED = (0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 1e-4, 1e-5, 1e-6)
"""What is likely to be added to a denominator."""


def _with_added(epsilon: float) -> Iterator[Form]:
    ids, said = ("prediction-clipped",), f"{epsilon:g}"
    yield Form(
        ids,
        f"(ŷ − y) / (ŷ·(1 − ŷ) + {said})",
        lambda y_hat, y: (y_hat - y) / (y_hat * (1.0 - y_hat) + epsilon),
    )
    yield Form(
        ids,
        f"(−y / (ŷ + {said}) + (1 − y) / (1 − ŷ + {said}))",
        lambda y_hat, y: (1.0 - y) / (1.0 - y_hat + epsilon) - y / (y_hat + epsilon),
    )


_FORMS_WITH_ADDED = tuple(form for epsilon in _ADDED for form in _with_added(epsilon))
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

    A formula with a ŷ that is kept away from 0 and 1, or with a number added to the denominator, is tried if there is
    no other.
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
        if found := list(_joint(batches, tolerance, _FORMS_WITH_ADDED)):
            return _one_of(found)
    return None


def ruled_formula(ruled: Sequence[Sequence[Batch]], own: Sequence[Batch]) -> Ruled | None:
    """Return the first rule for the labels with the simplest formula that gives every ``da``.

    ``ruled`` has the batches with their labels by each rule; in ``own`` they have those of the examples.
    """
    found: list[Ruled] = []
    for place, batches in enumerate(ruled):
        pairs = zip(batches, own, strict=True)
        cases = len({id(new.case) for new, old in pairs if not np.array_equal(new.y, old.y)})
        if cases >= ENOUGH:
            joints = (joint for tolerance in TOLERANCES for joint in _joint(batches, tolerance))
            found += [Ruled(place, joint, cases) for joint in joints]
    best = _one_of([each.joint for each in found]) if found else None
    return next((each for each in found if each.joint is best), None)


def _one_of(found: Sequence[Joint]) -> Joint | None:
    """Return the formula with the fewest mistakes; ``None`` if there are several with different ones."""
    least = min(len(each.ids) for each in found)
    best = [each for each in found if len(each.ids) == least]
    return best[0] if len({each.ids for each in best}) == 1 else None


def _joint(batches: Sequence[Batch], tolerance: float, forms: Sequence[Form] = FORMS) -> Iterator[Joint]:
    for form, sign, (text, joined) in product(forms, (1.0, -1.0), _JOINED):
        first = sign * joined(form, batches[0])
        for scale in (*SCALES, *_constant(form, first, batches[0])):
            if _is(scale.value(batches[0].case) * first, batches[0].da, tolerance) and all(
                _is(scale.value(batch.case) * sign * joined(form, batch), batch.da, tolerance)
                for batch in batches[1:]
            ):
                said = text.format(f"{'−' if sign < 0 else ''}{form.text}")
                yield Joint(ids_of(form, sign, scale.text), f"{said}{scale.text}")


def _constant(form: Form, value: Floats, batch: Batch) -> Iterator[Scale]:
    """Yield the factor between a batch's ``da`` and its formula, if it may be one for all."""
    if not 0 < value.size == batch.da.size:
        return
    if (first := value.flat[0]) and is_scale(form, factor := float(batch.da.flat[0] / first)):
        yield Scale(f"·{factor:.6g}", lambda _case: factor)


def _is(due: Floats, seen: Floats, tolerance: float) -> bool:
    return 0 < due.size == seen.size and bool((np.abs(due - seen) <= tolerance * np.abs(due).max()).all())
