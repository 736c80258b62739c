"""Keep results on disk, and find the one that an examination would give again."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from grader.batch.reserving import locked, unwritable
from grader.errors import UsageError
from grader.examiner import Settings
from grader.model import Submission, SubmissionResult, SubmissionStatus, Unreadable
from grader.report.document import SCHEMA, result_of, submission_fields
from grader.version import code_digest, kit_version

__all__ = ["Keeper", "Records", "result_key"]

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
"""Ids that may be names of files as they are, on systems that ignore case, too."""
_TAGGED = re.compile(r".*-[0-9a-f]{16}")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that Windows keeps for devices."""
_SUFFIX = ".json"


def result_key(submission: Submission, settings: Settings) -> str:
    """Return a digest, in hexadecimal digits, of all that a result depends on but what the submission is called.

    That is the files of the submission, the settings, the code that examines it, the form of the result, and the
    versions of Python, NumPy and Hypothesis. Two submissions with the same files under the same names have the same
    key.
    """
    files = [
        [name, hashlib.sha256(content).hexdigest()] for name, content in sorted(submission.files.items())
    ]
    return _digest([submission.main, files, _rules(settings), _kit()])


class Records:
    """The results in a folder, each in a JSON file of its own that is named after the submission's id.

    A file is complete or not there at all. It holds the submission's part of the JSON report under ``result``
    (lone surrogates, which are not Unicode text, as JSON's escapes), the key that it was made under, and a digest
    of itself. Raises ``UsageError`` if the folder or a file in it cannot be written, and ``UngradedError`` if the
    disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def reserved(self) -> Generator[None, None, None]:
        """Make the folder, if it is not there, and keep other runs from writing to it.

        Raises ``UsageError`` if it cannot be written to, or another run has reserved it.
        """
        self._make_folder()
        with locked(self._folder):
            yield

    def get(self, name: str, key: str, submission: Submission) -> SubmissionResult | None:
        """Return the result that was kept as ``name`` under ``key``, as one of ``submission``.

        Return ``None`` if nothing was kept, the key is another, or the file is damaged.
        """
        try:
            kept = _document_in(self._path(name))
            if not (
                kept["name"] == name and kept["key"] == key and kept["digest"] == _digest(kept["result"])
            ):
                return None
            result = result_of(kept["result"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        path = submission.paths.get(str(kept.get("main")), submission.path)
        return replace(result, id=submission.id, path=path, aliases=submission.aliases)

    def keep(self, name: str, key: str, result: SubmissionResult, main: str = "") -> None:
        """Write ``result``, in the place of an earlier one of this ``name``.

        ``main`` is the name of the file that was examined within the submission.
        """
        fields = submission_fields(result)
        document = {
            "schema": SCHEMA,
            "kit": kit_version(),
            "name": name,
            "key": key,
            "main": main,
            "digest": _digest(fields),
            "result": fields,
        }
        self._write(self._path(name), json.dumps(document, indent=2, ensure_ascii=True) + "\n")

    def last(self, name: str) -> SubmissionResult | None:
        """Return what was kept last as ``name``, under whatever key; ``None`` if there is none that can be read."""
        try:
            return _result_in(self._path(name))
        except UsageError:
            return None

    def results(self) -> list[SubmissionResult]:
        """Return all results, in the order of their files' names; raises ``UsageError`` for any other file."""
        return [_result_in(path) for path in sorted(self._folder.glob(f"*{_SUFFIX}"))]

    def others(self, names: Iterable[str]) -> list[str]:
        """Return the names of the files with results of submissions that are not among ``names``."""
        own = {self._path(name).name for name in names}
        return sorted(path.name for path in self._folder.glob(f"*{_SUFFIX}") if path.name not in own)

    def _path(self, name: str) -> Path:
        return self._folder / _file_name(name)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self._folder, error) from None

    def _write(self, path: Path, text: str) -> None:
        part = path.with_name(f".{path.name}.part")
        self._make_folder()
        try:
            part.unlink(missing_ok=True)
            with part.open("x", encoding="ascii") as file:
                file.write(text)
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise unwritable(path, error) from None


@dataclass(frozen=True)
class Keeper:
    """Where results are kept, and whether those of earlier runs are used again."""

    records: Records
    reuses: bool = True
    replaced: list[tuple[SubmissionResult, SubmissionResult]] = field(default_factory=list)
    """What was kept of another file under the same name, and what has taken its place."""

    def find(self, submission: Submission, settings: Settings) -> SubmissionResult | None:
        """Return the result of an earlier run that an examination would give again."""
        if not self.reuses:
            return None
        return self.records.get(submission.id, result_key(submission, settings), submission)

    def holds(self, entry: Unreadable, result: SubmissionResult) -> bool:
        """Tell whether an earlier run kept the same ``result`` of an entry that cannot be read."""
        return self.reuses and self.records.last(entry.id) == replace(result, aliases=())

    def keep(self, entry: Submission | Unreadable, settings: Settings, result: SubmissionResult) -> None:
        """Keep ``result``, unless it has no score: another attempt may give one.

        That of an entry that cannot be read has no key, since it is found anew each time.
        """
        if result.status is SubmissionStatus.UNGRADED:
            return
        last = self.records.last(entry.id)
        if last is not None and last.path != result.path:
            self.replaced.append((last, result))
        if isinstance(entry, Unreadable):
            self.records.keep(entry.id, "", result)
            return
        main = next((name for name, path in entry.paths.items() if path == result.path), "")
        self.records.keep(entry.id, result_key(entry, settings), result, main)


def _document_in(path: Path) -> Any:
    """Return what a file holds; raises ``OSError`` if it is not a regular file: reading a pipe may never end."""
    if not path.is_file():
        raise FileNotFoundError(path)
    return json.loads(path.read_text(encoding="ascii"))


def _result_in(path: Path) -> SubmissionResult:
    try:
        kept = _document_in(path)
        if kept["digest"] == _digest(kept["result"]):
            return result_of(kept["result"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise UsageError(
        f"{path} is not a result that grade --out has kept, or it was changed; remove it and grade again"
    )


def _file_name(name: str) -> str:
    """Return a file name for any ``name``: no two have the same one, whatever the case and the form of letters."""
    if _PLAIN.fullmatch(name) and not _TAGGED.fullmatch(name) and not _RESERVED.fullmatch(name):
        return name + _SUFFIX
    readable = re.sub(r"[^A-Za-z0-9_]+", "-", name)[:60].strip("-") or "submission"
    tag = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{readable}-{tag}{_SUFFIX}"


def _rules(settings: Settings) -> list[object]:
    return [
        settings.seed,
        settings.timeout,
        settings.total_timeout,
        settings.memory,
        dict(settings.rubric.points),
        settings.isolation,
        settings.feedback,
    ]


def _kit() -> tuple[str, ...]:
    """Return the versions of what a result is computed by, and a digest of the code that examines submissions."""
    return (
        str(SCHEMA),
        kit_version(),
        code_digest(),
        version("numpy"),
        version("hypothesis"),
        platform.python_version(),
    )


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
