"""Read submitted notebooks for nbgrader, whatever state they are in, without following links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter

from grader.errors import UnreadableError
from grader.intake.folders import read_file
from grader.languages import speaking
from grader.messages import message_text
from grader.nbgrader.gradebook import is_exercise, released_cells
from grader.nbgrader.preprocessors import SandboxGrade
from grader.nbgrader.repair import notebook_without_work, repaired
from grader.nbgrader.submitted import shown_cells

__all__ = ["SubmissionExporter"]


class SubmissionExporter(NotebookExporter):
    """Replaces ``Autograde``'s exporter: repairs notebooks of the exercise, and reads others as before."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Convert a notebook; a submitted one of the exercise is repaired first, and never refused.

        Raises ``UngradedError`` if submissions cannot be isolated; nbgrader then records nothing.
        """
        nbgrader: dict[str, str] = (resources or {}).get("nbgrader", {})
        folders = self._folders(nbgrader)
        if folders is None or Path(filename).parent.resolve() != folders[0].resolve():
            return super().from_filename(filename, resources, **kw)
        released = released_cells(nbgrader)
        if not is_exercise(released):
            return super().from_filename(filename, resources, **kw)
        self._remove_copies_of_links(*folders)
        grading = SandboxGrade(config=self.config)
        with speaking(grading.language):
            try:
                cells = shown_cells(read_file(Path(filename)), grading.settings)
                notebook = repaired(cells, released)
            except UnreadableError as error:
                self.log.warning("%s cannot be shown: %s", filename, error)
                notebook = notebook_without_work(message_text(error.message), released)
        resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
        return self.from_notebook_node(notebook, resources, **kw)  # type: ignore[no-untyped-call]

    def _folders(self, nbgrader: dict[str, str]) -> tuple[Path, Path] | None:
        """Return a student's folders in ``submitted/`` and in ``autograded/``, or ``None`` outside a course."""
        course = getattr(self.parent, "coursedir", None)
        if course is None or not nbgrader:
            return None
        submitted, autograded = (
            course.format_path(step, nbgrader["student"], nbgrader["assignment"])
            for step in (course.submitted_directory, course.autograded_directory)
        )
        return Path(submitted), Path(autograded)

    def _remove_copies_of_links(self, submitted: Path, autograded: Path) -> None:
        """Remove files of the instructor's that nbgrader has copied because a submission links to them."""
        for link in _links(submitted):
            copy = autograded / link.relative_to(submitted)
            if copy.is_file():
                self.log.warning("%s is a link; it is left out", link)
                copy.unlink()


def _links(folder: Path) -> Iterator[Path]:
    for current, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if (path := Path(current, name)).is_symlink())
