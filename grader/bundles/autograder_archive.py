"""Make the autograder that an instructor uploads to Gradescope.

Gradescope unpacks the archive into ``/autograder/source``, runs ``setup.sh`` once, and ``run_autograder`` for each
submission (https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.bundles.installed_kit import kit_files
from grader.bundles.pinned_requirements import pinned_requirements
from grader.bundles.reproducible_zip import zipped
from grader.bundles.run_autograder import NOT_GRADED
from grader.text import printable

__all__ = ["autograder_archive", "next_steps_on_gradescope"]

_SCRIPTS = ("setup.sh", "run_autograder")
_FOLDER = Path(__file__).parent / "gradescope_scripts"
_RUBRIC = "rubric.toml"


def autograder_archive(options: Mapping[str, str], rubric: Path | None) -> bytes:
    """Return the archive, which grades with ``options`` of ``perceptron-kit run-autograder`` and with ``rubric``.

    The same kit with the same options makes the same archive, byte for byte.
    """
    files = {name: (_FOLDER / name).read_bytes() for name in _SCRIPTS}
    files |= {f"kit/{name}": content for name, content in kit_files().items()}
    files |= {"requirements.txt": _lines(pinned_requirements()), "not_graded.json": NOT_GRADED.encode()}
    words = [word for option in options.items() for word in option]
    if rubric is not None:
        files[_RUBRIC] = rubric.read_bytes()
        words += ["--rubric", f"/autograder/source/{_RUBRIC}"]
    files["options.txt"] = _lines(words)
    return zipped(files, executable=_SCRIPTS)


def next_steps_on_gradescope(out: Path, *, is_new: bool) -> str:
    """Say that the archive was written to ``out``, and what to do with it."""
    shown = printable(str(out))
    first = f"Wrote {shown}." if is_new else f"{shown} is up to date."
    return (
        f"{first}\nNext, on Gradescope: under Configure Autograder, choose an Ubuntu base image (24.04 if it is "
        f"offered), upload {printable(out.name)}, and test it with a submission.\n"
        "It contains the reference solution and the hidden tests: give it to nobody.\n"
    )


def _lines(words: list[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()
