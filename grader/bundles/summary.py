"""What the commands say of the bundles that they made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from grader.text import printable

__all__ = ["render_autograder", "render_classroom_template"]


def render_autograder(out: Path, *, is_new: bool) -> str:
    """Return what was made for Gradescope, and where it goes."""
    shown = printable(str(out))
    first = f"Wrote {shown}." if is_new else f"{shown} is as it would be written."
    return (
        f"{first}\nNext, on Gradescope: Configure Autograder, an Ubuntu base image (24.04 where it is offered), "
        f"upload {printable(out.name)}, and test it with a submission.\n"
        "It holds the reference solution and the hidden tests: give it to nobody.\n"
    )


def render_classroom_template(folder: Path, different: Sequence[str]) -> str:
    """Return what was written into the template of a repository, and what its points are worth."""
    shown = printable(str(folder))
    lines = [f"wrote {shown}/{name}" for name in different] or [f"Nothing is missing in {shown}."]
    lines += [
        "Next: push it to a repository, make that a template, and choose it for the assignment in GitHub Classroom.",
        "Students own the workflow, so its points are for them alone. For marks: grade clones/",
    ]
    return "\n".join(lines) + "\n"
