"""Collect the files of the kit as they lie in ``site-packages``, from a checkout as from an installed wheel."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from grader.resources import assignment_path, solution_path, utils_path

__all__ = ["kit_files"]

_CARRIED = "grader/_kit"
"""Where a wheel carries what lies beside the package in a checkout."""


def kit_files() -> dict[str, bytes]:
    """Return the files of the kit by their paths in ``site-packages``, with the metadata that the kit reads."""
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


def _in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_ours = not any(part.startswith((".", "_kit", "__pycache__")) for part in parts)
        if is_ours and path.is_file():
            yield "/".join(parts), path.read_bytes()
