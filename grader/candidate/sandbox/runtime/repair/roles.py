"""What a statement of a function is for: the parameters, one step of them, what is returned, or several of these."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["Roles"]

_PARAMETERS = {"weights", "biases"}
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)


class Roles:
    """The roles of the statements of a unit.

    ``update`` changes a parameter of a layer; ``step`` gives a value that only one ``update`` reads; ``returned``
    gives one that is only returned, and ``result`` returns it; ``shared`` gives any other value; else ``other``.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._is_method = getattr(unit.node, "name", "") == "backward"

    def of_line(self, line: int) -> str:
        """Return the role of the statement that is on a line."""
        for statement in self._statements:
            if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
                return self.of(statement)
        return "other"

    def of(self, statement: ast.stmt) -> str:
        """Return the role of a statement that holds no others."""
        return self._role(statement, ())

    def _role(self, statement: ast.stmt, seen: tuple[ast.stmt, ...]) -> str:
        targets = list(_targets(statement))
        if any(self._is_parameter(target) for target in targets):
            return "update"
        if isinstance(statement, ast.Return):
            return "result" if self._is_method else "other"
        if not targets:
            return "other"
        names = {ast.unparse(target) for target in targets}
        readers = [each for each in self._statements if each is not statement for _ in _reads(each, names)]
        if not readers or any(each in seen for each in readers):
            return "shared"
        roles = {self._role(each, (*seen, statement)) for each in readers}
        if roles <= {"update", "step"} and len(readers) == 1:
            return "step"
        return "returned" if roles <= {"result", "returned"} else "shared"

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        return [node for node in ast.walk(self._unit.node) if isinstance(node, _SIMPLE)]

    @cached_property
    def _aliases(self) -> set[str]:
        return {
            target.id
            for statement in self._statements
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Attribute)
            for target in statement.targets
            if isinstance(target, ast.Name) and statement.value.attr in _PARAMETERS
        }

    def _is_parameter(self, target: ast.expr) -> bool:
        match target:
            case ast.Subscript(value=value):
                return self._is_parameter(value)
            case ast.Attribute(attr=name):
                return name in _PARAMETERS
            case ast.Name(id=name):
                return name in self._aliases
        return False


def _targets(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield what a statement stores, or what it hands to a function to be stored."""
    match statement:
        case ast.Assign(targets=targets):
            for target in targets:
                yield from target.elts if isinstance(target, ast.Tuple) else (target,)
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            yield target
        case ast.Expr(value=ast.Call(keywords=keywords)):
            yield from (keyword.value for keyword in keywords if keyword.arg == "out")


def _reads(statement: ast.stmt, names: set[str]) -> Iterator[ast.expr]:
    for node in ast.walk(statement):
        if (
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node) in names
        ):
            yield node
