"""Answer the grader's requests about one submission, as ``grader.protocol`` describes."""

from __future__ import annotations

import gc
import socket
import sys
import traceback
import types
import warnings
from collections.abc import Callable
from functools import cached_property
from time import monotonic
from typing import Any

from grader.candidate.sandbox.runtime import determinism, socketpair_shim, stub_modules
from grader.candidate.sandbox.runtime.capture import Capture
from grader.candidate.sandbox.runtime.decoding import ProblemError
from grader.candidate.sandbox.runtime.loader import SOURCES, load
from grader.candidate.sandbox.runtime.methods import Methods, Numbers
from grader.candidate.sandbox.runtime.reading import read
from grader.candidate.sandbox.runtime.repair.answering import Repair
from grader.candidate.sandbox.runtime.showing import show
from grader.candidate.sandbox.wall.lockdown import MissingLayerError
from grader.protocol import frames, limits
from grader.protocol.names import CLASSES, METHODS
from grader.protocol.problems import Problem

__all__ = ["serve"]

Header = dict[str, Any]


def serve(connection: socket.socket, lock_down: Callable[[], tuple[str, ...]]) -> None:
    """Lock this process down, say which layers are up, and answer the requests that come over ``connection``.

    ``lock_down`` returns the layers; if one is missing, this process is never sent a submission.
    """
    try:
        layers = lock_down()
    except MissingLayerError as error:
        connection.sendall(frames.encode({"id": 0, "missing": error.args}))
        return
    worker = _Worker(connection, Capture())
    connection.sendall(frames.encode({"id": 0, "layers": layers}))
    while (prefix := _receive(connection, frames.PREFIX.size)) is not None:
        header_length, payload_length = frames.PREFIX.unpack(prefix)
        header = frames.decode_header(_receive(connection, header_length) or b"")
        payload = _receive(connection, payload_length) or b""
        for piece in worker.answer(header, payload):
            connection.sendall(piece)


def _receive(connection: socket.socket, count: int) -> bytes | None:
    content = bytearray()
    while len(content) < count:
        piece = connection.recv(count - len(content))
        if not piece:
            return None
        content += piece
    return bytes(content)


class _Worker:
    """Holds the submission's module between requests."""

    def __init__(self, connection: socket.socket, capture: Capture) -> None:
        self._connection, self._capture = connection, capture
        self._utils = sys.modules["utils"]
        self._module = types.ModuleType("submission")
        self._last_sign = monotonic()
        stub_modules.install()
        socketpair_shim.install()

    def answer(self, request: Header, payload: bytes) -> list[bytes]:
        """Return the frame of the reply to a request, in pieces."""
        match request["verb"]:
            case "read":
                fields, texts = _read(request, payload)
            case "show":
                fields, texts = _show(payload)
            case _:
                return [self._run(request, payload)]
        return [frames.frame_head({"id": request["id"], **fields}, sum(map(len, texts))), *texts]

    def _run(self, request: Header, payload: bytes) -> bytes:
        determinism.reseed()
        self._capture.take()
        self._last_sign = monotonic()
        if request["verb"] == "load":
            return frames.encode({"id": request["id"], **self._load(request, payload)})
        if request["verb"] in ("edits", "try"):
            answer = self._repair.edits if request["verb"] == "edits" else self._repair.tried
            fields, arrays = answer(request, frames.decode_payload(payload))
            return frames.encode({"id": request["id"], **fields}, arrays)
        methods = self._new_methods()
        call = {
            "backward": methods.backward,
            "forward": methods.forward,
            "fit": methods.fit,
            "train": methods.train,
        }[request["verb"]]
        numbers = Numbers(frames.decode_payload(payload))
        cases = [call(case, numbers) for case in request["cases"]]
        return frames.encode({"id": request["id"], "cases": cases}, methods.arrays)

    @cached_property
    def _repair(self) -> Repair:
        return Repair(SOURCES, self._new_methods)

    def _new_methods(self) -> Methods:
        return Methods(self._module, self._utils, self._capture, self._show_life)

    def _load(self, request: Header, payload: bytes) -> Header:
        def starting(index: int) -> None:
            self._connection.sendall(frames.encode({"id": request["id"], "at": index}))

        sizes = [entry[-1] for entry in (*request["cells"], *request["helpers"])]
        texts = map(bytes.decode, frames.split_payload(payload, sizes))
        loaded = load(
            request["file"],
            [(label, next(texts)) for label, _ in request["cells"]],
            [(module, package, file, next(texts)) for module, package, file, _ in request["helpers"]],
            request["skip"],
            starting,
        )
        self._module = loaded.module
        text, dropped = self._capture.take()
        output = text.encode()[: limits.OUTPUT].decode(errors="ignore")
        return {
            "classes": [name for name in CLASSES if callable(getattr(self._module, name, None))],
            "skipped": loaded.skipped[: limits.SKIPPED],
            "syntax": loaded.syntax[: limits.SKIPPED],
            "empty": [name for name in METHODS if name in loaded.empty],
            "output": output,
            "output_cut": dropped or len(output) < len(text),
        }

    def _show_life(self) -> None:
        """Send a sign of life, unless the last one was sent a moment ago."""
        if (now := monotonic()) > self._last_sign + frames.SIGN_SECONDS:
            self._connection.sendall(frames.SIGN_OF_LIFE)
            self._last_sign = now


def _read(request: Header, payload: bytes) -> tuple[Header, list[bytes]]:
    """Return the fields and texts of the reply to ``read``, whatever the files contain."""
    gc.disable()  # many small objects, and none of them is freed
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read_reply(request, payload)
    except ProblemError as error:
        return {"problem": error.fields}, []
    except MemoryError:
        return {"problem": ProblemError(Problem.OUT_OF_MEMORY).fields}, []
    except Exception:  # noqa: BLE001 - a bug of ours, reported with its place
        return {"bug": traceback.format_exc()}, []
    finally:
        gc.enable()


def _read_reply(request: Header, payload: bytes) -> tuple[Header, list[bytes]]:
    files, skeletons = request["files"], request["skeletons"]
    contents = iter(frames.split_payload(payload, [entry[-1] for entry in (*files, *skeletons)]))
    reading = read(
        {name: next(contents) for name, _, _ in files},
        {name: shown for name, shown, _ in files},
        "" if request["main"] is None else files[request["main"]][0],
        {name: content for (name, _), content in zip(skeletons, contents, strict=True)},
    )
    numbers = {name: number for number, (name, _, _) in enumerate(files)}
    cells = [(number, text.encode()) for number, text in reading.cells]
    helpers = [(numbers[name], text.encode()) for name, text in reading.helpers]
    fields = {
        "main": numbers[reading.main],
        "sha256": reading.sha256,
        "cells": [[number, len(text)] for number, text in cells],
        "helpers": [[number, len(text)] for number, text in helpers],
    }
    return fields, [text for _, text in (*cells, *helpers)]


def _show(payload: bytes) -> tuple[Header, list[bytes]]:
    """Return the fields and contents of the reply to ``show``."""
    try:
        cells, contents = show(payload)
    except ProblemError as error:
        return {"problem": error.fields}, []
    except MemoryError:
        return {"problem": ProblemError(Problem.OUT_OF_MEMORY).fields}, []
    return {"cells": cells}, [contents]
