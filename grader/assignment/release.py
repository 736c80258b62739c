"""Hand out the assignment: write it into a folder or an archive, and replace there only what an earlier release wrote.

A release has a list of its files with their SHA-256, in the form of ``sha256sum``. What does not match the list was
not written by the kit, or has been changed since.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path, PurePosixPath
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from grader.errors import UsageError
from grader.files import replace_file
from grader.zips import zip_member

__all__ = ["LIST", "write_release"]

LIST = ".release.sha256"
"""The name of the list."""
_TOP = "perceptron"
"""The folder that an archive is unpacked into."""
_COMPILED = "__pycache__"
"""The name of the folders in which Python keeps what it has compiled, and can compile again."""
_LARGEST = 16 * 1024 * 1024
"""Bytes: no release is larger, so a larger archive need not be read."""


def write_release(out: Path, files: Mapping[str, bytes]) -> None:
    """Write ``files``, by their names, to ``out``: an archive if it ends in ``.zip``, else a folder.

    The same files give the same bytes. Files of an earlier release that are not in this one are removed. Raises
    ``UsageError``, and changes nothing, if something else is there; also if a file cannot be read or written.
    """
    complete = {**files, LIST: _listed(files)}
    try:
        if out.suffix.lower() == ".zip":
            _write_archive(out, complete)
        else:
            _write_folder(out, complete)
    except OSError as error:
        where = error.filename or out
        raise UsageError(
            f"{where} cannot be read or written ({error.strerror}); choose another place"
        ) from None


def _write_archive(out: Path, files: Mapping[str, bytes]) -> None:
    if (out.exists() or out.is_symlink()) and not _is_own_archive(out):
        raise UsageError(
            f"{out} is not as perceptron-kit release wrote it; move it, or choose another name for the archive"
        )
    replace_file(out, _packed(files))


def _write_folder(out: Path, files: Mapping[str, bytes]) -> None:
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; choose a folder, or a name that ends in .zip for an archive")
    present = {path.relative_to(out).as_posix(): path for path in sorted(out.rglob("*"))}
    folders = {parent.as_posix() for name in (*files, LIST) for parent in PurePosixPath(name).parents}
    earlier = _digests(_content(out / LIST) or b"")
    folders |= {parent.as_posix() for name in earlier for parent in PurePosixPath(name).parents}
    for name, path in present.items():
        content = _content(path)
        is_own = content is not None and (
            name == LIST
            or content == files.get(name)
            or earlier.get(name) == _digest(content)
            or (path.parent.name == _COMPILED and path.suffix == ".pyc")
        )
        is_folder = path.is_dir() and not path.is_symlink()
        if not is_own and not (is_folder and (name in folders or path.name == _COMPILED)):
            raise UsageError(
                f"{path} is not as perceptron-kit release wrote it; move it, or choose an empty folder"
            )
    for name, content in files.items():
        replace_file(out / name, content)
    for name, path in sorted(present.items(), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif name not in files:
            path.unlink()


def _is_own_archive(path: Path) -> bool:
    """Tell whether an archive is exactly as it was written."""
    if not path.is_file() or path.stat().st_size > _LARGEST:
        return False
    content = path.read_bytes()
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            if any(entry.compress_type != ZIP_STORED for entry in archive.infolist()):
                return False
            files = {
                entry.filename.removeprefix(f"{_TOP}/"): archive.read(entry) for entry in archive.infolist()
            }
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError):
        return False
    listed = files.pop(LIST, None)
    return listed == _listed(files) and content == _packed({**files, LIST: listed})


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of ``files``; it is not compressed, since zlib's bytes differ from one machine to another."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            archive.writestr(zip_member(f"{_TOP}/{name}", compress_type=ZIP_STORED), files[name])
    return buffer.getvalue()


def _listed(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{_digest(files[name])}  {name}\n" for name in sorted(files)).encode()


def _digests(listed: bytes) -> dict[str, str]:
    """Return the digests in a list, by the names of the files."""
    lines = listed.decode("utf-8", "replace").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _content(path: Path) -> bytes | None:
    """Return the content of a file; ``None`` if there is something else at ``path``, or nothing."""
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
