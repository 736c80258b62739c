"""Turn the best explanation of what ``backward`` did into diagnoses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.diagnosis.backward.call import Call, calls_of
from grader.diagnosis.backward.observed import Observed
from grader.diagnosis.backward.search import Explanation, best_explanations
from grader.diagnosis.backward.telling import told, unknown, unwritten
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.model import Diagnosis

__all__ = ["backward_mistakes"]

_EXACT, _FLOAT32 = 1e-9, 1e-5
"""How far a number may be from what a formula gives, as a fraction of the largest number involved."""


def backward_mistakes(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return the mistakes in ``Layer.backward`` that explain the criteria ``lost``."""
    lost = [name for name in lost if name.startswith("backward.")]
    answers = examination.backward
    if not lost or isinstance(answers, Failure):
        return []
    calls = calls_of(answers)
    if _is_unwritten(calls):
        return [unwritten(lost)]
    with np.errstate(all="ignore"):
        return _diagnoses(calls, lost)


def _is_unwritten(calls: Sequence[Call]) -> bool:
    return bool(calls) and all(c.raised is not None and c.raised.type == "NotImplementedError" for c in calls)


def _diagnoses(calls: Sequence[Call], lost: Sequence[str]) -> list[Diagnosis]:
    refuses = _refuses_unseen(calls)
    chosen = [call for call in calls if call.has_given_activation] if refuses else list(calls)
    observed = Observed(chosen, _EXACT)
    found = best_explanations(observed)
    if not _explains_all(found) and _is_float32(chosen):
        observed = Observed(chosen, _FLOAT32)
        found = best_explanations(observed)
    refused = [call for call in calls if not call.has_given_activation and call.raised is not None]
    named = told(observed, found, lost, refused if refuses and _explains_all(found) else [])
    return [*named, *unknown(found, lost, named)]


def _explains_all(found: Sequence[Explanation]) -> bool:
    return bool(found) and found[0].cost[0] == 0


def _refuses_unseen(calls: Sequence[Call]) -> bool:
    """Tell whether ``backward`` raises with all activations but the given ones, and never with those."""
    return any(call.raised is not None for call in calls) and all(
        (call.raised is None) == call.has_given_activation for call in calls
    )


def _is_float32(calls: Sequence[Call]) -> bool:
    """Tell whether the weights, the biases or the returned gradients are numbers that float32 holds, in all calls."""
    replies = [call.reply for call in calls if call.reply is not None and call.case.activation != "relu"]
    for results in zip(*((r.weights.array, r.biases.array, r.da_prev.array) for r in replies), strict=True):
        arrays = [array for array in results if array is not None]
        if arrays and all((array.astype(np.float32) == array).all() for array in arrays):
            return True
    return False
