"""Write the task sheet in a language: its sections are text cells of the notebook, and together they are TASK.md.

Each language has a folder of templates, with a file for each section and one for words. The formulas are shared.
"""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from grader.assignment.edition import FORMATS, Edition
from grader.languages import speaking, translated
from grader.templating import template

__all__ = ["oldest_python", "section", "without_scripts", "words"]

_TEMPLATES = Path(__file__).parent / "templates"
_PICTURE = re.compile(r"!\[([^\]]*)\]\([\w.]+\)")


def section(name: str, edition: Edition, *, in_notebook: bool) -> str:
    """Return a section of the sheet as Markdown, with formulas in LaTeX if it is for the notebook."""
    text = template(f"assignment/templates/{edition.language}/{name}.md").render(
        formula={
            name: _displayed(formula, in_notebook=in_notebook)
            for name, formula in _toml("formulas.toml").items()
        },
        in_course=edition.in_course,
        in_notebook=in_notebook,
        notebook="perceptron.ipynb" in FORMATS[edition.written_in],
        points=_points(edition),
        python=oldest_python(),
        script="perceptron.py" in FORMATS[edition.written_in],
        total=f"{edition.rubric.max_score:g}",
    )
    return text.strip()


def without_scripts(text: str) -> str:
    """Return the text of a notebook's cell for a page that loads nothing: formulas as text, pictures by their names."""
    for formula in _toml("formulas.toml").values():
        text = text.replace(_displayed(formula, in_notebook=True), _displayed(formula, in_notebook=False))
    return _PICTURE.sub(r"*\1*", text)


@cache
def words(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the words of a language outside of the sheet, in tables."""
    return _toml(f"{language}/words.toml")


def oldest_python() -> str:
    """Return the oldest Python that the kit supports; submissions should use its syntax only."""
    return importlib.metadata.metadata("perceptron-kit")["Requires-Python"].removeprefix(">=")


def _displayed(formula: Mapping[str, str], *, in_notebook: bool) -> str:
    if in_notebook:
        return f"$$\n{formula['latex'].strip()}\n$$"
    return "\n".join(f"    {line}" for line in formula["text"].strip().splitlines())


def _points(edition: Edition) -> str:
    rubric = edition.rubric
    with speaking(edition.language):
        return "\n".join(
            f"| `{id_}` | {points:g} | {translated(rubric.title(id_))} |"
            for id_, points in rubric.points.items()
        )


@cache
def _toml(name: str) -> Mapping[str, Any]:
    return tomllib.loads((_TEMPLATES / name).read_text(encoding="utf-8"))
