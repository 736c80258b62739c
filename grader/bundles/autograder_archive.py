"""Make the autograder that an instructor uploads to Gradescope.

Gradescope unpacks the archive into ``/autograder/source``, runs ``setup.sh`` once, and ``run_autograder`` for each
submission (https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from grader.bundles.run_autograder import not_graded
from grader.languages import ENGLISH
from grader.resources import assignment_path, solution_path, utils_path
from grader.rubric import load_rubric
from grader.text import printable
from grader.zips import zip_member

__all__ = ["autograder_archive", "kit_files", "next_steps_on_gradescope", "pinned_requirements"]

_SCRIPTS = ("setup.sh", "run_autograder")
_FOLDER = Path(__file__).parent / "gradescope_scripts"
_RUBRIC = "rubric.toml"
_CARRIED = "grader/_kit"
"""Where a wheel carries what lies beside the package in a checkout."""
_NEEDED = ("click", "hypothesis", "msgspec", "numpy", "pytest")
"""What grading one submission for a platform imports; the rest is for nbgrader and for reports to people."""


def autograder_archive(options: Mapping[str, str], rubric: Path | None) -> bytes:
    """Return the archive, which grades with ``options`` of ``perceptron-kit run-autograder`` and with ``rubric``.

    The same kit with the same options makes the same archive, byte for byte.
    """
    files = {name: (_FOLDER / name).read_bytes() for name in _SCRIPTS}
    files |= {f"kit/{name}": content for name, content in kit_files().items()}
    language = options.get("--lang", ENGLISH)
    files |= {
        "requirements.txt": _lines(pinned_requirements()),
        "not_graded.json": not_graded(language).encode(),
    }
    words = [word for option in options.items() for word in option]
    if rubric is not None:
        files[_RUBRIC] = rubric.read_bytes()
        files |= {name: text.encode() for name, text in load_rubric(rubric).tests.items()}
        words += ["--rubric", f"/autograder/source/{_RUBRIC}"]
    files["options.txt"] = _lines(words)
    return _zipped(files)


def next_steps_on_gradescope(out: Path, *, is_new: bool) -> str:
    """Say that the archive was written to ``out``, and what to do with it."""
    shown = printable(str(out))
    first = f"Wrote {shown}." if is_new else f"{shown} is up to date."
    return (
        f"{first}\nNext, on Gradescope: under Configure Autograder, choose an Ubuntu base image (24.04 if it is "
        f"offered), upload {printable(out.name)}, and test it with a submission.\n"
        "It contains the reference solution and the hidden tests: give it to nobody.\n"
    )


def kit_files() -> dict[str, bytes]:
    """Return the kit's files by their paths in ``site-packages``, from a checkout as from an installed wheel.

    They include the metadata that the kit reads.
    """
    folders = {
        "grader": Path(__file__).parents[1],
        f"{_CARRIED}/assignment": assignment_path(),
        f"{_CARRIED}/solution": solution_path(),
    }
    files = {
        f"{prefix}/{name}": content for prefix, folder in folders.items() for name, content in _in(folder)
    }
    kit = distribution("perceptron-kit")
    # Without the README, which is the body: an editable install may hold an old one.
    header = (kit.read_text("METADATA") or "").partition("\n\n")[0].strip()
    return files | {
        f"{_CARRIED}/utils.py": utils_path().read_bytes(),
        f"perceptron_kit-{kit.version}.dist-info/METADATA": f"{header}\n".encode(),
    }


def pinned_requirements() -> list[str]:
    """Return a line for each package that grading needs and all that it requires, pinned to what is installed here."""
    versions: dict[str, str] = {}
    pending = list(_NEEDED)
    while pending:
        name = canonicalize_name(pending.pop())
        if name in versions:
            continue
        installed = distribution(name)
        versions[name] = installed.version
        required = map(Requirement, installed.requires or [])
        pending += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [f"{name}=={version}" for name, version in sorted(versions.items())]


def _in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_ours = not any(part.startswith((".", "_kit", "__pycache__")) for part in parts)
        if is_ours and path.is_file():
            yield "/".join(parts), path.read_bytes()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Return an archive that depends on nothing but ``files``: they are sorted, and all have the same date."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in sorted(files.items()):
            mode = stat.S_IFREG | (0o755 if name in _SCRIPTS else 0o644)
            file.writestr(zip_member(name, mode=mode), content)
    return archive.getvalue()


def _lines(words: list[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()
