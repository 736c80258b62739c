"""Write out, with the numbers, the step that a finding is about, as data.

A worked example is made from a finding alone: the case is in its facts, the formula in what was expected. It has no
number that does not follow from the case by the formulas of the task sheet, and its last one is what was expected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isclose

import numpy as np
from numpy.typing import NDArray

from grader.model import ArrayValue, CodeValue, Finding, Message, NumberValue, PrintedValue, Value
from grader.protocol.activations import ACTIVATIONS

__all__ = ["Fraction", "Part", "Step", "worked_example"]

Floats = NDArray[np.float64]

_MOST_NUMBERS = 12
"""Nobody checks larger arrays on paper."""
_TOLERANCE = 1e-3
"""The expected numbers may come from a submission that computes in float32."""
_OWN_DZ = "dz in your code"
_SLOPES = {
    "relu": Message("f is ReLU: f′(z) is 1 where z > 0, and 0 elsewhere."),
    "sigmoid": Message("f is the sigmoid: f′(z) = f(z)·(1 − f(z))."),
    "identity": Message("f is the identity: f′(z) is 1 everywhere."),
    "tanh": Message("f is tanh: f′(z) = 1 − f(z)²."),
    "softplus": Message("f is softplus: f′(z) is the sigmoid of z."),
    "square": Message("f(z) = z², so f′(z) = 2·z."),
    "sine": Message("f(z) = sin z, so f′(z) = cos z."),
}


@dataclass(frozen=True)
class Fraction:
    """One row of parts over another."""

    over: tuple[Part, ...]
    under: tuple[Part, ...]


Part = str | ArrayValue | NumberValue | Fraction
"""A name or operator in the notation of the task sheet, or numbers."""


@dataclass(frozen=True)
class Step:
    """One line of the calculation."""

    says: Message
    """What is done, in a sentence."""
    parts: tuple[Part, ...]
    """The line, from left to right: ``dz``, ``=``, ``da``, ``⊙``, ``f′(z)``, ``=``, an array, ``⊙``, an array, …"""


class _MissingFactError(Exception):
    """The facts do not have what the calculation starts from."""


def worked_example(finding: Finding) -> tuple[Step, ...]:
    """Return the calculation that leads to what was expected, a step a line.

    Return no steps if the finding is about something that is not computed (a shape, an order, an exception), or if its
    arrays are too large to follow on paper.
    """
    if len(finding.due) != 1:
        return ()
    ((name, due),) = finding.due.items()
    make = _MAKERS.get(name)
    if make is None:
        return ()
    try:
        steps = make(finding.facts)
    except _MissingFactError:
        return ()
    return steps if steps and _is_short(steps) and _agree(steps[-1].parts[-1], due) else ()


def _dz(facts: Mapping[str, Value]) -> tuple[Floats, tuple[Step, ...]]:
    """Return ``dz`` and how it comes about; a wrong one that the submission computed is taken as it is."""
    if _OWN_DZ in facts:
        dz = _array(facts, _OWN_DZ)
        return dz, (Step(Message("Take dz as your code computes it."), ("dz", "=", _value(dz))),)
    z, da, name = _array(facts, "z"), _array(facts, "da"), facts.get("activation")
    if not isinstance(name, CodeValue) or name.text not in ACTIVATIONS:
        raise _MissingFactError
    slope = ACTIVATIONS[name.text].derivative(z)
    dz = da * slope
    product = ("dz", "=", "da ⊙ f′(z)", "=", _value(da), "⊙", _value(slope), "=", _value(dz))
    return dz, (
        Step(_SLOPES[name.text], ("f′(z)", "=", "f′", _value(z), "=", _value(slope))),
        Step(Message("Multiply elementwise."), product),
    )


def _steps_to_dz(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    return _dz(facts)[1]


def _steps_to_da_prev(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    dz, steps = _dz(facts)
    transposed = _array(facts, "W").T
    product = ("da_prev", "=", "Wᵀ · dz", "=", _value(transposed), "·", _value(dz))
    says = Message("Transpose W, as it was in the forward pass, and multiply the matrices.")
    return (*steps, Step(says, (*product, "=", _value(transposed @ dz))))


def _steps_of_weights(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    dz, steps = _dz(facts)
    a_prev = _array(facts, "a_prev").T
    gradient = dz @ a_prev
    product = ("d_weights", "=", "dz · a_prevᵀ", "=", _value(dz), "·", _value(a_prev))
    return (
        *steps,
        Step(
            Message("A column times a row is a matrix of the shape of W."),
            (*product, "=", _value(gradient)),
        ),
        _descent("W", "d_weights", gradient, facts),
    )


def _steps_of_biases(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    dz, steps = _dz(facts)
    return (
        *steps,
        Step(Message("The gradient for the biases is dz itself."), ("d_biases", "=", "dz", "=", _value(dz))),
        _descent("b", "d_biases", dz, facts),
    )


def _descent(name: str, gradient_name: str, gradient: Floats, facts: Mapping[str, Value]) -> Step:
    rate = _number(facts, "learning_rate")
    return Step(
        Message("Step against the gradient: this is the change of {name}.", {"name": name}),
        (
            *("−", "learning_rate", "·", gradient_name, "="),
            *("−", NumberValue(rate), "·", _value(gradient), "=", _value(-rate * gradient)),
        ),
    )


def _steps_of_output_gradient(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    y_hat, y = _number(facts, "ŷ"), _number(facts, "y")
    prediction, label = NumberValue(y_hat), NumberValue(y)
    formula = Fraction(("ŷ", "−", "y"), ("ŷ", "·", "(", "1", "−", "ŷ", ")"))
    numbers = Fraction((prediction, "−", label), (prediction, "·", "(", "1", "−", prediction, ")"))
    due = NumberValue((y_hat - y) / (y_hat * (1 - y_hat)))
    return (
        Step(
            Message("The derivative of the loss with respect to ŷ."),
            ("da", "=", formula, "=", numbers, "=", due),
        ),
    )


def _steps_of_mean_loss(facts: Mapping[str, Value]) -> tuple[Step, ...]:
    losses = [NumberValue(loss) for loss in _array(facts, "losses").tolist()]
    terms = tuple(part for loss in losses for part in ("+", loss))[1:]
    mean = NumberValue(sum(loss.value or 0.0 for loss in losses) / len(losses))
    says = Message(
        "Add the losses of the epoch's examples, each from its own forward pass, and divide by their number."
    )
    return (Step(says, ("mean loss", "=", Fraction(terms, (str(len(losses)),)), "=", mean)),)


_MAKERS: Mapping[str, Callable[[Mapping[str, Value]], tuple[Step, ...]]] = {
    "da ⊙ f′(z)": _steps_to_dz,
    "Wᵀ · dz": _steps_to_da_prev,
    "−learning_rate · dz · a_prevᵀ": _steps_of_weights,
    "−learning_rate · dz": _steps_of_biases,
    "da": _steps_of_output_gradient,
    "": _steps_of_mean_loss,
}
"""How the values are computed that findings expect, by the names that they have there."""


def _array(facts: Mapping[str, Value], name: str) -> Floats:
    value = facts.get(name)
    if not isinstance(value, ArrayValue) or None in value.numbers:
        raise _MissingFactError
    return np.array(value.numbers, dtype=np.float64).reshape(value.shape)


def _number(facts: Mapping[str, Value], name: str) -> float:
    value = facts.get(name)
    if not isinstance(value, NumberValue) or value.value is None:
        raise _MissingFactError
    return value.value


def _value(array: Floats) -> ArrayValue:
    return ArrayValue(array.shape, tuple(array.ravel().tolist()))


def _is_short(steps: tuple[Step, ...]) -> bool:
    arrays = (part for step in steps for part in step.parts if isinstance(part, ArrayValue))
    return all(len(array.numbers) <= _MOST_NUMBERS for array in arrays)


def _agree(computed: Part, due: Value) -> bool:
    """Tell whether the calculation leads to what the finding expects."""
    match computed, due:
        case NumberValue(own), NumberValue(expected):
            pairs = [(own, expected)]
        case NumberValue(float(own)), PrintedValue(line):
            return line.endswith(f" {own:.3f}")
        case ArrayValue(), ArrayValue() if computed.shape == due.shape:
            pairs = list(zip(computed.numbers, due.numbers, strict=True))
        case _:
            return False
    return all(
        a is not None and b is not None and isclose(a, b, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
        for a, b in pairs
    )
