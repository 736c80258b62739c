"""Read one student's archive as the folder that was packed, under limits, without writing any of it to disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, TypeVar

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.archives import broken_if_it_fails
from grader.intake.archives.compression import (
    Bytes,
    Unpacked,
    is_compressed,
    is_gzip,
    too_large,
    unpack_in_memory,
)
from grader.intake.archives.tar_files import BLOCK, list_tar, read_tar_file, resolve_links
from grader.intake.archives.zip_files import is_zip, list_zip, open_zip, unpack_zip_file
from grader.intake.folders import Kind, is_code, is_ignored, path_parts
from grader.text import printable

__all__ = ["check_depth", "check_name", "read_archive", "visible_parts"]

_Entry = TypeVar("_Entry")


def read_archive(file: IO[bytes]) -> Mapping[str, bytes]:
    """Return the scripts and notebooks in an archive, by their paths without a folder that holds all of them.

    As in a folder, links and ignored files are left out, and the limits count what is read. A hard link is the file
    that it is another name of.

    Raises ``BrokenArchiveError`` if the archive is cut or damaged. Raises ``UnreadableError`` if it holds absolute
    names or ``..``, encrypted files, two files of one name, or too much.
    """
    with broken_if_it_fails("the archive is broken or of an unknown kind ({type})"):
        files = _from_zip(file) if is_zip(file) else _from_tar(file)
    return _without_common_folder(dict(sorted(files.items())))


def _from_zip(file: IO[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = limits.BYTES
    with open_zip(file, limits.OF_SUBMISSION) as archive:
        for name, info in _chosen(list_zip(archive)).items():
            files[name] = unpack_zip_file(archive, info, left, limits.BYTES)
            left -= len(files[name])
    return files


def _from_tar(file: IO[bytes]) -> dict[str, bytes]:
    """Return the files in a tar, reading it twice: a link may need what was skipped before it."""
    source = _source(file)
    listed = resolve_links(list_tar(source, limits.OF_SUBMISSION))
    chosen = _chosen((entry.name, entry.kind, entry) for entry in listed)
    if sum(entry.size for entry in chosen.values()) > limits.BYTES:
        raise too_large(limits.BYTES)
    if isinstance(source, Unpacked):
        source.finish()
        source = _source(file)
    contents: dict[int, bytes] = {}
    for entry in sorted(chosen.values(), key=lambda entry: entry.place):
        if entry.place not in contents:  # A hard link has the place of its file.
            contents[entry.place] = read_tar_file(source, entry)
    return {name: contents[entry.place] for name, entry in chosen.items()}


def _source(file: IO[bytes]) -> Bytes:
    """Return a tar as if it were not compressed; with gzip, it is unpacked while it is read, and not held."""
    file.seek(0)
    start = file.read(BLOCK)
    file.seek(0)
    if is_gzip(start):
        return Unpacked(file, limits.OF_SUBMISSION.unpacked)
    return unpack_in_memory(file, limits.UNPACKED_SLOWLY) if is_compressed(start) else file


def _chosen(listed: Iterable[tuple[str, Kind, _Entry]]) -> dict[str, _Entry]:
    """Return the scripts and notebooks among all entries of an archive, by their paths."""
    chosen: dict[str, _Entry] = {}
    others: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for name, kind, entry in listed:
        check_name(name)
        parts, is_ignored_ = visible_parts(name)
        check_depth(parts, kind)
        seen.update(parts[:count] for count in range(1, len(parts) + 1))
        if len(seen) > limits.ENTRIES:
            raise UnreadableError("the archive has more than {limit} entries", limit=limits.ENTRIES)
        if is_ignored_ or kind is Kind.FOLDER or not is_code(name):
            continue
        path = "/".join(parts)
        if kind is Kind.OTHER:
            others.append(path)
        elif path in chosen:
            raise UnreadableError("the archive has two files named {file}", file=printable(path))
        else:
            chosen[path] = entry
    if others and not chosen:
        raise UnreadableError(
            "there is no .py file and no notebook in the archive; {file} is a link or something else that is not a "
            "plain file",
            file=printable(others[0]),
        )
    return chosen


def visible_parts(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the parts of a path in an archive up to the first that is ignored, and whether one is."""
    parts = path_parts(name)
    for count, part in enumerate(parts, 1):
        if is_ignored(part):
            return parts[:count], True
    return parts, False


def check_name(name: str) -> None:
    """Raise ``UnreadableError`` for a name that leads out of the archive."""
    parts = path_parts(name)
    if name.startswith("/") or ".." in parts or "\0" in name or (parts and parts[0].endswith(":")):
        raise UnreadableError("the archive holds a path that leads out of it ({file})", file=printable(name))


def check_depth(parts: tuple[str, ...], kind: Kind) -> None:
    """Raise ``UnreadableError`` for a path with too many folders."""
    if len(parts) - (kind is not Kind.FOLDER) > limits.DEPTH:
        raise UnreadableError("the archive has folders more than {limit} deep", limit=limits.DEPTH)


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    while (
        files and all("/" in name for name in files) and len({name.partition("/")[0] for name in files}) == 1
    ):
        files = {name.partition("/")[2]: content for name, content in files.items()}
    return files
