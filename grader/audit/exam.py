"""The exam under audit: its laws, its points and its examples."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Protocol

from grader.errors import UsageError
from grader.exam import test_backward, test_fit, test_training
from grader.exam.examination import Examination
from grader.exam.questions.questions import Questions, questions
from grader.rubric import OWN, Rubric

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
        """Return the exam, in which criteria of the folder that the rubric does not have bear no points.

        Raises ``UsageError`` if the folder has no tests, or one that cannot be used.
        """
        texts = {**self.rubric.tests, **({} if self.folder is None else _texts(self.folder))}
        own = [law for name, module in _imported(texts) for law in self._own_laws(name, module)]
        new = {law.criterion: 0.0 for law in own if law.criterion not in self.rubric.points}
        rubric = replace(self.rubric, points={**self.rubric.points, **new})
        before, after = (
            [law for module in modules for law in _laws(module)]
            for modules in ((test_backward, test_fit), (test_training,))
        )
        return Exam((*before, *own, *after), rubric, cache(questions))

    def _own_laws(self, name: str, module: ModuleType) -> list[Law]:
        laws = list(_laws(module))
        if not laws:
            raise UsageError(f"{name} has no test that names its criterion; docs/audit.md shows one")
        for law in laws:
            if law.criterion not in self.rubric.points and not law.criterion.startswith(OWN):
                raise UsageError(
                    f"{name}: {_LAW}{law.name} names {law.criterion!r}; the name of a new criterion begins with {OWN}"
                )
        return laws


def _texts(folder: Path) -> dict[str, str]:
    paths = sorted(folder.glob(f"{_LAW}*.py"))
    if not paths:
        raise UsageError(f"there are no files {_LAW}*.py in {folder}")
    try:
        return {path.name: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the tests in {folder} cannot be read ({error})") from None


def _imported(texts: Mapping[str, str]) -> Iterator[tuple[str, ModuleType]]:
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
            yield name, module


def _laws(module: ModuleType) -> Iterator[Law]:
    for name, value in vars(module).items():
        for mark in getattr(value, "pytestmark", ()) if name.startswith(_LAW) else ():
            if mark.name == _CRITERION:
                yield Law(name.removeprefix(_LAW), mark.args[0], value)
