"""Call ``backward`` and ``fit`` of a submission as a request says, and describe the outcome."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from grader.candidate.sandbox.runtime import probe_layers, static_values
from grader.candidate.sandbox.runtime.capture import Capture
from grader.candidate.sandbox.runtime.loader import as_type_name, error_of, explained_error
from grader.protocol import limits, probe_responses
from grader.protocol.activations import ACTIVATIONS
from grader.protocol.frames import Floats

__all__ = ["AbandonedError", "Methods", "Numbers"]

_LINE_LENGTH = 120
_LOG_LIMIT = 900_000
"""Numbers in all the logs of one reply, so that it fits in a frame."""
_FORWARD_LIMIT, _FORWARD_LIMIT_ONCE_STOPPED = 100_000, 10_000
"""Calls of ``forward`` in one case, enough to plot every epoch; fewer after a case was stopped."""

Case = dict[str, Any]


class AbandonedError(BaseException):
    """Raised, while a method of the submission runs, to give up the whole request."""


class Numbers:
    """Takes arrays, one after another, from a request's flat payload."""

    def __init__(self, flat: Floats) -> None:
        self._flat, self._at = flat, 0

    def take(self, *shape: int) -> Floats:
        """Return a copy of the next numbers in ``shape``."""
        count = prod(shape)
        piece = self._flat[self._at : self._at + count].reshape(shape).copy()
        self._at += count
        return piece

    def number(self) -> float:
        """Return the next number."""
        self._at += 1
        return float(self._flat[self._at - 1])


class Methods:
    """Answers one request for the methods of ``module``; ``arrays`` collects the numbers of the reply.

    ``begin`` is called when a case is begun, or a call of ``fit`` in it.
    """

    def __init__(
        self, module: types.ModuleType, utils: types.ModuleType, capture: Capture, begin: Callable[[], None]
    ) -> None:
        self._module, self._capture, self._begin = module, capture, begin
        self._activations = {**ACTIVATIONS, "relu": utils.relu, "sigmoid": utils.sigmoid}
        self._log_room = [_LOG_LIMIT, probe_responses.CALLS_LIMIT]
        self._forward_limit = _FORWARD_LIMIT
        self.arrays: list[Floats] = []

    def backward(self, case: Case, numbers: Numbers) -> dict[str, Any]:
        """Make a layer, and call ``forward`` and ``backward`` in each step."""
        self._begin()
        n_inputs, n_neurons = case["n_inputs"], case["n_neurons"]
        weights, biases = numbers.take(n_neurons, n_inputs), numbers.take(n_neurons, 1)
        steps = [
            (numbers.take(n_inputs, 1), numbers.take(n_neurons, 1), numbers.number())
            for _ in range(case["steps"])
        ]
        results: list[dict[str, Any]] = []
        during = "Layer"
        try:
            layer = self._module.Layer(n_inputs, n_neurons, self._activations[case["activation"]])
            for inputs, da, learning_rate in steps:
                layer.weights, layer.biases = weights.copy(), biases.copy()
                during = "Layer.forward"
                layer.forward(inputs)
                during = "Layer.backward"
                da_prev = layer.backward(da, learning_rate)
                results.append({"da_prev": self._describe(da_prev), **self._parameters(layer)})
        except AbandonedError:
            raise
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            return {"steps": results, "raised": _raised(case, error), "during": during}
        return {"steps": results, "raised": None, "during": during}

    def forward(self, case: Case, numbers: Numbers) -> dict[str, Any]:
        """Make a layer and call ``forward``."""
        self._begin()
        n_inputs, n_neurons = case["n_inputs"], case["n_neurons"]
        weights, biases = numbers.take(n_neurons, n_inputs), numbers.take(n_neurons, 1)
        inputs = numbers.take(n_inputs, 1)
        try:
            layer = self._module.Layer(n_inputs, n_neurons, self._activations[case["activation"]])
            layer.weights, layer.biases = weights, biases
            returned = layer.forward(inputs)
        except BaseException:  # noqa: BLE001 - a submission may raise anything
            return {"returned": None, "kept": []}
        return {"returned": self._describe(returned), "kept": list(self._kept(layer))}

    def _kept(self, layer: Any) -> Iterator[list[Any]]:
        """Describe the arrays that a layer keeps, in its attributes or in their containers."""
        values = static_values.arrays_in(static_values.namespace_of(layer))
        for name, value in islice(values, limits.KEPT):
            yield [name[: limits.TEXT], self._describe(value)]

    def fit(self, case: Case, numbers: Numbers) -> dict[str, Any]:
        """Call ``fit`` with probe layers."""
        self._begin()
        examples, epochs, sizes = case["examples"], case["epochs"], case["sizes"]
        data, labels = numbers.take(examples, case["features"]), numbers.take(examples, 1)
        calls_per_epoch = examples * len(sizes)
        log = self._new_log(epochs, calls_per_epoch)
        reply: dict[str, Any] = {"raised": None, "stopped": False, "generator": False}
        places: set[str] = set()
        self._capture.take()
        try:
            perceptron = self._module.Perceptron(
                probe_layers.probe_chain(sizes, log, is_steady=case["steady"])
            )
            log.watching = True
            places = _places_of_layers(perceptron, probe_layers.ProbeLayer)
            returned = perceptron.fit(data.copy(), labels.copy(), epochs, case["learning_rate"])
            reply["generator"] = isinstance(returned, types.GeneratorType)
        except probe_layers.Stop:
            reply["stopped"] = True
        except AbandonedError:
            raise
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            reply |= {"raised": _raised(case, error), "raised_after": len(log.calls)}
            reply["stopped"] = _train_the_rest(
                log,
                calls_per_epoch,
                epochs,
                lambda: perceptron.fit(data.copy(), labels.copy(), 1, case["learning_rate"]),
            )
        log.watching = False
        if reply["stopped"]:
            self._forward_limit = _FORWARD_LIMIT_ONCE_STOPPED
        text, _ = self._capture.take()
        lines = list(_loss_lines(text))
        if not lines:
            reply["other_lines"] = list(_lines_with_numbers(text))
        if not log.calls and places:
            reply["replaced"] = not places.isdisjoint(_places_of_layers(perceptron, self._module.Layer))
        return {**reply, **self._add_log(log), "lines": lines}

    def _new_log(self, epochs: int, calls_per_epoch: int) -> probe_layers.Log:
        return probe_layers.Log(
            # All epochs of a fit that never calls backward tell what it prints.
            forward_kept_at_first=probe_responses.FORWARD_TIMES * epochs * calls_per_epoch,
            forward_kept=probe_responses.FORWARD_TIMES * calls_per_epoch,
            forward_limit=self._forward_limit,
            backward_limit=probe_responses.BACKWARD_TIMES * epochs * calls_per_epoch,
        )

    def _add_log(self, log: probe_layers.Log) -> dict[str, Any]:
        """Add the numbers of a log to the reply if there is room for them, and return its description."""
        room = [self._log_room[0] - sum(map(len, log.calls)), self._log_room[1] - len(log.calls)]
        calls = log.calls if min(room) >= 0 else []
        if calls:
            self._log_room = room
        flat = np.array([number for call in calls for number in call], dtype=np.float64)
        self.arrays.append(flat)
        return {"calls": len(calls), "size": flat.size, **_assigned(log)}

    def train(self, case: Case, numbers: Numbers) -> dict[str, Any]:
        """Train a network of the submission's own layers by calls of ``fit`` for one epoch each."""
        parameters = [(numbers.take(n, m), numbers.take(n, 1)) for m, n, _ in case["layers"]]
        data, labels = numbers.take(case["examples"], case["layers"][0][0]), numbers.take(case["examples"], 1)
        learning_rate = numbers.number()
        calls: list[list[dict[str, Any]]] = []
        raised: dict[str, Any] | None = None
        try:
            layers = [self._module.Layer(m, n, self._activations[name]) for m, n, name in case["layers"]]
            perceptron = self._module.Perceptron(list(layers))
            for layer, (weights, biases) in zip(layers, parameters, strict=True):
                layer.weights, layer.biases = weights, biases
            for _ in range(case["calls"]):
                self._begin()
                try:
                    perceptron.fit(data.copy(), labels.copy(), 1, learning_rate)
                except AbandonedError:
                    raise
                except BaseException as error:  # noqa: BLE001 - a submission may raise anything
                    raised = raised or _raised(case, error)
                calls.append([self._parameters(layer) for layer in layers])
        except AbandonedError:
            raise
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            raised = raised or _raised(case, error)
        return {"calls": calls, "raised": raised}

    def _parameters(self, layer: Any) -> dict[str, Any]:
        return {"weights": self._describe(layer.weights), "biases": self._describe(layer.biases)}

    def _describe(self, value: Any) -> dict[str, Any]:
        """Return the shape or the type of ``value``, and add its numbers to the reply if it has some."""
        name = type(value).__name__
        if value is None:
            return {"type": name}
        try:
            array = np.asarray(value)
            if array.dtype.kind not in "fiu":
                return {"type": as_type_name(f"{name} of {array.dtype}")}
            shape = list(array.shape)
            numbers = np.array(array, dtype=np.float64)
        except (TypeError, ValueError):
            return {"type": as_type_name(name)}
        kept = numbers.size <= limits.NUMBERS
        if kept:
            self.arrays.append(numbers)
        return {"shape": shape, "kept": kept}


def _raised(case: Case, error: BaseException) -> dict[str, Any]:
    return explained_error(error) if case.get("explained") else error_of(error)


def _assigned(log: probe_layers.Log) -> dict[str, Any]:
    assigned: dict[str, Any] = {"assigned": sorted(log.assigned)}
    return {**assigned, "assignments": log.assignments} if log.assignments else assigned


def _train_the_rest(
    log: probe_layers.Log, calls_per_epoch: int, epochs: int, fit: Callable[[], object]
) -> bool:
    """Train the remaining epochs, one by one, after an exception at the end of an epoch.

    Trains nothing if the exception came within an epoch, and stops after an epoch that is not trained whole. Returns
    whether ``fit`` was stopped.
    """
    first = log.backward_calls // calls_per_epoch
    for trained in range(first, epochs if first else 0):
        if log.backward_calls != trained * calls_per_epoch:
            break
        try:
            fit()
        except probe_layers.Stop:
            return True
        except AbandonedError:
            raise
        except BaseException:  # noqa: BLE001, S112 - likely the same again
            continue
    return False


def _places_of_layers(perceptron: Any, kind: type) -> set[str]:
    """Return the names of the attributes that are a list or tuple of layers of this ``kind``."""
    try:
        return {
            name
            for name, value in vars(perceptron).items()
            if type(value) in {list, tuple} and {*map(type, value)} == {kind}
        }
    except BaseException:  # noqa: BLE001 - a submission may raise anything
        return set()


def _loss_lines(text: str) -> Iterator[str]:
    lines = (line for line in _shown_lines(text) if "loss at epoch" in line.lower())
    for _, line in zip(range(limits.LOSS_LINES), lines, strict=False):
        yield line.strip()[:_LINE_LENGTH]


def _lines_with_numbers(text: str) -> Iterator[str]:
    lines = (line for line in _shown_lines(text) if any(map(str.isdecimal, line)) or "nan" in line.lower())
    for _, line in zip(range(limits.OTHER_LINES), lines, strict=False):
        yield line.strip()[:_LINE_LENGTH]


def _shown_lines(text: str) -> Iterator[str]:
    # A carriage return overwrites the text before it.
    return (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
