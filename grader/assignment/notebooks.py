"""Lay out cells of the solution as a Jupyter notebook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["TAG", "Cell", "code_cell", "notebook_bytes", "notebook_cell"]

TAG = "perceptron-kit:"
"""The prefix of the tag by which the kit recognizes its own cells."""

Cell = dict[str, Any]


def notebook_bytes(cells: Sequence[Cell]) -> bytes:
    """Return the notebook with these cells, the same bytes with every version of the libraries."""
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return (json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def notebook_cell(name: str, cell: NotebookNode) -> Cell:
    """Return a cell of the solution as it appears in a notebook, with its kind as its tag."""
    if cell.cell_type == "code":
        return code_cell(name, cell.source, tag=_kind(name))
    return {"cell_type": cell.cell_type, **_common(name, cell.source, name)}


def code_cell(name: str, source: str, *, tag: str) -> Cell:
    """Return a code cell that has not been run."""
    return {"cell_type": "code", "execution_count": None, "outputs": [], **_common(name, source, tag)}


def _kind(name: str) -> str:
    """Return the kind of a code cell: ``plot`` for ``plot-gradients``. Grading leaves out some kinds by their tags."""
    return name.partition("-")[0]


def _common(name: str, source: str, tag: str) -> Cell:
    return {"id": name, "metadata": {"tags": [TAG + tag]}, "source": source.splitlines(keepends=True)}
