"""Judge what a submission would have done with an edit, by the exam's own laws."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import cast

import pytest

from grader.exam import test_backward, test_fit, test_training
from grader.exam.examination import Examination
from grader.exam.judging.base import Test

__all__ = ["all_hold", "lost_in"]

_MODULES = {"backward": test_backward, "fit": test_fit, "train": test_training}


def lost_in(examination: Examination, of: str) -> frozenset[str]:
    """Return the criteria of ``backward``, ``fit`` or ``train`` whose laws do not all hold."""
    return frozenset(criterion for criterion, law in _laws(of) if not _holds(law, examination))


def all_hold(examination: Examination, of: str, criteria: Sequence[str]) -> bool:
    """Tell whether all laws of ``criteria`` hold, which are judged in this order until one does not."""
    laws = sorted(
        (pair for pair in _laws(of) if pair[0] in criteria), key=lambda pair: criteria.index(pair[0])
    )
    return all(_holds(law, examination) for _, law in laws)


@cache
def _laws(of: str) -> tuple[tuple[str, Test], ...]:
    return tuple(_marked(_MODULES[of]))


def _marked(module: ModuleType) -> Iterator[tuple[str, Test]]:
    for name, law in vars(module).items():
        if name.startswith("test_") and callable(law):
            (marker,) = law.pytestmark
            yield marker.args[0], cast("Test", law)


def _holds(law: Test, examination: Examination) -> bool:
    try:
        law(examination)
    except pytest.skip.Exception:
        return True
    except pytest.fail.Exception:
        return False
    return True
