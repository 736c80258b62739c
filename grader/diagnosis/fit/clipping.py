"""Tell whether the first ``da`` is right but for a ŷ that is kept away from 0 and 1, or is clipped itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.formulas import TOLERANCES, Sample
from grader.diagnosis.fit.mistake import ENOUGH

__all__ = ["Clipped", "clipped"]

Floats = NDArray[np.float64]
Cases = NDArray[np.int64]

_ALLOWED = 2e-7
"""A clip or an added constant of this size is allowed, rounding included."""


class Clipped(NamedTuple):
    """What keeps ŷ or ``da`` within bounds."""

    ids: tuple[str, ...]
    text: str
    cases: int
    bounds: tuple[float, float] | None = None
    """The least and the largest ŷ, if there are bounds."""


def clipped(samples: Sequence[Sample]) -> Clipped | None:
    """Return what is clipped if that explains every ``da``, with the labels that the examples have."""
    y_hat, y, da = (np.concatenate([getattr(s, name) for s in samples]) for name in ("y_hat", "y", "da"))
    case = np.repeat(np.arange(len(samples)), [len(sample.da) for sample in samples])
    right = (y_hat - y) / (y_hat * (1.0 - y_hat))
    for sign, ids in ((1.0, ()), (-1.0, ("output-gradient-sign",))):
        if (np.sign(da) != sign * np.sign(right)).any():
            continue
        size = np.abs(da)
        own = np.where(y == 1.0, y_hat, 1.0 - y_hat)
        denominator = np.abs(y_hat - y) / size
        for tolerance in TOLERANCES:
            found = (
                _bounded_prediction(y_hat, np.where(y == 1.0, 1.0 / size, 1.0 - 1.0 / size), case, tolerance)
                or _changed_number("ŷ·(1 − ŷ)", y_hat * (1.0 - y_hat), denominator, case, tolerance)
                or _changed_number("ŷ or 1 − ŷ", own, 1.0 / size, case, tolerance)
                or _bounded_da(np.abs(right), size, case, tolerance)
            )
            if found is not None:
                return found._replace(ids=(*found.ids, *ids))
    return None


def _bounded_prediction(y_hat: Floats, implied: Floats, case: Cases, tolerance: float) -> Clipped | None:
    """Find ŷ between two bounds in the ``implied`` predictions."""
    low, high = float(implied.min()), float(implied.max())
    kept = np.clip(y_hat, low, high)
    near = np.abs(implied - kept) <= tolerance * np.minimum(kept, 1.0 - kept)
    cases = len({*case[np.abs(kept - y_hat) > _ALLOWED].tolist()})
    if not near.all() or cases < ENOUGH or not 0.0 < low < high < 1.0:
        return None
    return Clipped(("prediction-clipped",), f"ŷ between {low:.6g} and {high:.6g}", cases, (low, high))


def _changed_number(name: str, right: Floats, seen: Floats, case: Cases, tolerance: float) -> Clipped | None:
    """Find a positive number that is added to the ``right`` denominator, or below which it does not fall."""
    ids = ("prediction-clipped",)
    added = float(np.median(seen - right))
    if added > _ALLOWED and _are_near(seen, right + added, tolerance) and len({*case.tolist()}) >= ENOUGH:
        return Clipped(ids, f"{name} + {added:.6g} as the denominator", len({*case.tolist()}))
    least = float(seen.min())
    cases = len({*case[least - right > _ALLOWED].tolist()})
    if cases >= ENOUGH and _are_near(seen, np.maximum(right, least), tolerance):
        return Clipped(ids, f"max({name}, {least:.6g}) as the denominator", cases)
    return None


def _are_near(seen: Floats, due: Floats, tolerance: float) -> bool:
    return bool((np.abs(seen - due) <= tolerance * due).all())


def _bounded_da(right: Floats, size: Floats, case: Cases, tolerance: float) -> Clipped | None:
    """Find a bound of the size of ``da``."""
    bound = float(size.max())
    kept = np.minimum(right, bound)
    cases = len({*case[right > bound * 1.001].tolist()})
    if cases < ENOUGH or not (np.abs(size - kept) <= tolerance * kept).all():
        return None
    return Clipped(("gradient-clipped",), f"da clipped to [−{bound:.6g}, {bound:.6g}]", cases)
