"""Derive the assignment: task sheet, skeleton, notebook and visible tests.

The solution is a notebook in jupytext's percent format. Each cell has a tag ``perceptron-kit:NAME``.
``### BEGIN SOLUTION`` and ``### END SOLUTION`` enclose what students write. The text of a text cell is the section
of the sheet that has its name.
"""

from __future__ import annotations

import importlib.metadata
import re
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING

from grader.assignment.checks import check_files
from grader.assignment.diagram import diagram
from grader.assignment.edition import FORMATS, Edition
from grader.assignment.notebooks import TAG, notebook_bytes, notebook_cell
from grader.assignment.sheet import oldest_python, section, words
from grader.languages import ENGLISH
from grader.resources import solution_path, utils_path
from grader.rubric import Rubric, default_rubric

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["derive_assignment", "given_files", "solution_cells"]

_NOTEBOOK_ONLY = "active-ipynb"
_STUB = """\
# Your lines go here, in place of the next one.
raise NotImplementedError("{method} is not written yet.")
"""
_SCRIPT_DOCSTRING = '"""A multilayer perceptron from scratch: the task is in TASK.md."""\n\n'


def derive_assignment(
    language: str = ENGLISH, *, written_in: str = "both", rubric: Rubric | None = None
) -> dict[str, bytes]:
    """Return the files of the assignment by their names; `Edition` explains the arguments."""
    edition = Edition(language, written_in, rubric or default_rubric())
    cells = _cells_of(_without_solutions(_solution()), edition)
    derived = {
        "perceptron.ipynb": notebook_bytes([notebook_cell(name, cell) for name, cell in cells.items()]),
        "perceptron.py": _script(cells).encode(),
    }
    return {name: derived[name] for name in FORMATS[edition.written_in]} | given_files(edition)


def given_files(edition: Edition) -> dict[str, bytes]:
    """Return the files that students need but do not change."""
    return {
        "TASK.md": _task_sheet(edition).encode(),
        "diagram.svg": diagram(words(edition.language)["diagram"]),
        **check_files(edition.language),
        "requirements.txt": _requirements(edition.language).encode(),
        "utils.py": _utils(edition.language).encode(),
    }


def solution_cells(edition: Edition) -> dict[str, NotebookNode]:
    """Return the cells of the solution by their names, in order, with the solution markers."""
    return _cells_of(_solution(), edition)


def _solution() -> str:
    return (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def _without_solutions(source: str) -> str:
    """Replace each solution in ``source`` with a stub that names the method to write."""
    kept: list[str] = []
    class_name = method = ""
    in_solution = False
    for line in source.splitlines(keepends=True):
        if definition := re.match(r"class (\w+)", line):
            class_name = definition[1]
        elif definition := re.match(r"    def (\w+)", line):
            method = definition[1]
        if line.strip() == "### BEGIN SOLUTION":
            in_solution = True
            kept.append(textwrap.indent(_STUB.format(method=f"{class_name}.{method}"), " " * 8))
        elif line.strip() == "### END SOLUTION":
            in_solution = False
        elif not in_solution:
            kept.append(line)
    return "".join(kept)


def _cells_of(source: str, edition: Edition) -> dict[str, NotebookNode]:
    cells = _parsed(source)
    for name, cell in cells.items():
        if cell.cell_type == "markdown":
            cell.source = section(name, edition, in_notebook=True)
        else:
            cell.source = _translated(cell.source, words(edition.language)["comments"])
    return cells


def _parsed(source: str) -> dict[str, NotebookNode]:
    import jupytext  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

    return {_name_of(cell): cell for cell in jupytext.reads(source, fmt="py:percent").cells}


def _name_of(cell: NotebookNode) -> str:
    tags: list[str] = cell.metadata.tags
    return next(tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))


def _script(cells: Mapping[str, NotebookNode]) -> str:
    imports: str
    imports, *others = (
        cell.source
        for cell in cells.values()
        if cell.cell_type == "code" and _NOTEBOOK_ONLY not in cell.metadata.tags
    )
    # Blank lines as a formatter leaves them.
    return _SCRIPT_DOCSTRING + imports + "\n\n" + "\n\n\n".join(others) + "\n"


def _task_sheet(edition: Edition) -> str:
    names = [name for name, cell in _parsed(_solution()).items() if cell.cell_type == "markdown"]
    return "\n\n".join(section(name, edition, in_notebook=False) for name in names) + "\n"


def _utils(language: str) -> str:
    return _translated(utils_path().read_text(encoding="utf-8"), words(language)["utils"])


def _translated(source: str, translations: Mapping[str, str]) -> str:
    """Replace whole comments or texts of ``source`` by their translations; the code stays the same."""
    for english, other in translations.items():
        source = source.replace(english, other)
    return source


def _requirements(language: str) -> str:
    """Return the kit's own requirements of the packages that a student needs."""
    wanted = importlib.metadata.requires("perceptron-kit") or []
    lines = [line for line in wanted if re.match(r"(numpy|pytest)\b", line)]
    head = f"# {words(language)['files']['requirements'].format(python=oldest_python())}"
    return "\n".join((head, *lines)) + "\n"
