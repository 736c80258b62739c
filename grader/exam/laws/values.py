"""Turn cases and what a submission returned into the values of a finding, by the names of the task sheet."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.questions.cases import BackwardCase, FitCase, Numbers, Step, TrainCase, array, column
from grader.model import ArrayValue, CodeValue, NothingValue, NumberValue, TextValue, Value

__all__ = [
    "array_value",
    "backward_facts",
    "fit_facts",
    "number_value",
    "returned_value",
    "shape_value",
    "train_facts",
]

Floats = NDArray[np.float64]

_MOST_NUMBERS = 25
"""Numbers of an array that are shown: those of 5 by 5."""
_MOST_WEIGHTS, _MOST_ROWS = 12, 8
"""What a reader can follow; networks that are trained on more are trained on the given data."""


def array_value(numbers: Floats, wrong: Sequence[int] = ()) -> ArrayValue:
    """Return an array, of which the places in ``wrong`` differ from what is due."""
    finite = tuple(number if isfinite(number) else None for number in numbers.ravel().tolist())
    return ArrayValue(numbers.shape, finite, tuple(wrong))


def number_value(number: float) -> NumberValue:
    """Return a number."""
    return NumberValue(number if isfinite(number) else None)


def shape_value(shape: tuple[int, ...], *, is_finite: bool = True) -> TextValue:
    """Return the words for an array of a shape, of which the numbers are not shown."""
    if not shape:
        return TextValue("a number" if is_finite else "NaN or infinity")
    text = (
        "an array of shape {shape}" if is_finite else "an array of shape {shape} with NaN or infinity in it"
    )
    return TextValue(text, {"shape": str(shape)})


def returned_value(returned: Returned, wrong: Sequence[int] = ()) -> Value:
    """Return a value of the submission's: its numbers, or what it is instead."""
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
