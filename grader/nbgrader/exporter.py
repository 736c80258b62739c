"""Read submitted notebooks for nbgrader: in whatever state they are, and following no links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter

from grader.errors import UnreadableError
from grader.intake.folders import read_file
from grader.nbgrader.database import has_our_cells, released_cells
from grader.nbgrader.marking import SandboxGrade
from grader.nbgrader.restoring import restored, without_work
from grader.nbgrader.submission import shown_cells

__all__ = ["SubmissionExporter"]


class SubmissionExporter(NotebookExporter):
    """What ``Autograde`` reads and writes notebooks with; those of other assignments as ever."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Convert a notebook; a submitted one of the exercise is restored first, and never refused.

        Raises ``UngradedError`` if submissions cannot be isolated; nbgrader then records nothing.
        """
        nbgrader: dict[str, str] = (resources or {}).get("nbgrader", {})
        folders = self._folders(nbgrader)
        if folders is None or Path(filename).parent.resolve() != folders[0].resolve():
            return super().from_filename(filename, resources, **kw)
        released = released_cells(nbgrader)
        if not has_our_cells(released):
            return super().from_filename(filename, resources, **kw)
        self._remove_copies_of_links(*folders)
        try:
            settings = SandboxGrade(config=self.config).settings
            notebook = restored(shown_cells(read_file(Path(filename)), settings), released)
        except UnreadableError as error:
            self.log.warning("%s cannot be shown: %s", filename, error)
            notebook = without_work(str(error), released)
        resources["metadata"] = {"name": Path(filename).stem, "path": str(Path(filename).parent)}
        return self.from_notebook_node(notebook, resources, **kw)  # type: ignore[no-untyped-call]

    def _folders(self, nbgrader: dict[str, str]) -> tuple[Path, Path] | None:
        """Return a student's folders of what was submitted and of what is autograded."""
        course = getattr(self.parent, "coursedir", None)
        if course is None or not nbgrader:
            return None
        submitted, autograded = (
            course.format_path(step, nbgrader["student"], nbgrader["assignment"])
            for step in (course.submitted_directory, course.autograded_directory)
        )
        return Path(submitted), Path(autograded)

    def _remove_copies_of_links(self, submitted: Path, autograded: Path) -> None:
        """Remove the files of the instructor's that nbgrader copied because a submission links to them."""
        for link in _links(submitted):
            copy = autograded / link.relative_to(submitted)
            if copy.is_file():
                self.log.warning("%s is a link, and is left out", link)
                copy.unlink()


def _links(folder: Path) -> Iterator[Path]:
    for current, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if (path := Path(current, name)).is_symlink())
