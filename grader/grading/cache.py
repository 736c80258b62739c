"""Save results on disk, and find the ones that grading would give again."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from grader.errors import UsageError
from grader.failures import not_written
from grader.files import file_stem, replace_file
from grader.grading.locking import locked
from grader.model import Submission, SubmissionResult, SubmissionStatus, Unreadable
from grader.settings import Settings
from grader.version import code_digest, kit_version

__all__ = ["Cache", "result_key", "saved_results"]

_SUFFIX = ".json"


class _Saved(msgspec.Struct):
    """What a file holds."""

    kit: str
    name: str
    key: str
    main: str
    """The name of the file that was examined, within the submission."""
    digest: str
    """Of ``result``."""
    result: SubmissionResult


class Cache:
    """The results in a folder, each in a JSON file of its own that is named after the submission's id.

    A file is complete or not there at all. It holds the fields of the result under ``result`` (lone surrogates, which
    are not Unicode text, as JSON's escapes), the key that it was made under, and a digest of itself. All methods
    raise ``UsageError`` if the folder or a file in it cannot be written, and ``UngradedError`` if the disk is full.
    """

    def __init__(self, folder: Path, *, reuses: bool = True) -> None:
        self._folder, self._reuses = folder, reuses
        self.replaced: list[tuple[SubmissionResult, SubmissionResult]] = []
        """Results of another file under the same id, and the new ones that have replaced them."""

    @contextmanager
    def locked(self) -> Generator[None, None, None]:
        """Make the folder, if it is not there, and keep other runs from writing to it.

        Raises ``UsageError`` if another run has locked it.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(self._folder, error) from None
        with locked(self._folder):
            yield

    def find(self, submission: Submission, settings: Settings) -> SubmissionResult | None:
        """Return the result of an earlier run that grading would give again.

        Return ``None`` if there is none, or its file is damaged.
        """
        if not self._reuses:
            return None
        saved = _read(self._path(submission.id))
        if saved is None or (saved.name, saved.key) != (submission.id, result_key(submission, settings)):
            return None
        path = submission.paths.get(saved.main, submission.path)
        return replace(saved.result, id=submission.id, path=path, aliases=submission.aliases)

    def has(self, result: SubmissionResult) -> bool:
        """Tell whether an earlier run has saved the same ``result`` of a submission that cannot be read."""
        return self._reuses and self._last(result.id) == replace(result, aliases=())

    def save(self, entry: Submission | Unreadable, settings: Settings, result: SubmissionResult) -> None:
        """Save ``result``, unless it has no score: another attempt may give one.

        That of an entry that cannot be read has no key: reading it costs little.
        """
        if result.status is SubmissionStatus.UNGRADED:
            return
        last = self._last(entry.id)
        if last is not None and last.path != result.path:
            self.replaced.append((last, result))
        key = main = ""
        if isinstance(entry, Submission):
            key = result_key(entry, settings)
            main = next((name for name, path in entry.paths.items() if path == result.path), "")
        result = replace(result, aliases=())
        digest = _digest(msgspec.to_builtins(result))
        saved = _Saved(kit_version(), entry.id, key, main, digest, result)
        path = self._path(entry.id)
        try:
            replace_file(path, (json.dumps(msgspec.to_builtins(saved), indent=2) + "\n").encode("ascii"))
        except OSError as error:
            raise not_written(path, error) from None

    def others(self, ids: Iterable[str]) -> list[str]:
        """Return the names of the files with results of submissions that are not among ``ids``."""
        own = {file_stem(id_) + _SUFFIX for id_ in ids}
        return sorted(path.name for path in self._folder.glob(f"*{_SUFFIX}") if path.name not in own)

    def _last(self, id_: str) -> SubmissionResult | None:
        """Return the result that was saved last for ``id_``, under whatever key."""
        saved = _read(self._path(id_))
        return None if saved is None else saved.result

    def _path(self, id_: str) -> Path:
        return self._folder / (file_stem(id_) + _SUFFIX)


def saved_results(folder: Path) -> list[SubmissionResult]:
    """Return all results in ``folder``, by file name; raises ``UsageError`` if a file is not a result."""
    results = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        if (saved := _read(path)) is None:
            raise UsageError(
                f"{path} is not a result that grade --out has saved, or it was changed; remove it and grade again"
            )
        results.append(saved.result)
    return results


def result_key(submission: Submission, settings: Settings) -> str:
    """Return a digest, in hexadecimal digits, of all that a result depends on but the submission's name.

    That is the files of the submission, the settings, the code that grades it, and the versions of Python, NumPy
    and Hypothesis. Two submissions with the same files under the same names have the same key.
    """
    files = [
        [name, hashlib.sha256(content).hexdigest()] for name, content in sorted(submission.files.items())
    ]
    versions = [kit_version(), version("numpy"), version("hypothesis"), platform.python_version()]
    return _digest([submission.main, files, msgspec.to_builtins(settings), code_digest(), versions])


def _read(path: Path) -> _Saved | None:
    """Return what was saved in a file; ``None`` if it is not there, or is not as it was written."""
    try:
        # Reading a pipe may never end.
        if not path.is_file():
            return None
        fields = json.loads(path.read_text(encoding="ascii"))
        if fields["digest"] != _digest(fields["result"]):
            return None
        return msgspec.convert(fields, _Saved)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
