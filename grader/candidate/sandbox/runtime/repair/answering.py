"""Answer the requests ``edits`` and ``try``."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import accumulate, islice
from typing import Any

from grader.candidate.sandbox.runtime import determinism
from grader.candidate.sandbox.runtime.methods import AbandonedError, Case, Methods, Numbers
from grader.candidate.sandbox.runtime.repair.edits import edits_of
from grader.candidate.sandbox.runtime.repair.formulas import Formula
from grader.candidate.sandbox.runtime.repair.roles import Roles
from grader.candidate.sandbox.runtime.repair.trials import LINES, Count, counted, executed
from grader.candidate.sandbox.runtime.repair.units import (
    CannotApplyError,
    TextEdit,
    Unit,
    patched,
    units_of,
)
from grader.protocol import limits
from grader.protocol.frames import Floats

__all__ = ["Repair"]

_NOT_APPLIED = -1
_CONSTRUCTORS = {"__init__", "__post_init__", "__new__"}
"""They are not edited: what they set is replaced by the cases."""
Answer = tuple[dict[str, Any], list[Floats]]


class Repair:
    """Runs cases with the submission as it is, and with its functions edited.

    ``sources`` are the submission's texts by their labels; ``new_methods`` returns what answers one request.
    """

    def __init__(self, sources: Mapping[str, str], new_methods: Callable[[], Methods]) -> None:
        self._sources, self._new_methods = dict(sources), new_methods
        self._units: dict[str, list[Unit]] = {}

    def edits(self, request: Mapping[str, Any], numbers: Floats) -> Answer:
        """Run the cases, and return what was done and the edits of the functions that were executed.

        If there are too many for a reply, it has those of the first ``kinds``.
        """
        with executed(self._sources) as execution:
            cases, arrays = self._done(request, numbers)
        codes = [code for code in execution.codes if code.co_name not in _CONSTRUCTORS]
        units = self._units_of({code.co_filename for code in codes})
        formulas = [Formula(*formula) for formula in request["formulas"]]
        found: list[list[Any]] = []
        for unit in units:
            if any(map(unit.contains, codes)):
                roles = Roles(unit)
                edits = edits_of(unit, execution.types[unit.label], roles, formulas)
                for edit in islice(edits, limits.EDITS):
                    line = unit.line_of(edit)
                    own = [edit.kind, unit.label, edit.start, edit.end, edit.text, line]
                    found.append([*own, roles.of_line(line)])
        return {"cases": cases, "edits": _that_fit(found, request["kinds"])}, arrays

    def tried(self, request: Mapping[str, Any], numbers: Floats) -> Answer:
        """Run the cases with each of the ``trials``, which are lists of edits, and return what was done.

        Equal outcomes are returned once: ``outcomes`` has the number of each trial's, or -1 if it cannot be applied.
        ``lines`` is how many lines of the submission were run, at most as many as those of the request.
        """
        total = Count(request["lines"])
        outcomes: list[int] = []
        known: dict[bytes, int] = {}
        cases: list[dict[str, Any]] = []
        arrays: list[Floats] = []
        for trial in request["trials"]:
            try:
                own_cases, own_arrays = self._tried(trial, request, numbers, total)
            except (CannotApplyError, AbandonedError):
                outcomes.append(_NOT_APPLIED)
                continue
            key = repr(own_cases).encode() + b"".join(array.tobytes() for array in own_arrays)
            outcomes.append(known.setdefault(key, len(known)))
            if len(known) * len(request["cases"]) > len(cases):
                cases += own_cases
                arrays += own_arrays
        return {"outcomes": outcomes, "lines": total.lines, "cases": cases}, arrays

    def _tried(
        self, trial: Sequence[Sequence[Any]], request: Mapping[str, Any], numbers: Floats, total: Count
    ) -> tuple[list[dict[str, Any]], list[Floats]]:
        edits: list[tuple[str, TextEdit]] = [(label, (start, end, text)) for label, start, end, text in trial]
        units = self._units_of({label for label, _ in edits})
        most = min(LINES[request["of"]] * len(request["cases"]), total.left)
        with patched(units, edits), counted(self._sources, most, total):
            return self._done(request, numbers)

    def _units_of(self, labels: Collection[str]) -> list[Unit]:
        for label in self._sources.keys() & labels - self._units.keys():
            try:
                self._units[label] = units_of(label, self._sources[label])
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._units[label] = []
        return [unit for label in self._sources if label in labels for unit in self._units[label]]

    def _done(self, request: Mapping[str, Any], numbers: Floats) -> tuple[list[dict[str, Any]], list[Floats]]:
        determinism.reseed()
        methods = self._new_methods()
        call: Callable[[Case, Numbers], dict[str, Any]] = getattr(methods, request["of"])
        left = Numbers(numbers)
        return [call(case, left) for case in request["cases"]], methods.arrays


def _that_fit(edits: Sequence[list[Any]], kinds: Sequence[str]) -> list[list[Any]]:
    """Return the edits of the first of ``kinds``, as many as fit in a reply."""
    order = {kind: number for number, kind in enumerate(kinds)}
    preferred = sorted(edits, key=lambda edit: order.get(edit[0], len(order)))
    sizes = accumulate(len(json.dumps(edit)) for edit in preferred)
    return [
        edit
        for edit, size in islice(zip(preferred, sizes, strict=True), limits.EDITS)
        if size <= limits.EDITS_SIZE
    ]
