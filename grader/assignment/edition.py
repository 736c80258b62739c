"""Say which version of the assignment students receive: its language, its files, its points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.languages import ENGLISH, LANGUAGES
from grader.rubric import Rubric, default_rubric

__all__ = ["FORMATS", "Edition"]

FORMATS: Mapping[str, tuple[str, ...]] = {
    "py": ("perceptron.py",),
    "notebook": ("perceptron.ipynb",),
    "both": ("perceptron.py", "perceptron.ipynb"),
}
"""The files that students write in, by the name of the format."""


@dataclass(frozen=True)
class Edition:
    """One version of the assignment. Raises ``KeyError`` if there is no such language."""

    language: str = ENGLISH
    written_in: str = "both"
    """The format of the files that students write in: ``py``, ``notebook`` or ``both``."""
    rubric: Rubric = field(default_factory=default_rubric)
    """Only its points and titles are told, never its seed or tests."""
    in_course: bool = False
    """Whether nbgrader hands it out and collects it."""

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise KeyError(self.language)
