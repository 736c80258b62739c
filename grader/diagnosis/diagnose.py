"""Diagnose one submission, while its process still answers."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from grader.diagnosis.backward import backward_mistakes
from grader.diagnosis.crashes import crashes, other_exceptions
from grader.diagnosis.fit import fit_mistakes
from grader.diagnosis.forward import forward_mistakes
from grader.diagnosis.lines.places import with_lines
from grader.diagnosis.unwritten import unwritten
from grader.exam.examination import Examination
from grader.model import Diagnosis, Feedback, Message

__all__ = ["diagnose"]

_TRAINING = "training."
_STEPS: Sequence[tuple[str, Callable[[Examination, Sequence[str]], list[Diagnosis]]]] = (
    ("", crashes),
    ("", unwritten),
    ("backward.", backward_mistakes),
    ("fit.", fit_mistakes),
)
"""Each explains what those before it leave of the criteria that begin so."""
_RAISED_WHERE_THEY_ARE = frozenset({"array-for-number", "package-missing"})
_IMPORTS = ("import ", "from ")
_OPPOSITE_SIGNS = frozenset({"gradient-ascent", "output-gradient-sign"})
"""Two mistakes of which each undoes what the other does to the steps."""


def diagnose(examination: Examination, lost: Sequence[str]) -> tuple[Diagnosis, ...]:
    """Return the mistakes that explain why the criteria ``lost``, in the order of the rubric, were lost.

    A wrong ``forward`` is said first, and nothing of ``backward`` after it. What training alone loses matters only if
    nothing else is lost. The lines are searched only if the feedback is full. Raises ``DisturbedError`` if something
    other than the submission gets in the way.
    """
    if not lost:
        return ()
    # NumPy warns of means of nothing, which a submission may compute.
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        return _diagnoses(examination, lost)


def _diagnoses(examination: Examination, lost: Sequence[str]) -> tuple[Diagnosis, ...]:
    own = [name for name in lost if not name.startswith(_TRAINING)] or lost
    found = list(forward_mistakes(examination, lost))
    unknown: list[Diagnosis] = []
    for prefix, mistakes in _STEPS:
        if left := _left(prefix, own, found):
            for diagnosis in mistakes(examination, left):
                (unknown if diagnosis.id == "unknown" else found).append(diagnosis)
    # An exception says more than numbers that fit nothing.
    found += [_unless_named(each, found) for each in other_exceptions(examination, _left("", own, found))]
    left = _left("", own, found)
    found += [diagnosis for diagnosis in unknown if not set(diagnosis.criteria).isdisjoint(left)]
    found = _with_signs_that_cancel(found)
    if examination.feedback is Feedback.FULL:
        found = _with_lines(examination, found, lost)
    return tuple(found)


def _unless_named(crash: Diagnosis, found: Sequence[Diagnosis]) -> Diagnosis:
    """Return an exception without a name if mistakes of its method have names, since they may have caused it."""
    has_names = any(each.method == crash.method and each.id != "unknown" for each in found)
    return replace(crash, id="unknown", cases=0) if has_names else crash


def _with_lines(examination: Examination, found: Sequence[Diagnosis], lost: Sequence[str]) -> list[Diagnosis]:
    if all(map(_has_its_line, found)):
        return list(found)
    with_others = with_lines(examination, found, lost)
    return [own if _has_its_line(own) else other for own, other in zip(found, with_others, strict=True)]


def _has_its_line(diagnosis: Diagnosis) -> bool:
    """Tell whether the line of an exception holds the mistake, even if an edit of another one hides it."""
    place = diagnosis.place
    return place is not None and (diagnosis.id in _RAISED_WHERE_THEY_ARE or place.source.startswith(_IMPORTS))


def _left(prefix: str, lost: Sequence[str], found: Collection[Diagnosis]) -> list[str]:
    """Return the criteria that begin with ``prefix`` and that no diagnosis explains so far."""
    explained = {criterion for diagnosis in found for criterion in diagnosis.criteria}
    return [name for name in lost if name.startswith(prefix) and name not in explained]


def _with_signs_that_cancel(found: list[Diagnosis]) -> list[Diagnosis]:
    """Return the diagnoses; if two wrong signs cancel, those say so."""
    if not {diagnosis.id for diagnosis in found} >= _OPPOSITE_SIGNS:
        return found
    says = Message(
        "Two wrong signs meet here: that of da at the output, and that of the update. They cancel, so the parameters "
        "that the update adds to go downhill all the same. Each sign is still wrong by itself."
    )
    return [replace(each, says=each.says or says) if each.id in _OPPOSITE_SIGNS else each for each in found]
