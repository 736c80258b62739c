"""Tell what goes forward: rows of the training data, changed rows, or many rows at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import product
from operator import mul

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from grader.candidate.replies import Call
from grader.diagnosis.fit.blocks import Reading
from grader.diagnosis.fit.mistake import BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT, Mistake
from grader.exam.laws.fit_log import Training

__all__ = ["changed_data", "rows_in"]

Floats = NDArray[np.float64]

_LARGEST = 1e9
_LEAVE = 1e-5
"""How far a number may be off what a change makes of it, which float32 needs."""


def _standardised(data: Floats) -> Floats:
    scaled: Floats = (data - data.mean(axis=0)) / data.std(axis=0)
    return scaled


def _scaled_to_unit(data: Floats) -> Floats:
    low, high = data.min(axis=0), data.max(axis=0)
    scaled: Floats = (data - low) / (high - low)
    return scaled


_CHANGES: tuple[tuple[str, Callable[[Floats], Floats]], ...] = (
    ("(x − mean) / standard deviation", _standardised),
    (
        "(x − mean) / standard deviation",
        lambda data: (data - data.mean(axis=0)) / data.std(axis=0, ddof=1),
    ),
    ("(x − mean) / standard deviation", lambda data: (data - data.mean()) / data.std()),
    ("x − mean", lambda data: data - data.mean(axis=0)),
    ("x − mean", lambda data: data - data.mean()),
    ("(x − min) / (max − min)", _scaled_to_unit),
    ("(x − min) / (max − min)", lambda data: (data - data.min()) / (data.max() - data.min())),
    ("2·(x − min) / (max − min) − 1", lambda data: 2.0 * _scaled_to_unit(data) - 1.0),
    ("x / max", lambda data: data / data.max()),
    ("x / max", lambda data: data / data.max(axis=0)),
    ("x / max |x|", lambda data: data / np.abs(data).max()),
    ("x / max |x|", lambda data: data / np.abs(data).max(axis=0)),
    ("x / ‖x‖", lambda data: data / np.linalg.norm(data, axis=1, keepdims=True)),
    ("x / ‖X‖", lambda data: data / np.linalg.norm(data)),
    ("x rounded", np.round),
    ("x rounded to one decimal", lambda data: np.round(data, 1)),
    ("x without its decimals", np.trunc),
    ("x clipped to [−1, 1]", lambda data: np.clip(data, -1.0, 1.0)),
    ("x clipped to [0, 1]", lambda data: np.clip(data, 0.0, 1.0)),
    ("|x|", np.abs),
)
"""What is known to be done to the data, and the right form's notation for a row: ``x``."""


def changed_data(readings: Sequence[Reading]) -> tuple[list[Reading], Mistake | None]:
    """Return the readings with the rows that did go forward, and the mistake if they are not those of the data.

    Readings in which two rows became one are left out.
    """
    if all(reading.training.row_of(call) is not None for reading in readings for call in _entered(reading)):
        return list(readings), None
    if all(_are_rows(reading) for reading in readings):
        return list(readings), None
    changes = (*_CHANGES, *_multiples(readings), ("s·x + t, column by column", None))
    for (text, change), by_column in product(changes, (False, True)):
        found = _with_rows(readings, change, by_column=by_column)
        if found is None:
            continue
        cases = sum(
            new.training.case.rows != old.training.case.rows for old, new in zip(readings, found, strict=True)
        )
        if cases >= ENOUGH:
            costs = (BACKPROPAGATION, LOSS, OUTPUT_GRADIENT)
            mistake = Mistake(
                "data-changed", costs, cases, f"forward({text})", "forward(x), x a row of the data"
            )
            distinct = [each for each in found if len({*each.training.case.rows}) == each.examples]
            return distinct, mistake
    return list(readings), None


def _are_rows(reading: Reading) -> bool:
    """Tell whether rows of the data went forward as they are, perhaps several at once."""
    rows = {*reading.training.case.rows}
    return any({*_split(reading, by_column=by_column)} <= rows for by_column in (False, True))


def _entered(reading: Reading) -> Iterable[Call]:
    return (call for call in reading.training.reply.calls if call.layer == 0 and not call.is_backward)


def _multiples(readings: Sequence[Reading]) -> list[tuple[str, Callable[[Floats], Floats]]]:
    """Return the changes by one factor that some row may have gone through."""
    for reading in readings:
        call = next(iter(_entered(reading)), None)
        rows = np.array(reading.training.case.rows)
        if call is None or len(call.argument) != rows.shape[1]:
            continue
        factors = rows @ call.argument / (rows * rows).sum(axis=1)
        near = (
            np.abs(factors[:, None] * rows - call.argument).max(axis=1)
            <= _LEAVE * np.abs(call.argument).max()
        )
        return [(f"{factor:.6g}·x", partial(mul, factor)) for factor in factors[near].tolist()]
    return []


def _split(reading: Reading, *, by_column: bool) -> Iterable[tuple[float, ...]]:
    """Yield the rows that went forward; a matrix row by row, or column by column."""
    width = len(reading.training.case.rows[0])
    for call in _entered(reading):
        count, rest = divmod(len(call.argument), width)
        if rest or count < 2:  # noqa: PLR2004 - not a matrix of several rows
            yield call.argument
        elif by_column:
            yield from map(tuple, np.array(call.argument).reshape(width, count).T.tolist())
        else:
            yield from map(tuple, np.array(call.argument).reshape(count, width).tolist())


def _with_rows(
    readings: Sequence[Reading], change: Callable[[Floats], Floats] | None, *, by_column: bool
) -> list[Reading] | None:
    """Return the readings with the rows that ``change`` makes, or ``None`` if others went forward too."""
    found = []
    for reading in readings:
        rows = np.array(reading.training.case.rows)
        arguments = list(dict.fromkeys(_split(reading, by_column=by_column)))
        if any(len(argument) != rows.shape[1] for argument in arguments):
            return None
        with np.errstate(all="ignore"):
            changed = _fitted(rows, arguments) if change is None else change(rows)
        if changed is None or not np.isfinite(changed).all():
            if change is None:
                return None
            continue
        seen = _matched(changed, arguments)
        if seen is None:
            return None
        case = structs.replace(reading.training.case, rows=tuple(seen))
        found.append(Reading(Training(case, reading.training.reply)))
    return found if len(found) == len(readings) else None


def _matched(changed: Floats, arguments: Sequence[tuple[float, ...]]) -> list[tuple[float, ...]] | None:
    """Return the changed rows with the very numbers of the log; ``None`` if an argument is none of them."""
    seen = [tuple(row) for row in changed.tolist()]
    for argument in arguments:
        leave = _LEAVE * max(1.0, float(np.abs(argument).max(initial=0.0)))
        places = np.flatnonzero((np.abs(changed - np.array(argument)) <= leave).all(axis=1)).tolist()
        if not places:
            return None
        for place in places:
            seen[place] = argument
    return seen


def _fitted(rows: Floats, arguments: Sequence[tuple[float, ...]]) -> Floats | None:
    """Return each column scaled by a positive number and shifted so that the rows give the arguments, in any order."""
    if len(arguments) != len(rows):
        return None
    given = np.sort(np.array(arguments), axis=0)
    if np.abs(given).max() > _LARGEST:
        return None
    changed = np.empty_like(rows)
    for j in range(rows.shape[1]):
        basis = np.column_stack((np.sort(rows[:, j]), np.ones(len(rows))))
        scale, shift = np.linalg.lstsq(basis, given[:, j], rcond=None)[0]
        changed[:, j] = scale * rows[:, j] + shift
    return changed


def rows_in(reading: Reading, call: Call) -> tuple[int, ...] | None:
    """Return which rows of the data a call was given at once, two or more, as a matrix or its transpose."""
    rows = np.array(reading.training.case.rows)
    width = rows.shape[1]
    count, rest = divmod(call.size, width)
    if rest or not 1 < count <= len(rows) or len(call.argument) != call.size:
        return None
    given = np.array(call.argument)
    for matrix in (given.reshape(count, width), given.reshape(width, count).T):
        places = [reading.training.row_of(_given(call, row)) for row in matrix]
        if None not in places and len({*places}) == count:
            return tuple(place for place in places if place is not None)
    return None


def _given(call: Call, row: Floats) -> Call:
    """Return the call as if it had been given ``row`` alone."""
    return call._replace(size=row.size, argument=tuple(row.tolist()))
