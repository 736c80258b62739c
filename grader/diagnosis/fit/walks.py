"""Tell which layers each step visits, what it hands from one to the next, and at which learning rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from math import isclose, isnan

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Call
from grader.diagnosis.fit.blocks import Reading
from grader.diagnosis.fit.mistake import BACKPROPAGATION, ENOUGH, OUTPUT_GRADIENT, Mistake, unknown

__all__ = ["handed_on", "rates", "visited"]

Floats = NDArray[np.float64]
Ask = Callable[[], Sequence[Reading]]

_LEAVE, _LEAVE_FLOAT32 = 1e-9, 1e-5

_ORDERS: tuple[tuple[tuple[str, ...], str, Callable[[int], Sequence[int]]], ...] = (
    (("layers-not-reversed",), "layer 1 → layer 2 → … → layer n", range),
    (("only-last-layer",), "layer n", lambda depth: [depth - 1]),
    (("only-last-layer",), "layer n → … → layer 2", lambda depth: range(depth - 1, 0, -1)),
    (
        ("layers-not-reversed", "only-last-layer"),
        "layer 2 → … → layer n",
        lambda depth: range(1, depth),
    ),
)
"""The known wrong orders of layers, from 0: the mistakes, the order, the order for a number of layers."""
_RIGHT_ORDER = "backward: layer n → … → layer 2 → layer 1"


def visited(readings: Sequence[Reading]) -> list[Mistake]:
    """Return the mistake in the layers that ``backward`` is called on, if it is not called from last to first."""
    if any(call.size < 0 for each in readings for block in each.blocks for call in block.step.calls):
        return [
            unknown(
                "backward is given something other than finite numbers.", BACKPROPAGATION, OUTPUT_GRADIENT
            )
        ]
    deep = [reading for reading in readings if reading.depth > 1]
    if all(_visit(reading, lambda depth: range(depth - 1, -1, -1)) for reading in readings):
        return []
    telling = [reading for reading in deep if reading.blocks]
    for ids, text, order in _ORDERS:
        if len(telling) >= ENOUGH and all(_visit(reading, order) for reading in deep):
            costs = (BACKPROPAGATION, OUTPUT_GRADIENT)
            return [Mistake(name, costs, len(telling), f"backward: {text}", _RIGHT_ORDER) for name in ids]
    if not telling:
        return []
    says = "In a step, your fit does not call backward once for each layer, from the last to the first."
    return [unknown(says, BACKPROPAGATION, OUTPUT_GRADIENT)]


def _visit(reading: Reading, order: Callable[[int], Sequence[int]]) -> bool:
    due = list(order(reading.depth))
    return all([call.layer for call in block.step.calls] == due for block in reading.blocks)


def handed_on(readings: Sequence[Reading], ask_narrow: Ask) -> list[Mistake]:
    """Return the mistake in what each layer is given, if that is not what the layer after it returned.

    ``ask_narrow`` asks for layers of one input and one neuron, if too few steps go on from layer to layer at others.
    """
    walks = _walks(readings)
    if len(walks) < ENOUGH:
        walks += _walks(ask_narrow())
    if all(_equal(call, before.returned) for calls in _flat(walks) for before, call in pairwise(calls)):
        return []
    due = "da = layer.backward(da, learning_rate)"
    for name, seen, given in (
        ("da-not-chained", "layer.backward(da, learning_rate) with the da of the output", _first),
        ("da-accumulated", "da += layer.backward(da, learning_rate)", _sum),
    ):
        if len(walks) >= ENOUGH and all(_equal(*pair) for calls in _flat(walks) for pair in given(calls)):
            return [Mistake(name, (BACKPROPAGATION,), len(walks), seen, due)]
    bound = max(
        abs(number) for calls in _flat(walks) for call in calls[1:] for number in call.argument or (0.0,)
    )
    clipped = sum(
        any(max(map(abs, before.returned)) > bound for calls in each for before, _ in pairwise(calls))
        for each in walks
    )
    if clipped >= ENOUGH and all(
        _equal(call, np.clip(before.returned, -bound, bound).tolist())
        for calls in _flat(walks)
        for before, call in pairwise(calls)
    ):
        seen = f"da clipped to [−{bound:.6g}, {bound:.6g}] between the layers"
        return [Mistake("gradient-clipped", (BACKPROPAGATION,), clipped, seen, due)]
    says = "A layer is given a da that is not what the layer after it returned."
    return [unknown(says, BACKPROPAGATION)]


def _walks(readings: Sequence[Reading]) -> list[list[tuple[Call, ...]]]:
    """Return the calls of each step on several layers, for each case that has some."""
    walks = ([block.step.calls for block in each.blocks if len(block.step.calls) > 1] for each in readings)
    return [each for each in walks if each]


def _flat(walks: Sequence[Sequence[tuple[Call, ...]]]) -> Iterable[tuple[Call, ...]]:
    return (calls for each in walks for calls in each)


def _first(calls: Sequence[Call]) -> Iterable[tuple[Call, Sequence[float]]]:
    """Pair every call with the first argument of the step."""
    return ((call, calls[0].argument) for call in calls[1:])


def _sum(calls: Sequence[Call]) -> Iterable[tuple[Call, Sequence[float]]]:
    """Pair every call with the argument before it plus what that call returned."""
    for before, call in pairwise(calls):
        argument, returned = (np.array(each).reshape(-1, 1) for each in (before.argument, before.returned))
        both = {argument.size, returned.size} - {1}
        yield call, (argument + returned).ravel().tolist() if len(both) < 2 else ()  # noqa: PLR2004 - a broadcast


def _equal(call: Call, due: Sequence[float]) -> bool:
    if call.size != len(due) or len(call.argument) != len(due):
        return False
    return call.argument == tuple(due) or all(
        isclose(seen, number, rel_tol=_LEAVE_FLOAT32, abs_tol=_LEAVE)
        for seen, number in zip(call.argument, due, strict=True)
    )


def rates(readings: Sequence[Reading], ask_longer: Ask) -> list[Mistake]:
    """Return the mistake in the learning rates that ``backward`` is given; ``ask_longer`` asks for many epochs."""
    seen = [[call.learning_rate for block in each.blocks for call in block.step.calls] for each in readings]
    due = [each.training.case.learning_rate for each in readings]
    if all(
        isclose(rate, right, rel_tol=_LEAVE_FLOAT32)
        for each, right in zip(seen, due, strict=True)
        for rate in each
    ):
        return []
    flat = [rate for each in seen for rate in each]
    wanted = "backward(da, learning_rate)"
    cases = sum(bool(each) for each in seen)
    if all(map(isnan, flat)) and cases >= ENOUGH:
        return [Mistake(_RATE, (BACKPROPAGATION,), cases, "backward(da)", wanted)]
    if all(isclose(rate, flat[0], rel_tol=_LEAVE) for rate in flat):
        cases = sum(not isclose(flat[0], right, rel_tol=_LEAVE) for right in due)
        if cases >= ENOUGH:
            return [Mistake(_RATE, (BACKPROPAGATION,), cases, f"backward(da, {flat[0]:.6g})", wanted)]
    changing = _changing(readings)
    if changing is not None and changing < ENOUGH:
        changing = _changing(ask_longer())
    if changing is not None and changing >= ENOUGH:
        text = "backward(da, rate), with a rate that changes from epoch to epoch"
        return [Mistake(_RATE, (BACKPROPAGATION,), changing, text, wanted)]
    return [unknown("The learning rate that backward is given is not that of fit.", BACKPROPAGATION)]


_RATE = "fit-learning-rate-ignored"


def _changing(readings: Sequence[Reading]) -> int | None:
    """Return in how many cases the rate changes with the epoch alone, and begins at or near that of ``fit``.

    Return ``None`` if it changes in another way.
    """
    cases = 0
    factors: dict[int, float] = {}
    for reading in readings:
        rates_of_epochs = [
            {call.learning_rate for block in epoch for call in block.step.calls}
            for epoch in reading.chunks or [[block] for block in reading.blocks]
        ]
        if any(len(rates) != 1 for rates in rates_of_epochs):
            return None
        own = reading.training.case.learning_rate
        seen = [rates.pop() / own for rates in rates_of_epochs]
        cases += any(not isclose(factor, 1.0, rel_tol=_LEAVE_FLOAT32) for factor in seen)
        for epoch, factor in enumerate(seen):
            if not isclose(factors.setdefault(epoch, factor), factor, rel_tol=_LEAVE_FLOAT32):
                return None
    return cases if len({round(factor, 9) for factor in factors.values()}) > 1 else None
