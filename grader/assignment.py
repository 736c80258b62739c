"""The assignment: everything that a student receives, derived from the solution.

The solution is a notebook in jupytext's percent format. Each cell has a tag ``perceptron-kit:NAME``;
``### BEGIN SOLUTION`` and ``### END SOLUTION`` enclose what students write.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import UsageError
from grader.resources import solution_path, utils_path
from grader.rubric import default_rubric

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = [
    "TAG",
    "TEMPLATES",
    "derive",
    "differences",
    "notebook_cell",
    "notebook_json",
    "solution_cells",
    "write",
]

TEMPLATES = Path(__file__).resolve().parent / "templates"
TAG = "perceptron-kit:"
"""What the tag of each of the kit's cells begins with."""
_NOTEBOOK_ONLY = "active-ipynb"
_SHEET = ("introduction", "layer-formulas", "perceptron-formulas", "training-instructions")
_STUB = """\
# Your lines go here, in place of the next one.
raise NotImplementedError("{method} is not written yet.")
"""
_SCRIPT_DOCSTRING = '"""A multilayer perceptron from scratch: the task is in TASK.md."""\n\n'


def derive() -> dict[str, bytes]:
    """Return the files of the assignment: their paths, relative to its folder, and their contents."""
    skeleton = _cells(_clear_solutions(_solution()))
    texts = {
        "TASK.md": _task_sheet(skeleton),
        "perceptron.ipynb": notebook_json([notebook_cell(name, cell) for name, cell in skeleton.items()]),
        "perceptron.py": _script(skeleton),
        "pytest.ini": (TEMPLATES / "pytest.ini").read_text(encoding="utf-8"),
        "requirements.txt": _requirements(),
        "test_perceptron.py": (TEMPLATES / "test_perceptron.py").read_text(encoding="utf-8"),
    }
    files = {name: text.encode() for name, text in texts.items()}
    return files | {"utils.py": utils_path().read_bytes()}


def write(folder: Path, files: Mapping[str, bytes] | None = None) -> None:
    """Write ``files``, those of the assignment by default, into ``folder``, over what is there.

    Raises UsageError where it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (derive() if files is None else files).items():
            (folder / name).write_bytes(content)
    except OSError as error:
        message = f"{folder}: the assignment cannot be written there ({error.strerror}); name another folder"
        raise UsageError(message) from error


def differences(folder: Path, files: Mapping[str, bytes] | None = None) -> list[str]:
    """Return the names of the files that `write` would add to ``folder`` or change there."""
    wanted = derive() if files is None else files
    return [name for name, content in wanted.items() if not _holds(folder / name, content)]


def solution_cells() -> dict[str, NotebookNode]:
    """Return the cells of the solution by their names, in order, its markers in them."""
    return _cells(_solution())


def notebook_json(cells: Sequence[Mapping[str, object]]) -> str:
    """Return the notebook of these cells, which is the same with every version of the libraries."""
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def notebook_cell(name: str, cell: NotebookNode) -> dict[str, object]:
    """Return one of the kit's cells as it stands in a notebook."""
    only_code: dict[str, object] = {"execution_count": None, "outputs": []}
    return {
        "cell_type": cell.cell_type,
        "id": name,
        "metadata": {"tags": [TAG + name]},
        "source": cell.source.splitlines(keepends=True),
        **(only_code if cell.cell_type == "code" else {}),
    }


def _solution() -> str:
    return (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _clear_solutions(source: str) -> str:
    """Return ``source`` with a stub in place of each solution, which names the method to write."""
    kept: list[str] = []
    class_name = method = ""
    inside = False
    for line in source.splitlines(keepends=True):
        if definition := re.match(r"class (\w+)", line):
            class_name = definition[1]
        elif definition := re.match(r"    def (\w+)", line):
            method = definition[1]
        if line.strip() == "### BEGIN SOLUTION":
            inside = True
            kept.append(textwrap.indent(_STUB.format(method=f"{class_name}.{method}"), " " * 8))
        elif line.strip() == "### END SOLUTION":
            inside = False
        elif not inside:
            kept.append(line)
    return "".join(kept)


def _cells(source: str) -> dict[str, NotebookNode]:
    """Return the cells of a notebook in percent format by their names, in order."""
    import jupytext  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to import

    notebook = jupytext.reads(source, fmt="py:percent")
    return {_name(cell): cell for cell in notebook.cells}


def _name(cell: NotebookNode) -> str:
    tags: list[str] = cell.metadata.tags
    return next(tag.removeprefix(TAG) for tag in tags if tag.startswith(TAG))


def _script(cells: Mapping[str, NotebookNode]) -> str:
    sources = (
        cell.source
        for cell in cells.values()
        if cell.cell_type == "code" and _NOTEBOOK_ONLY not in cell.metadata.tags
    )
    return _SCRIPT_DOCSTRING + "\n\n\n".join(sources) + "\n"


def _task_sheet(cells: Mapping[str, NotebookNode]) -> str:
    template = (TEMPLATES / "TASK.md").read_text(encoding="utf-8")
    rubric = default_rubric()
    points = "\n".join(
        f"| `{id_}` | {marks:g} | {rubric.title(id_)} |" for id_, marks in rubric.points.items()
    )
    sheet = template.replace("{points}", points).replace("{python}", _oldest_python())
    return "\n\n".join((*(cells[name].source for name in _SHEET), sheet))


def _requirements() -> str:
    """Return the kit's own requirements of the packages that a student needs."""
    wanted = importlib.metadata.requires("perceptron-kit") or []
    lines = [line for line in wanted if re.match(r"(numpy|pytest)\b", line)]
    head = (
        f"# The same as in grading, which may use Python {_oldest_python()}. For the plots, add matplotlib."
    )
    return "\n".join((head, *lines)) + "\n"


def _oldest_python() -> str:
    """Return the oldest Python that the kit runs with, whose syntax every grader understands."""
    return importlib.metadata.metadata("perceptron-kit")["Requires-Python"].removeprefix(">=")
