"""Tells whether the mistakes in a composed ``backward`` can be told from others by what it does.

Each submission is run on a few layers, and so is each that has one mistake less, or another in its place. If one of
them does the same, nobody could say from outside which mistakes it has. Nothing here asks the grader.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import combinations, product
from textwrap import indent
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from backward_sources import ALONE, STYLES, Mistake, body

from grader.protocol.activations import ACTIVATIONS

__all__ = ["can_be_told_apart", "together"]

SIZES = ((3, 2), (2, 3), (2, 2), (1, 1), (3, 1), (1, 3))
"""Numbers of inputs and neurons."""
FUNCTIONS = ("sigmoid", "tanh", "relu")
RATES = (0.5, 1.5, 0.25)
"""The learning rates of the calls on one layer."""
DECIMALS = 8
"""Numbers that differ by less are the same."""
RIVALS: Sequence[Mistake] = (
    *ALONE,
    *(
        ("da_prev-elementwise", {"back": f"da_prev = np.{reduce}({product}, {over})"})
        for reduce in ("sum", "mean")
        for product in ("self.weights * dz", "self.weights.T * dz", "self.weights.T * dz.T")
        for over in ("axis=0", "axis=1", "axis=0, keepdims=True", "axis=1, keepdims=True")
        if (reduce, product, over[:6]) not in {("sum", "self.weights * dz", "axis=0")}
        and (reduce, product, over[:6]) not in {("sum", "self.weights.T * dz.T", "axis=1")}
    ),
)
"""All mistakes, with more forms of those that differ in a shape alone."""
Backward = Callable[[SimpleNamespace, Any, float], Any]


def together(mistakes: Sequence[Mistake]) -> set[str]:
    """Return the names that a report gives to several mistakes at once."""
    found = {name for name, _ in mistakes}
    both = {"weights-not-updated", "biases-not-updated"}
    return found - both | {"parameters-not-updated"} if both <= found else found


def can_be_told_apart(style: str, mistakes: Sequence[Mistake]) -> bool:
    """Tell whether the mistakes are in different steps, and nothing with as few of them does the same."""
    if len({name for name, _ in mistakes}) < len(mistakes) or not _are_apart(mistakes):
        return False
    does = [_done(style, mistakes, case) for case in _cases()]
    if all(kind == "raised" for calls in does for kind, *_ in calls[:1]):
        return False
    return not any(
        all(_done(other, rival, case) == due for case, due in zip(_cases(), does, strict=True))
        for other, rival in _rivals(style, mistakes)
    )


def _are_apart(mistakes: Sequence[Mistake]) -> bool:
    slots = [set(change) for _, change in mistakes]
    is_apart = not any(one & other for one, other in combinations(slots, 2))
    return is_apart and not {"back", "late"} <= set().union(*slots)


def _rivals(style: str, mistakes: Sequence[Mistake]) -> Iterator[tuple[str, Sequence[Mistake]]]:
    """Yield submissions with one mistake less, in any form, or one of another name, here or in the plainest style."""
    for i in range(len(mistakes)):
        others = [*mistakes[:i], *mistakes[i + 1 :]]
        yield style, others
        for j, (name, _) in enumerate(others):
            yield from (
                (style, [*others[:j], (other, change), *others[j + 1 :]])
                for other, change in RIVALS
                if other == name
            )
        for rival, written in product(RIVALS, dict.fromkeys((style, "sheet"))):
            known = [*others, rival]
            if together(known) != together(mistakes) and _are_apart(known):
                yield written, known


def _done(style: str, mistakes: Sequence[Mistake], case: Mapping[str, Any]) -> list[tuple[object, ...]]:
    """Return what each call on one layer does."""
    backward = _compiled(body(STYLES[style], *(change for _, change in mistakes)))
    layer = SimpleNamespace(activation=case["f"], history={})
    found: list[tuple[object, ...]] = []
    for rate, x, da in zip(RATES, case["x"], case["da"], strict=True):
        layer.weights, layer.biases, layer.inputs = case["W"].copy(), case["b"].copy(), x.copy()
        layer.outputs = layer.weights @ x + layer.biases
        try:
            returned = backward(layer, da.copy(), rate)
        except Exception as error:  # noqa: BLE001 - whatever it is, that is what the submission does
            found.append(("raised", type(error).__name__, str(error)))
            break
        found.append(("returned", *map(_plain, (returned, layer.weights, layer.biases))))
    return found


def _plain(value: Any) -> object:
    if value is None or isinstance(value, tuple):
        return type(value).__name__
    array = np.asarray(value, dtype=float)
    return array.shape, (array.round(DECIMALS) + 0.0).tobytes()


@cache
def _compiled(text: str) -> Backward:
    names: dict[str, Any] = {"np": np, "math": math, "sigma": ACTIVATIONS["sigmoid"], **ACTIVATIONS}
    exec(f"def backward(self, da, learning_rate):\n{indent(text, '    ')}\n", names)
    return cast("Backward", names["backward"])


@cache
def _cases() -> tuple[Mapping[str, Any], ...]:
    random = np.random.default_rng(0)
    return tuple(
        {
            "f": ACTIVATIONS[name],
            "W": random.uniform(-2, 2, (n_neurons, n_inputs)),
            "b": random.uniform(-1, 1, (n_neurons, 1)),
            "x": [random.uniform(-2, 2, (n_inputs, 1)) for _ in RATES],
            "da": [random.uniform(-4, 4, (n_neurons, 1)) for _ in RATES],
        }
        for name, (n_inputs, n_neurons) in product(FUNCTIONS, SIZES)
    )
