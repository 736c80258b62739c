"""Put formulas in place of the values that statements give, filled with the names in scope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.roles import Roles
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["Formula", "formula_edits"]

_MOST = 40
"""Ways to fill a formula in one statement, at most."""
_OPERANDS = 6


class Formula(NamedTuple):
    """A formula with slots, each the name of a set that its operands are from.

    ``{array}``: arrays in scope; ``{factor}``: derivatives; ``{first}`` and ``{second}``: what the value that is
    replaced is made of; ``{log}``: the logarithm.
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
            for value in _values(statement):
                own = _operands(unit, value)
                slots = {
                    "array": arrays,
                    "factor": scope.factors,
                    "first": own,
                    "second": own,
                    "log": [log[0] if log else "np.log"],
                }
                for text in islice(_filled(formula.text, slots), _MOST):
                    yield Edit(formula.kind, *unit.source.span(value), text)


def _filled(text: str, slots: dict[str, Sequence[str]]) -> Iterator[str]:
    """Yield ``text`` with its slots filled; the same name twice means one operand, but for arrays."""
    parts = re.split(r"\{(\w+)\}", text)
    names = parts[1::2]
    keys = [f"array {number}" if name == "array" else name for number, name in enumerate(names)]
    distinct = list(dict.fromkeys(keys))
    for operands in product(*(slots[key.partition(" ")[0]] for key in distinct)):
        chosen = dict(zip(distinct, operands, strict=True))
        if len(set(operands)) == len(operands):
            yield "".join(
                part + (chosen[keys[number]] if number < len(keys) else "")
                for number, part in enumerate(parts[::2])
            )


def _values(statement: ast.stmt) -> Iterator[ast.expr]:
    value: ast.expr | None = getattr(statement, "value", None)
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


def _operands(unit: Unit, value: ast.expr) -> list[str]:
    found = [
        unit.source.segment(node)
        for node in ast.walk(value)
        if isinstance(node, (ast.Name, ast.Subscript))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "item")
    ]
    return list(dict.fromkeys(found))[:_OPERANDS]
