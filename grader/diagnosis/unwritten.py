"""Find the methods that are not written yet: their class is missing, or they have no code and do nothing."""

from __future__ import annotations

from collections.abc import Sequence

from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.model import Diagnosis, Message
from grader.protocol.names import METHODS

__all__ = ["unwritten"]

_FAILED_IMPORTS = ("ImportError", "ModuleNotFoundError")


def unwritten(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return a diagnosis for each method that is not written, out of those that cost criteria in ``lost``.

    A method that raises because it is not written is found by its exception.
    """
    found = []
    for method in METHODS:
        class_, _, name = method.partition(".")
        criteria = tuple(each for each in lost if each.startswith(f"{name}."))
        if not criteria:
            continue
        if _has_no_class(examination, class_):
            says = Message("The file defines no class {name}.", {"name": class_})
        elif method in examination.loaded.empty and _does_nothing(examination, method):
            says = Message("{method} has no code yet.", {"method": method})
        else:
            continue
        found.append(Diagnosis("not-written", method, criteria, says=says))
    return found


def _has_no_class(examination: Examination, name: str) -> bool:
    """Tell whether a class is missing, and neither a statement that failed nor one that is not Python may be why."""
    loaded = examination.loaded
    is_certain = not loaded.syntax and all(
        each.raised is not None and each.defines is None and each.raised.type not in _FAILED_IMPORTS
        for each in loaded.skipped
    )
    return name not in loaded.classes and is_certain


def _does_nothing(examination: Examination, method: str) -> bool:
    """Tell whether calls of a method change and return nothing, so that the empty one is what was called."""
    if method == "Perceptron.fit":
        fit = examination.fit
        return not isinstance(fit, Failure) and not any(
            each.reply.calls or each.reply.assigned or each.reply.raised for each in fit.trainings
        )
    backward = examination.backward
    if isinstance(backward, Failure):
        return False
    steps = [step for answers in backward.families.values() for each in answers for step in each.reply.steps]
    return bool(steps) and all(step.da_prev.type == "NoneType" for step in steps)
