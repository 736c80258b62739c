"""Write the page of feedback on a notebook of the exercise, in place of nbgrader's own.

nbgrader's page repeats the whole task, and shows each autograded cell with its source and its points as an output. Ours
begins with what is wrong, names the criteria, and folds away what was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from markupsafe import Markup
from nbconvert.exporters import Exporter, HTMLExporter
from nbconvert.filters import Highlight2HTML, strip_files_prefix
from nbformat import NotebookNode
from nbgrader import utils

from grader.assignment.notebooks import TAG
from grader.assignment.sheet import without_scripts
from grader.languages import ENGLISH, current_language, speaking, translated
from grader.nbgrader.cells import NOTEBOOK
from grader.nbgrader.feedback import METADATA
from grader.nbgrader.gradebook import is_exercise, released_cells
from grader.report.page import STYLE
from grader.report.words import points_text
from grader.templating import template

__all__ = ["FeedbackExporter"]

_STYLE = Path(__file__).with_name("feedback_page.css")
_MATH = ("$", "\\(", "\\[", "\\begin")
"""What a formula begins with in Markdown."""
_PLOT = f"{TAG}plot"
"""The tag of the kit's cells with pictures, which are folded away even if students may change them."""
_NAMES = {"layer": "Layer", "perceptron": "Perceptron"}
"""What students write in the solution cells."""


class FeedbackExporter(HTMLExporter):
    """Replaces ``GenerateFeedback``'s exporter: writes our page of the exercise, and nbgrader's of other notebooks."""

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, Any]:
        """Return the page of a graded notebook."""
        nbgrader: Mapping[str, str] = (resources or {}).get("nbgrader", {})
        if METADATA not in nb.metadata or not nbgrader or not is_exercise(released_cells(nbgrader)):
            return super().from_notebook_node(nb, resources, **kw)
        prepared = self._init_resources(resources)  # type: ignore[no-untyped-call]
        # Not the next class in line, which would fill nbgrader's template.
        graded, filled = Exporter.from_notebook_node(self, nb, prepared, **kw)
        with speaking(graded.metadata[METADATA].get("language", ENGLISH)):
            return self._page(graded, filled), filled

    def _page(self, nb: NotebookNode, resources: Any) -> str:
        cells = _Cells(self, nb, resources)
        course = resources["nbgrader"]
        has_formulas = any(
            sign in _text(cell) for cell in nb.cells if cell.cell_type == "markdown" for sign in _MATH
        )
        return template("nbgrader/feedback_page.html.jinja", points=points_text).render(
            title=Path(NOTEBOOK).stem,
            language=current_language(),
            course=course,
            summary=nb.metadata[METADATA],
            mistakes=Markup(nb.metadata[METADATA]["mistakes"]),  # noqa: S704 - ours, escaped
            entries=[entry for entry in cells.entries if entry.points is not None],
            groups=[(kind, list(group)) for kind, group in groupby(cells.entries, lambda one: one.kind)],
            style=Markup(STYLE + _STYLE.read_text(encoding="utf-8")),  # noqa: S704 - the kit's own files
            mathjax=self.mathjax_url if has_formulas else "",
        )


@dataclass(frozen=True)
class _Entry:
    """A cell as the page shows it."""

    kind: str
    """``given``, ``criterion``, ``answer`` or ``other``."""
    anchor: str
    name: str
    title: str
    body: Markup
    score: float | None = None
    points: float | None = None
    """The highest score; ``None`` if the cell is not graded."""
    status: str = ""
    """That of the criterion."""
    outcome: str = ""
    is_repeated: bool = False
    """Whether a mistake that is shown elsewhere explains what was found."""
    comment: Markup | None = None
    is_open: bool = True


class _Cells:
    """Turns the cells of a notebook into entries."""

    def __init__(self, exporter: HTMLExporter, nb: NotebookNode, resources: Any) -> None:
        self._exporter, self._resources = exporter, resources
        self._summary = nb.metadata[METADATA]
        self._highlight = Highlight2HTML(pygments_lexer="ipython3", parent=exporter)
        self.entries = list(self._entries(nb))

    def _entries(self, nb: NotebookNode) -> Iterator[_Entry]:
        for cell in nb.cells:
            about = cell.metadata.get("nbgrader", {})
            if cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell):
                if not self._summary["is_score_alone"]:
                    yield self._criterion(cell, about)
            elif utils.is_solution(cell) or utils.is_grade(cell) or utils.is_task(cell):
                yield self._answer(cell, about)
            else:
                is_given = about.get("locked") or _PLOT in cell.metadata.get("tags", ())
                kind = "given" if is_given else "other"
                yield _Entry(kind, "", "", _first_line(cell), self._shown(cell))

    def _criterion(self, cell: NotebookNode, about: Any) -> _Entry:
        ours = (output.get("metadata", {}).get(METADATA) for output in cell.outputs)
        told: Mapping[str, Any] = next(filter(None, ours), {})
        return _Entry(
            "criterion",
            about.grade_id,
            told.get("id", about.grade_id),
            told.get("title", ""),
            Markup(told.get("finding", "")),  # noqa: S704 - ours, escaped
            about.score,
            about.points,
            told.get("status", ""),
            told.get("outcome", ""),
            told.get("is_repeated", False),
        )

    def _answer(self, cell: NotebookNode, about: Any) -> _Entry:
        is_ours = about.grade_id in _NAMES
        ours = self._summary["comments"].get(about.grade_id)
        comment = about.get("comment") or ""
        return _Entry(
            "answer",
            about.grade_id,
            translated("Your {name}").format(name=_NAMES[about.grade_id])
            if is_ours
            else translated("Your answer: {name}").format(name=about.grade_id),
            "",
            self._shown(cell),
            about.get("score"),
            about.get("points"),
            comment=self._rendered(cell, comment) if comment and comment != ours else None,
            # What has to be read: the answer with a mistake in it, and whatever a person has graded.
            is_open=not is_ours or bool(ours or comment),
        )

    def _shown(self, cell: NotebookNode) -> Markup:
        if cell.cell_type == "markdown":
            return self._rendered(cell, _text(cell))
        if cell.cell_type == "raw":
            return Markup("<pre>{}</pre>").format(cell.source)
        return Markup(self._highlight(cell.source, metadata=cell.metadata))  # noqa: S704 - escaped by Pygments

    def _rendered(self, cell: NotebookNode, text: str) -> Markup:
        """Return Markdown as HTML; that of students was sanitized when the notebook was autograded."""
        context: Any = {"cell": cell, "resources": self._resources}
        return Markup(strip_files_prefix(self._exporter.markdown2html(context, text)))  # noqa: S704


def _text(cell: NotebookNode) -> str:
    """Return the text of a cell; that of the task without formulas that need a script, or pictures beside the page."""
    source: str = cell.source
    return without_scripts(source) if cell.metadata.get("nbgrader", {}).get("locked") else source


def _first_line(cell: NotebookNode) -> str:
    """Return what a cell is about: the first line of its text, without the signs of a heading."""
    line = next((line for line in cell.source.splitlines() if line.strip()), "")
    return line.lstrip("# ").replace("`", "") if cell.cell_type == "markdown" else ""
