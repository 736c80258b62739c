"""Summarise statements without running them: what they bind and import, and which methods have no code."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

__all__ = ["Summary", "empty_methods", "summarise"]

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Summary:
    """The names bound at the top level, and the dotted names of imported modules; relative ones begin with dots."""

    names: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)


def summarise(body: Sequence[ast.stmt]) -> Summary:
    """Return what ``body`` binds and imports, also in its ``if``, ``try``, ``with`` and loops.

    Visits each node once and without recursion, so that deep nesting costs nothing.
    """
    found = Summary()
    pending: list[tuple[ast.AST, bool]] = [(statement, True) for statement in body]
    while pending:
        node, is_top = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            if is_top:
                found.names.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
                found.imports.update(_modules(node))
            continue
        if is_top:
            found.names.update(_bound(node))
        if (name := _imported_by_call(node)) is not None:
            found.imports.add(name)
        pending += _parts(node, is_top=is_top)
    return found


def empty_methods(statement: ast.stmt) -> list[str]:
    """Return the methods of a class whose bodies do nothing, each as ``Layer.backward``."""
    if not isinstance(statement, ast.ClassDef):
        return []
    methods = {node.name: node for node in statement.body if isinstance(node, ast.FunctionDef)}
    return [f"{statement.name}.{name}" for name, node in methods.items() if all(map(_is_idle, node.body))]


def _is_idle(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Expr(ast.Constant()) | ast.Return(None | ast.Constant(None)):
            return True
    return False


def _parts(node: ast.AST, *, is_top: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield the parts of a node, and whether the names that they bind are at the top level."""
    if not is_top or isinstance(node, _SCOPES):
        yield from ((part, False) for part in ast.iter_child_nodes(node))
    elif isinstance(node, ast.If) and _is_type_checking(node.test):
        yield from ((part, False) for part in node.body)
        yield from ((part, True) for part in node.orelse)
    else:
        for part in ast.iter_child_nodes(node):
            yield part, isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    return name == "TYPE_CHECKING"


def _bound(statement: ast.AST) -> Iterator[str]:
    if isinstance(statement, _SCOPES):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _modules(statement: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
        return
    module = "." * statement.level + (statement.module or "")
    yield module
    separator = "" if module.endswith(".") else "."
    yield from (f"{module}{separator}{alias.name}" for alias in statement.names)


def _imported_by_call(node: ast.AST) -> str | None:
    """Return ``name`` if ``node`` is ``importlib.import_module("name")`` or ``__import__("name")``."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None
