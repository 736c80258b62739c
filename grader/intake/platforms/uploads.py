"""Find uploads that a platform named after their students: Moodle's, Canvas's, and those of nbgrader's exchange.

One platform is chosen for everything in a folder. A student chose the end of a name, and may have made it look like
another platform's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from grader.intake.folders import Node, visible
from grader.intake.found import (
    FoundSubmission,
    Notice,
    clean_id,
    could_be_submission,
    name_list,
    tell_skipped,
)
from grader.intake.platforms.assignments import choose_assignment, is_clear_majority
from grader.intake.platforms.upload_names import PLATFORMS, Upload, UploadNames

__all__ = ["find", "names_of_platform", "parse_alone"]

_Uploads = Sequence[tuple[Node, Upload]]


def names_of_platform(names: Sequence[str], others: Iterable[str] = ()) -> UploadNames | None:
    """Return how the platform names uploads that gave a clear majority of ``names``, or ``None`` if none did.

    ``others`` may be the platform's too, but do not count against it. If two platforms fit as many names, the one that
    chose fewer characters of them wins: the students chose the rest.
    """
    best, best_rank = None, (0, 0)
    others = list(others)
    for platform in PLATFORMS:
        fitting = [upload for upload in map(platform.parse, names) if upload]
        more = [upload for upload in map(platform.parse, others) if upload]
        count = len(fitting) + len(more)
        rank = count, -sum(upload.given for upload in [*fitting, *more])
        if count and is_clear_majority(count, len(names) - len(fitting)) and (not best or rank > best_rank):
            best, best_rank = platform, rank
    return best


def parse_alone(name: str) -> Upload | None:
    """Return what the name of a single upload says, or ``None`` if no platform gave it."""
    platform = names_of_platform([name])
    return platform.parse(name) if platform else None


def find(folder: Node, notice: Notice) -> list[FoundSubmission]:
    """Return the submissions in a folder if one platform named most of them; the others go by their own names."""
    nodes = visible(folder)
    platform = names_of_platform(
        [node.name for node in nodes if could_be_submission(node)],
        [node.name for node in nodes if not could_be_submission(node)],
    )
    if platform is None:
        return []
    parsed = [(node, platform.parse(node.name)) for node in nodes]
    uploads = [(node, upload) for node, upload in parsed if upload]
    others = [node for node, upload in parsed if upload is None and could_be_submission(node)]
    found = list(_by_student(folder, _of_one_assignment(folder, uploads, notice), notice))
    ids = {one.id for one in found}
    for node in others:
        one = FoundSubmission.of(node)
        found.append(replace(one, id=clean_id(node.name)) if one.id in ids else one)
    tell_skipped(folder, [node.name for node in [*(node for node, _ in uploads), *others]], notice)
    return found


def _of_one_assignment(folder: Node, uploads: _Uploads, notice: Notice) -> _Uploads:
    """Return the uploads of the exercise, if there are several assignments."""
    students: dict[str, list[str]] = {}
    for _, upload in uploads:
        students.setdefault(upload.id, []).append(upload.assignment)
    names = {upload.assignment for _, upload in uploads}
    if len(names) == 1:
        return uploads
    chosen = choose_assignment(students, f"{folder.path}/*+{{}}+*")
    notice(f"skipped in {folder.path}, as they are other assignments: {name_list(sorted(names - {chosen}))}")
    return [(node, upload) for node, upload in uploads if upload.assignment == chosen]


def _by_student(folder: Node, uploads: _Uploads, notice: Notice) -> Iterator[FoundSubmission]:
    """Yield what each student handed in: of several uploads of one name, the newest."""
    of_student: dict[str, list[tuple[Node, Upload]]] = {}
    for node, upload in uploads:
        of_student.setdefault(upload.id, []).append((node, upload))
    older: list[str] = []
    for id_, own in of_student.items():
        newest: dict[str, Node] = {}
        parts = []
        for node, upload in sorted(own, key=lambda one: one[1].turn):
            if not upload.turn:
                parts.append((upload.file_name(node), node))
                continue
            if upload.file in newest:
                older.append(newest[upload.file].name)
            newest[upload.file] = node
        parts += newest.items()
        parts.sort(key=lambda part: (part[0], part[1].name))
        path = parts[0][1].path if len(parts) == 1 else f"{folder.path}/{clean_id(id_)}"
        yield FoundSubmission(clean_id(id_), path, tuple(parts), tuple(map(clean_id, own[0][1].aliases)))
    if older:
        notice(
            f"skipped in {folder.path}, as the same students handed in newer ones: {name_list(sorted(older))}"
        )
