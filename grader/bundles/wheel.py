"""The wheel of the kit that is running: built from a checkout, or put together again from what it was installed as."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.util
import io
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from grader.bundles.archive import Entry, zipped
from grader.errors import UsageError
from grader.resources import checkout_path

__all__ = ["kit_wheel", "wheel_of"]

_NAME = "perceptron-kit"
_BY_INSTALLERS = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
"""Files that installers put beside a distribution's own metadata."""


def kit_wheel() -> tuple[str, bytes]:
    """Return the name of the kit's wheel and its content.

    Raises ``UsageError`` where it cannot be built, or where files of the installed kit have been changed.
    """
    checkout = checkout_path()
    return wheel_of(distribution(_NAME)) if checkout is None else _built(checkout)


def wheel_of(installed: Distribution) -> tuple[str, bytes]:
    """Return the name and the content of the wheel that ``installed`` came in, by its RECORD.

    The format is that of https://packaging.python.org/specifications/binary-distribution-format/. Raises
    ``UsageError`` where a file is not what the RECORD says.
    """
    files = dict(_own_files(installed))
    folder = next(PurePosixPath(name).parent for name in files if name.endswith(".dist-info/METADATA"))
    about = files[f"{folder}/WHEEL"].decode().splitlines()
    tag = next(line.partition(": ")[2] for line in about if line.startswith("Tag: "))
    files[f"{folder}/RECORD"] = _record(files, f"{folder}/RECORD")
    name = f"{folder.name.removesuffix('.dist-info')}-{tag}.whl"
    return name, zipped({path: Entry(content) for path, content in files.items()})


def _built(checkout: Path) -> tuple[str, bytes]:
    if importlib.util.find_spec("hatchling") is None:
        raise UsageError(
            f"the kit runs from the checkout {checkout}, whose wheel is built by hatchling, which is not "
            f"installed; install it: {Path(sys.executable).name} -m pip install hatchling"
        )
    with tempfile.TemporaryDirectory(prefix="perceptron-kit-") as folder:
        line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder]
        run = subprocess.run(line, cwd=checkout, capture_output=True, text=True, check=False)  # noqa: S603
        if run.returncode:
            raise UsageError(
                f"the wheel of {checkout} cannot be built: {_last_line(run.stderr or run.stdout)}"
            )
        (wheel,) = Path(folder).iterdir()
        return wheel.name, wheel.read_bytes()


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["hatchling does not say why"])[-1]


def _own_files(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    """Yield the files that the wheel brought: not its commands, which are made anew, and no compiled ones."""
    for name, digest, _ in csv.reader((installed.read_text("RECORD") or "").splitlines()):
        file = PurePosixPath(name)
        is_by_installer = file.parent.suffix == ".dist-info" and file.name in _BY_INSTALLERS
        if is_by_installer or file.is_absolute() or file.parts[0] == ".." or file.suffix == ".pyc":
            continue
        path = Path(str(installed.locate_file(name)))
        content = path.read_bytes() if path.is_file() else b""
        if _hash(content) != digest:
            raise UsageError(
                f"{path} has changed since the kit was installed, which spoils its wheel; install it again"
            )
        yield name, content


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    text = io.StringIO()
    rows: Iterable[tuple[str, str, int | str]] = (
        (name, _hash(content), len(content)) for name, content in sorted(files.items())
    )
    csv.writer(text, lineterminator="\n").writerows([*rows, (own, "", "")])
    return text.getvalue().encode()


def _hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
