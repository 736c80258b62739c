"""Find the formula of a first ``da`` that comes from several examples or labels at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.formulas import FORMS, TOLERANCES, Form

__all__ = ["Batch", "Joint", "joint_formula"]

Floats = NDArray[np.float64]


class Batch(NamedTuple):
    """The predictions and labels behind one ``da``, and its numbers."""

    y_hat: Floats
    y: Floats
    da: Floats


class Joint(NamedTuple):
    """A formula that gives every ``da`` from several examples or labels."""

    ids: tuple[str, ...]
    text: str


_JOINED: tuple[tuple[str, Callable[[Form, Batch], Floats]], ...] = (
    ("{}", lambda form, batch: form.value(batch.y_hat, batch.y)),
    ("{} / N", lambda form, batch: form.value(batch.y_hat, batch.y) / batch.y.size),
    ("mean of {}", lambda form, batch: form.value(batch.y_hat, batch.y).mean(keepdims=True)),
    ("sum of {}", lambda form, batch: form.value(batch.y_hat, batch.y).sum(keepdims=True)),
    (
        "{} of the means",
        lambda form, batch: form.value(batch.y_hat.mean(keepdims=True), batch.y.mean(keepdims=True)),
    ),
)


def joint_formula(batches: Sequence[Batch]) -> Joint | None:
    """Return the formula with the fewest mistakes that gives every ``da``; a single number may be a mean or a sum."""
    for tolerance in TOLERANCES:
        found = [
            Joint(ids, text.format(f"{'−' if sign < 0 else ''}{form.text}"))
            for form, sign, (text, joined) in product(FORMS, (1.0, -1.0), _JOINED)
            if all(_is(sign * joined(form, batch), batch.da, tolerance) for batch in batches)
            for ids in [_ids(form, sign)]
        ]
        if found:
            least = min(len(each.ids) for each in found)
            best = [each for each in found if len(each.ids) == least]
            return best[0] if len({each.ids for each in best}) == 1 else None
    return None


def _ids(form: Form, sign: float) -> tuple[str, ...]:
    return (*form.ids, "output-gradient-sign") if sign < 0 and form.is_signed else form.ids


def _is(due: Floats, seen: Floats, tolerance: float) -> bool:
    return due.size == seen.size and bool((np.abs(due - seen) <= tolerance * np.abs(due).max()).all())
