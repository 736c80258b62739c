"""The autograder that an instructor uploads to Gradescope.

Gradescope unpacks the archive into ``/autograder/source``, runs ``setup.sh`` once, and ``run_autograder`` for each
submission (https://gradescope-autograders.readthedocs.io/en/latest/specs/).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from grader.bundles.archive import Entry, zipped
from grader.bundles.autograder import NOT_GRADED
from grader.bundles.requirements import pinned
from grader.bundles.templating import rendered
from grader.bundles.wheel import kit_wheel

__all__ = ["gradescope_archive"]

_RUBRIC = "rubric.toml"


def gradescope_archive(options: Mapping[str, str], rubric: Path | None) -> bytes:
    """Return the archive; it marks with ``options`` of ``perceptron-kit run-autograder``, and with ``rubric``.

    The same kit with the same options gives the same archive, byte for byte. Raises ``UsageError`` where there is
    no wheel of the kit to be had.
    """
    name, wheel = kit_wheel()
    line = dict(options) | ({} if rubric is None else {"--rubric": f"/autograder/source/{_RUBRIC}"})
    words = "".join(f" {option} {shlex.quote(value)}" for option, value in line.items())
    entries = {
        "setup.sh": Entry(rendered("gradescope/setup.sh.jinja", wheel=name).encode(), is_executable=True),
        "run_autograder": Entry(
            rendered("gradescope/run_autograder.jinja", options=words).encode(), is_executable=True
        ),
        "requirements.txt": Entry("".join(f"{line}\n" for line in pinned()).encode()),
        "not_graded.json": Entry(NOT_GRADED.encode()),
        name: Entry(wheel),
    }
    if rubric is not None:
        entries[_RUBRIC] = Entry(rubric.read_bytes())
    return zipped(entries)
