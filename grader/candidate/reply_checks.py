"""Check replies and turn them into records: the one place where what came over the wall is checked.

A reply comes from an untrusted process. Nothing here trusts a length, a type, a shape or a number in it; anything
that does not fit raises ``ProtocolError``. ``fit_log`` checks the logs of ``fit``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import numpy as np
from msgspec import Meta, Struct

from grader.candidate.fit_log import read_calls
from grader.candidate.replies import (
    Assignment,
    BackwardReply,
    FitReply,
    ForwardReply,
    LineNumber,
    LoadReply,
    Raised,
    Returned,
    SourceEdit,
    StepReply,
    Text,
    TrainReply,
    TypeName,
)
from grader.errors import UnreadableError
from grader.model import Cell, Helper, Source, Submission
from grader.protocol import limits, probe_responses, shown_cells
from grader.protocol.frames import Floats, ProtocolError, split_payload
from grader.protocol.names import module_of
from grader.protocol.problems import Problem, names_in
from grader.protocol.shown_cells import Picture, ShownCell
from grader.text import printable

__all__ = [
    "backward_reply",
    "edits_reply",
    "fit_reply",
    "forward_reply",
    "load_reply",
    "outcomes_reply",
    "read_reply",
    "shown_reply",
    "statement_number",
    "train_reply",
]

T = TypeVar("T")

_LENGTH_LIMIT = 10**9
_Count = Annotated[int, Meta(ge=0, le=_LENGTH_LIMIT)]
_Pair = tuple[_Count, _Count]
_Kind = Annotated[str, Meta(pattern=r"^[a-z-]{1,20}\Z")]


class _Read(Struct):
    main: _Count
    sha256: Text
    cells: list[_Pair]
    helpers: list[_Pair]


class _Problem(Struct):
    name: Text
    values: dict[str, str | _Count]


class _Value(Struct):
    """How a reply describes a value: a ``shape``, and whether its numbers were ``kept``; or a ``type``."""

    shape: Annotated[tuple[_Count, ...], Meta(max_length=8)] | None = None
    kept: bool = False
    type: TypeName | None = None


class _Parameters(Struct):
    weights: _Value
    biases: _Value


class _Step(_Parameters):
    da_prev: _Value


class _BackwardCase(Struct):
    steps: list[_Step]
    raised: Raised | None
    during: Literal["Layer", "Layer.forward", "Layer.backward"]


class _ForwardCase(Struct):
    returned: _Value | None
    kept: Annotated[list[tuple[Text, _Value]], Meta(max_length=limits.KEPT)]


class _FitCase(Struct):
    size: _Count
    calls: _Count
    lines: Annotated[tuple[Text, ...], Meta(max_length=limits.LOSS_LINES)]
    raised: Raised | None
    stopped: bool
    generator: bool
    assigned: tuple[Text, ...]
    assignments: Annotated[tuple[Assignment, ...], Meta(max_length=limits.ASSIGNMENTS)] = ()
    replaced: bool = False
    other_lines: Annotated[tuple[Text, ...], Meta(max_length=limits.OTHER_LINES)] = ()
    raised_after: _Count = 0


class _TrainCase(Struct):
    calls: list[list[_Parameters]]
    raised: Raised | None


class _Edits(Struct):
    edits: Annotated[
        list[
            tuple[
                _Kind, Text, _Count, _Count, Annotated[str, Meta(max_length=limits.EDIT)], LineNumber, _Kind
            ]
        ],
        Meta(max_length=limits.EDITS),
    ]


class _ShownCell(Struct):
    kind: Literal["code", "markdown", "raw"]
    name: str | None
    tags: list[str]
    size: _Count
    pictures: Annotated[list[tuple[str, str, _Count]], Meta(max_length=shown_cells.PICTURES)]


class _Shown(Struct):
    cells: Annotated[list[_ShownCell], Meta(max_length=shown_cells.CELLS)]


class _Numbers:
    """Takes the payload's numbers in order, and never more than there are."""

    def __init__(self, flat: Floats) -> None:
        self._flat, self._at = flat, 0
        self._are_finite = bool(np.isfinite(flat).all())

    def take(self, count: int) -> Floats:
        """Return the next numbers."""
        if self._at + count > self._flat.size:
            raise ProtocolError("the payload is shorter than the header says")
        piece = self._flat[self._at : self._at + count]
        self._at += count
        return piece

    def value(self, described: _Value) -> Returned:
        """Return a value with the numbers that it has."""
        if described.type is not None:
            return Returned(None, type=described.type)
        if (shape := described.shape) is None:
            raise ProtocolError("a value has neither a shape nor a type")
        if not described.kept:
            return Returned(None, shape)
        # NumPy refuses a shape whose other lengths are too large, even if one of them is 0.
        if prod(max(length, 1) for length in shape) > _LENGTH_LIMIT:
            raise ProtocolError("a shape is too large")
        array = self.take(prod(shape)).reshape(shape)
        if not (self._are_finite or np.isfinite(array).all()):
            return Returned(None, shape, is_finite=False)
        return Returned(array, shape)

    def finish(self) -> None:
        """Refuse a payload with more numbers."""
        if self._at != self._flat.size:
            raise ProtocolError("the payload is longer than the header says")


def read_reply(submission: Submission, header: Mapping[str, Any], payload: bytes) -> Source:
    """Return the source of ``submission`` in the reply to ``read``.

    Raises ``UnreadableError`` if there is nothing to examine, and ``RuntimeError`` if our own code failed.
    """
    if "bug" in header:
        raise RuntimeError(f"a submission could not be read\n{_checked(header['bug'], str)}")
    if "problem" in header:
        raise _problem(header["problem"])
    reply = _checked(header, _Read)
    names = list(submission.files)
    main = _item(names, reply.main)
    file = printable(PurePosixPath(main).name)
    texts = iter(split_payload(payload, [size for _, size in (*reply.cells, *reply.helpers)]))
    cells = [Cell(f"{file}, cell {number}" if number else file, next(texts)) for number, _ in reply.cells]
    modules = [module_of(_item(names, number), main) for number, _ in reply.helpers]
    helpers = [
        Helper(*module, text) for module, text in zip(modules, texts, strict=True) if module is not None
    ]
    if None in modules:
        raise ProtocolError("the reply names a file that cannot be imported")
    return Source(main, file, reply.sha256, tuple(cells), tuple(helpers))


def _problem(fields: object) -> UnreadableError:
    """Return the error for a problem, whose values may hold what a student wrote."""
    said = _checked(fields, _Problem)
    problem = Problem.__members__.get(said.name)
    if problem is None or said.values.keys() != names_in(problem.value):
        raise ProtocolError("the reply names a problem that there is none of")
    values = {
        name: printable(value)[: limits.PROBLEM] if isinstance(value, str) else value
        for name, value in said.values.items()
    }
    return UnreadableError(problem.value, **values)


def load_reply(header: Mapping[str, Any]) -> LoadReply:
    """Return the record of a reply to ``load``."""
    return _checked(header, LoadReply)


def statement_number(value: object) -> int:
    """Return the number of the statement that is about to run."""
    return _checked(value, _Count)


def backward_reply(
    header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]
) -> list[BackwardReply]:
    """Return the records of a reply to ``backward``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    for case, question in zip(_cases(header, _BackwardCase, len(asked)), asked, strict=True):
        _require_count(len(case.steps), question["steps"], case.raised)
        steps = (
            StepReply(numbers.value(step.da_prev), numbers.value(step.weights), numbers.value(step.biases))
            for step in case.steps
        )
        replies.append(BackwardReply(tuple(steps), case.raised, case.during))
    numbers.finish()
    return replies


def forward_reply(
    header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]
) -> list[ForwardReply]:
    """Return the records of a reply to ``forward``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    for case in _cases(header, _ForwardCase, len(asked)):
        returned = None if case.returned is None else numbers.value(case.returned)
        kept = tuple([(name, numbers.value(value)) for name, value in case.kept])
        replies.append(ForwardReply(returned, kept))
    numbers.finish()
    return replies


def fit_reply(header: Mapping[str, Any], flat: Floats, asked: Sequence[Mapping[str, Any]]) -> list[FitReply]:
    """Return the records of a reply to ``fit``; ``asked`` are the cases of the request."""
    numbers = _Numbers(flat)
    replies = []
    room = probe_responses.CALLS_LIMIT
    for case, question in zip(_cases(header, _FitCase, len(asked)), asked, strict=True):
        calls_per_epoch = question["examples"] * len(question["sizes"])
        if case.calls > min(probe_responses.calls_limit(question["epochs"], calls_per_epoch), room):
            raise ProtocolError("there are too many calls in a log")
        room -= case.calls
        replies.append(
            FitReply(
                read_calls(numbers.take(case.size), case.calls, question),
                case.lines,
                case.raised,
                case.stopped,
                case.generator,
                case.assigned,
                case.assignments,
                case.replaced,
                case.other_lines,
                case.raised_after,
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
    for case, question in zip(_cases(header, _TrainCase, len(asked)), asked, strict=True):
        _require_count(len(case.calls), question["calls"], case.raised)
        if any(len(layers) != len(question["layers"]) for layers in case.calls):
            raise ProtocolError("the reply has another number of layers than the request")
        calls = (
            tuple((numbers.value(layer.weights), numbers.value(layer.biases)) for layer in layers)
            for layers in case.calls
        )
        replies.append(TrainReply(tuple(calls), case.raised))
    numbers.finish()
    return replies


def edits_reply(header: Mapping[str, Any]) -> list[SourceEdit]:
    """Return the edits in a reply to ``edits``, whose labels, offsets and lines may be wrong."""
    edits = [SourceEdit(*edit) for edit in _checked(header, _Edits).edits]
    if not all(0 <= edit.end - edit.start <= limits.EDIT for edit in edits):
        raise ProtocolError("an edit replaces too much, or less than nothing")
    return edits


def outcomes_reply(header: Mapping[str, Any], trials: int) -> tuple[list[int | None], int]:
    """Return the number of each trial's outcome in a reply to ``try``, and how many lines the trials ran.

    The number is ``None`` if a trial could not be applied. The others are counted from 0, without gaps.
    """
    outcomes = _checked(header.get("outcomes"), list[int])
    if len(outcomes) != trials or set(outcomes) - {-1} != set(range(max(outcomes, default=-1) + 1)):
        raise ProtocolError("the reply has other outcomes than the request has trials")
    return [None if number < 0 else number for number in outcomes], _checked(header.get("lines"), _Count)


def shown_reply(header: Mapping[str, Any], payload: bytes) -> tuple[ShownCell, ...]:
    """Return the cells in a reply to ``show``.

    Raises ``UnreadableError`` with the reason if the reply says that the notebook cannot be shown.
    """
    if "problem" in header:
        raise _problem(header["problem"])
    described = _checked(header, _Shown).cells
    sizes = [size for cell in described for size in (cell.size, *(picture[-1] for picture in cell.pictures))]
    contents = iter(split_payload(payload, sizes))
    cells = tuple([_shown_cell(cell, next(contents), contents) for cell in described])
    if (
        sum(len(cell.text) for cell in cells) > shown_cells.CHARACTERS
        or sum(len(cell.text) for cell in cells if cell.kind != "code") > shown_cells.TEXT
        or any(len(cell.text) > shown_cells.MARKDOWN for cell in cells if cell.kind == "markdown")
    ):
        raise ProtocolError("there are too many characters")
    return cells


def _shown_cell(cell: _ShownCell, text: bytes, contents: Iterator[bytes]) -> ShownCell:
    if cell.name is not None and not shown_cells.NAME.fullmatch(cell.name):
        raise ProtocolError("a cell has an impossible name")
    if not all(map(shown_cells.is_tag, cell.tags)) or sum(map(len, cell.tags)) > shown_cells.TAGS_LENGTH:
        raise ProtocolError("a cell has impossible tags")
    pictures = tuple(_picture(name, kind, next(contents)) for name, kind, _ in cell.pictures)
    try:
        return ShownCell(cell.kind, text.decode(), cell.name, tuple(cell.tags), pictures)
    except UnicodeDecodeError:
        raise ProtocolError("a text is not UTF-8") from None


def _picture(name: str, kind: str, content: bytes) -> Picture:
    has_name = name.isprintable() and len(name) <= shown_cells.NAME_LENGTH
    if not has_name or not shown_cells.is_picture(kind, content):
        raise ProtocolError("a picture is not of a kind that is shown")
    return Picture(name, kind, content)


def _checked(value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, UnicodeError, RecursionError):
        # UnicodeError: msgspec cannot tell the type of a text with lone surrogates.
        raise ProtocolError("a field of the reply is missing, or has a wrong type or size") from None


def _cases(header: Mapping[str, Any], kind: type[T], count: int) -> list[T]:
    cases = _checked(header.get("cases"), list[kind])  # type: ignore[valid-type]
    if len(cases) != count:
        raise ProtocolError("the reply has another number of cases than the request")
    return cases


def _require_count(found: int, asked: int, raised: Raised | None) -> None:
    """Refuse another number of results than asked for, unless there are fewer because of an exception."""
    if found > asked or (found < asked and raised is None):
        raise ProtocolError("the reply has another number of results than the request")


def _item(items: Sequence[T], number: int) -> T:
    if number >= len(items):
        raise ProtocolError("the number of a file is out of range")
    return items[number]
