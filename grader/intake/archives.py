"""Read one student's archive as the folder that was packed, under limits; nothing of it is ever written to disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, TypeVar

from grader.errors import BrokenArchiveError, UnreadableError
from grader.intake import limits
from grader.intake.compression import Bytes, Unpacked, is_compressed, is_gzip, too_large, unpacked_in_memory
from grader.intake.folders import Kind, is_code, is_ignored, path_parts
from grader.intake.tars import BLOCK, TarEntry, tar_content, tar_entries, with_links
from grader.intake.zips import is_zip, opened_zip, unpacked_file, zip_entries
from grader.text import printable

__all__ = ["archive_stem", "check_depth", "check_name", "is_archive", "read_archive", "visible_parts"]

_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_Entry = TypeVar("_Entry")


def is_archive(name: str) -> bool:
    """Tell whether a file of this name is an archive that can be read."""
    return name.lower().endswith(_ENDINGS)


def archive_stem(name: str) -> str:
    """Return an archive's name without its ending."""
    ending = max((e for e in _ENDINGS if name.lower().endswith(e)), key=len, default="")
    return name[: len(name) - len(ending)]


def read_archive(file: IO[bytes]) -> Mapping[str, bytes]:
    """Return the scripts and notebooks in an archive, by their paths without a folder that holds all of them.

    As in a folder, links and what is ignored are left out, and the limits count what is read; hard links are the files
    that they are other names of. All names must lead into the archive, and its end must be there.

    Raises ``BrokenArchiveError`` if it is cut or damaged, and ``UnreadableError`` if it holds what it should not:
    absolute names or ``..``, encrypted or doubled files, or too much.
    """
    try:
        files = _from_zip(file) if is_zip(file) else _from_tar(file)
    except (UnreadableError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever the libraries make of bytes that a student sent
        raise BrokenArchiveError(
            f"the archive is broken or of an unknown kind ({type(error).__name__})"
        ) from None
    return _without_common_folder(dict(sorted(files.items())))


def _from_zip(file: IO[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = limits.BYTES
    with opened_zip(file, limits.LIST) as archive:
        for name, info in _chosen(zip_entries(archive)).items():
            files[name] = unpacked_file(archive, info, left, limits.BYTES)
            left -= len(files[name])
    return files


def _from_tar(file: IO[bytes]) -> dict[str, bytes]:
    """Return the files in a tar, which is gone through twice: a link may need what was skipped before it."""
    source = _source(file)
    listed = with_links(tar_entries(source, limits.HEADERS, limits.LIST))
    chosen = _chosen((entry.name, entry.kind, entry) for entry in listed)
    if sum(entry.size for entry in chosen.values()) > limits.BYTES:
        raise too_large(limits.BYTES)
    if isinstance(source, Unpacked):
        source.finish()
        source = _source(file)
    contents = {
        entry.place: tar_content(source, entry)
        for entry in sorted({entry.place: entry for entry in chosen.values()}.values(), key=_place)
    }
    return {name: contents[entry.place] for name, entry in chosen.items()}


def _place(entry: TarEntry) -> int:
    return entry.place


def _source(file: IO[bytes]) -> Bytes:
    """Return a tar as if it were not compressed; what gzip compressed is unpacked as it is read, and not held."""
    file.seek(0)
    start = file.read(BLOCK)
    file.seek(0)
    if is_gzip(start):
        return Unpacked(file, limits.UNPACKED)
    return unpacked_in_memory(file, limits.UNPACKED_SLOWLY) if is_compressed(start) else file


def _chosen(listed: Iterable[tuple[str, Kind, _Entry]]) -> dict[str, _Entry]:
    """Return the scripts and notebooks among all that is in an archive, by their names."""
    chosen: dict[str, _Entry] = {}
    others: list[str] = []
    seen: set[tuple[str, ...]] = set()
    for name, kind, entry in listed:
        check_name(name)
        parts, is_ignored_ = visible_parts(name)
        check_depth(parts, kind)
        seen.update(parts[:count] for count in range(1, len(parts) + 1))
        if len(seen) > limits.ENTRIES:
            raise UnreadableError(f"the archive has more than {limits.ENTRIES} entries")
        if is_ignored_ or kind is Kind.FOLDER or not is_code(name):
            continue
        path = "/".join(parts)
        if kind is Kind.OTHER:
            others.append(path)
        elif path in chosen:
            raise UnreadableError(f"the archive has two files named {printable(path)}")
        else:
            chosen[path] = entry
    if others and not chosen:
        raise UnreadableError(
            "there is no .py file and no notebook in the archive; "
            f"{printable(others[0])} is a link or something else that is not a plain file"
        )
    return chosen


def visible_parts(name: str) -> tuple[tuple[str, ...], bool]:
    """Return the parts of a path in an archive, up to the first that is ignored, and whether there is one."""
    parts = path_parts(name)
    for count, part in enumerate(parts, 1):
        if is_ignored(part):
            return parts[:count], True
    return parts, False


def check_name(name: str) -> None:
    """Raise ``UnreadableError`` for a name that leads out of the archive."""
    parts = path_parts(name)
    if name.startswith("/") or ".." in parts or "\0" in name or (parts and parts[0].endswith(":")):
        raise UnreadableError(f"the archive holds a path that leads out of it ({printable(name)})")


def check_depth(parts: tuple[str, ...], kind: Kind) -> None:
    """Raise ``UnreadableError`` for a path in an archive that leads too deep into it."""
    if len(parts) - (kind is not Kind.FOLDER) > limits.DEPTH:
        raise UnreadableError(f"the archive has folders more than {limits.DEPTH} deep")


def _without_common_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    while (
        files and all("/" in name for name in files) and len({name.partition("/")[0] for name in files}) == 1
    ):
        files = {name.partition("/")[2]: content for name, content in files.items()}
    return files
