"""Puts cases and values into words and numbers for students, the same on every machine.

Numbers have four fixed decimals, never significant digits: what is 1e-17 on one machine is 0 on another.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.questions.cases import BackwardCase, FitCase, Step, TrainCase, column

__all__ = [
    "backward_facts",
    "fit_facts",
    "matrix",
    "number",
    "returned_text",
    "told",
    "train_facts",
]

Floats = NDArray[np.float64]

_HUGE = 1e9
_ROWS = 8
"""As many examples are shown; networks that are trained on more are trained on the given data."""


def number(value: float) -> str:
    """Return ``value`` with at most four decimals; -0 is 0."""
    if abs(value) >= _HUGE:
        return "a number below -1000000000" if value < 0 else "a number above 1000000000"
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def matrix(values: Floats) -> str:
    """Return a two-dimensional array as nested brackets."""
    return "[" + ", ".join("[" + ", ".join(map(number, row)) + "]" for row in values.tolist()) + "]"


def returned_text(returned: Returned) -> str:
    """Return an array's numbers, or what the value is instead."""
    if returned.array is None:
        return "None (is a return missing?)" if returned.what == "NoneType" else returned.what
    flat = returned.array.ravel()
    if returned.array.ndim == 2 and flat.size <= 25:  # noqa: PLR2004 - a matrix of at most 5 by 5
        return matrix(returned.array)
    return f"{returned.what}: [{', '.join(map(number, flat[:25].tolist()))}]"


def told(facts: Mapping[str, object]) -> str:
    """Return the facts of a counterexample as lines ``name = value``."""
    return "\n".join(f"  {name} = {value}" for name, value in facts.items())


def backward_facts(case: BackwardCase, step: Step) -> dict[str, str]:
    """Return what a call of ``backward`` was given, by the names of the task sheet."""
    return {
        "n_inputs": str(case.n_inputs),
        "n_neurons": str(case.n_neurons),
        "activation": case.activation,
        "W": matrix(case.weight_matrix),
        "b": matrix(case.bias_column),
        "a_prev": matrix(column(step.inputs)),
        "z": matrix(case.z(step)),
        "da": matrix(column(step.da)),
        "learning_rate": number(step.learning_rate),
    }


def fit_facts(case: FitCase) -> dict[str, str]:
    """Return what a call of ``fit`` was given."""
    return {
        "layers": " → ".join(map(str, [case.sizes[0][0], *(n for _, n in case.sizes)])) + " (the exam's own)",
        "training_data": matrix(np.array(case.rows)),
        "labels": matrix(column(case.labels)),
        "epochs": str(case.epochs),
        "learning_rate": number(case.learning_rate),
    }


def train_facts(case: TrainCase) -> dict[str, str]:
    """Return what a network was trained on."""
    names = ", ".join(layer.activation for layer in case.layers)
    sizes = " → ".join(map(str, [case.layers[0].n_inputs, *(layer.n_neurons for layer in case.layers)]))
    facts = {"layers": f"{sizes} ({names})"}
    if sum(len(layer.weights) for layer in case.layers) <= 12:  # noqa: PLR2004 - what a reader can follow
        for i, layer in enumerate(case.layers, 1):
            facts[f"W{i}"] = matrix(np.array(layer.weights).reshape(layer.n_neurons, layer.n_inputs))
            facts[f"b{i}"] = matrix(column(layer.biases))
    if len(case.rows) > _ROWS:
        data = {"training_data": f"{len(case.rows)} examples of X_train, with their labels"}
    else:
        data = {"training_data": matrix(np.array(case.rows)), "labels": matrix(column(case.labels))}
    return facts | data | {"learning_rate": number(case.learning_rate)}
