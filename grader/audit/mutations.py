"""Make first-order mutants of a right solution: one small change each, in the methods that students write.

The sources are the kit's own, so they may be parsed here. Mutants are run behind the wall only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Mutant", "mutants"]

_GIVEN = ("__init__", "forward")
"""The methods that students receive."""
_METHODS = {"Layer": "backward", "Perceptron": "fit"}
"""The classes, each with the method that students write."""
_STORED = ("inputs", "outputs", "weights", "biases")
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult),
    ast.Mult: (ast.Div, ast.Add, ast.MatMult),
    ast.Div: (ast.Mult, ast.Sub),
    ast.MatMult: (ast.Mult, ast.Add),
}
_FUNCTIONS = {
    "log": "log10",
    "mean": "sum",
    "sum": "mean",
    "outer": "multiply",
    "dot": "multiply",
    "multiply": "add",
    "subtract": "add",
    "zeros": "ones",
}
_VARIABLES = 1
"""A variable is replaced by so many others; most of those raise at once, and show little."""
_LEAST_CHANGED = 0.5
"""Smaller constants keep ŷ away from 0 and 1, and the contract leaves their size to students up to 1e-7."""
_TOO_LARGE = 0.1
"""What replaces such a constant."""


@dataclass(frozen=True)
class Mutant:
    """A right solution with one change."""

    base: str
    """The name of the right solution."""
    method: str
    """The method whose result the change may reach: ``backward`` or ``fit``."""
    operator: str
    """What kind of change it is, in a few words."""
    line: int
    """Where the change is in the right solution, from 1."""
    before: str
    after: str
    """What is in its place, in one line."""
    source: str

    @property
    def title(self) -> str:
        """The change in one line."""
        return f"{self.base}, line {self.line}: {self.before} → {self.after}"


@dataclass(frozen=True)
class _Place:
    """Where a node hangs in the tree."""

    parent: ast.AST
    field: str
    index: int | None

    def put(self, node: object) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(base: str, source: str) -> list[Mutant]:
    """Return the mutants of the solution ``source``, which is called ``base``; no two have the same code."""
    tree = ast.parse(source)
    known = {ast.unparse(tree)}
    made = []
    for method, function in _written(tree):
        for operator, line, before, after in _changes(function):
            text = ast.unparse(ast.fix_missing_locations(tree))
            if text not in known:
                known.add(text)
                made.append(Mutant(base, method, operator, line, before, after, text))
    return made


def _written(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions that a student wrote, each with the method that it belongs to."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in _METHODS:
            for function in node.body:
                if isinstance(function, ast.FunctionDef) and function.name not in _GIVEN:
                    yield _METHODS[node.name], function


def _changes(function: ast.FunctionDef) -> Iterator[tuple[str, int, str, str]]:
    """Make each change in turn, yield what it is while it is made, and take it back."""
    names = sorted(_local_names(function))
    may_return_anything = function.name == "fit"
    for place, node in list(_nodes(function)):
        if may_return_anything and (isinstance(node, ast.Return) or isinstance(place.parent, ast.Return)):
            continue
        for operator, other in _alternatives(node, names):
            place.put(other)
            yield operator, getattr(node, "lineno", function.lineno), _short(node), _short(other)
            place.put(node)
    for owner, field in list(_blocks(function)):
        block: list[ast.stmt] = getattr(owner, field)
        for operator, line, other_block, before, after in _rearranged(
            block, may_return_anything=may_return_anything
        ):
            setattr(owner, field, other_block)
            yield operator, line, before, after
            setattr(owner, field, block)


def _local_names(function: ast.FunctionDef) -> set[str]:
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {argument.arg for argument in function.args.args[1:]}


def _nodes(function: ast.FunctionDef) -> Iterator[tuple[_Place, ast.AST]]:
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            if field in ("args", "annotation", "returns", "decorator_list") and parent is function:
                continue
            for index, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if isinstance(node, ast.AST) and not (_is_docstring(node) or _is_docstring(parent)):
                    yield _Place(parent, field, index), node


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _alternatives(node: ast.AST, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    """Yield what may stand in the place of ``node``, with the kind of change."""
    if isinstance(node, ast.stmt):
        yield from _other_statements(node)
    elif isinstance(node, ast.Attribute | ast.Name):
        yield from _other_names(node, names)
    elif isinstance(node, ast.expr):
        yield from _other_expressions(node)


def _other_statements(node: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.AugAssign():
            for operator in _OPERATORS.get(type(node.op), ()):
                yield "operator", ast.AugAssign(node.target, operator(), node.value)
            yield "assigned instead of updated", ast.Assign([node.target], node.value, lineno=node.lineno)
        case ast.Assign():
            for kind, value in _other_numbers(node.value):
                yield kind, ast.Assign(node.targets, value, lineno=node.lineno)
        case ast.Return(value=ast.expr() as value):
            yield "nothing returned", ast.Return(None)
            for kind, other in _other_numbers(value):
                yield kind, ast.Return(other)
        case ast.For():
            minus_one = ast.UnaryOp(ast.USub(), ast.Constant(1))
            yield "loop shortened", _over(node, ast.Slice(ast.Constant(1)))
            yield "loop shortened", _over(node, ast.Slice(None, minus_one))
            if _carries(node):
                yield "loop reversed", _over(node, ast.Slice(None, None, minus_one))
            yield "loop left early", ast.For(node.target, node.iter, [*node.body, ast.Break()], node.orelse)


def _other_names(node: ast.Attribute | ast.Name, names: list[str]) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.Attribute(attr="T"):
            yield "transpose dropped", node.value
        case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Load()) if node.attr in _STORED:
            for other in _STORED:
                if other != node.attr:
                    yield "other attribute", ast.Attribute(node.value, other, ast.Load())
        case ast.Name(ctx=ast.Load()) if node.id in names:
            for name in _next(node.id, names):
                yield "other variable", ast.Name(name, ast.Load())


def _other_expressions(node: ast.expr) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.BinOp():
            yield from _other_operations(node)
        case ast.UnaryOp(op=ast.USub()):
            yield "sign dropped", node.operand
        case ast.Constant():
            for value in _other_values(node.value):
                yield "constant", ast.Constant(value)
        case ast.Call():
            yield from _other_calls(node)
        case ast.Subscript(slice=ast.Slice()):
            yield "slice dropped", node.value
        case ast.Compare():
            yield "condition negated", ast.UnaryOp(ast.Not(), node)


def _next(name: str, names: list[str]) -> list[str]:
    """Return the names that follow ``name`` in ``names``, the first ones after the last."""
    following = names.index(name) + 1
    return (names[following:] + names[: following - 1])[:_VARIABLES]


def _other_operations(node: ast.BinOp) -> Iterator[tuple[str, ast.AST]]:
    for operator in _OPERATORS.get(type(node.op), ()):
        yield "operator", ast.BinOp(node.left, operator(), node.right)
    yield "operand dropped", node.left
    yield "operand dropped", node.right
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)


def _carries(loop: ast.For) -> bool:
    """Tell whether a pass through the loop sets a name again that the next pass may read."""
    targets = [node.targets[0] for node in ast.walk(loop) if isinstance(node, ast.Assign)]
    read = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    return any(isinstance(target, ast.Name) and target.id in read for target in targets)


def _other_values(value: object) -> Iterator[str | float]:
    if isinstance(value, str) and value:
        for one, other in (("3", "2"), ("->ik", "->ki"), ("->jl", "->lj"), ("Loss", "loss"), (": ", ":")):
            if one in value:
                yield value.replace(one, other)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if 0 < abs(value) < _LEAST_CHANGED:
            yield _TOO_LARGE
        else:
            yield value + 1
            if value:  # An index of -1 is that of the only row or column.
                yield value - 1


def _other_numbers(value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Yield the negative and the half of a number or an array, if it may be one."""
    if isinstance(value, ast.BinOp | ast.Call | ast.Name | ast.UnaryOp):
        yield "sign", ast.UnaryOp(ast.USub(), value)
        yield "half", ast.BinOp(ast.Constant(0.5), ast.Mult(), value)


def _other_calls(node: ast.Call) -> Iterator[tuple[str, ast.AST]]:
    if len(node.args) == 1 and not node.keywords:
        yield "call dropped", node.args[0]
    if len(node.args) == 2 and not node.keywords:  # noqa: PLR2004 - two can be swapped
        yield "arguments swapped", ast.Call(node.func, node.args[::-1], [])
    if isinstance(node.func, ast.Attribute):
        if not node.args:
            yield "call dropped", node.func.value
        if (other := _FUNCTIONS.get(node.func.attr)) is not None:
            function = ast.Attribute(node.func.value, other, ast.Load())
            yield "other function", ast.Call(function, node.args, node.keywords)


def _over(node: ast.For, part: ast.Slice) -> ast.For:
    """Return the loop over a part of what ``node`` goes through."""
    everything = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
    return ast.For(node.target, ast.Subscript(everything, part, ast.Load()), node.body, node.orelse)


def _blocks(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(function):
        for field in ("body", "orelse"):
            if isinstance(getattr(node, field, None), list) and getattr(node, field):
                yield node, field


def _rearranged(
    block: list[ast.stmt], *, may_return_anything: bool
) -> Iterator[tuple[str, int, list[ast.stmt], str, str]]:
    """Yield each other arrangement of the statements of a block."""
    for i, statement in enumerate(block):
        if _is_docstring(statement):
            continue
        before, line = _short(statement), statement.lineno
        rest = [*block[:i], *block[i + 1 :]] or [ast.Pass()]
        if not (may_return_anything and isinstance(statement, ast.Return)):
            yield "statement deleted", line, rest, before, "nothing"
        if not _is_idempotent(statement):
            twice = [*block[: i + 1], *block[i:]]
            yield "statement repeated", line, twice, before, f"{before}, twice"
        if isinstance(statement, ast.For) and len(statement.body) > 1:
            last = statement.body[-1]
            shorter = ast.For(statement.target, statement.iter, statement.body[:-1], statement.orelse)
            moved = [*block[:i], shorter, last, *block[i + 1 :]]
            yield (
                "statement moved out of the loop",
                last.lineno,
                moved,
                _short(last),
                "the same after the loop",
            )
    for i, (one, other) in enumerate(pairwise(block)):
        if _depend(one, other):
            swapped = [*block[:i], other, one, *block[i + 2 :]]
            yield "statements swapped", one.lineno, swapped, _short(one), f"the same after {_short(other)}"
        if isinstance(one, ast.For):
            longer = ast.For(one.target, one.iter, [*one.body, other], one.orelse)
            moved = [*block[:i], longer, *block[i + 2 :]]
            yield "statement moved into the loop", other.lineno, moved, _short(other), "the same in the loop"


def _is_idempotent(statement: ast.stmt) -> bool:
    """Tell whether a statement does the same if it is repeated at once: it sets what it does not read, or returns."""
    if not isinstance(statement, ast.Assign):
        return isinstance(statement, ast.Return)
    set_ = {text for target in statement.targets for text in _expressions(target)}
    return not set_ & _expressions(statement.value) - {"self"}


def _expressions(node: ast.expr) -> set[str]:
    return {ast.unparse(part) for part in ast.walk(node) if isinstance(part, ast.expr)}


def _depend(one: ast.stmt, other: ast.stmt) -> bool:
    """Tell whether the order of two statements may matter: one writes what the other uses, or ends the method."""
    if isinstance(one, ast.Return) or isinstance(other, ast.Return):
        return True
    (reads, writes), (other_reads, other_writes) = _used(one), _used(other)
    return bool(writes & (other_reads | other_writes) or other_writes & reads)


def _used(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the names and attributes that a statement reads, and those that it may write."""
    reads, writes = set[str](), set[str]()
    for node in ast.walk(statement):
        if isinstance(node, ast.Name | ast.Attribute):
            text = ast.unparse(node)
            (reads if isinstance(node.ctx, ast.Load) else writes).add(text)
        elif isinstance(node, ast.AugAssign):
            reads.add(ast.unparse(node.target))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            writes.add(ast.unparse(node.value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            writes.add(ast.unparse(node.func.value))
    return reads, writes - {"np", "math", "self"}


def _short(node: ast.AST) -> str:
    """Return the code of ``node``, of a compound statement the first line."""
    lines = ast.unparse(ast.fix_missing_locations(node)).splitlines()
    return lines[0] if lines else "pass"
