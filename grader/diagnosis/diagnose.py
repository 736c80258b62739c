"""Diagnose one submission, while its process still answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from grader.diagnosis.backward import backward_mistakes
from grader.diagnosis.crashes import crashes
from grader.diagnosis.fit import fit_mistakes
from grader.diagnosis.forward import forward_mistakes
from grader.diagnosis.lines.places import with_lines
from grader.exam.examination import Examination
from grader.model import Diagnosis, Feedback

__all__ = ["diagnose"]


def diagnose(examination: Examination, lost: Sequence[str]) -> tuple[Diagnosis, ...]:
    """Return the mistakes that explain why the criteria ``lost``, in the order of the rubric, were lost.

    A wrong ``forward`` is said first, and nothing of ``backward`` after it. The lines are searched only if the feedback
    is full. Raises ``DisturbedError`` if something other than the submission gets in the way.
    """
    if not lost:
        return ()
    found = list(forward_mistakes(examination, lost))
    if not found:
        found += [*crashes(examination, lost)]
        found += backward_mistakes(examination, _left("backward.", lost, found))
    found += fit_mistakes(examination, _left("fit.", lost, found))
    if examination.feedback is Feedback.FULL:
        found = list(with_lines(examination, found, lost))
    return tuple(found)


def _left(prefix: str, lost: Sequence[str], found: Collection[Diagnosis]) -> list[str]:
    """Return the criteria of one method that no diagnosis explains so far."""
    explained = {criterion for diagnosis in found for criterion in diagnosis.criteria}
    return [name for name in lost if name.startswith(prefix) and name not in explained]
