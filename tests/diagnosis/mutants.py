"""Make first-order mutants of right submissions: one small change, whose line is known."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from random import Random

__all__ = ["Mutant", "mutants"]

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@"}
_COMPARISONS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_UNTOUCHED = {"__init__", "__post_init__", "main"}
_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.Return)
_NESTING = (ast.For, ast.While, ast.If, ast.With)


@dataclass(frozen=True)
class Mutant:
    """A right submission after one change."""

    name: str
    text: str
    kind: str
    lines: frozenset[int]
    """The numbers of the lines that differ, as they are in ``text``."""


def mutants(name: str, text: str, count: int, seed: int) -> list[Mutant]:
    """Return up to ``count`` mutants of a text, each kind as often as the others if there are enough."""
    random = Random(seed)
    by_kind: dict[str, list[tuple[int, str]]] = {}
    for number, (kind, changed) in enumerate(_changed(text)):
        if changed != text:
            by_kind.setdefault(kind, []).append((number, changed))
    for each in by_kind.values():
        random.shuffle(each)
    chosen: list[Mutant] = []
    while len(chosen) < count and any(by_kind.values()):
        for kind, each in by_kind.items():
            if each and len(chosen) < count:
                number, changed = each.pop()
                if _is_python(changed):
                    chosen.append(Mutant(f"{name}-{number}", changed, kind, _lines(text, changed)))
    return chosen


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _lines(before: str, after: str) -> frozenset[int]:
    old, new = before.splitlines(), after.splitlines()
    start = _alike(old, new)
    end = len(new) - _alike(old[start:][::-1], new[start:][::-1])
    # Of a line that is gone, both neighbours count.
    return frozenset(range(start + 1, end + 1) if start < end else (start, start + 1))


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _changed(text: str) -> Iterator[tuple[str, str]]:  # noqa: PLR0912, PLR0915 - a case for each kind
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def span(node: ast.AST) -> tuple[int, int]:
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def put(start: int, end: int, new: str) -> str:
        return text[:start] + new + text[end:]

    def between(left: ast.AST, right: ast.AST, old: str) -> tuple[int, int] | None:
        first, last = span(left)[1], span(right)[0]
        found = text.find(old, first, last)
        return None if found < 0 else (found, found + len(old))

    for function in _functions(ast.parse(text)):
        names = sorted(
            {
                node.id
                for node in ast.walk(function)
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            }
            | {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)} - {"self"}
        )
        attributes = sorted(
            {
                node.attr
                for node in ast.walk(function)
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "self"
                and node.attr not in ("activation", "forward", "layers")
            }
        )
        for statement in function.body:
            for node in ast.walk(statement):
                match node:
                    case ast.BinOp(op=op) if type(op) in _OPERATORS:
                        old = _OPERATORS[type(op)]
                        if (place := between(node.left, node.right, old)) is not None:
                            for new in _OPERATORS.values():
                                if new != old:
                                    yield "operator", put(*place, new)
                        left, right = text[slice(*span(node.left))], text[slice(*span(node.right))]
                        yield "operand-dropped", put(*span(node), f"({left})")
                        yield "operand-dropped", put(*span(node), f"({right})")
                        if old in "-/@":
                            yield "operands-swapped", put(*span(node), f"({right}) {old} ({left})")
                    case ast.UnaryOp(op=ast.USub()):
                        yield "sign", put(*span(node), f"({text[slice(*span(node.operand))]})")
                    case ast.Compare(ops=[op]) if type(op) in _COMPARISONS:
                        place = between(node.left, node.comparators[0], _COMPARISONS[type(op)])
                        if place is not None:
                            for new in _COMPARISONS.values():
                                yield "comparison", put(*place, new)
                    case ast.Constant(value=bool()):
                        pass
                    case ast.Constant(value=int(value)) if text[slice(*span(node))].isdigit():
                        yield "constant", put(*span(node), str(value + 1))
                        if value:
                            yield "constant", put(*span(node), str(value - 1))
                    case ast.Name(id=name, ctx=ast.Load()) if (
                        name in names and text[slice(*span(node))] == name
                    ):
                        for other in names:
                            yield "name", put(*span(node), other)
                    case ast.Attribute(value=value, attr="T"):
                        yield "transpose", put(*span(node), f"{text[slice(*span(value))]}")
                    case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Load()) if (
                        name in attributes
                    ):
                        for other in attributes:
                            yield "attribute", put(*span(node), f"self.{other}")
                    case ast.Call(func=ast.Attribute(value=value, attr="derivative") as func):
                        yield "derivative", put(*span(func), text[slice(*span(value))])
                    case ast.Call(func=ast.Name(id="reversed"), args=[argument]):
                        yield "loop", put(*span(node), text[slice(*span(argument))])
                    case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "outer"), args=[first, second]):
                        one, two = text[slice(*span(first))], text[slice(*span(second))]
                        yield "operands-swapped", put(span(first)[0], span(second)[1], f"{two}, {one}")
                    case ast.Subscript(value=value, slice=ast.Slice()):
                        yield "loop", put(*span(node), text[slice(*span(value))])
                    case ast.AugAssign(op=op, target=target, value=value) if type(op) in _OPERATORS:
                        old = _OPERATORS[type(op)]
                        if (place := between(target, value, f"{old}=")) is not None:
                            for new in ("+=", "-=", "*=", "="):
                                yield "assignment", put(*place, new)
                    case _:
                        pass
                if isinstance(node, (ast.Assign, ast.Return)) and node.value is not None:
                    yield "sign-added", put(*span(node.value), f"-({text[slice(*span(node.value))]})")
        for block in _blocks(function):
            yield from _restructured(text, starts, block)


def _restructured(text: str, starts: list[int], block: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    """Yield what becomes of a text with statements of a block swapped, left out, or moved out of a loop or into it."""

    def lines(node: ast.stmt) -> tuple[int, int]:
        return starts[node.lineno - 1], starts[node.end_lineno or node.lineno]

    for first, second in pairwise(block):
        if isinstance(first, _SIMPLE) and isinstance(second, _SIMPLE):
            (begin, middle), (start, end) = lines(first), lines(second)
            if middle <= start:
                swapped = text[start:end] + text[middle:start] + text[begin:middle]
                yield "moved", text[:begin] + swapped + text[end:]
    for node in block:
        if isinstance(node, _SIMPLE) and len(block) > 1 and not _is_docstring(node):
            begin, end = lines(node)
            yield "dropped", text[:begin] + text[end:]
        if isinstance(node, _NESTING) and len(node.body) > 1 and not getattr(node, "orelse", []):
            begin, end = lines(node.body[-1])
            moved = _indented(text[begin:end], node.col_offset - node.body[-1].col_offset)
            yield "level", text[:begin] + moved + text[end:]
    for first, second in pairwise(block):
        if isinstance(first, _NESTING) and isinstance(second, _SIMPLE):
            begin, end = lines(second)
            moved = _indented(text[begin:end], first.body[-1].col_offset - second.col_offset)
            yield "level", text[:begin] + moved + text[end:]


def _indented(text: str, by: int) -> str:
    """Return the lines of ``text`` with so many blanks more, or fewer, before each."""
    lines = text.splitlines(keepends=True)
    return "".join((" " * by + line)[max(0, -by) :] if line.strip() else line for line in lines)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            if node.name not in _UNTOUCHED:
                yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse"):
        body = getattr(node, name, [])
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body
            for each in body:
                yield from _blocks(each)
