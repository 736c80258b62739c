"""Build findings: what a law found wrong, with values and the facts of the case by the names of the task sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from grader.candidate.replies import Raised, Returned
from grader.exam.questions.cases import BackwardCase, FitCase, Numbers, Step, TrainCase, array, column
from grader.languages import marked
from grader.model import (
    ArrayValue,
    CodeValue,
    ExceptionValue,
    Finding,
    Message,
    NothingValue,
    NumberValue,
    Status,
    TextValue,
    Value,
)

__all__ = [
    "RAISED",
    "Failure",
    "array_value",
    "backward_facts",
    "exception_failure",
    "failure",
    "fit_facts",
    "listed",
    "returned_value",
    "shape_value",
    "train_facts",
]

Floats = NDArray[np.float64]

RAISED = marked("{function} raised {type}.")
_MOST_NUMBERS = 25
"""Arrays with more numbers than 5 by 5 are not shown."""
_MOST_WEIGHTS, _MOST_ROWS = 12, 8
"""Larger networks and data are not shown: nobody could follow them."""


class Failure(Struct, frozen=True):
    """A law that does not hold: the finding, without the law's name and the place in the source."""

    finding: Finding
    status: Status = Status.FAILED
    is_clear: bool = True
    """Whether no wrong number is 0; a 0 reads as if nothing had been computed."""
    raised: Raised | None = None
    """The exception that is the reason, if any."""


def failure(
    says: Message,
    seen: Mapping[str, Value] | None = None,
    due: Mapping[str, Value] | None = None,
    facts: Mapping[str, Value] | None = None,
    *,
    status: Status = Status.FAILED,
    is_clear: bool = True,
) -> Failure:
    """Return the failure with these parts of a finding."""
    return Failure(Finding("", says, dict(seen or {}), dict(due or {}), dict(facts or {})), status, is_clear)


def exception_failure(says: str, raised: Raised, facts: Mapping[str, Value], function: str = "") -> Failure:
    """Return the failure for an exception, with ``function`` and ``type`` as values of ``says``."""
    message = Message(says, {"function": function, "type": raised.type})
    seen: dict[str, Value] = {"": ExceptionValue(raised.type, raised.text)}
    return Failure(Finding("", message, seen, facts=dict(facts)), Status.ERROR, raised=raised)


def array_value(numbers: Floats, wrong: Sequence[int] = ()) -> ArrayValue:
    """Return an array; the places in ``wrong`` differ from the expected numbers."""
    finite = tuple(number if isfinite(number) else None for number in numbers.ravel().tolist())
    return ArrayValue(numbers.shape, finite, tuple(wrong))


def listed(numbers: Sequence[int], most: int) -> str:
    """Return the first ``most`` of ``numbers`` as text, with an ellipsis if there are more."""
    return ", ".join(map(str, numbers[:most])) + (" …" if len(numbers) > most else "")


def shape_value(shape: tuple[int, ...], *, is_finite: bool = True) -> TextValue:
    """Describe an array by its shape, without its numbers."""
    if not shape:
        return TextValue("a number" if is_finite else "NaN or infinity")
    text = (
        "an array of shape {shape}" if is_finite else "an array of shape {shape} with NaN or infinity in it"
    )
    return TextValue(text, {"shape": str(shape)})


def returned_value(returned: Returned, wrong: Sequence[int] = ()) -> Value:
    """Return the numbers of a returned value, or what it is instead."""
    if returned.array is not None and returned.array.size <= _MOST_NUMBERS:
        return array_value(returned.array, wrong)
    if returned.shape is not None:
        return shape_value(returned.shape, is_finite=returned.is_finite)
    if returned.type == "NoneType":
        return NothingValue()
    return TextValue("a value of type {type}", {"type": returned.type})


def backward_facts(case: BackwardCase, step: Step) -> dict[str, Value]:
    """Return what a call of ``backward`` was given."""
    return {
        "n_inputs": NumberValue(case.n_inputs),
        "n_neurons": NumberValue(case.n_neurons),
        "activation": CodeValue(case.activation),
        "W": array_value(case.weight_matrix),
        "b": array_value(case.bias_column),
        "a_prev": array_value(column(step.inputs)),
        "z": array_value(case.z(step)),
        "da": array_value(column(step.da)),
        "learning_rate": NumberValue(step.learning_rate),
    }


def fit_facts(case: FitCase) -> dict[str, Value]:
    """Return what a call of ``fit`` was given."""
    sizes = _sizes([case.sizes[0][0], *(n for _, n in case.sizes)])
    return {
        "layers": TextValue("{sizes}, test layers in place of yours", {"sizes": sizes}),
        **_data(case.rows, case.labels),
        "epochs": NumberValue(case.epochs),
        "learning_rate": NumberValue(case.learning_rate),
    }


def train_facts(case: TrainCase) -> dict[str, Value]:
    """Return what a network was trained on."""
    sizes = _sizes([case.layers[0].n_inputs, *(layer.n_neurons for layer in case.layers)])
    facts: dict[str, Value] = {
        "layers": CodeValue(f"{sizes} ({', '.join(layer.activation for layer in case.layers)})")
    }
    if sum(len(layer.weights) for layer in case.layers) <= _MOST_WEIGHTS:
        for i, layer in enumerate(case.layers, 1):
            facts[f"W{i}"] = array_value(array(layer.weights, layer.n_neurons, layer.n_inputs))
            facts[f"b{i}"] = array_value(column(layer.biases))
    if len(case.rows) > _MOST_ROWS:
        text = TextValue("{count} examples of X_train, with their labels", {"count": len(case.rows)})
        return facts | {"training_data": text, "learning_rate": NumberValue(case.learning_rate)}
    return facts | _data(case.rows, case.labels) | {"learning_rate": NumberValue(case.learning_rate)}


def _sizes(widths: Sequence[int]) -> str:
    return " → ".join(map(str, widths))


def _data(rows: Sequence[Numbers], labels: Numbers) -> dict[str, Value]:
    return {"training_data": array_value(np.array(rows)), "labels": array_value(column(labels))}
