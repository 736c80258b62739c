"""Put statements that may be missing between those of a function, filled with the names in scope."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import islice

from grader.candidate.sandbox.runtime.repair.edit import Edit
from grader.candidate.sandbox.runtime.repair.formulas import Formula, filled
from grader.candidate.sandbox.runtime.repair.scope import Scope
from grader.candidate.sandbox.runtime.repair.statements import is_alone
from grader.candidate.sandbox.runtime.repair.units import Unit

__all__ = ["GAP", "insertions"]

GAP = "gap"
"""The role of a formula that is a statement of its own."""
_MOST = 40
"""Ways to fill a statement at one place, at most."""


def insertions(unit: Unit, scope: Scope, formulas: Sequence[Formula]) -> Iterator[Edit]:
    """Yield edits that add one of the ``formulas`` for gaps before or after a statement.

    An edit is about the line that the statement would stand before, or about the last line of the block.
    """
    own = [formula for formula in formulas if GAP in formula.roles]
    if not own or not scope.owner:
        return
    numbers = [atom for atom in scope.atoms if scope.types.get(atom) == "number"]
    arrays = [atom for atom in scope.atoms if scope.types.get(atom) == "ndarray"]
    slots = {
        "array": arrays,
        "rate": [atom for atom in numbers if atom in scope.parameters],
        "number": [atom for atom in numbers if atom not in scope.parameters],
        "data": [atom for atom in arrays if atom in scope.parameters][:1],
        "self": [scope.owner],
    }
    source = unit.source
    for node, is_last in _statements(unit.node):
        if not is_alone(source, node):
            continue
        start, end = source.span(node)
        begin = source.line_start(node.lineno)
        indent = source.text[begin:start]
        for formula in own:
            for text in islice(filled(formula.text, slots), _MOST):
                yield Edit(formula.kind, begin, begin, f"{indent}{text}\n", begin)
                if is_last and not isinstance(node, ast.Return):
                    yield Edit(formula.kind, end, end, f"\n{indent}{text}", begin)


def _statements(node: ast.AST) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements in the blocks of ``node``, and whether each is the last of its block."""
    for name in ("body", "orelse"):
        block = getattr(node, name, [])
        for each in block if isinstance(block, list) else []:
            yield each, each is block[-1]
            yield from _statements(each)
