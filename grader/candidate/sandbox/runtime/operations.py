"""Describe the operation of a submission that raised an exception: its source, its operands and their shapes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from types import FrameType, TracebackType
from typing import Any

from grader.candidate.sandbox.runtime.static_values import Shape, shape_of, value_of
from grader.protocol import limits

__all__ = ["operation_of"]

Described = tuple[str, str, list[dict[str, Any]]]
"""The kind, the source, and the operands of an operation."""

_OPERATIONS = (ast.BinOp, ast.AugAssign, ast.Call, ast.JoinedStr, ast.Assign)
_OF_TWO_ARRAYS = frozenset({"dot", "matmul", "multiply", "add", "subtract", "divide"})
"""NumPy's functions of two arrays."""

_SHAPE = r"(\([\d,]*\))"
_LEFT_AND_RIGHT = re.compile(
    rf"(?:operands could not be broadcast together with )?shapes {_SHAPE} (?:and )?{_SHAPE}"
)
_TARGET = re.compile(rf"non-broadcastable output operand with shape {_SHAPE}")
_FROM_AND_INTO = re.compile(rf"could not broadcast input array from shape {_SHAPE} into shape {_SHAPE}")
_CORES = re.compile(r"matmul: .*\(size (\d+) is different from (\d+)\)")


def operation_of(
    message: str, entry: TracebackType, body: Sequence[ast.stmt], source: str
) -> Described | None:
    """Describe the operation that raised an exception with this ``message`` at ``entry``.

    ``body`` has the statements of its file, whose text is ``source``. Returns ``None`` for anything but an operation, a
    call or an assignment.
    """
    node = _node_at(entry, body)
    return None if node is None else _Operation(entry.tb_frame, message, source).described(node)


def _node_at(entry: TracebackType, body: Sequence[ast.stmt]) -> ast.AST | None:
    """Return the operation, the call or the assignment whose instruction raised; ``None`` if it is anything else."""
    code = entry.tb_frame.f_code
    position = next(islice(code.co_positions(), entry.tb_lasti // 2, None))
    first, last = position[0] or 0, position[1] or 0
    around = [node for node in body if node.lineno <= first and last <= (node.end_lineno or 0)]
    nodes = (node for statement in around for node in ast.walk(statement))
    return next(
        (node for node in nodes if isinstance(node, _OPERATIONS) and position in _positions(node)), None
    )


def _positions(node: ast.AST) -> Iterator[tuple[int | None, ...]]:
    """Yield the positions at which ``node`` raises: an assignment at its target, a formatted string at its fields."""
    match node:
        case ast.Assign(targets=[target]):
            yield _position(target)
        case ast.JoinedStr(values=fields):
            yield from map(_position, (node, *fields))
        case _:
            yield _position(node)


def _position(node: ast.AST) -> tuple[int | None, ...]:
    names = ("lineno", "end_lineno", "col_offset", "end_col_offset")
    return tuple(getattr(node, name, None) for name in names)


class _Operation:
    """Describes an operation in one frame."""

    def __init__(self, frame: FrameType, message: str, source: str) -> None:
        self._frame, self._message, self._source = frame, message, source

    def described(self, node: ast.AST) -> Described | None:
        """Return what is certain about ``node``."""
        text = self._text(node)
        if (pair := _two_operands(node)) is not None:
            return "operation", text, self._operands(*pair)
        return "conversion", text, self._array_among(_arguments(node))

    def _operands(self, left: ast.AST, right: ast.AST) -> list[dict[str, Any]]:
        shapes = self._shapes(shape_of(left, self._frame), shape_of(right, self._frame))
        return [self._operand(node, shape) for node, shape in zip((left, right), shapes, strict=True)]

    def _shapes(self, left: Shape | None, right: Shape | None) -> tuple[Shape | None, Shape | None]:
        """Return the shapes of both operands, as the exception's text has them; none if the two contradict."""
        told = left, right
        if match := _LEFT_AND_RIGHT.match(self._message):
            told = _shape_in(match[1]), _shape_in(match[2])
        elif match := _FROM_AND_INTO.match(self._message):
            # What was assigned to need not be the whole array.
            return _shape_in(match[2]), _shape_in(match[1])
        elif match := _TARGET.match(self._message):
            told = _shape_in(match[1]), right
        elif match := _CORES.match(self._message):
            cores = (right[-2:][0], left[-1]) if left and right else None
            told = (left, right) if cores == (int(match[1]), int(match[2])) else (None, None)
        agrees = all(own in (None, other) for own, other in zip((left, right), told, strict=True))
        return told if agrees else (None, None)

    def _array_among(self, nodes: Sequence[ast.AST]) -> list[dict[str, Any]]:
        """Describe the one argument that is an array, if it is certain which one is."""
        shapes = [(node, shape_of(node, self._frame)) for node in nodes if not isinstance(node, ast.Constant)]
        no_numbers = [(node, shape) for node, shape in shapes if shape != ()]
        return [self._operand(*pair) for pair in no_numbers] if len(no_numbers) == 1 else []

    def _operand(self, node: ast.AST, shape: Shape | None) -> dict[str, Any]:
        is_none = value_of(node, self._frame) is None
        return {"text": self._text(node), "shape": None if shape is None else list(shape), "is_none": is_none}

    def _text(self, node: ast.AST) -> str:
        """Return the source of a node in one line, cut."""
        text = " ".join((ast.get_source_segment(self._source, node) or "").split())
        return text if len(text) <= limits.EXPRESSION else f"{text[: limits.EXPRESSION - 1]}…"


def _two_operands(node: ast.AST) -> tuple[ast.AST, ast.AST] | None:
    """Return both operands of an arithmetic operation or an assignment."""
    match node:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
            return None
        case (
            ast.BinOp(left=left, right=right)
            | ast.AugAssign(target=left, value=right)
            | ast.Assign(targets=[left], value=right)
            | ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right], keywords=[])
        ):
            return left, right
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=[left, right]) if (
            name in _OF_TWO_ARRAYS
        ):
            return left, right
    return None


def _arguments(node: ast.AST) -> list[ast.expr]:
    """Return what is made a number or a text: the arguments of a call, or what is formatted."""
    match node:
        case ast.Call(args=arguments, keywords=keywords):
            return [*arguments, *(keyword.value for keyword in keywords)]
        case ast.BinOp(right=ast.Tuple(elts=formatted)):
            return formatted
        case ast.BinOp(right=formatted):
            return [formatted]
        case ast.JoinedStr(values=parts):
            fields = [part for part in parts if isinstance(part, ast.FormattedValue)]
            return [field.value for field in fields if field.format_spec is not None]
    return []


def _shape_in(text: str) -> Shape:
    return tuple(int(number) for number in text.strip("()").split(",") if number)
