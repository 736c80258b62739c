"""The clones of a class's repositories, as GitHub Classroom makes one for each student."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os.path import commonprefix

from grader.intake.folders import Kind, Node, children_of, visible
from grader.intake.found import FoundSubmission, Notice, could_be_submission, stem_of, tell_skipped
from grader.intake.platforms.assignments import EXERCISE

__all__ = ["find"]

_TO_EXERCISE = re.compile(rf".*?{EXERCISE}[^-]*-(?:\d+-)*", re.IGNORECASE)


def find(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the clones in a folder, named without what their names have in common.

    All folders must be clones: one student may have handed in a ``.git``, which must not rename others.
    """
    nodes = [node for node in visible(folder) if could_be_submission(node)]
    folders = [node for node in nodes if node.kind is Kind.FOLDER]
    if 2 * len(folders) <= len(nodes) or not all(map(_is_clone, folders)):
        return []
    prefix = _prefix([node.name for node in folders], folder.name)
    tell_skipped(folder, [node.name for node in nodes], notice)
    return [
        FoundSubmission.of(
            node, stem_of(node).removeprefix(prefix), [node.name] if node.name.startswith(prefix) else []
        )
        for node in nodes
    ]


def _is_clone(folder: Node) -> bool:
    return any(node.name == ".git" for node in children_of(folder))


def _prefix(names: Sequence[str], folder: str) -> str:
    """Return the assignment's name as all repositories begin with it, up to its hyphen.

    The folder says it, or it ends with the exercise's name and a number. Whatever else all names have in common
    depends on which students there are.
    """
    announced = f"{folder.removesuffix('-submissions')}-"
    if all(name.startswith(announced) and name != announced for name in names):
        return announced
    common = commonprefix(names)  # noqa: RUF071 - names, not paths
    common = common[: common.rfind("-") + 1]
    if exercise := _TO_EXERCISE.match(common):
        return exercise[0]
    return common if len(names) > 1 else ""
