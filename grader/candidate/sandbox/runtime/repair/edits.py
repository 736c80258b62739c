"""Enumerate the small edits of the functions that a submission has executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.expressions import ExpressionEdits
from grader.candidate.sandbox.runtime.repair.formulas import Formula, formula_edits
from grader.candidate.sandbox.runtime.repair.insertions import insertions
from grader.candidate.sandbox.runtime.repair.roles import Roles
from grader.candidate.sandbox.runtime.repair.scope import scope_of
from grader.candidate.sandbox.runtime.repair.statements import StatementEdits
from grader.candidate.sandbox.runtime.repair.units import Unit
from grader.protocol import limits

__all__ = ["edits_of"]


def edits_of(
    unit: Unit, types: Mapping[str, str], roles: Roles, formulas: Sequence[Formula] = ()
) -> Iterator[Edit]:
    """Yield edits of the functions in ``unit``, none of them twice; ``types`` as ``scope_of`` takes them."""
    scope = scope_of(unit, types)
    values = {id(node.value) for node in ast.walk(unit.node) if isinstance(node, (ast.Assign, ast.Return))}
    expressions = ExpressionEdits(unit.source, scope, values, set(_operands(unit)))
    statements = StatementEdits(unit.source, scope, expressions)
    growing = list(_growing(unit))
    seen: set[tuple[int, int, str]] = set()

    def new() -> Iterator[Edit]:
        yield from insertions(unit, scope, formulas)
        for node, is_in_text in _walk(unit.node, is_in_text=False):
            if not is_in_text or _has_its_place(unit, node):
                yield from expressions.edits(node)
        yield from statements.edits(getattr(unit.node, "body", []))
        yield from formula_edits(unit, scope, roles, formulas)

    for edit in new():
        _, start, end, text, _ = edit
        is_short = len(text) <= limits.EDIT and end - start <= limits.EDIT
        # NumPy hangs in lists that contain themselves.
        nests = any(first <= start and end <= last and text in names for first, last, names in growing)
        if is_short and not nests and (start, end, text) not in seen and text != unit.source.text[start:end]:
            seen.add((start, end, text))
            yield edit


def _operands(unit: Unit) -> Iterator[int]:
    """Yield the ids of what matrix products are made of."""
    for node in ast.walk(unit.node):
        match node:
            case ast.BinOp(op=ast.MatMult()):
                yield from (id(node.left), id(node.right))
            case ast.Call(func=ast.Attribute(value=value, attr="dot" | "matmul" | "outer")):
                yield from (id(value), *map(id, node.args))


def _growing(unit: Unit) -> Iterator[tuple[int, int, set[str]]]:
    """Yield where lists grow: from and to which offset, and the names of the list and of what is added."""
    for node in ast.walk(unit.node):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend" | "insert")):
                added = {argument.id for argument in node.args if isinstance(argument, ast.Name)}
                yield *unit.source.span(node), {name, *added}


def _walk(node: ast.AST, *, is_in_text: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the nodes of the bodies of functions, and whether they lie in an f-string."""
    for name, value in ast.iter_fields(node):
        if name in ("decorator_list", "returns", "annotation", "args") and not isinstance(node, ast.Call):
            continue
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield part, is_in_text
                yield from _walk(part, is_in_text=is_in_text or isinstance(part, ast.JoinedStr))


def _has_its_place(unit: Unit, node: ast.AST) -> bool:
    """Tell whether a part of an f-string is where the parser says, which is wrong in some versions of Python."""
    if not isinstance(node, ast.expr) or isinstance(node, (ast.JoinedStr, ast.FormattedValue, ast.Constant)):
        return False
    try:
        found = ast.parse(unit.source.segment(node), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return False
    return ast.dump(found) == ast.dump(node)
