"""Answers an examiner's requests about one submission; ``wire`` has their contract."""

from __future__ import annotations

import gc
import socket
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from math import prod
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import entropy, pairs, probes, standins, wire
from .activations import ACTIVATIONS
from .capture import Capture
from .decoding import ProblemError
from .loader import error_of, load
from .lockdown import MissingLayerError
from .names import CLASSES
from .reading import read
from .shown import shown

__all__ = ["serve"]

Floats = NDArray[np.float64]
Answer = tuple[dict[str, Any], list[Floats]]

_OUTPUT_LIMIT = 64 * 1024
_LINE_LIMIT, _LINES_LIMIT = 120, 400
_ELEMENTS_LIMIT = 4096
_LOG_LIMIT = 900_000
"""Numbers of all the logs of one reply, so that it stays within a frame."""
_FORWARD_LIMIT, _FORWARD_LIMIT_ONCE_STOPPED = 100_000, 10_000
"""Calls of ``forward`` in one case, enough for drawing a plot of every epoch; fewer after a case was stopped."""


def serve(connection: socket.socket, lock_down: Callable[[], tuple[str, ...]]) -> None:
    """Lock this process down, say which layers are up, and answer the requests that come over ``connection``.

    ``lock_down`` returns the layers; where one cannot be put up, nothing of a submission is ever asked for.
    """
    try:
        layers = lock_down()
    except MissingLayerError as error:
        connection.sendall(wire.encode({"id": 0, "missing": error.args}))
        return
    worker = _Worker(connection, Capture())
    connection.sendall(wire.encode({"id": 0, "layers": layers}))
    while True:
        prefix = _received(connection, wire.PREFIX.size)
        if prefix is None:
            return
        header_length, payload_length = wire.lengths(prefix)
        header = wire.decode_header(_received(connection, header_length) or b"")
        payload = _received(connection, payload_length) or b""
        if (reader := _READERS.get(header["verb"])) is not None:
            reply, texts = reader(header, payload)
            connection.sendall(wire.opening({"id": header["id"], **reply}, sum(map(len, texts))))
            for text in texts:
                connection.sendall(text)
        else:
            reply, arrays = worker.answer(header, payload)
            connection.sendall(wire.encode({"id": header["id"], **reply}, arrays))


def _received(connection: socket.socket, count: int) -> bytes | None:
    content = bytearray()
    while len(content) < count:
        piece = connection.recv(count - len(content))
        if not piece:
            return None
        content += piece
    return bytes(content)


def _read(request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the fields and texts of the reply to a request to read a submission, whatever it holds."""
    gc.disable()  # many small objects, and none that is let go
    try:
        names = [name for name, _, _ in request["files"]]
        contents = wire.pieces(payload, [size for _, _, size in request["files"]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reading = read(
                dict(zip(names, contents, strict=True)),
                {name: shown for name, shown, _ in request["files"]},
                "" if request["main"] is None else names[request["main"]],
                frozenset(request["skeletons"]),
            )
    except ProblemError as problem:
        return {"problem": str(problem)}, []
    except MemoryError:
        return {"problem": "it needs more memory to be read than a submission may use"}, []
    except Exception:  # noqa: BLE001 - what nobody has foreseen is ours, and said with where it happened
        return {"bug": traceback.format_exc()}, []
    finally:
        gc.enable()
    cells = [text.encode() for _, text in reading.cells]
    helpers = [text.encode() for _, text in reading.helpers]
    numbers = {name: number for number, name in enumerate(names)}
    return {
        "main": numbers[reading.main],
        "sha256": reading.sha256,
        "cells": [[number, len(text)] for (number, _), text in zip(reading.cells, cells, strict=True)],
        "helpers": [
            [numbers[name], len(text)] for (name, _), text in zip(reading.helpers, helpers, strict=True)
        ],
    }, [*cells, *helpers]


def _show(_request: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return the fields and contents of the reply to a request to show a notebook."""
    try:
        cells, contents = shown(payload)
    except ValueError as error:
        return {"refused": str(error)}, []
    except MemoryError:
        return {"refused": "it takes more memory to read than there is for it"}, []
    return {"cells": cells}, [contents]


_READERS = {"read": _read, "show": _show}
"""What is asked before anything of a submission was run."""


class _Numbers:
    """Takes arrays, one after another, from a request's flat payload."""

    def __init__(self, flat: Floats) -> None:
        self._flat, self._at = flat, 0

    def take(self, *shape: int) -> Floats:
        count = prod(shape)
        piece = self._flat[self._at : self._at + count].reshape(shape).copy()
        self._at += count
        return piece

    def number(self) -> float:
        self._at += 1
        return float(self._flat[self._at - 1])


class _Room:
    """What is left for the logs of one reply: numbers, and calls."""

    def __init__(self, numbers: int, calls: int) -> None:
        self._left = (numbers, calls)

    def take(self, numbers: int, calls: int) -> bool:
        """Take room for a log, and tell whether there was enough of it."""
        left = (self._left[0] - numbers, self._left[1] - calls)
        if min(left) < 0:
            return False
        self._left = left
        return True


class _Worker:
    """Holds the submission's module between requests."""

    def __init__(self, connection: socket.socket, capture: Capture) -> None:
        self._connection, self._capture = connection, capture
        self._module = types.ModuleType("submission")
        utils = sys.modules["utils"]
        self._activations = {**ACTIVATIONS, "relu": utils.relu, "sigmoid": utils.sigmoid}
        self._told = monotonic()
        standins.install()
        pairs.install()

    def answer(self, request: dict[str, Any], payload: bytes) -> Answer:
        """Return the reply's fields and arrays for one request."""
        entropy.reseed()
        self._capture.begin()
        self._told = monotonic()
        if request["verb"] == "load":
            return self._load(request, payload)
        verbs: dict[str, Callable[[dict[str, Any], _Numbers], Answer]] = {
            "backward": self._backward,
            "fit": self._fit,
            "train": self._train,
        }
        return verbs[request["verb"]](request, _Numbers(wire.decode_payload(payload)))

    def _load(self, request: dict[str, Any], payload: bytes) -> Answer:
        def starting(index: int) -> None:
            self._connection.sendall(wire.encode({"id": request["id"], "at": index}))

        sizes = [entry[-1] for entry in (*request["cells"], *request["helpers"])]
        texts = (text.decode() for text in wire.pieces(payload, sizes))
        loaded = load(
            request["file"],
            [(label, next(texts)) for label, _ in request["cells"]],
            [(module, package, file, next(texts)) for module, package, file, _ in request["helpers"]],
            request["skip"],
            starting,
        )
        self._module = loaded.module
        output, dropped = self._capture.take()
        defined = [n for n in CLASSES if callable(getattr(self._module, n, None))]
        return {
            "classes": defined,
            "events": loaded.events[:100],
            "syntax": loaded.syntax[:100],
            "output": output[:_OUTPUT_LIMIT],
            "output_cut": dropped or len(output) > _OUTPUT_LIMIT,
        }, []

    def _begin(self) -> None:
        """Tell the examiner that another part of a request is begun, unless it was told a moment ago."""
        if (now := monotonic()) > self._told + wire.SIGN_SECONDS:
            self._connection.sendall(wire.SIGN_OF_LIFE)
            self._told = now

    def _backward(self, request: dict[str, Any], numbers: _Numbers) -> Answer:
        arrays: list[Floats] = []
        return {"cases": [self._backward_case(c, numbers, arrays) for c in request["cases"]]}, arrays

    def _backward_case(self, case: dict[str, Any], numbers: _Numbers, arrays: list[Floats]) -> dict[str, Any]:
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
                results.append(
                    {
                        "da_prev": _described(da_prev, arrays),
                        "weights": _described(layer.weights, arrays),
                        "biases": _described(layer.biases, arrays),
                    }
                )
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            return {"steps": results, "error": error_of(error), "during": during}
        return {"steps": results, "error": None, "during": during}

    def _fit(self, request: dict[str, Any], numbers: _Numbers) -> Answer:
        arrays: list[Floats] = []
        room, passes = _Room(_LOG_LIMIT, probes.CALLS_LIMIT), _FORWARD_LIMIT
        replies = []
        for case in request["cases"]:
            reply, log = self._fit_case(case, numbers, room, passes)
            if reply["stopped"]:
                passes = _FORWARD_LIMIT_ONCE_STOPPED
            replies.append(reply)
            arrays.append(log)
        return {"cases": replies}, arrays

    def _fit_case(
        self, case: dict[str, Any], numbers: _Numbers, room: _Room, passes: int
    ) -> tuple[dict[str, Any], Floats]:
        self._begin()
        examples, features, epochs, sizes = case["examples"], case["features"], case["epochs"], case["sizes"]
        data, labels = numbers.take(examples, features), numbers.take(examples, 1)
        in_an_epoch = examples * len(sizes)
        expected = epochs * in_an_epoch
        log = probes.Log(
            probes.FORWARD_TIMES * expected,
            forward_limit=passes,
            backward_limit=probes.BACKWARD_TIMES * expected,
        )
        reply: dict[str, Any] = {"error": None, "stopped": False, "generator": False}
        self._capture.begin()
        try:
            perceptron = self._module.Perceptron(probes.chain(sizes, log, is_steady=case["steady"]))
            log.watching = True
            returned = perceptron.fit(data.copy(), labels.copy(), epochs, case["learning_rate"])
            reply["generator"] = isinstance(returned, types.GeneratorType)
        except probes.Stop:
            reply["stopped"] = True
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            reply["error"] = error_of(error)
            reply["stopped"] = self._train_the_rest(
                log,
                in_an_epoch,
                epochs,
                lambda: perceptron.fit(data.copy(), labels.copy(), 1, case["learning_rate"]),
            )
        log.watching = False
        text, _ = self._capture.take()
        fields, flat = _logged(log, room)
        return {**reply, **fields, "lines": list(_loss_lines(text))}, flat

    @staticmethod
    def _train_the_rest(log: probes.Log, in_an_epoch: int, epochs: int, fit: Callable[[], object]) -> bool:
        """Train the epochs that are left, one by one, after an exception that came when an epoch was over.

        Trains nothing if no epoch was over, and stops at one that is not trained whole. Returns whether ``fit`` was
        stopped.
        """
        first = log.backward_calls // in_an_epoch
        for trained in range(first, epochs if first else 0):
            if log.backward_calls != trained * in_an_epoch:
                break
            try:
                fit()
            except probes.Stop:
                return True
            except BaseException:  # noqa: BLE001, S112 - likely the same again
                continue
        return False

    def _train(self, request: dict[str, Any], numbers: _Numbers) -> Answer:
        arrays: list[Floats] = []
        return {"cases": [self._train_case(c, numbers, arrays) for c in request["cases"]]}, arrays

    def _train_case(self, case: dict[str, Any], numbers: _Numbers, arrays: list[Floats]) -> dict[str, Any]:
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
                except BaseException as error:  # noqa: BLE001 - a submission may raise anything
                    raised = raised or error_of(error)
                calls.append(
                    [
                        {
                            "weights": _described(layer.weights, arrays),
                            "biases": _described(layer.biases, arrays),
                        }
                        for layer in layers
                    ]
                )
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything
            raised = raised or error_of(error)
        return {"calls": calls, "error": raised}


def _described(value: Any, arrays: list[Floats]) -> dict[str, Any]:
    """Return what ``value`` is; its numbers, if it has some, are added to ``arrays``."""
    name = type(value).__name__
    if value is None:
        return {"type": name}
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiu":
            return {"type": f"{name} of {array.dtype}"[:_LINE_LIMIT]}
        shape = list(array.shape)
        numbers = np.array(array, dtype=np.float64)
    except (TypeError, ValueError):
        return {"type": name}
    kept = numbers.size <= _ELEMENTS_LIMIT
    if kept:
        arrays.append(numbers)
    return {"shape": shape, "kept": kept}


def _logged(log: probes.Log, room: _Room) -> tuple[dict[str, Any], Floats]:
    """Return what a reply says of a log, and the numbers of its calls, or none if there is no room for them."""
    kept = log.calls if room.take(sum(map(len, log.calls)), len(log.calls)) else []
    flat = np.array([number for call in kept for number in call], dtype=np.float64)
    return {"calls": len(kept), "size": flat.size, "assigned": sorted(log.assigned)}, flat


def _loss_lines(text: str) -> Iterator[str]:
    # What stands before a carriage return is written over.
    shown = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    lines = (line for line in shown if "loss at epoch" in line.lower())
    for _, line in zip(range(_LINES_LIMIT), lines, strict=False):
        yield line.strip()[:_LINE_LIMIT]
