"""The exam under audit: its laws, its points and its examples."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Protocol

from grader.errors import UsageError
from grader.exam import test_backward, test_fit, test_training
from grader.exam.examination import Examination
from grader.exam.questions.questions import Questions, questions
from grader.rubric import Rubric

__all__ = ["Exam", "ExamSource", "InstalledExam", "Law"]

_LAW = "test_"
_CRITERION = "criterion"


@dataclass(frozen=True)
class Law:
    """A test of the exam."""

    name: str
    criterion: str
    test: Callable[[Examination], None]

    @property
    def trains_networks(self) -> bool:
        """Whether it judges the two methods together."""
        return self.criterion.startswith("training.")


@dataclass(frozen=True)
class Exam:
    """Laws, in order, with the points of their criteria, and the examples of each seed."""

    laws: tuple[Law, ...]
    rubric: Rubric
    questions: Callable[[int], Questions]

    @property
    def seed(self) -> int:
        """The seed that the rubric names."""
        return self.rubric.seed


class ExamSource(Protocol):
    """Says which exam to audit; worker processes load it themselves."""

    def load(self) -> Exam:
        """Return the exam; raises ``UsageError`` if it cannot be loaded."""


@dataclass(frozen=True)
class InstalledExam:
    """The kit's exam with the points of a rubric, and an instructor's own tests in ``folder`` besides."""

    rubric: Rubric
    folder: Path | None = None

    def load(self) -> Exam:
        """Return the exam; raises ``UsageError`` if the folder has no tests, or one that cannot be imported."""
        modules = [test_backward, test_fit, test_training]
        if self.folder is not None:
            modules += own_modules(self.folder)
        laws = [law for module in modules for law in _laws(module)]
        laws.sort(key=lambda law: law.trains_networks)
        return Exam(tuple(laws), self.rubric, cache(questions))


def own_modules(folder: Path) -> list[ModuleType]:
    """Return the test modules in ``folder``; raises ``UsageError`` if there are none, or one cannot be imported."""
    paths = sorted(folder.glob(f"{_LAW}*.py"))
    if not paths:
        raise UsageError(f"there are no files test_*.py in {folder}")
    return [_imported(path) for path in paths]


def _imported(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UsageError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module


def _laws(module: ModuleType) -> Iterator[Law]:
    for name, value in vars(module).items():
        for mark in getattr(value, "pytestmark", ()) if name.startswith(_LAW) else ():
            if mark.name == _CRITERION:
                yield Law(name.removeprefix(_LAW), mark.args[0], value)
