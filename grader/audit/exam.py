"""The exam under audit: its laws, its points and its examples."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
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
    """The kit's exam with the points of a rubric, and the rubric's own tests and those in ``folder`` besides."""

    rubric: Rubric
    folder: Path | None = None

    def load(self) -> Exam:
        """Return the exam; raises ``UsageError`` if the folder has no tests, or one that cannot be imported."""
        own = {**self.rubric.tests, **({} if self.folder is None else _texts(self.folder))}
        modules = [test_backward, test_fit, *_imported(own), test_training]
        return Exam(tuple(law for module in modules for law in _laws(module)), self.rubric, cache(questions))


def _texts(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob(f"{_LAW}*.py"))
    if not paths:
        raise UsageError(f"there are no files {_LAW}*.py in {folder}")
    return {path.name: path.read_text(encoding="utf-8") for path in paths}


def _imported(texts: Mapping[str, str]) -> Iterator[ModuleType]:
    with TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder, name)
            path.write_text(text, encoding="utf-8")
            spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
            if spec is None or spec.loader is None:
                raise UsageError(f"{name} cannot be imported")
            module = importlib.util.module_from_spec(spec)
            try:
                spec.loader.exec_module(module)
            except Exception as error:
                raise UsageError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error
            yield module


def _laws(module: ModuleType) -> Iterator[Law]:
    for name, value in vars(module).items():
        for mark in getattr(value, "pytestmark", ()) if name.startswith(_LAW) else ():
            if mark.name == _CRITERION:
                yield Law(name.removeprefix(_LAW), mark.args[0], value)
