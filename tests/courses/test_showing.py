"""Whatever a student pastes or plants, everybody has feedback, and a page of it asks for nothing and runs nothing."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from courses import Course, Notebook, code_cell, filled, made

if TYPE_CHECKING:
    from pathlib import Path

    from chromium import Chromium

pytestmark = pytest.mark.slow

FULL = 100.0
ELSEWHERE = "http://127.0.0.1:9/planted"
"""Where nobody listens; a page that asks for anything there does what a student told it to."""


def png() -> str:
    """Return a picture of one grey pixel, in base64."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x80")
    content = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + content).decode()


PICTURE = png()
SVG = base64.b64encode(f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{ELSEWHERE}'/></svg>".encode())

PASTED = [
    "![image.png](attachment:image.png)",
    "![a plot](attachment:my%20plot%20(1).png)",
    '![a plot](attachment:my plot (1).png "of the loss")',
]
"""As Jupyter, and students, write references to pictures that are there."""
ODD = [
    "![gone](attachment:gone.png)",
    "![gone](attachment:)",
    "![][it]\n\n[it]: attachment:gone.png",
    "[it]: <attachment:gone.png>\n\n> ![it]",
    "<img src='attachment:gone.png'>",
    "![percent](attachment:%69mage.png)",
    "![entities](&#97;ttachment:gone.png)",
    "![escaped](attachment\\:gone.png)",
    "![angle](<attachment:gone.png>)",
    "![lines](\nattachment:gone.png)",
    "[![inner](attachment:gone.png)](https://example.org)",
    "![![twice](attachment:gone.png)](attachment:gone.png)",
    "| ![a](attachment:gone.png) |\n|---|\n| ![a](attachment:gone.png) |",
    "![no picture](attachment:page.png)",
    "![another kind](attachment:vector.svg)",
    "![of no type](attachment:list)",
]
"""References to what is not there, or is no picture."""
ATTACHMENTS: dict[str, Any] = {
    "image.png": {"image/png": PICTURE},
    "my plot (1).png": {"image/png": [PICTURE[:20], PICTURE[20:]]},
    "page.png": {"image/png": base64.b64encode(b"<script>console.error('planted')</script>").decode()},
    "vector.svg": {"image/svg+xml": SVG.decode()},
    "list": [["image/png", PICTURE]],
    "nothing": None,
    "": {"image/png": 7, "text/html": "<script>console.error('planted')</script>"},
}
REMOTE = [
    f"![]({ELSEWHERE})",
    f"![a]({ELSEWHERE} 'title')",
    f"[![a]({ELSEWHERE})](https://example.org)",
    f"![a][b]\n\n[b]: {ELSEWHERE}",
    f"![b]\n\n[b]: <{ELSEWHERE}>\n",
    f"\\![a]({ELSEWHERE}) \\\\![a]({ELSEWHERE}) !\\[a]({ELSEWHERE})",
    f"<img src={ELSEWHERE}>",
    f"<p style='background: url({ELSEWHERE})'>a</p>",
    f"<style>body {{ background: url({ELSEWHERE}) }}</style>",
    f"<link rel=stylesheet href={ELSEWHERE}>",
    f"<svg><image href='{ELSEWHERE}'/></svg>",
    f"<video poster={ELSEWHERE} src={ELSEWHERE}></video>",
    f"<iframe src={ELSEWHERE}></iframe>",
    f"<meta http-equiv=refresh content='0; url={ELSEWHERE}'>",
    f"```mermaid\n<img src={ELSEWHERE}>\n```",
    f"> $$\n<img src={ELSEWHERE}>\n$$\n> ![]({ELSEWHERE})",
    f"`$$` ![]({ELSEWHERE}) `$$` <img src={ELSEWHERE}>",
    f"\\begin{{a}}\\end{{a}}![]({ELSEWHERE})",
    f"![](data:image/svg+xml;base64,{SVG.decode()})",
    "<script>console.error('planted')</script>",
    "<img src=x onerror=console.error('planted')>",
    "[a](javascript:console.error('planted'))",
    "[a](java\\script:console.error('planted'))",
    "[a](<java\tscript:console.error('planted')>)",
    "[a](data:text/html,<script>console.error('planted')</script>)",
    "[a](planted.html)",
    "[a]\n\n[a]: planted.html",
    "[a](//127.0.0.1:9/planted)",
]
"""What would have a browser ask for something, or run something, when it is opened or clicked."""
LINK = "[the course](https://example.org/a_(b)?c=d#e)"
PLANTED_PAGE = "<script>console.error('planted')</script>"
MESSAGE = f"$$ $$ <img src=x onerror=console.error('planted')> ![]({ELSEWHERE}) $$ $$"
RAISES = f"class Planted(Exception): pass\nPlanted.__name__ = {MESSAGE!r}\n"


def text_cell(source: str, kind: str = "markdown", **more: Any) -> dict[str, Any]:
    """Return a cell of text."""
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def with_cells(notebook: Notebook, *cells: dict[str, Any]) -> Notebook:
    """Return a copy of the notebook with the solution in it, and ``cells`` before that."""
    whole = filled(notebook)
    whole["cells"] = [*cells, *whole["cells"]]
    return whole


def in_cells_of_each_kind(notebook: Notebook, sources: list[str]) -> Notebook:
    """Return the notebook with the solution in it, and ``sources`` in cells of text and of code, pictures attached."""
    kinds = ("markdown", "raw", "code")
    cells = [text_cell(source, kind, attachments=ATTACHMENTS) for source in sources for kind in kinds]
    return with_cells(notebook, *cells)


def everything_planted(notebook: Notebook) -> Notebook:
    """Return the notebook with all that a student could think of in it, and an exception that says the like."""
    whole = in_cells_of_each_kind(notebook, [*REMOTE, LINK])
    for cell in whole["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "perceptron":
            cell["source"] = RAISES + cell["source"].replace(
                "epochs, learning_rate):", "epochs, learning_rate):\n        raise Planted", 1
            )
    return whole


def metadata_of_any_type(notebook: Notebook) -> Notebook:
    """Return the notebook with the solution in it, and metadata that cannot be hashed, are huge, or go deep."""
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    marks: list[Any] = [
        {"locked": True, "grade_id": ["layer"]},
        {"locked": True, "grade": True, "grade_id": {"layer": {}}},
        {"locked": [], "grade_id": 1e400, "solution": {}, "schema_version": [3]},
        {"locked": True, "grade_id": None, "cell_type": ["code"]},
        {"locked": True, "grade_id": deep},
        {"locked": True, "grade_id": "x" * 10**6},
        deep,
        7,
        None,
    ]
    cells = [code_cell(f"x = {number}", nbgrader=marked) for number, marked in enumerate(marks)]
    types = (deep, [], 7, None, "x")
    odd: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": value, "source": "x = 0"} for value in types
    ]
    whole = with_cells(notebook, *cells, *odd)
    whole["metadata"] = {"kernelspec": deep, "nbgrader": [deep], "language_info": 7}
    return whole


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course in which everybody has handed in, autograded, with feedback."""
    course = made(tmp_path_factory.mktemp("courses") / "course")
    released = course.released
    pasted = [text_cell(source, attachments=ATTACHMENTS) for source in PASTED]
    course.hand_in("pasted", with_cells(released, *pasted))
    course.hand_in("odd", in_cells_of_each_kind(released, ODD))
    course.hand_in("planted", everything_planted(released), {"planted.html": PLANTED_PAGE})
    course.hand_in("metadata", metadata_of_any_type(released))
    course.hand_in("many", b'{"cells": [' + b"{}," * (19 * 10**6 // 3) + b"{}]}")
    course.hand_in("deep", b"[" * 10**7)
    right = with_cells(released, *(code_cell("x = 1") for _ in range(20_000)))
    course.hand_in("long", json.dumps(right, separators=(",", ":")).encode())
    course.hand_in("right", filled(released))
    # Whoever was lost on the way has no score or no page.
    course.run("nbgrader", "autograde", "perceptron", code=None)
    course.run("nbgrader", "generate_feedback", "perceptron", code=None)
    return course


def page_of(course: Course, student: str) -> Path:
    return course.folder / "feedback" / student / "perceptron" / "perceptron.html"


@pytest.mark.parametrize("student", ["pasted", "odd", "metadata", "long", "right"])
def test_a_score_is_that_of_the_code_whatever_else_is_in_the_notebook(course: Course, student: str) -> None:
    assert sum(points or 0 for points in course.points(student).values()) == FULL


def test_pictures_that_were_pasted_are_shown(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "pasted").as_uri()) as visit:
        pictures = visit.page.locator(".text_cell_render img").evaluate_all(
            "all => all.map(each => [each.src, each.naturalWidth])"
        )
    assert pictures == [[f"data:image/png;base64,{PICTURE}", 1]] * len(PASTED)


@pytest.mark.parametrize("student", ["pasted", "odd", "planted", "metadata", "many", "deep", "long"])
def test_a_page_of_feedback_asks_for_nothing_and_runs_nothing_that_a_student_wrote(
    course: Course, chromium: Chromium, student: str
) -> None:
    with chromium.visit(page_of(course, student).as_uri()) as visit:
        visit.page.wait_for_load_state("networkidle")
        assert [request for request in visit.requests if "planted" in request.rpartition("/")[2]] == []
        assert [complaint for complaint in visit.complaints if "planted" in complaint] == []


def test_links_that_a_student_wrote_lead_to_the_web_or_nowhere(course: Course, chromium: Chromium) -> None:
    with chromium.visit(page_of(course, "planted").as_uri()) as visit:
        links = visit.page.locator("#notebook-container a[href]").evaluate_all(
            "all => all.map(each => each.href)"
        )
        page = visit.page.url
    assert "https://example.org/a_(b)?c=d#e" in links
    elsewhere = [link for link in links if not link.startswith(f"{page}#")]
    assert [link for link in elsewhere if not link.startswith(("https://", "http://"))] == []
