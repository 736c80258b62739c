"""What a statement of a function is for: the parameters, one step of them, what is returned, or several of these."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property

from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["PARAMETERS", "Roles"]

PARAMETERS = {"weights", "biases"}
"""The attributes of a layer that training changes."""
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return)


class Roles:
    """The roles of the statements of a unit.

    ``update`` changes a parameter of a layer; ``step`` gives a value that only one ``update`` reads; ``returned``
    gives one that is only returned, and ``result`` returns it; ``shared`` gives any other value; else ``other``. All
    statements of a method ``forward`` are ``forward``, unless they store something that it does not read.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._by_line: dict[int, str] = {}
        self._known: dict[ast.stmt, str] = {}
        self._method: str = getattr(unit.node, "name", "")

    def of_line(self, line: int) -> str:
        """Return the role of the statement that is on a line."""
        if line not in self._by_line:
            own = (
                each for each in self._statements if each.lineno <= line <= (each.end_lineno or each.lineno)
            )
            statement = next(own, None)
            is_other = statement is None and self._method != "forward"
            self._by_line[line] = "other" if is_other else self.of(statement) if statement else "forward"
        return self._by_line[line]

    def of(self, statement: ast.stmt) -> str:
        """Return the role of a statement that holds no others."""
        if statement not in self._known:
            # It stays so for what reads itself in a loop.
            self._known[statement] = "shared"
            with suppress(RecursionError):
                self._known[statement] = self._role(statement)
        return self._known[statement]

    def _role(self, statement: ast.stmt) -> str:
        targets = list(_targets(statement))
        if self._method == "forward":
            return "shared" if targets and not any(map(self._is_read, targets)) else "forward"
        if any(self._is_parameter(target) for target in targets):
            return "update"
        if isinstance(statement, ast.Return):
            return "result" if self._method == "backward" else "other"
        if not targets:
            return "other"
        names = {ast.unparse(target) for target in targets}
        readers = [
            each for each in self._statements if each is not statement for _ in names & set(self._reads[each])
        ]
        roles = {self.of(each) for each in readers}
        if (
            roles <= {"update", "step"}
            and sum(self._reads[each][name] for each in readers for name in names) == 1
        ):
            return "step"
        return "returned" if roles and roles <= {"result", "returned"} else "shared"

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        return [node for node in ast.walk(self._unit.node) if isinstance(node, _SIMPLE)]

    @cached_property
    def _reads(self) -> dict[ast.stmt, Counter[str]]:
        """How often each statement reads each name or attribute."""
        return {statement: Counter(_read(statement)) for statement in self._statements}

    @cached_property
    def _aliases(self) -> set[str]:
        return {
            target.id
            for statement in self._statements
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Attribute)
            for target in statement.targets
            if isinstance(target, ast.Name) and statement.value.attr in PARAMETERS
        }

    def _is_read(self, target: ast.expr) -> bool:
        """Tell whether a statement of the unit reads what another one stores; else it is stored for later."""
        text = ast.unparse(target)
        return isinstance(target, ast.Name) or any(text in read for read in self._reads.values())

    def _is_parameter(self, target: ast.expr) -> bool:
        match target:
            case ast.Subscript(value=value):
                return self._is_parameter(value)
            case ast.Attribute(attr=name):
                return name in PARAMETERS
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


def _read(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            yield ast.unparse(node)
