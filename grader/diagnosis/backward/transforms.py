"""Steps that are not a multiple of this call's gradient: clipped ones, and those that remember earlier calls.

Each function takes the gradients of all calls and the steps that the submission took, and yields the steps that a
mistake would take, its numbers fitted to a few of the calls. A step is what is subtracted from the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.messages import number_text

__all__ = ["LEAST_BOUND", "Steps", "bounds", "transformed"]

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


class Steps(NamedTuple):
    """The steps that one mistake would take, one for each call."""

    mistake: str
    text: str
    steps: list[Floats]


class Context(NamedTuple):
    """What a transformation may use: the calls that returned, their gradients, and the steps taken."""

    calls: Sequence[Call]
    gradients: Sequence[Floats]
    taken: Sequence[Floats]
    chains: Sequence[Sequence[int]]
    """For each call, the indices of the calls on its layer up to it."""


def transformed(
    calls: Sequence[Call], gradients: Sequence[Floats], taken: Sequence[Floats]
) -> Iterator[Steps]:
    """Yield steps that would be taken by mistakes that remember or clip."""
    at = {id(call): i for i, call in enumerate(calls)}
    chains = [[at[id(each)] for each in (*call.earlier, call) if id(each) in at] for call in calls]
    context = Context(calls, gradients, taken, chains)
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
    calls, gradients, taken, _ = context
    rates = [call.rate for call in calls]
    rated = [rate * gradient for rate, gradient in zip(rates, gradients, strict=True)]
    asked = [step / rate for step, rate in zip(taken, rates, strict=True) if rate > 0]
    for values, seen, factors, name, text in (
        (gradients, asked, rates, "{name}", "learning_rate · {clipped}"),
        (rated, taken, [1.0] * len(calls), "learning_rate · {name}", "{clipped}"),
    ):
        largest = _bound(float(np.abs(each).max()) for each in seen)
        longest = _bound(float(np.linalg.norm(each)) for each in seen)
        for bound, shortened, clipped in (
            (largest, _between, f"clip({name}, −{number_text(largest)}, {number_text(largest)})"),
            (longest, _shortened, f"{name} · min(1, {number_text(longest)} / ‖{name}‖)"),
        ):
            if bound >= LEAST_BOUND:
                steps = [
                    factor * shortened(value, bound) for factor, value in zip(factors, values, strict=True)
                ]
                yield Steps("gradient-clipped", text.format(clipped=clipped), steps)


def _bound(sizes: Iterable[float]) -> float:
    return round(max(sizes, default=0.0), _DECIMALS)


def _between(gradient: Floats, bound: float) -> Floats:
    return np.clip(gradient, -bound, bound)


def _shortened(gradient: Floats, bound: float) -> Floats:
    norm = float(np.linalg.norm(gradient))
    return gradient if norm <= bound else gradient * (bound / norm)


def _remembered(context: Context) -> Iterator[Steps]:
    """Yield sums over calls: accumulated gradients, momentum, moving averages."""
    calls, gradients, _, _ = context
    rated = [call.rate * gradient for call, gradient in zip(calls, gradients, strict=True)]
    for values, factors, name, rate in (
        (gradients, [call.rate for call in calls], "{name}", "learning_rate · "),
        (rated, [1.0] * len(calls), "learning_rate · {name}", ""),
    ):
        found = _coefficients(context, values, factors)
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
            steps = _averaged(context, values, factors, average, nice)
            if nice < _ALL:
                yield Steps("momentum", shown, steps)
            else:
                yield Steps("gradient-accumulated", f"{rate}Σ {name}", steps)
    numbers = [len(chain) for chain in context.chains]
    sums = _averaged(context, gradients, [call.rate for call in calls], _momentum, 1.0)
    means = [step / number for step, number in zip(sums, numbers, strict=True)]
    yield Steps("gradient-accumulated", "learning_rate · mean of all {name}", means)


def _coefficients(
    context: Context, values: Sequence[Floats], factors: Sequence[float]
) -> tuple[float, float] | None:
    """Return what a second step has of the first call's value and of its own; ``None`` if no call tells."""
    for i, chain in enumerate(context.chains):
        if len(chain) == 2 and factors[i] > 0 and values[i].size > 2:  # noqa: PLR2004 - a second call, two unknowns
            columns = np.column_stack([values[j].ravel() for j in chain])
            if np.linalg.matrix_rank(columns, tol=1e-3) == 2:  # noqa: PLR2004
                seen = context.taken[i].ravel() / factors[i]
                earlier, own = np.linalg.lstsq(columns, seen, rcond=None)[0].tolist()
                return (earlier, own) if abs(own) > _LEAST_COEFFICIENT else None
    return None


def _averaged(
    context: Context, values: Sequence[Floats], factors: Sequence[float], average: Average, beta: float
) -> list[Floats]:
    steps: list[Floats] = []
    memories: list[Floats] = []
    for i, chain in enumerate(context.chains):
        memory = memories[chain[-2]] if len(chain) > 1 else None
        step, memory = average(values[i], memory, beta, len(chain))
        memories.append(memory)
        steps.append(factors[i] * step)
    return steps


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
    calls, gradients, taken, chains = context
    alone = [i for i, chain in enumerate(chains) if len(chain) == 1 and calls[i].rate > 0]
    first = max(alone, key=lambda i: gradients[i].size, default=None)
    if first is None:
        return
    seen = taken[first] / calls[first].rate
    for method, epsilon, inside in product(_METHODS, _EPSILONS, (False, True)):
        if np.allclose(method.step([gradients[first]], epsilon, inside=inside), seen, rtol=1e-9, atol=1e-9):
            steps = [
                calls[chain[-1]].rate * method.step([gradients[j] for j in chain], epsilon, inside=inside)
                for chain in chains
            ]
            yield Steps("adaptive-rate", f"learning_rate · {{name}} / √s ({method.name})", steps)
