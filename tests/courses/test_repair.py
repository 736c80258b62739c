"""Whatever is handed in, nbgrader gets a valid notebook with each released cell once, and all the code."""

from __future__ import annotations

import base64
import json
from typing import Any

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, markdown2html_mistune

from grader.candidate.reply_checks import shown_reply
from grader.candidate.sandbox.runtime import showing
from grader.candidate.sandbox.runtime.decoding import ProblemError
from grader.errors import UnreadableError
from grader.nbgrader.repair import ReleasedCell, notebook_without_work, repaired
from grader.nbgrader.sanitizing import without_missing_attachments

RELEASED = [
    ReleasedCell("task", "markdown", "# Task <b>one</b>", "1" * 32, locked=True),
    ReleasedCell("layer", "code", "class Layer: ...", "2" * 32, locked=False, solution=True),
    ReleasedCell("backward-dz", "code", "grade('dz')", "3" * 32, locked=True, grade=True, points=15.0),
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


def shown_of(content: bytes) -> nbformat.NotebookNode:
    """Return the notebook that nbgrader gets; what is read inside the sandbox is read in this process.

    Raises ``UnreadableError`` if the notebook cannot be shown.
    """
    try:
        described, contents = showing.show(content)
    except ProblemError as error:
        return repaired(shown_reply({"problem": error.fields}, b""), RELEASED)
    return repaired(shown_reply({"cells": described}, contents), RELEASED)


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


@settings(deadline=None)
@given(notebooks | values)
def test_any_json_gives_a_whole_notebook_or_a_reason(document: Any) -> None:
    try:
        notebook = shown_of(bytes_of(document))
    except UnreadableError as error:
        notebook = notebook_without_work(str(error), RELEASED)
    assert_whole(notebook)


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_a_whole_notebook_or_a_reason(content: bytes) -> None:
    try:
        notebook = shown_of(content)
    except UnreadableError as error:
        notebook = notebook_without_work(str(error), RELEASED)
    assert_whole(notebook)


@settings(deadline=None)
@given(st.lists(cells, max_size=8))
def test_no_code_is_lost_or_moved(handed_in: list[dict[str, Any]]) -> None:
    notebook = shown_of(bytes_of({"cells": handed_in}))
    assert_whole(notebook)
    shown = iter(sources(notebook, "code"))
    for cell in handed_in:
        code = written(cell)
        if cell.get("cell_type") == "code" and not claims_text(cell):
            assert any(code.strip() == other.strip() for other in shown), code


def claims_text(cell: dict[str, Any]) -> bool:
    """Tell whether a cell claims to be a released text cell, and so is shown as text."""
    metadata = cell.get("metadata")
    described = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return isinstance(described, dict) and described.get("grade_id") in ("task", "essay")


def test_code_in_a_locked_cell_is_shown_before_the_cell_as_it_was_released() -> None:
    cell = {"cell_type": "code", "source": "mine = 1", "metadata": {"nbgrader": {"grade_id": "backward-dz"}}}
    notebook = shown_of(bytes_of({"cells": [cell]}))
    assert_whole(notebook)
    assert sources(notebook, "code")[-2:] == ["mine = 1", "grade('dz')"]


def test_an_untouched_notebook_stays_as_it_was_released() -> None:
    untouched = notebook_without_work("", RELEASED)
    assert names(shown_of(nbformat.writes(untouched).encode())) == NAMES
    handed_in = [{"cell_type": c.cell_type, "source": c.source, "metadata": c.metadata()} for c in RELEASED]
    notebook = shown_of(bytes_of({"cells": handed_in}))
    assert [cell.source for cell in notebook.cells] == [cell.source for cell in RELEASED]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"cells": [{}] * 1001}, "more than 1000 cells"),
        ({"cells": [{"cell_type": "code", "source": "x" * 500_001}] * 2}, "more than 1000000 characters"),
        (
            {"cells": [{"cell_type": "markdown", "source": "x" * 10_000}] * 11},
            "more than 100000 characters of text",
        ),
    ],
)
def test_a_notebook_that_would_take_nbgrader_hours_is_not_shown(document: Any, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        shown_of(bytes_of(document))


# --- Markup in text -------------------------------------------------------------------------------------

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
OUR_TAGS = {"div", "p", "a", "img", "table", "thead", "tbody", "tr", "th", "td", "code", "pre", "span"}
OUR_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6"}


@pytest.mark.parametrize("kind", ["markdown", "essay"])
@pytest.mark.parametrize("text", SCRIPTS)
def test_no_script_of_a_student_runs_in_the_pages_of_nbgrader(text: str, kind: str) -> None:
    metadata = {"nbgrader": {"grade_id": "essay"}} if kind == "essay" else {}
    cell = {"cell_type": "markdown", "source": text, "metadata": metadata}
    notebook = shown_of(bytes_of({"cells": [cell]}))
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
    notebook = shown_of(bytes_of({"cells": [{"cell_type": "markdown", "source": text}]}))
    assert text in sources(notebook, "markdown")


# --- Pictures and links ---------------------------------------------------------------------------------

PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n and so on",
    "image/jpeg": b"\xff\xd8\xff\xe0 and so on",
    "image/gif": b"GIF89a and so on",
}
OTHERS = {
    "image/svg+xml": b"<svg/>",
    "text/html": b"<script>steal()</script>",
    "image/webp": b"RIFF....WEBP",
}
PNG = base64.b64encode(PICTURES["image/png"]).decode()


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def page_of(cell: nbformat.NotebookNode) -> html.HtmlElement:
    """Return a Markdown cell as nbconvert shows it after grading."""
    attachments = cell.get("attachments", {})
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    page = MarkdownWithMath(renderer=renderer).render(without_missing_attachments(cell.source, attachments))
    return html.fromstring(f"<div>{page}</div>")


def text_of(source: str, attachments: Any = None) -> nbformat.NotebookNode:
    """Return what is shown of a Markdown cell."""
    cell = {"cell_type": "markdown", "source": source, "attachments": attachments}
    notebook = shown_of(bytes_of({"cells": [cell]}))
    assert_whole(notebook)
    shown_cell: nbformat.NotebookNode
    (shown_cell,) = (cell for cell in notebook.cells if "nbgrader" not in cell.metadata)
    return shown_cell


def pictures_on(page: html.HtmlElement) -> list[str]:
    return [str(image.get("src")) for image in page.iter("img")]


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_was_pasted_is_shown(kind: str) -> None:
    content = encoded(PICTURES[kind])
    cell = text_of("*See* ![a plot](attachment:image.png).", {"image.png": {kind: content}})
    assert pictures_on(page_of(cell)) == [f"data:{kind};base64,{content}"]


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("my plot (1).png", "![a](attachment:my%20plot%20(1).png)"),
        ("my plot (1).png", "![a](attachment:my%20plot%20%281%29.png)"),
        ("my plot (1).png", "![a](attachment:my plot (1).png)"),
        ("my plot (1).png", "![a](<attachment:my plot (1).png>)"),
        ("häviö.png", "![a](attachment:häviö.png 'of the loss')".replace("'", '"')),
        ("häviö.png", "![a](attachment:h%C3%A4vi%C3%B6.png)"),
    ],
)
def test_a_picture_is_found_however_its_name_is_written(name: str, reference: str) -> None:
    assert pictures_on(page_of(text_of(reference, {name: {"image/png": PNG}}))) == [
        f"data:image/png;base64,{PNG}"
    ]


@pytest.mark.parametrize(
    "attachment",
    [
        *({kind: encoded(content)} for kind, content in OTHERS.items()),
        *({"image/png": encoded(content)} for content in OTHERS.values()),
        {"image/jpeg": PNG},
        {"image/png": "no base64"},
        {"image/png": PNG + "<script>"},
        {"image/png": 7},
        {"image/png": [[PNG]]},
        {"image/png": {"image/png": PNG}},
        {"image/png": ""},
        {},
        [],
        None,
        PNG,
    ],
)
def test_an_attachment_that_is_not_a_picture_is_not_shown(attachment: Any) -> None:
    cell = text_of("![a](attachment:image.png)", {"image.png": attachment})
    assert "attachments" not in cell
    assert pictures_on(page_of(cell)) == []


def test_pictures_beyond_the_limit_are_left_out_and_the_text_stays() -> None:
    large = encoded(PICTURES["image/png"] + bytes(3_000_000))
    cell = {
        "cell_type": "markdown",
        "source": "![a](attachment:a)",
        "attachments": {"a": {"image/png": large}},
    }
    notebook = shown_of(bytes_of({"cells": [cell] * 2}))
    assert_whole(notebook)
    first, second = (cell for cell in notebook.cells if "nbgrader" not in cell.metadata)
    assert [len(pictures_on(page_of(cell))) for cell in (first, second)] == [1, 0]
    assert "attachment" in second.source


FRAGMENTS = [
    *("![", "[", "]", "](", "]:", "(", ")", "!", "\\", "`", "``", "$", "$$", "<", ">", "|", "&", "#", '"', "~~~"),
    *(" ", "\n", "\n\n", "\t", "\n> ", "\n- ", "a", "x:", "//", "http://steal.org/x", "https://steal.org/x"),
    *("attachment:image.png", "attachment:", "image.png", "![a](attachment:image.png)", "picture-1"),
    *("javascript:steal()", "data:text/html,", "steal.html", "&#33;", "&colon;", "\\begin{a}", "\\end{a}", "\\\\["),
    *("<img src=x onerror=steal()>", "<a href=steal.html>", "```mermaid\n", "|\n|---|\n|", "\r", "\x00", "\u2028"),
]  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
@example("![a\\](attachment:image.png) b](https://steal.org/x)")
@example("![a`](attachment:image.png) `](https://steal.org/x)")
@example("![a $](attachment:image.png) $](https://steal.org/x)")
@example("[![a](attachment:image.png)](steal.html)")
@example("[a]\n\n[a]: steal.html")
@example("\\![a](attachment:image.png)")
def test_a_page_of_any_text_has_only_pasted_pictures_and_links_to_the_web(source: str) -> None:
    page = page_of(text_of(source, {"image.png": {"image/png": PNG}}))
    assert set(pictures_on(page)) <= {f"data:image/png;base64,{PNG}"}
    for element in page.iter():
        assert element.tag in OUR_TAGS | {
            "blockquote",
            "ul",
            "li",
            "em",
            "strong",
            "hr",
            "br",
            "h2",
            "del",
            "dl",
            "dt",
            "dd",
        }
        assert not [name for name in map(str, element.keys()) if name.startswith("on")]
        link = element.get("href") or "#"
        assert link.startswith(("#", "http://", "https://", "mailto:"))


def test_a_picture_in_a_released_cell_is_shown_if_the_student_kept_it() -> None:
    released = [ReleasedCell("task", "markdown", "![So](attachment:sketch.png)", "1" * 32, locked=True)]
    metadata = {"nbgrader": {"grade_id": "task"}}
    attachments = {"sketch.png": {"image/png": PNG}}
    for kept, seen in ((attachments, [f"data:image/png;base64,{PNG}"]), ({}, [])):
        cell = {"cell_type": "markdown", "metadata": metadata, "source": "", "attachments": kept}
        described, contents = showing.show(bytes_of({"cells": [cell]}))
        notebook = repaired(shown_reply({"cells": described}, contents), released)
        assert notebook.cells[0].source == released[0].source
        assert pictures_on(page_of(notebook.cells[0])) == seen
    (missing,) = repaired((), released).cells
    assert pictures_on(page_of(missing)) == []


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_text_of_either_kind_has_no_markup(kind: str) -> None:
    notebook = shown_of(bytes_of({"cells": [{"cell_type": kind, "source": "<img src=http://steal.org/x>"}]}))
    assert "< img src=http://steal.org/x>" in sources(notebook, kind)


# --- Time to show it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["markdown", "code"])
@pytest.mark.parametrize("name", [None, "essay"])
def test_text_that_would_take_nbconvert_hours_is_shown_without_layout(kind: str, name: str | None) -> None:
    text = "\\\\[" * 30_000
    metadata = {"nbgrader": {"grade_id": name}} if name else {}
    notebook = shown_of(bytes_of({"cells": [{"cell_type": kind, "source": text, "metadata": metadata}]}))
    assert_whole(notebook)
    assert text in sources(notebook, "code" if kind == "code" else "raw")
    assert max(map(len, sources(notebook, "markdown"))) < 1000


def test_long_runs_of_blanks_in_code_are_shortened() -> None:
    code = "x = 1\n" + "  \n" * 300_000 + "    y = 2"
    notebook = shown_of(bytes_of({"cells": [{"cell_type": "code", "source": code}]}))
    (seen,) = (source for source in sources(notebook, "code") if "x = 1" in source)
    assert len(seen) < 300
    assert seen.endswith("\n    y = 2")
