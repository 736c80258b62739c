"""Put statements that may be missing between those of a function, filled with the names in scope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.formulas import Formula, filled
from grader.candidate.sandbox.runtime.repair.roles import PARAMETERS
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.statements import is_alone
from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["GAP", "insertions"]

GAP = "gap"
"""The role of a formula that is a statement of its own."""
_MOST = 60
"""Ways to fill a statement at one place, at most."""
_MOST_VALUES = 24
"""Ways to fill one that gives a name its value."""
_SOONER = 3
"""So many statements before the first one that reads a name, it may be given a value."""


class _Gap(NamedTuple):
    """A place before a statement, or after one that is the last of its block."""

    node: ast.stmt
    block: Sequence[ast.stmt]
    is_branch: bool
    """Whether the block is one of a condition."""

    @property
    def is_last(self) -> bool:
        return self.node is self.block[-1]


def insertions(unit: Unit, scope: Scope, formulas: Sequence[Formula]) -> Iterator[Edit]:
    """Yield edits that add one of the ``formulas`` for gaps before or after a statement.

    An edit is about the line that the statement would stand before, or about the last line of the block.
    """
    own = [(formula, _name_assigned(formula)) for formula in formulas if GAP in formula.roles]
    if not own:
        return
    readers = {name: list(_first_readers(unit.node, name)) for _, name in own if name}
    slots, source, assigned = _slots(unit, scope), unit.source, set(_assigned(unit.node))
    for gap in _gaps(unit.node):
        if not is_alone(source, gap.node):
            continue
        start, end = source.span(gap.node)
        begin = source.line_start(gap.node.lineno)
        indent = source.text[begin:start]
        for formula, name in own:
            if name and not (
                _may_miss(gap, name) if name in assigned else _comes_before_one(gap, readers[name])
            ):
                continue
            for text in islice(filled(formula.text, slots), _MOST_VALUES if name else _MOST):
                yield Edit(formula.kind, begin, begin, f"{indent}{text}\n", begin)
                if gap.is_last and not name and not isinstance(gap.node, ast.Return):
                    yield Edit(formula.kind, end, end, f"\n{indent}{text}", begin)


def _slots(unit: Unit, scope: Scope) -> Mapping[str, Sequence[str]]:
    numbers = [atom for atom in scope.atoms if scope.types.get(atom) == "number"]
    arrays = [atom for atom in scope.atoms if scope.types.get(atom) == "ndarray"]
    local = [atom for atom in scope.atoms if atom not in scope.lasting]
    own = [atom for atom in local if atom in numbers or atom in arrays]
    subscripts = [
        unit.source.segment(node)
        for node in ast.walk(unit.node)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)
    ]
    return {
        "array": arrays,
        "rate": [atom for atom in numbers if atom in scope.parameters],
        "number": [atom for atom in numbers if atom not in scope.parameters],
        "data": [atom for atom in arrays if atom in scope.parameters][:1],
        "self": [scope.owner] if scope.owner else [],
        "stored": _not_stored(unit.node, scope),
        "given": [atom for atom in arrays if atom in scope.parameters],
        "sum": [atom for atom in own if atom in numbers],
        "total": list(_started(unit.node)),
        "factor": scope.factors,
        "collection": [atom for atom in local if scope.types.get(atom) in ("list", "ndarray")],
        "operand": own,
        "label": list(dict.fromkeys([*subscripts, *own])),
        "log": _function("log", unit.source.text),
        "asarray": _function("array", unit.source.text),
    }


def _function(name: str, text: str) -> list[str]:
    """Return a function as the text calls it, with the name of its module."""
    return re.findall(rf"[\w.]*\b{name}(?=\()", text)[:1] or [f"np.{name}"]


def _not_stored(unit: ast.stmt, scope: Scope) -> list[str]:
    """Return the attributes that a unit gives no value, without those that training changes."""
    stored = {
        ast.unparse(node)
        for node in ast.walk(unit)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }
    attributes = [atom for atom in scope.lasting if "." in atom and atom not in stored]
    return [atom for atom in attributes if atom.rpartition(".")[2] not in PARAMETERS]


def _started(unit: ast.stmt) -> Iterator[str]:
    """Yield the names that are set to a number, which something may be added to."""
    for node in ast.walk(unit):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int() | float())):
                yield name


def _name_assigned(formula: Formula) -> str:
    """Return the name or attribute to which a formula gives a value; empty if it does something else."""
    name = formula.text.partition(" = ")[0]
    return name if name.replace(".", "").isidentifier() else ""


def _assigned(unit: ast.stmt) -> Iterator[str]:
    """Yield the names that get a value from something else."""
    for node in ast.walk(unit):
        if isinstance(node, ast.Assign):
            targets = {name for target in node.targets for name in _names(target)}
            yield from targets - _names(node.value)


def _may_miss(gap: _Gap, name: str) -> bool:
    """Tell whether a name may need a value in this branch, since another one has a value for it."""
    return gap.is_branch and not any(name in _names(each) for each in gap.block)


def _first_readers(node: ast.AST, name: str) -> Iterator[ast.stmt]:
    """Yield the first statement in ``node`` that reads a name, then the first one in that, and so on."""
    for block in ("body", "orelse"):
        for each in getattr(node, block, []):
            if isinstance(each, ast.stmt) and _reads(each, name):
                yield each
                yield from _first_readers(each, name)
                return


def _comes_before_one(gap: _Gap, readers: Sequence[ast.stmt]) -> bool:
    """Tell whether one of ``readers`` is here, or one that holds no other statements soon after."""
    number = gap.block.index(gap.node)
    soon = gap.block[number + 1 : number + 1 + _SOONER]
    return gap.node in readers or any(each in readers and not hasattr(each, "body") for each in soon)


def _reads(statement: ast.stmt, name: str) -> bool:
    return any(
        (
            isinstance(node, (ast.Name, ast.Attribute))
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node) == name
        )
        or (isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name)
        for node in ast.walk(statement)
    )


def _names(statement: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _gaps(node: ast.AST) -> Iterator[_Gap]:
    """Yield the statements in the blocks of ``node``."""
    for name in ("body", "orelse"):
        block = getattr(node, name, [])
        for each in block if isinstance(block, list) else []:
            yield _Gap(each, block, isinstance(node, ast.If))
            yield from _gaps(each)
