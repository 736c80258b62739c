"""Make notebooks whose cells try to load or run something on the page of whoever reads them."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

from courses import Notebook, code_cell, filled

__all__ = [
    "ELSEWHERE",
    "ODD",
    "PASTED",
    "PICTURE",
    "PLANTED_PAGE",
    "everything_planted",
    "in_cells_of_each_kind",
    "metadata_of_any_type",
    "with_cells",
    "with_pictures",
]

ELSEWHERE = "http://127.0.0.1:9/planted"
"""An address where nobody listens. A page that loads anything from there obeys a student."""


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
"""References to something that is missing, or is not a picture."""
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
"""Text that would make a browser load or run something when the page is opened or clicked."""
LINK = "[the course](https://example.org/a_(b)?c=d#e)"
PLANTED_PAGE = "<script>console.error('planted')</script>"
MESSAGE = f"$$ $$ <img src=x onerror=console.error('planted')> ![]({ELSEWHERE}) $$ $$"
RAISES = f"""

class Planted(Exception):
    pass

def fit(self, training_data, labels, epochs, learning_rate):
    raise Planted

Planted.__name__ = {MESSAGE!r}
Perceptron.fit = fit
"""


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


def with_pictures(notebook: Notebook) -> Notebook:
    """Return the notebook with the solution in it, and text with pictures as Jupyter pastes them."""
    return with_cells(notebook, *(text_cell(source, attachments=ATTACHMENTS) for source in PASTED))


def everything_planted(notebook: Notebook) -> Notebook:
    """Return the notebook with everything that a student could try, and an exception whose name tries it too."""
    whole = in_cells_of_each_kind(notebook, [*REMOTE, LINK])
    for cell in whole["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "perceptron":
            cell["source"] += RAISES
    return whole


def metadata_of_any_type(notebook: Notebook) -> Notebook:
    """Return the notebook with the solution in it, and metadata that are unhashable, huge or deeply nested."""
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    described: list[Any] = [
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
    cells = [code_cell(f"x = {number}", nbgrader=value) for number, value in enumerate(described)]
    types: list[Any] = [deep, [], 7, None, "x"]
    odd = [{"cell_type": "code", "metadata": value, "source": "x = 0"} for value in types]
    whole = with_cells(notebook, *cells, *odd)
    whole["metadata"] = {"kernelspec": deep, "nbgrader": [deep], "language_info": 7}
    return whole
