"""Of whatever was handed in, nbgrader is shown a valid notebook: the released cells once each, and all the code."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from nbconvert.filters.markdown_mistune import markdown2html_mistune

from grader.nbgrader.restoring import ReleasedCell, restored, without_work

RELEASED = [
    ReleasedCell("task", "markdown", "# Task <b>one</b>", "1" * 32, locked=True),
    ReleasedCell("layer", "code", "class Layer: ...", "2" * 32, locked=False, solution=True),
    ReleasedCell("backward-dz", "code", "mark('dz')", "3" * 32, locked=True, grade=True, points=15.0),
    ReleasedCell(
        "essay", "markdown", "Why <i>so</i>?", "4" * 32, False, grade=True, solution=True, points=3.0
    ),
]
NAMES = [cell.name for cell in RELEASED]
LOCKED = {cell.name: cell.source for cell in RELEASED if cell.locked}

texts = st.text(st.characters(exclude_categories=())) | st.sampled_from(
    [*LOCKED.values(), "x = 1\n", "\ud800"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
claims = st.fixed_dictionaries(
    {"grade_id": st.sampled_from(NAMES)},
    optional={"locked": st.booleans() | values, "schema_version": values},
)
metadata = st.fixed_dictionaries({"nbgrader": claims}, optional={"tags": st.lists(texts, max_size=3)})
cells = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | values,
        "source": texts | st.lists(texts, max_size=3) | values,
    },
    optional={
        "id": values,
        "outputs": values,
        "attachments": values,
        "metadata": metadata
        | metadata
        | values
        | st.dictionaries(st.sampled_from(["nbgrader", "tags"]), values),
    },
)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(cells, max_size=8) | st.lists(cells | values, max_size=8)},
    optional={"nbformat": values, "metadata": values, "worksheets": values},
)


def bytes_of(document: Any) -> bytes:
    return json.dumps(document).encode()


def names(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]


def sources(notebook: nbformat.NotebookNode, kind: str) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def assert_whole(notebook: nbformat.NotebookNode) -> None:
    """Assert that a notebook is valid, can be written, and has each released cell once, the locked as they were."""
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode("utf-8")
    assert sorted(names(notebook)) == sorted(NAMES)
    for cell in notebook.cells:
        if (name := cell.metadata.get("nbgrader", {}).get("grade_id")) in LOCKED:
            assert cell.source == LOCKED[name]


def written(cell: Any) -> str:
    """Return what a student wrote into a cell, as far as a file can hold it."""
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source.encode("utf-8", "backslashreplace").decode() if isinstance(source, str) else ""


@given(notebooks | values)
def test_whatever_json_it_is_the_notebook_is_whole_or_there_is_a_reason(document: Any) -> None:
    try:
        notebook = restored(bytes_of(document), RELEASED)
    except ValueError as error:
        notebook = without_work(str(error), RELEASED)
    assert_whole(notebook)


@given(st.binary())
def test_whatever_bytes_they_are_there_is_a_reason(content: bytes) -> None:
    try:
        notebook = restored(content, RELEASED)
    except ValueError as error:
        notebook = without_work(str(error), RELEASED)
    assert_whole(notebook)


@given(st.lists(cells, max_size=8))
def test_no_code_is_lost_or_moved(handed_in: list[dict[str, Any]]) -> None:
    notebook = restored(bytes_of({"cells": handed_in}), RELEASED)
    assert_whole(notebook)
    shown = iter(sources(notebook, "code"))
    for cell in handed_in:
        code = written(cell)
        if cell.get("cell_type") == "code" and not claims_text(cell):
            assert any(code.strip() == other.strip() for other in shown), code


def claims_text(cell: dict[str, Any]) -> bool:
    """Tell whether a cell says that it is one of the released cells of text, as which it is shown."""
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return isinstance(marks, dict) and marks.get("grade_id") in ("task", "essay")


def test_code_in_a_locked_cell_is_shown_before_the_cell_as_it_was_released() -> None:
    cell = {"cell_type": "code", "source": "mine = 1", "metadata": {"nbgrader": {"grade_id": "backward-dz"}}}
    notebook = restored(bytes_of({"cells": [cell]}), RELEASED)
    assert_whole(notebook)
    assert sources(notebook, "code")[-2:] == ["mine = 1", "mark('dz')"]


def test_an_untouched_notebook_stays_as_it_was_released() -> None:
    untouched = without_work("", RELEASED)
    assert names(restored(nbformat.writes(untouched).encode(), RELEASED)) == NAMES
    handed_in = [{"cell_type": c.cell_type, "source": c.source, "metadata": c.metadata()} for c in RELEASED]
    notebook = restored(bytes_of({"cells": handed_in}), RELEASED)
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in RELEASED]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"cells": [{}] * 1001}, "more than 1000 cells"),
        ({"cells": [{"source": "x" * 500_001}] * 2}, "more than 1000000 characters"),
    ],
)
def test_a_notebook_that_nbgrader_would_sit_over_for_hours_is_not_shown(document: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        restored(bytes_of(document), RELEASED)


# --- Text that would be markup --------------------------------------------------------------------------

SCRIPTS = [
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "text <svg/onload=steal()> text",
    "<a href='javascript:steal()'>x</a>",
    "[x](javascript:steal())",
    "[x](JavaScript&colon;steal())",
    "[x](&#106;avascript:steal())",
    "[x](javascript\\:steal())",
    "[x]\n\n[x]: javascript:steal()",
    "<javascript:steal()>",
    "![x](x \"' onerror='steal()\")",
    "# <iframe srcdoc='<script>steal()</script>'>",
    "<!-- --><form action=javascript:steal()><input autofocus onfocus=steal()>",
    "| a |\n|---|\n| <b onclick=steal()>b</b> |",
    "$$<img src=x onerror=steal()>$$",
    "<math href='javascript:steal()'>x</math>",
    "&lt;script&gt;steal()&lt;/script&gt;",
]
OUR_TAGS = {"div", "p", "a", "h1", "img", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "span"}


@pytest.mark.parametrize("kind", ["markdown", "essay"])
@pytest.mark.parametrize("text", SCRIPTS)
def test_no_script_of_a_student_runs_in_the_pages_of_nbgrader(text: str, kind: str) -> None:
    metadata = {"nbgrader": {"grade_id": "essay"}} if kind == "essay" else {}
    cell = {"cell_type": "markdown", "source": text, "metadata": metadata}
    notebook = restored(bytes_of({"cells": [cell]}), RELEASED)
    (shown,) = (source for source in sources(notebook, "markdown") if "steal" in source)
    page = html.fromstring(f"<div>{markdown2html_mistune(shown)}</div>")
    for element in page.iter():
        assert element.tag in OUR_TAGS
        assert not [name for name in map(str, element.keys()) if name.startswith("on")]
        assert not [value for value in map(str, element.values()) if "javascript:" in value.lower()]


@pytest.mark.parametrize(
    "text", ["# Notes\n\n*So* `a < b`, $a < b$.", "> quoted & done\n\n- [x](http://a.b/?c&d)"]
)
def test_text_without_markup_stays_as_it_is(text: str) -> None:
    notebook = restored(bytes_of({"cells": [{"cell_type": "markdown", "source": text}]}), RELEASED)
    assert text in sources(notebook, "markdown")
