"""Tell whether the first ``da`` is right but for a ŷ that is kept away from 0 and 1."""

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
    """What keeps ŷ away from 0 and 1."""

    ids: tuple[str, ...]
    text: str
    cases: int
    bounds: tuple[float, float] | None = None
    """The least and the largest ŷ, if there are bounds."""


def clipped(samples: Sequence[Sample]) -> Clipped | None:
    """Return what keeps ŷ away from 0 and 1 if that explains every ``da``, with the labels that the examples have."""
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
            # A bound of ŷ or 1 − ŷ in the denominator cannot be told from a bound of da.
            found = (
                _bounded_prediction(y_hat, np.where(y == 1.0, 1.0 / size, 1.0 - 1.0 / size), case, tolerance)
                or _added("ŷ·(1 − ŷ)", y_hat * (1.0 - y_hat), denominator, case, tolerance)
                or _added("ŷ or 1 − ŷ", own, 1.0 / size, case, tolerance)
                or _bounded("ŷ·(1 − ŷ)", y_hat * (1.0 - y_hat), denominator, case, tolerance)
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
    if not near.all() or cases < ENOUGH or not 0.0 < low < 0.5 < high < 1.0:  # noqa: PLR2004 - the middle
        return None
    return Clipped(("prediction-clipped",), f"ŷ between {low:.6g} and {high:.6g}", cases, (low, high))


def _added(name: str, right: Floats, seen: Floats, case: Cases, tolerance: float) -> Clipped | None:
    """Find one positive number that is added to the ``right`` denominator in all steps."""
    added = float(np.median(seen - right))
    cases = len({*case.tolist()})
    if added <= _ALLOWED or cases < ENOUGH or not _are_near(seen, right + added, tolerance):
        return None
    return Clipped(("prediction-clipped",), f"{name} + {added:.6g} as the denominator", cases)


def _bounded(name: str, right: Floats, seen: Floats, case: Cases, tolerance: float) -> Clipped | None:
    """Find a number below which the denominator does not fall."""
    least = float(seen.min())
    below, above = (len({*case[part].tolist()}) for part in (least - right > _ALLOWED, right > least))
    if min(below, above) < ENOUGH or not _are_near(seen, np.maximum(right, least), tolerance):
        return None
    return Clipped(("prediction-clipped",), f"max({name}, {least:.6g}) as the denominator", below)


def _are_near(seen: Floats, due: Floats, tolerance: float) -> bool:
    return bool((np.abs(seen - due) <= tolerance * due).all())
