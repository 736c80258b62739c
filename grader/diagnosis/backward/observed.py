"""What a submission did in all calls, the ``dz`` of a formula in them, and what explains a result."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call, NotKnownError
from grader.diagnosis.backward.formulas import NO_DZ, RIGHT_DZ, Formula
from grader.diagnosis.backward.operands import WatchedCall
from grader.diagnosis.backward.scales import Rule

__all__ = [
    "Error",
    "Match",
    "Observed",
    "OwnDz",
    "distinct",
    "error_of",
    "is_dominated",
    "is_longer",
    "is_same",
    "shows",
    "text_of",
]

Floats = NDArray[np.float64]
T = TypeVar("T")
Error = tuple[str, str]
"""The type and the text of an exception."""
Attempts = Callable[[Call], Iterable[Callable[[], object]]]
"""Yields ways to compute something in a call, of which some may raise."""

_SHAPED = {"da_prev-elementwise", "updated-before-da_prev"}
"""Formulas with these mistakes differ in shape, too: the new weights may have lost theirs."""
_ENOUGH = 3
"""In so many calls a mistake must show in a result before an exception of the submission's own is put down to it."""
_SEVERAL = 2
_BROADCAST = re.compile(r"(operands could not be broadcast together with shapes) (\([\d,]*\)) (\([\d,]*\))")
_LENGTH = 200
"""Characters of an exception's text that are compared."""


class Observed:
    """All calls of one submission: those that returned, and those that raised.

    ``watched`` are some calls that raised, with their operands, and ``own_errors`` the types and texts of exceptions
    that a statement of the submission raises, perhaps because shapes do not fit. ``most_changes`` is how many changes
    to a gradient by a right formula are tried in turn.
    """

    def __init__(
        self,
        calls: Sequence[Call],
        tolerance: float,
        watched: Sequence[WatchedCall] = (),
        own_errors: Collection[Error] = (),
        most_changes: int = 1,
    ) -> None:
        self._watched, self.most_changes = watched, most_changes
        self._own_errors = set(own_errors)
        self.returned = [call for call in calls if call.reply is not None]
        self.raised = [call for call in calls if call.raised is not None]
        self.tolerance = tolerance
        self._known: dict[Hashable, object] = {}

    @property
    def refuses(self) -> bool:
        """Whether the submission raises exceptions of its own."""
        return bool(self._own_errors)

    def once(self, what: Hashable, compute: Callable[[], T]) -> T:
        """Return what ``compute`` returns; it is called once for ``what``."""
        if what not in self._known:
            self._known[what] = compute()
        return cast("T", self._known[what])

    @cached_property
    def trials(self) -> list[int]:
        """A few calls that tell most formulas apart, by their indices among those that returned."""

        def hides(i: int) -> tuple[bool, ...]:
            call = self.returned[i]
            few = min(call.case.size) < _SEVERAL
            return (few, bool(call.earlier), call.rate in {0.0, 1.0}, call.case.activation != "sigmoid")

        ranked = sorted(range(len(self.returned)), key=hides)
        square = [i for i in ranked if self.returned[i].n_inputs == self.returned[i].n_neurons]
        oblong = [i for i in ranked if self.returned[i].n_inputs != self.returned[i].n_neurons]
        unseen = [i for i in ranked if not self.returned[i].has_given_activation]
        largest = sorted(ranked, key=lambda i: -float(np.abs(self.returned[i].da).max()))
        return list(dict.fromkeys([*oblong[:2], *square[:1], *unseen[:1], *ranked[:4], *largest[:1]]))

    @cached_property
    def first_calls(self) -> list[int]:
        """The first calls on their layers, which remember nothing, the trials before the others."""
        first = [i for i in self.trials_first if not self.returned[i].earlier]
        return first or self.trials

    @cached_property
    def trials_first(self) -> list[int]:
        """All calls that returned, by their indices: the trials, two that may remember much, and the others."""
        later = sorted(range(len(self.returned)), key=lambda i: -len(self.returned[i].earlier))
        return list(dict.fromkeys([*self.trials[:2], *later[:2], *self.trials, *range(len(self.returned))]))

    def raising(self, attempts: Attempts, *, or_refused: bool = False) -> frozenset[int]:
        """Return the calls that raised, by their indices, in which one of the attempts raises just so.

        What NumPy says depends on the shapes alone, so that one call of each size is tried. There are none if one of
        them is known to have raised with other operands. With ``or_refused``, a call may be one that the submission
        refused by an exception of its own, and it is enough that one of the attempts raises.
        """
        found: set[int] = set()
        for members in self._raised_by_size:
            tried = map(_raised_error, attempts(self.raised[members[0]]))
            errors = {error for error in tried if error is not None}
            is_misfit = any(kind == ValueError.__name__ for kind, _ in errors)
            known = errors | (self._own_errors if or_refused and is_misfit else set())
            found.update(i for i in members if error_of(self.raised[i]) in known)
        cases = {id(self.raised[i].case) for i in found}
        if not all(_raises_alike(call, attempts) for call in self._watched if id(call.case) in cases):
            return frozenset()
        return frozenset(found)

    def raising_somehow(
        self, formula: Formula, formulas: Iterable[Formula], raises: Callable[[Formula], frozenset[int]]
    ) -> frozenset[int]:
        """Return the calls that ``raises`` gives for the formula, in that of its forms that explains most."""
        if not self.raised:
            return frozenset()
        what = (formula.text, formula.mistakes)
        return max((raises(form) for form in formulas if (form.text, form.mistakes) == what), key=len)

    @cached_property
    def _raised_by_size(self) -> list[list[int]]:
        sizes: dict[tuple[int, int], list[int]] = {}
        for i, call in enumerate(self.raised):
            sizes.setdefault(call.case.size, []).append(i)
        return list(sizes.values())


def error_of(call: Call) -> Error:
    """Return the type and the text of the exception in a call that raised."""
    return ("", "") if call.raised is None else (call.raised.type, _without_order(call.raised.text))


def _raised_error(attempt: Callable[[], object]) -> Error | None:
    """Return the type and the text of the exception that an attempt raises; ``None`` if it raises none of shapes."""
    try:
        attempt()
    except NotKnownError:
        return None
    except (ValueError, IndexError) as error:
        return type(error).__name__, _without_order(text_of(error))
    return None


def _without_order(text: str) -> str:
    """Return what NumPy says of two shapes, always in one order: factors may stand in either."""
    found = _BROADCAST.fullmatch(text)
    return text if found is None else " ".join((found[1], *sorted(found.groups()[1:])))


def _raises_alike(call: WatchedCall, attempts: Attempts) -> bool:
    return any(_raised_error(attempt) is not None and call.is_like_last for attempt in attempts(call))


class OwnDz:
    """The ``dz`` that a formula gives in each call, computed when it is asked for."""

    def __init__(self, observed: Observed, formula: Formula) -> None:
        self.formula = formula
        self._observed = observed
        self._values: dict[int, Floats | None] = {}
        self._raised: dict[Call, Floats | None] = {}

    def value(self, i: int) -> Floats | None:
        """Return the ``dz`` in the i-th call that returned; ``None`` if the formula raises there."""
        if i not in self._values:
            try:
                self._values[i] = self.formula.compute(self._observed.returned[i], NO_DZ)
            except ValueError:
                self._values[i] = None
        return self._values[i]

    @cached_property
    def is_possible(self) -> bool:
        """Whether the formula raises in no call that returned."""
        return all(self.value(i) is not None for i in range(len(self._observed.returned)))

    @cached_property
    def numbers(self) -> tuple[tuple[tuple[int, ...], bytes] | None, ...]:
        """The shapes and the numbers in all calls that returned: two formulas with the same ones do the same there."""
        values = map(self.value, range(len(self._observed.returned)))
        return tuple(None if value is None else (value.shape, value.tobytes()) for value in values)

    @cached_property
    def is_column(self) -> bool:
        """Whether the formula gives a column with a number for each neuron in all trials."""
        returned = self._observed.returned
        return all(
            (value := self.value(i)) is not None and value.shape == (returned[i].n_neurons, 1)
            for i in self._observed.trials
        )

    def shape_of(self, formula: Formula) -> tuple[int, ...] | None:
        """Return the shape of what another formula makes of this ``dz`` in the first trial; ``None`` if it raises."""
        first = self._observed.trials[0]
        own = self.value(first)
        try:
            return None if own is None else formula.compute(self._observed.returned[first], own).shape
        except ValueError:
            return None

    def in_call(self, call: Call) -> Floats | None:
        """Return the ``dz`` in a call that raised; ``None`` if the formula raises there."""
        if call not in self._raised:
            try:
                self._raised[call] = self.formula.compute(call, NO_DZ)
            except ValueError:
                self._raised[call] = None
        return self._raised[call]

    @cached_property
    def raised_shapes(self) -> tuple[tuple[int, ...] | None, ...]:
        """The shapes in the calls that raised, ``None`` if the formula raises there; what follows raises depends on."""
        values = map(self.in_call, self._observed.raised)
        return tuple(None if value is None else value.shape for value in values)

    @cached_property
    def raises(self) -> frozenset[int]:
        """The calls that raised in which the formula would have raised just so."""
        return self._observed.raising(self._attempts, or_refused=len(self.tells) >= _ENOUGH)

    def _attempts(self, call: Call) -> Iterator[Callable[[], object]]:
        """Yield the ways to compute it, and a loop over the numbers that it should have."""
        yield lambda: self.formula.compute(call, NO_DZ)
        yield lambda: [self.formula.compute(call, NO_DZ)[()][i, 0] for i in range(call.n_neurons)]

    @cached_property
    def tells(self) -> frozenset[int]:
        """The calls that returned in which this is not the right ``dz``."""
        if self.formula is RIGHT_DZ:
            return frozenset()
        tolerance = self._observed.tolerance
        return frozenset(
            i
            for i, call in enumerate(self._observed.returned)
            if not is_same(self.value(i), call.da * call.slope, tolerance)
        )


@dataclass(frozen=True, eq=False)
class Match:
    """What explains one result in all calls that returned, and some of the exceptions."""

    mistakes: Mapping[str, str]
    """Each with what it belongs to: the ``formula``, the ``step`` or the ``shape``."""
    seen: str
    """The formula: ``d_weights = a_prev · dzᵀ``."""
    step: str = ""
    """The step, if it is wrong: ``W ← W + learning_rate · d_weights``."""
    factor: str = ""
    """What the gradient is multiplied by besides the sign and the learning rate of the right step: ``2 · ``."""
    raises: frozenset[int] = frozenset()
    """The calls that raised in which this would have raised just so."""
    tells: frozenset[int] = frozenset()
    """The calls in which the result is not the right one for this ``dz``."""
    is_gradient: bool = True
    """Whether something was computed; false if nothing was done or returned."""
    of_dz: Rule | None = None
    """What ``dz`` may be multiplied by in place of the result, if there is such a rule."""
    needs: frozenset[str] = frozenset()
    """The mistakes that the gradient of the weights must have, too."""
    needs_wrong_weights: bool = False
    """Whether the gradient of the weights must have some mistake, too."""

    def stands_with(self, weights: Match | None) -> bool:
        """Tell whether the weights are explained as this needs it."""
        wrong = {} if weights is None else weights.mistakes
        return self.needs <= wrong.keys() and (not self.needs_wrong_weights or "formula" in wrong.values())


def shows(observed: Observed, dz: OwnDz, formula: Formula, right: Callable[[Call, Floats], Floats]) -> bool:
    """Tell whether several calls that returned tell a wrong formula from the ``right`` one."""

    def differs(i: int) -> bool:
        call, own = observed.returned[i], dz.value(i)
        try:
            return own is not None and not is_same(
                formula.compute(call, own), right(call, own), observed.tolerance
            )
        except ValueError:
            return False

    return bool(formula.mistakes) and sum(map(differs, range(len(observed.returned)))) >= _ENOUGH


def distinct(formulas: Iterable[Formula], observed: Observed, dz: OwnDz) -> Iterator[Formula]:
    """Yield the formulas that may give different results.

    The ways to write one formula differ only in what NumPy makes of a ``dz`` that is no column, and in what they raise.
    """
    if observed.raised or not observed.trials or not dz.is_column:
        yield from formulas
        return
    known: set[tuple[str, tuple[int, ...] | None]] = set()
    for formula in formulas:
        has_shapes = not _SHAPED.isdisjoint(formula.mistakes)
        what = (formula.text if formula.mistakes else "", dz.shape_of(formula) if has_shapes else None)
        if what not in known:
            known.add(what)
            yield formula


def is_dominated(mistakes: Collection[str], raises: frozenset[int], known: Iterable[Match]) -> bool:
    """Tell whether one of the matches that are ``known`` explains as much by no more than these mistakes."""
    return any(match.mistakes.keys() <= set(mistakes) and raises <= match.raises for match in known)


def is_longer(count: int, raises: frozenset[int], known: Iterable[Match]) -> bool:
    """Tell whether one of the matches that are ``known`` explains as much by fewer than ``count`` mistakes."""
    return any(len(match.mistakes) < count and raises <= match.raises for match in known)


def text_of(error: Exception) -> str:
    """Return the text of an exception as a reply has it."""
    return " ".join(str(error).split())[:_LENGTH]


def is_same(seen: Floats | None, due: Floats | None, tolerance: float) -> bool:
    """Tell whether two arrays have one shape and the same numbers."""
    if seen is None or due is None or seen.shape != due.shape:
        return False
    return bool(
        np.abs(seen - due).max(initial=0.0) <= tolerance * max(1.0, float(np.abs(due).max(initial=0.0)))
    )
