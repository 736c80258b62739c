"""Put formulas in place of the values that statements give, filled with the names in scope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import NamedTuple

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.roles import Roles
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["Formula", "filled", "formula_edits"]

_MOST, _MOST_OF_ROLE = 60, {"forward": 120}
"""Ways to fill a formula in one statement, at most; the one of ``forward`` has three operands."""
_OPERANDS = 8
_NUMERIC = {"ndarray", "number"}


class Formula(NamedTuple):
    """A formula with slots, each the name of a set that its operands are from.

    ``{array}``: arrays in scope; ``{factor}``: derivatives; ``{first}`` and ``{second}``: what the value that is
    replaced is made of; ``{log}``: the logarithm; ``{rate}``: parameters that are numbers. Statements that are put
    between others also have ``{number}``: numbers that are not parameters; ``{sum}``: local ones; ``{total}``: those
    that start with a constant; ``{data}``: the first parameter that is an array, ``{given}``: any; ``{self}``: the
    object; ``{stored}``: its attributes.
    """

    kind: str
    text: str
    roles: Sequence[str]
    """The statements whose values it may replace."""


def formula_edits(unit: Unit, scope: Scope, roles: Roles, formulas: Sequence[Formula]) -> Iterator[Edit]:
    """Yield edits that replace what statements assign, return or hand to ``backward`` by one of ``formulas``."""
    log = re.search(r"[\w.]*\blog(?=\()", unit.source.text)
    arrays = [atom for atom in scope.atoms if scope.types.get(atom) == "ndarray"]
    for statement in ast.walk(unit.node):
        if not isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)):
            continue
        role = roles.of(statement)
        for formula in formulas:
            if role not in formula.roles:
                continue
            for value in _values(statement, role):
                own = _operands(unit, value, scope)
                slots = {
                    "array": arrays,
                    "factor": scope.factors,
                    "first": own,
                    "second": own,
                    "log": [log[0] if log else "np.log"],
                    "rate": [atom for atom in scope.parameters if scope.types.get(atom) == "number"],
                }
                for text in islice(filled(formula.text, slots), _MOST_OF_ROLE.get(role, _MOST)):
                    yield Edit(formula.kind, *unit.source.span(value), text)


def filled(text: str, slots: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield ``text`` with its slots filled; the same name twice means one operand, but for arrays and numbers."""
    parts = re.split(r"\{(\w+)\}", text)
    names = parts[1::2]
    several = ("array", "number")
    keys = [f"{name} {number}" if name in several else name for number, name in enumerate(names)]
    distinct = list(dict.fromkeys(keys))
    for operands in product(*(slots[key.partition(" ")[0]] for key in distinct)):
        chosen = dict(zip(distinct, operands, strict=True))
        if len(set(operands)) == len(operands):
            yield "".join(
                part + (chosen[keys[number]] if number < len(keys) else "")
                for number, part in enumerate(parts[::2])
            )


def _values(statement: ast.stmt, role: str) -> Iterator[ast.expr]:
    value: ast.expr | None = getattr(statement, "value", None)
    if role == "forward":
        for node in ast.walk(statement):
            if isinstance(node, ast.Call):
                yield from node.args
    if (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "backward"
    ):
        yield from value.args[:1]
    elif value is not None and not isinstance(statement, ast.Expr):
        yield value
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            # total = total + …
            yield value.right
    elif (
        isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append"
    ):
        yield from value.args[:1]


def _operands(unit: Unit, value: ast.expr, scope: Scope) -> list[str]:
    """Return what a value is made of, and then the local names that it might be made of."""
    found = [
        unit.source.segment(node)
        for node in ast.walk(value)
        if (isinstance(node, ast.Name) and node.id != scope.owner)
        or isinstance(node, ast.Subscript)
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "item")
    ]
    local = [atom for atom in scope.atoms if atom not in scope.lasting and scope.types.get(atom) in _NUMERIC]
    return list(dict.fromkeys([*dict.fromkeys(found[:_OPERANDS]), *local]))[:_OPERANDS]
