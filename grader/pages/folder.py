"""Write students' pages and their index into a folder, and replace nothing there that somebody else wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from grader.disclosure import disclosed
from grader.failures import not_written
from grader.files import file_stem, replace_file
from grader.languages import speaking, translated
from grader.model import Feedback, Report, SubmissionResult, SubmissionStatus
from grader.pages.archives import ARCHIVES, Archive, write_archive
from grader.pages.ownership import require_own
from grader.report.student import render_student
from grader.report.student.index import IndexRow, render_index
from grader.report.words import handed_in, score_of, status_text

__all__ = ["PageFolder", "page_name"]

_INDEX = "index.html"
_SIGNATURE = re.compile(rb"(?P<page>.*)<!-- grade --pages, SHA-256 (?P<digest>[0-9a-f]{64}) -->\n", re.DOTALL)


@dataclass(frozen=True)
class PageFolder:
    """The folder of a class's pages. All methods raise the kit's own errors if a file cannot be written.

    A file that is there already is replaced only if it is as an earlier run wrote it: it ends with its own digest.
    """

    path: Path
    report: Report
    """The report without results, whose kit, seed and highest score the pages show."""
    feedback: Feedback

    def prepare(self) -> None:
        """Make the folder, if it is not there.

        Raises ``UsageError`` if something that grading did not write lies where the index or an archive belongs.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(self.path, error) from None
        require_own(self.path / _INDEX, "a page", _is_signed)
        for archive in ARCHIVES:
            archive.require_own(self.path / archive.file)

    def written(self, results: Iterable[SubmissionResult]) -> Iterator[SubmissionResult]:
        """Yield ``results``, each after its page was written, and write the index and the archives after the last."""
        rows: list[IndexRow] = []
        returned: dict[Archive, dict[str, Path]] = {archive: {} for archive in ARCHIVES}
        for result in results:
            page = self._write(result) if handed_in(result) else None
            rows.append(self._row(result, page))
            if page is not None and result.status is not SubmissionStatus.UNGRADED:
                for archive, pages in returned.items():
                    if (name := archive.name_of(result)) is not None:
                        pages[name] = page
            yield result
        archives = [archive for archive in ARCHIVES if returned[archive]]
        for archive in archives:
            write_archive(self.path / archive.file, returned[archive])
        with speaking(self.report.language):
            counts = {
                archive.file: (len(returned[archive]), translated(archive.advice)) for archive in archives
            }
            index = render_index(rows, counts, self.report)
        self._replace(_INDEX, index)

    def _row(self, result: SubmissionResult, page: Path | None) -> IndexRow:
        with speaking(self.report.language):
            return IndexRow(
                result.id, score_of(result), status_text(result), "" if page is None else page.name
            )

    def _write(self, result: SubmissionResult) -> Path:
        page = render_student(disclosed(result, self.feedback), self.report)
        return self._replace(page_name(result.id), page)

    def _replace(self, name: str, page: str) -> Path:
        path, content = self.path / name, page.encode("ascii")
        require_own(path, "a page", _is_signed)
        signature = f"<!-- grade --pages, SHA-256 {sha256(content).hexdigest()} -->\n".encode("ascii")
        try:
            replace_file(path, content + signature)
        except OSError as error:
            raise not_written(path, error) from None
        return path


def page_name(id_: str) -> str:
    """Return the name of the file with the page of a submission, by its id."""
    return f"{file_stem(id_, {_INDEX.removesuffix('.html')})}.html"


def _is_signed(path: Path) -> bool:
    signed = _SIGNATURE.fullmatch(path.read_bytes())
    return signed is not None and sha256(signed["page"]).hexdigest().encode("ascii") == signed["digest"]
