"""Pack pages for the platforms that take feedback for a whole class in one archive.

Only pages of submissions that came from the platform's own download fit in: the names of that download, which name
the students, are found in the results' paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from grader.failures import not_written
from grader.intake.found import clean_id
from grader.intake.platforms.upload_names import CANVAS, MOODLE, Upload, UploadNames
from grader.languages import marked
from grader.model import SubmissionResult
from grader.pages.ownership import require_own
from grader.zips import zip_member

__all__ = ["ARCHIVES", "Archive", "write_archive"]

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


@dataclass(frozen=True)
class Archive:
    """How one platform takes pages back."""

    file: str
    """The archive's name in the folder of pages."""
    advice: str
    """Where an instructor uploads it."""
    platform: UploadNames
    name: Callable[[str, Upload], str]
    """Takes the name that an upload had in the download and what it says, and returns the page's in the archive."""

    def name_of(self, result: SubmissionResult) -> str | None:
        """Return the name of a result's page in the archive; ``None`` if it did not come from this platform."""
        for part in PurePosixPath(result.path.replace("\\", "/")).parts:
            upload = self.platform.parse(part)
            if upload is not None and clean_id(upload.id) == result.id:
                return self.name(part, upload)
        return None

    def require_own(self, path: Path) -> None:
        """Raise ``UsageError`` if there is something at ``path`` that is not an archive as it was written."""
        require_own(path, "an archive", _is_own)


def _in_moodle(_part: str, upload: Upload) -> str:
    # mod/assign/feedback/file/importziplib.php reads the number, and takes what comes after the folder as the name.
    return f"{_safe(upload.id)}_assignsubmission_file_/feedback.html"


def _in_canvas(part: str, _upload: Upload) -> str:
    # Canvas reads the numbers of the student and of the upload, and knows by the ending that it is a page.
    return f"{_safe(part)}.html"


ARCHIVES = (
    Archive(
        "moodle-feedback.zip",
        marked(
            "Moodle: open the assignment, view all submissions, and choose “Upload multiple feedback files in a zip”."
        ),
        MOODLE,
        _in_moodle,
    ),
    Archive(
        "canvas-submissions.zip",
        marked("Canvas: open the gradebook, and choose “Upload submissions” in the menu of the assignment."),
        CANVAS,
        _in_canvas,
    ),
)


def write_archive(path: Path, pages: Mapping[str, Path]) -> None:
    """Write an archive of ``pages``, which are files by their names in it, in place of an earlier one.

    One page at a time is held in memory. Raises the kit's own errors.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with ZipFile(part, "x", ZIP_DEFLATED) as archive:
            for name in sorted(pages):
                archive.writestr(zip_member(name), pages[name].read_bytes())
            archive.comment = _signature(archive)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise not_written(path, error) from None


def _signature(archive: ZipFile) -> bytes:
    contents = [[entry.filename, entry.CRC] for entry in archive.infolist()]
    return f"grade --pages, SHA-256 {sha256(repr(contents).encode()).hexdigest()}".encode("ascii")


def _is_own(path: Path) -> bool:
    try:
        with ZipFile(path) as archive:
            return archive.comment == _signature(archive)
    except (OSError, BadZipFile):
        return False


def _safe(name: str) -> str:
    return _UNSAFE.sub("-", name).lstrip(".~") or "student"
