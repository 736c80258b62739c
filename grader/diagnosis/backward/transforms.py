"""Steps that are not a multiple of this call's gradient: clipped ones, and those that remember earlier calls.

Each function takes the gradient of a call and the steps that the submission took, and yields the steps that a mistake
would take, its numbers fitted to a few of the calls. A step is what is subtracted from the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.messages import number_text

__all__ = ["LEAST_BOUND", "Steps", "Taken", "bounds", "transformed"]

Floats = NDArray[np.float64]
Average = Callable[[Floats, Floats | None, float, int], tuple[Floats, Floats]]
"""Takes a gradient, what is remembered, its coefficient and the call's number; returns the step and the new memory."""

_DECIMALS = 6
LEAST_BOUND = 1e-2
"""A gradient that is clipped to less is as good as none."""
_COMMON_BOUNDS = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
_EPSILONS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-10, 1e-4, 1e-3)
_BETAS = (0.9, 0.99, 0.999, 0.95, 0.8, 0.5)
_LEAST_COEFFICIENT, _ALL = 1e-3, 1.0 - 1e-6
_CLOSE = 1e-9


class Steps(NamedTuple):
    """The steps that one mistake would take."""

    mistake: str
    text: str
    step: Callable[[int], Floats]
    """Takes the index of a call."""


class Taken:
    """The steps that were taken, and how large they are."""

    def __init__(self, calls: Sequence[Call], steps: Sequence[Floats]) -> None:
        self.steps = steps
        asked = [(step, call.rate) for call, step in zip(calls, steps, strict=True) if call.rate > 0]
        self._largest = [(float(np.abs(step).max()), rate) for step, rate in asked]
        self._longest = [(float(np.linalg.norm(step)), rate) for step, rate in asked]

    @cached_property
    def bounds_by_rate(self) -> tuple[float, float]:
        """The largest number and the largest norm of a step over its learning rate."""
        return _bound(size / rate for size, rate in self._largest), _bound(
            size / rate for size, rate in self._longest
        )

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The largest number and the largest norm of a step."""
        return _bound(size for size, _ in self._largest), _bound(size for size, _ in self._longest)


class Context(NamedTuple):
    """What a transformation may use: the calls that returned, their gradients, and the steps taken."""

    calls: Sequence[Call]
    gradient: Callable[[int], Floats]
    """Takes the index of a call."""
    taken: Taken
    chains: Sequence[Sequence[int]]
    """For each call, the indices of the calls on its layer up to it."""


def transformed(calls: Sequence[Call], gradient: Callable[[int], Floats], taken: Taken) -> Iterator[Steps]:
    """Yield steps that would be taken by mistakes that remember or clip."""
    at = {id(call): i for i, call in enumerate(calls)}
    chains = [[at[id(each)] for each in (*call.earlier, call) if id(each) in at] for call in calls]
    context = Context(calls, gradient, taken, chains)
    yield from _clipped(context)
    yield from _remembered(context)
    yield from _adaptive(context)


def bounds(calls: Sequence[Call], taken: Sequence[Floats]) -> list[float]:
    """Return the bounds that gradients may have been clipped to, by the steps that were taken."""
    found = _bound(
        float(np.abs(s).max()) / call.rate for call, s in zip(calls, taken, strict=True) if call.rate > 0
    )
    return [bound for bound in dict.fromkeys((found, *_COMMON_BOUNDS)) if bound >= LEAST_BOUND]


def _clipped(context: Context) -> Iterator[Steps]:
    calls, gradient, taken, _ = context

    def rated(i: int) -> Floats:
        return calls[i].rate * gradient(i)

    for value, (largest, longest), is_rated, name, text in (
        (gradient, taken.bounds_by_rate, False, "{name}", "learning_rate · {clipped}"),
        (rated, taken.bounds, True, "learning_rate · {name}", "{clipped}"),
    ):
        for bound, shortened, clipped in (
            (largest, _between, f"clip({name}, −{number_text(largest)}, {number_text(largest)})"),
            (longest, _shortened, f"{name} · min(1, {number_text(longest)} / ‖{name}‖)"),
        ):
            if bound >= LEAST_BOUND:
                step = _limited(calls, value, shortened, bound, is_rated=is_rated)
                yield Steps("gradient-clipped", text.format(clipped=clipped), step)


def _limited(
    calls: Sequence[Call],
    value: Callable[[int], Floats],
    shortened: Callable[[Floats, float], Floats],
    bound: float,
    *,
    is_rated: bool,
) -> Callable[[int], Floats]:
    return lambda i: (1.0 if is_rated else calls[i].rate) * shortened(value(i), bound)


def _bound(sizes: Iterable[float]) -> float:
    return round(max(sizes, default=0.0), _DECIMALS)


def _between(gradient: Floats, bound: float) -> Floats:
    return np.clip(gradient, -bound, bound)


def _shortened(gradient: Floats, bound: float) -> Floats:
    norm = float(np.linalg.norm(gradient))
    return gradient if norm <= bound else gradient * (bound / norm)


def _remembered(context: Context) -> Iterator[Steps]:
    """Yield sums over calls: accumulated gradients, momentum, moving averages."""
    calls, gradient, _, chains = context

    def rated(i: int) -> Floats:
        return calls[i].rate * gradient(i)

    for value, is_rated, name, rate in (
        (gradient, False, "{name}", "learning_rate · "),
        (rated, True, "learning_rate · {name}", ""),
    ):
        found = _coefficients(context, value, is_rated=is_rated)
        if found is None:
            continue
        earlier, own = found
        for text, average, beta in (
            ("v, v = β · v + {g}", _momentum, earlier / own),
            ("v, v = β · v + (1 − β) · {g}", _moving_average, earlier / own),
            ("v / (1 − βᵗ), v = β · v + (1 − β) · {g}", _corrected_average, earlier / own),
            ("({g} + β · v), v = β · v + {g}", _nesterov, own - 1.0),
        ):
            nice = round(beta, _DECIMALS)
            if not _LEAST_COEFFICIENT <= nice <= 1.0:
                continue
            shown = f"{rate}{text.format(g=name)}, β = {number_text(nice)}"
            step = _averaged(context, value, average, nice, is_rated=is_rated)
            if nice < _ALL:
                yield Steps("momentum", shown, step)
            else:
                yield Steps("gradient-accumulated", f"{rate}Σ {name}", step)
    total = _averaged(context, gradient, _momentum, 1.0, is_rated=False)
    yield Steps(
        "gradient-accumulated",
        "learning_rate · mean of all {name}",
        lambda i: total(i) / len(chains[i]),
    )


def _coefficients(
    context: Context, value: Callable[[int], Floats], *, is_rated: bool
) -> tuple[float, float] | None:
    """Return what a second step has of the first call's value and of its own; ``None`` if no call tells."""
    for i, chain in enumerate(context.chains):
        rate, taken = context.calls[i].rate, context.taken.steps[i]
        if len(chain) == 2 and (is_rated or rate > 0) and taken.size > 2:  # noqa: PLR2004 - a second call, two unknowns
            columns = np.column_stack([value(j).ravel() for j in chain])
            if np.isfinite(columns).all() and np.linalg.matrix_rank(columns, tol=1e-3) == 2:  # noqa: PLR2004
                seen = taken.ravel() / (1.0 if is_rated else rate)
                earlier, own = np.linalg.lstsq(columns, seen, rcond=None)[0].tolist()
                return (earlier, own) if abs(own) > _LEAST_COEFFICIENT else None
    return None


def _averaged(
    context: Context, value: Callable[[int], Floats], average: Average, beta: float, *, is_rated: bool
) -> Callable[[int], Floats]:
    def step(i: int) -> Floats:
        taken, memory = value(i), None
        for number, j in enumerate(context.chains[i], 1):
            taken, memory = average(value(j), memory, beta, number)
        return (1.0 if is_rated else context.calls[i].rate) * taken

    return step


def _momentum(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = g if v is None else beta * v + g
    return v, v


def _nesterov(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = g if v is None else beta * v + g
    return g + beta * v, v


def _moving_average(g: Floats, v: Floats | None, beta: float, _number: int) -> tuple[Floats, Floats]:
    v = (1 - beta) * g if v is None else beta * v + (1 - beta) * g
    return v, v


def _corrected_average(g: Floats, v: Floats | None, beta: float, number: int) -> tuple[Floats, Floats]:
    v = (1 - beta) * g if v is None else beta * v + (1 - beta) * g
    return v / (1 - beta**number) if beta < 1 else v, v


class _Method(NamedTuple):
    """A step over the root of an average of squared gradients, by the coefficients of the two averages."""

    name: str
    of_gradients: float
    of_squares: float
    is_corrected: bool = False
    is_sum: bool = False

    def step(self, gradients: Sequence[Floats], epsilon: float, *, inside: bool) -> Floats:
        """Return the last step of those along ``gradients``, without the learning rate."""
        v, squares = np.zeros_like(gradients[0]), np.zeros_like(gradients[0])
        for g in gradients:
            v = self.of_gradients * v + (1 - self.of_gradients) * g
            squares = (
                squares + g * g if self.is_sum else self.of_squares * squares + (1 - self.of_squares) * g * g
            )
        if self.is_corrected:
            v = v / (1 - self.of_gradients ** len(gradients))
            squares = squares / (1 - self.of_squares ** len(gradients))
        return v / (np.sqrt(squares + epsilon) if inside else np.sqrt(squares) + epsilon)


_METHODS = (
    _Method("AdaGrad", 0.0, 0.0, is_sum=True),
    *(_Method("RMSProp", 0.0, beta) for beta in _BETAS),
    *(
        _Method("Adam", first, second, is_corrected)
        for first, second, is_corrected in product((0.9, 0.8, 0.95), (0.999, 0.99, 0.9), (True, False))
    ),
)


def _adaptive(context: Context) -> Iterator[Steps]:
    """Yield steps over a root of squared gradients, by those methods that explain a first step."""
    calls, gradient, taken, chains = context
    alone = [i for i, chain in enumerate(chains) if len(chain) == 1 and calls[i].rate > 0]
    first = max(alone, key=lambda i: taken.steps[i].size, default=None)
    if first is None:
        return
    seen = taken.steps[first] / calls[first].rate
    own = gradient(first)
    at = int(np.abs(own).argmax())
    one, expected = own.ravel()[at : at + 1], float(seen.ravel()[at])
    for method, epsilon, inside in product(_METHODS, _EPSILONS, (False, True)):
        if abs(float(method.step([one], epsilon, inside=inside)[0]) - expected) > _CLOSE * (
            1 + abs(expected)
        ):
            continue
        if np.allclose(method.step([own], epsilon, inside=inside), seen, rtol=_CLOSE, atol=_CLOSE):
            step = _rooted(context, method, epsilon, inside=inside)
            yield Steps("adaptive-rate", f"learning_rate · {{name}} / √s ({method.name})", step)


def _rooted(context: Context, method: _Method, epsilon: float, *, inside: bool) -> Callable[[int], Floats]:
    return lambda i: (
        context.calls[i].rate
        * method.step([context.gradient(j) for j in context.chains[i]], epsilon, inside=inside)
    )
