"""Enumerate small edits of statements: moved, dropped, in or out a level, another assignment or return."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.expressions import ExpressionEdits, functions_replaced
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.source_text import SourceText

__all__ = ["StatementEdits", "is_alone"]

_FARTHEST = 6
"""Statements that one is moved past, at most."""
_AUGMENTED = ("+=", "-=", "=", "*=", "/=")
_LOOPS = (ast.For, ast.While, ast.If, ast.With)
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)


class StatementEdits:
    """Yields edits of the statements of a function."""

    def __init__(self, source: SourceText, scope: Scope, expressions: ExpressionEdits) -> None:
        self._source, self._scope, self._expressions = source, scope, expressions

    def edits(self, body: Sequence[ast.stmt]) -> Iterator[Edit]:
        """Yield the edits of the statements in ``body``, and of those inside of them."""
        for number, node in enumerate(body):
            yield from self._of_one(node, is_last=number == len(body) - 1)
            yield from self._moves(body, number)
            for name in ("body", "orelse", "finalbody"):
                yield from self.edits(getattr(node, name, []))

    def _of_one(self, node: ast.stmt, *, is_last: bool) -> Iterator[Edit]:
        source, (start, end) = self._source, self._source.span(node)
        if isinstance(node, _SIMPLE) and not _is_docstring(node):
            yield Edit("drop-statement", start, end, "pass")
            yield from (
                Edit("function", start, end, text) for text in functions_replaced(source.text[start:end])
            )
        match node:
            case ast.Break() | ast.Continue():
                yield Edit("drop-statement", start, end, "pass")
            case ast.If(test=test):
                yield from (Edit("condition", *source.span(test), text) for text in ("True", "False"))
            case ast.AugAssign(target=target):
                yield from self._assignments(target, is_augmented=True)
            case ast.Assign(targets=[ast.Name() | ast.Attribute() | ast.Subscript() as target]):
                yield from self._assignments(target, is_augmented=False)
                yield from self._targets(target)
            case ast.Return(value=ast.expr() as returned):
                text = source.segment(returned)
                called = (f"{function}({text})" for function in self._scope.functions)
                for result in (*self._scope.alike(text), *called):
                    yield Edit("return", *source.span(returned), result)
            case ast.Expr(value=ast.Call() as call):
                values = [*call.args, *(keyword.value for keyword in call.keywords)]
                yield from (
                    Edit("result", start, start, f"{each.id} = ")
                    for each in values
                    if isinstance(each, ast.Name)
                )
            case ast.For(iter=iterable):
                text = source.segment(iterable)
                yield Edit("loop", *source.span(iterable), f"reversed({text})")
                yield Edit("loop", *source.span(iterable), f"{text}[::-1]")
        value: ast.expr | None = getattr(node, "value", None)
        if value is not None and not isinstance(node, ast.Expr):
            yield from self._signs(value)
        if (
            is_last
            and isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr))
            and self._is_alone(node)
        ):
            atoms = self._scope.atoms
            calls = [
                f"{function}({atom})" for function in self._scope.functions for atom in atoms if "." in atom
            ]
            for result in (*atoms, *calls):
                yield Edit("return", end, end, f"\n{self._indent(node)}return {result}")

    def _signs(self, value: ast.expr) -> Iterator[Edit]:
        start, end = self._source.span(value)
        is_name = isinstance(value, (ast.Name, ast.Attribute, ast.Call))
        sign_kind = "sign-of-part" if is_name else self._expressions.sign_kind(start, end)
        yield Edit(sign_kind, start, end, f"-({self._source.text[start:end]})")
        kind = "transpose-of-value" if is_name else "transpose-added"
        yield Edit(kind, start, end, f"({self._source.text[start:end]}).T")
        yield from self._expressions.with_operand(value)
        yield from self._expressions.with_another_value(value)

    def _assignments(self, target: ast.expr, *, is_augmented: bool) -> Iterator[Edit]:
        at = self._source.skip_blank(self._source.span(target)[1], ")")
        found = re.compile(r"[-+*/@]?=").match(self._source.text, at)
        if found is None or (found[0] != "=") is not is_augmented:
            return
        is_number = self._scope.types.get(self._source.segment(target)) == "number"
        is_sum = is_number or not isinstance(target, ast.Attribute)
        for other in _AUGMENTED:
            if other != found[0]:
                is_odd = is_sum and (found[0], other) == ("+=", "-=")
                yield Edit("subtraction" if is_odd else "assignment", at, found.end(), other)

    def _targets(self, target: ast.expr) -> Iterator[Edit]:
        start, end = self._source.span(target)
        for atom in self._scope.alike(self._source.text[start:end]):
            yield Edit("target", start, end, atom)

    def _moves(self, body: Sequence[ast.stmt], number: int) -> Iterator[Edit]:
        node = body[number]
        if not self._is_alone(node) or _is_docstring(node):
            return
        for other in range(number + 1, min(len(body), number + 1 + _FARTHEST)):
            if not all(self._is_alone(each) for each in body[number : other + 1]):
                break
            if isinstance(body[other], _SIMPLE):
                yield self._moved(body[other], node, body[other - 1], is_down=False)
            if isinstance(node, _SIMPLE):
                yield self._moved(node, body[number + 1], body[other], is_down=True)
        if isinstance(node, ast.Return) and isinstance(node.value, (ast.BinOp, ast.Call)):
            yield from self._computed_before(body, number)
        yield from self._levels(body, number)

    def _computed_before(self, body: Sequence[ast.stmt], number: int) -> Iterator[Edit]:
        """Yield edits that compute what a statement returns before some of the statements above it."""
        (begin, end), indent = self._lines(body[number]), self._indent(body[number])
        start, stop = self._source.span(body[number])
        value = self._source.text[start:stop].removeprefix("return").strip()
        for before in reversed(body[max(0, number - _FARTHEST) : number]):
            if not self._is_alone(before) or not isinstance(before, _SIMPLE):
                break
            first = self._lines(before)[0]
            text = f"{indent}returned = {value}\n{self._whole((first, begin))}{indent}return returned\n"
            yield Edit("move-up", first, end, text, begin)

    def _moved(self, node: ast.stmt, first: ast.stmt, last: ast.stmt, *, is_down: bool) -> Edit:
        own, others = self._lines(node), (self._lines(first)[0], self._lines(last)[1])
        text = self._whole(own)
        passed = self._whole(others)
        if is_down:
            return Edit("move-down", own[0], others[1], passed + text, own[0])
        return Edit("move-up", others[0], own[1], text + passed, own[0])

    def _levels(self, body: Sequence[ast.stmt], number: int) -> Iterator[Edit]:
        node = body[number]
        inner: list[ast.stmt] = getattr(node, "body", [])
        after: list[ast.stmt] = getattr(node, "orelse", [])
        if isinstance(node, _LOOPS) and len(after) > 1 and all(map(self._is_alone, after)):
            yield from self._out_of_the_end(node, after)
        if isinstance(node, _LOOPS) and inner and all(map(self._is_alone, inner)):
            yield from self._outwards(node, inner)
            if number + 1 < len(body) and self._is_alone(body[number + 1]):
                span = self._lines(body[number + 1])
                if isinstance(body[number + 1], (*_SIMPLE, ast.For, ast.If)):
                    yield Edit(
                        "level",
                        *span,
                        self._shifted(span, self._indent(body[number + 1]), self._indent(inner[0])),
                    )
            if number > 0 and self._is_alone(body[number - 1]) and isinstance(body[number - 1], _SIMPLE):
                yield self._into_the_start(body[number - 1], node, inner[0])

    def _outwards(self, loop: ast.stmt, inner: Sequence[ast.stmt]) -> Iterator[Edit]:
        if getattr(loop, "orelse", []):
            return
        yield from self._out_of_the_end(loop, inner)
        if len(inner) > 1 and isinstance(inner[0], _SIMPLE):
            own = self._lines(inner[0])
            head = self._lines(loop)[0]
            text = self._shifted(own, self._indent(inner[0]), self._indent(loop))
            yield Edit("level", head, own[1], text + self._source.text[head : own[0]], own[0])

    def _out_of_the_end(self, loop: ast.stmt, block: Sequence[ast.stmt]) -> Iterator[Edit]:
        """Yield edits that move the last statements of the last block of a statement behind it."""
        for count in range(1, len(block)):
            span = (self._lines(block[-count])[0], self._lines(block[-1])[1])
            yield Edit("level", *span, self._shifted(span, self._indent(block[0]), self._indent(loop)))

    def _into_the_start(self, before: ast.stmt, loop: ast.stmt, first: ast.stmt) -> Edit:
        own, head, begin = self._lines(before), self._lines(loop)[0], self._lines(first)[0]
        text = self._shifted(own, self._indent(before), self._indent(first))
        return Edit("level", own[0], begin, self._source.text[head:begin] + text, own[0])

    def _shifted(self, span: tuple[int, int], old: str, new: str) -> str:
        lines = self._whole(span).splitlines(keepends=True)
        return "".join(new + line.removeprefix(old) if line.strip() else line for line in lines)

    def _whole(self, span: tuple[int, int]) -> str:
        text = self._source.text[slice(*span)]
        return text if text.endswith(("\n", "\r")) else text + "\n"

    def _lines(self, node: ast.stmt) -> tuple[int, int]:
        return _lines(self._source, node)

    def _indent(self, node: ast.stmt) -> str:
        start = self._source.line_start(node.lineno)
        return self._source.text[start : self._source.span(node)[0]]

    def _is_alone(self, node: ast.stmt) -> bool:
        return is_alone(self._source, node)


def is_alone(source: SourceText, node: ast.stmt) -> bool:
    """Tell whether no other statement shares a line with this one."""
    (begin, line_end), (start, stop) = _lines(source, node), source.span(node)
    return (
        not source.text[begin:start].strip()
        and re.fullmatch(r"[ \t]*(#[^\r\n]*)?[\r\n]*", source.text[stop:line_end]) is not None
    )


def _lines(source: SourceText, node: ast.stmt) -> tuple[int, int]:
    """Return where the first line of a statement begins, decorators included, and where its last one ends."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    return source.line_start(first), source.line_start((node.end_lineno or node.lineno) + 1)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
