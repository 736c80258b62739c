"""Outlines source text without running it: which names it binds at the top, and what it imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["outline"]


def outline(cells: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the names bound at the top level of ``cells`` (pairs of label and text), and the modules imported.

    ``names`` are all names bound, ``imports`` the dotted names of modules (relative ones begin with dots),
    ``error`` is the first syntax error (label, line, message) or none.
    """
    names: set[str] = set()
    imports: set[str] = set()
    error: dict[str, Any] | None = None
    for label, text in cells:
        try:
            body = ast.parse(text, label).body
        except SyntaxError as problem:
            error = error or {"label": label, "line": problem.lineno or 1, "message": problem.msg}
            continue
        except (ValueError, RecursionError, MemoryError) as problem:
            error = error or {
                "label": label,
                "line": 1,
                "message": f"too deeply nested ({type(problem).__name__})",
            }
            continue
        for statement in _flat(body):
            names.update(_bound(statement))
            imports.update(_imported(statement))
    return {"names": sorted(names), "imports": sorted(imports), "error": error}


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of ``body`` and those inside its ``if``, ``try``, ``with`` and loops."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"):
            yield from _flat(statement.orelse)
            continue
        for part in ("body", "orelse", "finalbody"):
            yield from _flat(getattr(statement, part, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _flat(handler.body)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            yield from (node.id for node in ast.walk(target) if isinstance(node, ast.Name))


def _imported(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        module = "." * statement.level + (statement.module or "")
        yield module
        separator = "" if module.endswith(".") else "."
        yield from (f"{module}{separator}{alias.name}" for alias in statement.names)
    else:
        yield from (name for part in ast.walk(statement) if (name := _imported_by_call(part)))


def _imported_by_call(node: ast.AST) -> str | None:
    """Return ``name`` where ``node`` is ``importlib.import_module("name")`` or ``__import__("name")``."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(name)), *_],
        ):
            return name
    return None
