"""Turn the best explanation of what ``backward`` did into diagnoses."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call, calls_of
from grader.diagnosis.backward.observed import Error, Observed, error_of
from grader.diagnosis.backward.operands import WatchedCall
from grader.diagnosis.backward.parameters import BIASES_STEP, WEIGHTS_STEP
from grader.diagnosis.backward.search import Explanation, best_explanations, explanation_by_own_dz
from grader.diagnosis.backward.telling import told, unknown
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.model import Diagnosis

__all__ = ["backward_mistakes"]

Floats = NDArray[np.float64]

_MOST_LINES = 2
"""So many lines that raise are asked about again."""
_EXACT, _FLOAT32 = 1e-9, 1e-5
"""How far a number may be from what a formula gives, as a fraction of the largest number involved."""
_TWO_CHANGES = 2
"""So many changes to one gradient are tried if one does not explain all."""
_ON_PURPOSE = re.compile(r"(^|[:;])\s*(raise|assert)\b")
_FINEST = 2**12
"""Products of the exam's numbers are multiples of 1 over this, unless a function of an activation is in them."""


def backward_mistakes(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return the mistakes in ``Layer.backward`` that explain the criteria ``lost``."""
    lost = [name for name in lost if name.startswith("backward.")]
    answers = examination.backward
    if not lost or isinstance(answers, Failure):
        return []
    calls = calls_of(answers)
    with np.errstate(all="ignore"):
        return _diagnoses(calls, lost, _watched(examination, calls), _own_errors(examination, calls))


def _own_errors(examination: Examination, calls: Sequence[Call]) -> set[Error]:
    """Return the exceptions that the submission raises by a statement of its own, or by a loop past the end."""
    found = set()
    for call in calls:
        place = None if call.raised is None else examination.place(call.raised)
        is_past_the_end = call.raised is not None and call.raised.type == IndexError.__name__
        if is_past_the_end or (place is not None and _ON_PURPOSE.search(place.source)):
            found.add(error_of(call))
    return found


def _watched(examination: Examination, calls: Sequence[Call]) -> list[WatchedCall]:
    """Return a few of the calls that raised, with the operands of what raised, one for each line of the submission."""
    lines: dict[tuple[str | None, int | None], Call] = {}
    for call in sorted(calls, key=lambda call: (call.n_inputs == call.n_neurons, 1 in call.case.size)):
        if call.raised is not None and call.raised.type == ValueError.__name__:
            lines.setdefault((call.raised.label, call.raised.line), call)
    found = []
    for call in islice(lines.values(), _MOST_LINES):
        again = examination.explain_backward(call.case)
        account = None if again is None else again.account
        if again is None or account is None or replace(again, account=None) != call.raised:
            continue
        if account.kind == "operation":
            found.append(WatchedCall(call, account.operands))
    return found


def _diagnoses(
    calls: Sequence[Call], lost: Sequence[str], watched: Sequence[WatchedCall], own_errors: Collection[Error]
) -> list[Diagnosis]:
    refuses = _refuses_unseen(calls)
    chosen = [call for call in calls if call.has_given_activation] if refuses else list(calls)
    observed = Observed(chosen, _EXACT, watched, own_errors)
    found = best_explanations(observed)
    if not _explains_all(found) and _is_float32(chosen):
        observed = Observed(chosen, _FLOAT32, watched, own_errors)
        found = best_explanations(observed)
    if _has_unknown_step(observed, found):
        again = Observed(chosen, observed.tolerance, watched, own_errors, _TWO_CHANGES)
        by_two = best_explanations(again)
        observed, found = (again, by_two) if _explains_all(by_two) else (observed, found)
    if not _explains_all(found) and not _is_certain(found) and "backward.dz" in lost:
        own = explanation_by_own_dz(chosen, observed.tolerance)
        observed, found = (observed, found) if own is None else (own[0], [own[1]])
    refused = [call for call in calls if not call.has_given_activation and call.raised is not None]
    named = told(observed, found, lost, refused if refuses and _explains_all(found) else [])
    return [*named, *unknown(observed, found, lost, named)]


def _is_certain(found: Sequence[Explanation]) -> bool:
    """Tell whether there is one explanation, and two results agree on its ``dz``."""
    return len(found) == 1 and sum(match.is_gradient for match in found[0].matches.values()) > 1


def _has_unknown_step(observed: Observed, found: Sequence[Explanation]) -> bool:
    """Tell whether the weights or the biases move in a way that is not explained."""
    known = found[0].matches if found else {}
    return any(
        step.name not in known and not step.is_unchanged(observed) for step in (WEIGHTS_STEP, BIASES_STEP)
    )


def _explains_all(found: Sequence[Explanation]) -> bool:
    return bool(found) and found[0].cost[0] == 0


def _refuses_unseen(calls: Sequence[Call]) -> bool:
    """Tell whether ``backward`` raises with all activations but the given ones, and never with those."""
    return any(call.raised is not None for call in calls) and all(
        (call.raised is None) == call.has_given_activation for call in calls
    )


def _is_float32(calls: Sequence[Call]) -> bool:
    """Tell whether new parameters, steps or returned gradients are numbers that float32 holds, in all calls."""
    telling = [call for call in calls if call.reply is not None and call.case.activation != "relu"]
    for result in (
        lambda call: call.new_weights,
        lambda call: call.new_biases,
        lambda call: call.returned.array,
        lambda call: _step(call.W, call.new_weights),
        lambda call: _step(call.b, call.new_biases),
    ):
        arrays = [result(call) for call in telling]
        if all(map(_fits_float32, arrays)) and any(map(_has_many_digits, arrays)):
            return True
    return False


def _step(before: Floats, after: Floats | None) -> Floats | None:
    return None if after is None or after.shape != before.shape else after - before


def _fits_float32(array: Floats | None) -> bool:
    return array is not None and bool((array.astype(np.float32) == array).all())


def _has_many_digits(array: Floats | None) -> bool:
    """Tell whether not all numbers are exact products of the exam's, which float32 holds whatever they come from."""
    return array is not None and bool((np.mod(array * _FINEST, 1.0) != 0).any())
