"""Run cases under a count of lines instead of a clock, and see which functions they execute."""

from __future__ import annotations

import sys
from collections.abc import Callable, Container, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

import numpy as np

from grader.candidate.sandbox.runtime.methods import AbandonedError

__all__ = ["LINES", "Count", "Execution", "counted", "executed"]

LINES = {"backward": 5_000, "fit": 10_000, "train": 100_000}
"""Lines of the submission that one case of each kind may run with an edit; right ones run far fewer."""

Tracer = Callable[[FrameType, str, Any], Any]


@dataclass
class Count:
    """How many lines were run, of the ``most`` that may be."""

    most: int
    lines: int = 0

    @property
    def left(self) -> int:
        """How many lines may still be run."""
        return max(0, self.most - self.lines)


@contextmanager
def counted(labels: Container[str], most: int, total: Count) -> Generator[None, None, None]:
    """Stop what runs in this context by ``AbandonedError`` after ``most`` lines in the files of ``labels``.

    The lines are added to ``total``.
    """
    last = total.lines + most

    def count(_frame: FrameType, _event: str, _argument: Any) -> Tracer:
        if total.lines >= last:
            raise AbandonedError
        total.lines += 1
        return count

    def enter(frame: FrameType, _event: str, _argument: Any) -> Tracer | None:
        return count if frame.f_code.co_filename in labels else None

    with _traced(enter):
        yield


@dataclass
class Execution:
    """What was executed: the code of functions, and what type of value each name had in them."""

    codes: set[CodeType] = field(default_factory=set)
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each file, the types of local names and of attributes: ``number``, or the name of a class."""


@contextmanager
def executed(labels: Container[str]) -> Generator[Execution, None, None]:
    """Collect what is called in the files of ``labels`` in this context."""
    execution = Execution()

    def leave(frame: FrameType, event: str, _argument: Any) -> Tracer:
        if event == "return":
            types = execution.types.setdefault(frame.f_code.co_filename, {})
            types.update(_types(frame.f_locals))
        return leave

    def enter(frame: FrameType, _event: str, _argument: Any) -> Tracer | None:
        if frame.f_code.co_filename not in labels:
            return None
        execution.codes.add(frame.f_code)
        frame.f_trace_lines = False
        return leave

    with _traced(enter):
        yield execution


def _types(names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in names.items():
        yield name, _type_of(value)
        attributes = getattr(value, "__dict__", None)
        if type(attributes) is dict:
            yield from ((f"{name}.{key}", _type_of(own)) for key, own in attributes.items())
        slots = getattr(type(value), "__slots__", ())
        for key in slots if type(slots) is tuple else ():
            with suppress(AttributeError):
                yield f"{name}.{key}", _type_of(getattr(value, key))


def _type_of(value: Any) -> str:
    return "number" if isinstance(value, (int, float, np.number)) else type(value).__name__


@contextmanager
def _traced(tracer: Tracer) -> Generator[None, None, None]:
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        yield
    finally:
        sys.settrace(before)
