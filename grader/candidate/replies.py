"""Turns what came over the wire into records, or refuses it: the one place where replies are checked.

A reply is what an untrusted process says. Nothing here trusts a length, a type, a shape or a number in
it; whatever does not fit raises ``WireError``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite, prod
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from grader.candidate.inside import probes, wire
from grader.candidate.inside.parsing import claim
from grader.candidate.inside.reading import module_of
from grader.candidate.inside.wire import WireError
from grader.errors import UnreadableError
from grader.model import Cell, Helper, Source, Submission, SyntaxProblem
from grader.text import printable

__all__ = [
    "BackwardReply",
    "Call",
    "FitReply",
    "Loaded",
    "PassedOver",
    "Raised",
    "Returned",
    "StepReply",
    "TrainReply",
    "backward_reply",
    "fit_reply",
    "load_reply",
    "read_reply",
    "train_reply",
]

Floats = NDArray[np.float64]
T = TypeVar("T")

_OUTPUT_LIMIT = 64 * 1024
"""Bytes in UTF-8 of what a submission printed."""
_TEXT_LIMIT = 200
"""Characters of anything else that it says."""
_RAISED_LIMIT = 250
"""Characters of an exception's text before addresses in it are masked, which makes it shorter."""
_PROBLEM_LIMIT = 1000
"""Characters of why it cannot be read: some names of its files may be in there."""
_EVENTS_LIMIT = 100
_DIMENSIONS_LIMIT = 8
_LENGTH_LIMIT = 10**9
_LINE_NUMBER_LIMIT = 10**7
_CALL_HEAD = 5
"""Numbers of a call in a log before its argument."""
_RESPONSES = 8192
"""Responses of probes that are kept; a right submission asks for the same ones as the one before it."""
_ADDRESS = re.compile(r"0x[0-9A-Fa-f]+")
_CALLED = frozenset({"Layer", "Layer.forward", "Layer.backward"})


@dataclass(frozen=True)
class Raised:
    """An exception of the submission's: type, text in one line, and the place in the submission, if it passed one."""

    type: str
    text: str
    label: str | None
    line: int | None


@dataclass(frozen=True)
class PassedOver:
    """A top-level statement that failed, or that was stopped (then ``raised`` is none)."""

    index: int
    label: str
    line: int
    raised: Raised | None
    was_late: bool = False
    """Whether it was stopped, or not begun, because the time for all statements was over."""


@dataclass(frozen=True)
class Loaded:
    """What is left after a submission's statements were run."""

    classes: frozenset[str]
    passed_over: tuple[PassedOver, ...]
    syntax: tuple[SyntaxProblem, ...]
    output: str
    output_cut: bool


@dataclass(frozen=True, eq=False)
class Returned:
    """A value of the submission's: an array of finite real numbers, or what it is instead."""

    array: Floats | None
    shape: tuple[int, ...] | None = None
    """The shape of an array of real numbers, also if ``array`` is ``None``; ``None`` for any other type."""
    type: str = ""
    """The name of the type, if it is not an array of real numbers."""
    is_finite: bool = True
    """Whether no number is NaN or infinity."""

    def reshaped(self, *shape: int) -> Floats | None:
        """Return the numbers in ``shape`` where their count fits, else none."""
        if self.array is None or self.array.size != prod(shape):
            return None
        return self.array.reshape(shape)

    def shaped(self, *shape: int) -> Floats | None:
        """Return the numbers where their shape is ``shape``, else none."""
        return self.array if self.array is not None and self.array.shape == shape else None


@dataclass(frozen=True)
class StepReply:
    """What one call of ``backward`` returned, and the parameters after it."""

    da_prev: Returned
    weights: Returned
    biases: Returned


@dataclass(frozen=True)
class BackwardReply:
    """The steps of one case that ended without an exception, and the exception that ended it, if one did."""

    steps: tuple[StepReply, ...]
    raised: Raised | None
    during: str
    """What was called last: ``Layer``, ``Layer.forward`` or ``Layer.backward``."""


class Call(NamedTuple):
    """One call that ``fit`` made on a probe layer."""

    is_backward: bool
    layer: int
    learning_rate: float
    """NaN where none was given."""
    size: int
    """How many numbers the argument had; -1 where it was no array of numbers."""
    argument: tuple[float, ...]
    """The argument's numbers, flat; cut where there were too many."""
    returned: tuple[float, ...]
    """What the probe returned, flat, as the examiner computes it."""


@dataclass(frozen=True)
class FitReply:
    """The calls and the printed lines of one ``fit``, and how it ended."""

    calls: tuple[Call, ...]
    lines: tuple[str, ...]
    raised: Raised | None
    stopped: bool
    generator: bool
    assigned: tuple[str, ...]


@dataclass(frozen=True)
class TrainReply:
    """After each call of ``fit``: for each layer, its weights and biases."""

    calls: tuple[tuple[tuple[Returned, Returned], ...], ...]
    raised: Raised | None


class _Numbers:
    """Hands out the payload's numbers in order, and never more than there are."""

    def __init__(self, flat: Floats) -> None:
        self._flat, self._at = flat, 0
        self.are_finite = bool(np.isfinite(flat).all())

    def take(self, count: int) -> Floats:
        if count < 0 or self._at + count > self._flat.size:
            raise WireError("the payload is shorter than the header says")
        piece = self._flat[self._at : self._at + count]
        self._at += count
        return piece

    def finish(self) -> None:
        if self._at != self._flat.size:
            raise WireError("the payload is longer than the header says")


class _Log:
    """Reads the calls of one ``fit`` out of its flat list of numbers; ``case`` is what was asked."""

    def __init__(self, flat: list[float], case: Mapping[str, Any]) -> None:
        self._flat, self._at = flat, 0
        self._sizes, self._is_steady = case["sizes"], case["steady"]
        self._steps = [0] * len(self._sizes)
        self._backward_calls = 0

    def call(self) -> Call:
        flat, start = self._flat, self._at + _CALL_HEAD
        try:
            kind, place, learning_rate, count, kept = flat[self._at : start]
        except ValueError:
            raise WireError("the log is shorter than its calls") from None
        is_backward, layer = bool(_within(kind, 0, 1)), _within(place, 0, len(self._sizes) - 1)
        size, length = _within(count, -1, _LENGTH_LIMIT), _within(kept, 0, probes.KEPT)
        self._at = start + length
        argument = tuple(flat[start : self._at])
        if len(argument) != length:
            raise WireError("the log is shorter than its calls")
        if not all(map(isfinite, argument)):
            size, argument = -1, ()
        n_inputs, n_neurons = self._sizes[layer]
        if is_backward:
            returned = _backward_response(n_inputs, self._backward_calls)
            self._backward_calls += 1
            self._steps[layer] += not self._is_steady
        else:
            inputs = argument if size >= 0 else (0.0,) * n_inputs
            is_last = layer == len(self._sizes) - 1
            returned = _forward_response(n_neurons, is_last, inputs, self._steps[layer])
        return Call(is_backward, layer, learning_rate, size, argument, returned)

    def finish(self) -> None:
        if self._at != len(self._flat):
            raise WireError("the log is longer than its calls")


def _within(value: float, low: int, high: int) -> int:
    if not low <= value <= high or value != (whole := int(value)):
        raise WireError("a count is out of range")
    return whole


@lru_cache(maxsize=_RESPONSES)
def _forward_response(
    n_neurons: int, is_last: bool, inputs: tuple[float, ...], steps: int
) -> tuple[float, ...]:
    # Zeros of either sign have one response, as the sums begin with a whole 0.
    return tuple(probes.forward_response(n_neurons, is_last, inputs, steps))


@lru_cache(maxsize=_RESPONSES)
def _backward_response(n_inputs: int, calls: int) -> tuple[float, ...]:
    return tuple(probes.backward_response(n_inputs, calls))


def read_reply(header: Mapping[str, Any], payload: bytes, submission: Submission) -> Source:
    """Return what was read of ``submission``, by the reply to ``read``.

    Raises ``UnreadableError`` if there is nothing to examine, and ``RuntimeError`` if our own code failed.
    """
    if "bug" in header:
        raise RuntimeError(f"a submission could not be read\n{_typed(header['bug'], str)}")
    if "problem" in header:
        raise UnreadableError(printable(_typed(header["problem"], str), keep="")[:_PROBLEM_LIMIT])
    names = list(submission.files)
    main = names[_whole(_field(header, "main"), len(names) - 1)]
    file = printable(PurePosixPath(main).name, keep="")
    cells = [_pair(entry) for entry in _list(header, "cells")]
    helpers = [_pair(entry) for entry in _list(header, "helpers")]
    texts = wire.pieces(payload, [size for _, size in (*cells, *helpers)])
    modules = [module_of(names[_whole(number, len(names) - 1)], main) for number, _ in helpers]
    if None in modules:
        raise WireError("the reply names what cannot be imported")
    return Source(
        main,
        file,
        _text(_field(header, "sha256")),
        tuple(Cell(f"{file}, cell {number}" if number else file, next(texts)) for number, _ in cells),
        tuple(Helper(*module, next(texts)) for module in modules if module is not None),
    )


def _pair(entry: object) -> tuple[int, int]:
    match entry:
        case [first, second]:
            return _whole(first), _whole(second)
    raise WireError("the reply has something else in the place of a pair of numbers")


def load_reply(header: Mapping[str, Any]) -> Loaded:
    """Return the record of a reply to ``load``."""
    printed = _typed(_field(header, "output"), str)
    output = printed.encode("utf-8", "surrogatepass")[:_OUTPUT_LIMIT].decode("utf-8", "ignore")
    return Loaded(
        classes=frozenset(_text(name) for name in _list(header, "classes")),
        passed_over=tuple(_passed_over(_mapping(e)) for e in _list(header, "events")[:_EVENTS_LIMIT]),
        syntax=tuple(_syntax(_mapping(problem)) for problem in _list(header, "syntax")[:_EVENTS_LIMIT]),
        output=output,
        output_cut=_truth(header, "output_cut") or len(output) < len(printed),
    )


def backward_reply(
    header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]
) -> list[BackwardReply]:
    """Return the records of a reply to ``backward``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    for case, question in zip(_cases(header, len(asked)), asked, strict=True):
        raised = _raised(_field(case, "error"))
        steps = _as_many(_list(case, "steps"), question["steps"], raised)
        replies.append(
            BackwardReply(
                tuple(_step(_mapping(step), numbers) for step in steps),
                raised,
                _one_of(_CALLED, _field(case, "during")),
            )
        )
    numbers.finish()
    return replies


def fit_reply(header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]) -> list[FitReply]:
    """Return the records of a reply to ``fit``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    logged = 0
    for case, question in zip(_cases(header, len(asked)), asked, strict=True):
        own = _Log(numbers.take(_whole(_field(case, "size"))).tolist(), question)
        limit = probes.calls_limit(question["epochs"] * question["examples"] * len(question["sizes"]))
        count = _whole(_field(case, "calls"), min(limit, probes.CALLS_LIMIT - logged))
        calls = tuple(own.call() for _ in range(count))
        logged += count
        own.finish()
        replies.append(
            FitReply(
                calls,
                tuple(_text(line) for line in _list(case, "lines")),
                _raised(_field(case, "error")),
                _truth(case, "stopped"),
                _truth(case, "generator"),
                tuple(_text(name) for name in _list(case, "assigned")),
            )
        )
    numbers.finish()
    return replies


def train_reply(
    header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]
) -> list[TrainReply]:
    """Return the records of a reply to ``train``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    for case, question in zip(_cases(header, len(asked)), asked, strict=True):
        raised = _raised(_field(case, "error"))
        calls = []
        for call in _as_many(_list(case, "calls"), question["calls"], raised):
            layers = _typed(call, list)
            if len(layers) != len(question["layers"]):
                raise WireError("the reply has another number of layers than were asked")
            calls.append(tuple(_parameters(_mapping(layer), numbers) for layer in layers))
        replies.append(TrainReply(tuple(calls), raised))
    numbers.finish()
    return replies


def _cases(header: Mapping[str, Any], count: int) -> list[Mapping[str, Any]]:
    cases = _list(header, "cases")
    if len(cases) != count:
        raise WireError("the reply has another number of cases than were asked")
    return [_mapping(case) for case in cases]


def _as_many(items: list[Any], count: int, raised: Raised | None) -> list[Any]:
    """Return ``items`` where there are ``count`` of them, or fewer because the submission raised something."""
    if len(items) > count or (len(items) < count and raised is None):
        raise WireError("the reply has another number of results than were asked")
    return items


def _step(step: Mapping[str, Any], numbers: _Numbers) -> StepReply:
    return StepReply(
        *(_returned(_mapping(_field(step, name)), numbers) for name in ("da_prev", "weights", "biases"))
    )


def _parameters(layer: Mapping[str, Any], numbers: _Numbers) -> tuple[Returned, Returned]:
    return (
        _returned(_mapping(_field(layer, "weights")), numbers),
        _returned(_mapping(_field(layer, "biases")), numbers),
    )


def _returned(description: Mapping[str, Any], numbers: _Numbers) -> Returned:
    if "type" in description:
        return Returned(None, type=_name(_field(description, "type")))
    shape = tuple(_whole(length) for length in _list(description, "shape"))
    if len(shape) > _DIMENSIONS_LIMIT:
        raise WireError("a shape has too many dimensions")
    if not _truth(description, "kept"):
        return Returned(None, shape)
    # NumPy refuses a shape whose other lengths are too large, even where one of them is 0.
    if prod(max(length, 1) for length in shape) > _LENGTH_LIMIT:
        raise WireError("a shape is too large")
    array = numbers.take(prod(shape)).reshape(shape)
    if not (numbers.are_finite or np.isfinite(array).all()):
        return Returned(None, shape, is_finite=False)
    return Returned(array, shape)


def _passed_over(event: Mapping[str, Any]) -> PassedOver:
    return PassedOver(
        _whole(_field(event, "index")),
        _text(_field(event, "label")),
        _whole(_field(event, "line"), _LINE_NUMBER_LIMIT),
        _raised(event.get("error")),
    )


def _syntax(problem: Mapping[str, Any]) -> SyntaxProblem:
    version = _text(_field(problem, "version"))
    if not re.fullmatch(r"(?:[0-9]+\.[0-9]+)?", version):
        raise WireError("the reply names no version of Python")
    return SyntaxProblem(
        _text(_field(problem, "label")),
        _whole(_field(problem, "line"), _LINE_NUMBER_LIMIT),
        claim(_text(_field(problem, "message")), version),
    )


def _raised(error: object) -> Raised | None:
    if error is None:
        return None
    fields = _mapping(error)
    type_, text = _name(_field(fields, "type")), _one_line(_typed(_field(fields, "text"), str))
    label, line = _field(fields, "label"), _field(fields, "line")
    if label is None or line is None:
        return Raised(type_, text, None, None)
    return Raised(type_, text, _text(label), _whole(line, _LINE_NUMBER_LIMIT))


def _one_line(text: str) -> str:
    """Return ``text`` without line breaks, addresses in memory and characters that could act."""
    masked = _ADDRESS.sub("0x…", " ".join(text[:_RAISED_LIMIT].split()))
    return printable(masked, keep="")[:_TEXT_LIMIT]


def _field(fields: Mapping[str, Any], name: str) -> Any:
    if name not in fields:
        raise WireError(f"the reply lacks {name}")
    return fields[name]


def _typed(value: object, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise WireError(f"the reply has another type than {kind.__name__}")
    return value


def _mapping(value: object) -> Mapping[str, Any]:
    return _typed(value, dict)


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    return _typed(_field(fields, name), list)


def _text(value: object) -> str:
    return _typed(value, str)[:_TEXT_LIMIT]


def _one_of(values: frozenset[str], value: object) -> str:
    if not isinstance(value, str) or value not in values:
        raise WireError("the reply names what was not asked")
    return value


def _truth(fields: Mapping[str, Any], name: str) -> bool:
    return _typed(_field(fields, name), bool)


def _whole(value: object, limit: int = _LENGTH_LIMIT) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limit:
        raise WireError("a count is out of range")
    return value


def _name(value: object) -> str:
    """Return a type's name with anything but the characters of identifiers replaced."""
    return re.sub(r"[^A-Za-z0-9_ ]", "?", _text(value))[:60]
