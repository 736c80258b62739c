"""Whatever one student hands in, the names and the files of the others stay the same."""

from __future__ import annotations

import gzip
import io
import json
import string
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.intake import FoundSubmission, find_submissions
from grader.intake.folders import Kind, Node

CODE = "class Layer: pass\nclass Perceptron: pass\n"
MOODLE = "_assignsubmission_file"

Files = Mapping[str, bytes]
Layout = Callable[[Mapping[str, Files]], dict[str, bytes]]
"""Lays out what students handed in, each by name, as somebody hands it out."""


# --- What is handed in ---------------------------------------------------------------------------------


def notebook(source: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source}], "nbformat": 4})


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def honest(student: str) -> st.SearchStrategy[Files]:
    """Whole solutions, in the ways that people hand them in; each ends with whose it is."""
    mark = f"# {student}"
    whole = (CODE + mark).encode()
    return st.sampled_from(
        [
            {"perceptron.py": whole},
            {"work.ipynb": notebook(CODE + mark).encode()},
            {"layers.py": f"class Layer: pass\n{mark}".encode(), "main.py": b"class Perceptron: pass\n"},
            {"perceptron.py": whole, "utils.py": b"x = 1", "test_perceptron.py": whole},
            {"perceptron.py": b"# -*- coding: latin-1 -*-\n" + whole + b"\xe4"},
        ]
    )


OTHERS = ["ann", "ng-a", "ng-b", "zoe"]
CONTENTS = st.one_of(
    st.sampled_from(
        [
            text.encode()
            for text in (
                "import ann, zoe, perceptron, work, layers\nclass Layer(ann.Layer): pass\nclass Perceptron: pass\n",
                "if 0:\n    import ann.perceptron, zoe.perceptron\n    from ..ann import work\nclass Layer: pass\n",
                "from ann import *\nfrom zoe import *\nfrom perceptron import *\n",
                "",
                CODE,
                "class Layer(:",
                "submission_1:\n  :submitters:\n  - :email: ann@example.org\n",
                "ann:\n  :submitters:\n  - :email: zoe\n",
                "2026-01-01 00:00:00 UTC",
                notebook("from ann import *"),
                '{"metadata": {"nbgrader": {"grade_id": ["x"]}}, "cells": 5}',
            )
        ]
    ),
    st.sampled_from(
        [
            CODE.encode("utf-16"),
            b"\xff\xfe\x00",
            zipped({"ann/perceptron.py": CODE.encode(), "zoe/perceptron.py": b"class Layer: 1\n"}),
            zipped({f"Ann_101{MOODLE}_/a.py": CODE.encode(), f"Bo_102{MOODLE}_/a.py": b"class Layer: 1\n"}),
            tarred({"../a.py": CODE.encode()}),
        ]
    ),
    st.binary(max_size=40),
)
CHARACTERS = st.characters(codec="utf-8", exclude_characters='/\\:*?"<>|\0', exclude_categories=("Cc", "Cs"))
FILE_NAMES = st.one_of(
    st.sampled_from(
        [
            *(
                "perceptron.py",
                "perceptron_mal.py",
                "test_mal.py",
                "utils.py",
                "mal.ipynb",
                "mal.zip",
                "mal.tar",
            ),
            *("submission_metadata.yml", "timestamp.txt", "submission_1", "gradebook.db", "a.py.py", ".git"),
            *("x_101_assignsubmission_file_perceptron.py", f"_101{MOODLE}_p.py", "12_4401_perceptron.py"),
            *("101_4401_perceptron.py", "ann_101_4401_perceptron.py", "_LATE_101_4401_p.py", "1_text.html"),
            *("ann+perceptron+2026-01-01 00:00:00 UTC", "x+perceptron+2026-01-01 00:00:00 UTC+a.py"),
            *("perceptron-ann.py", "p-1.py", "p-1.tar.gz", "notes.pdf"),
        ]
    ),
    st.text(CHARACTERS, min_size=1, max_size=12).map(lambda stem: f"{stem}.py"),
).filter(lambda name: name.strip(". ") == name or name.startswith(".git"))
FOLDERS = st.sampled_from(
    [
        *("", "", "", "src/", "perceptron/", "ps1/", "submitted/bob/perceptron/", "submission_1/", ".git/"),
        *(f"Ann_101{MOODLE}_/", "ann/", "source/", "a/b/c/d/", "perceptron-ann/.git/", "d/" * 25),
    ]
)
HAND_INS = st.dictionaries(st.tuples(FOLDERS, FILE_NAMES), CONTENTS, min_size=1, max_size=5).map(
    lambda files: without_clashes({folder + name: content for (folder, name), content in files.items()})
)


def without_clashes(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out files whose names are those of folders."""
    folders = {name[:at] for name in files for at, character in enumerate(name) if character == "/"}
    return {name: content for name, content in files.items() if name not in folders}


# --- Who hands it out ----------------------------------------------------------------------------------


NUMBERS = {"ann": 101, "ng-a": 102, "ng-b": 103, "zoe": 104, "a": 105, "mal": 106, "zz": 107}
"""The numbers that the platform has for the students, whoever else is there."""


def in_folders(name: Callable[[str, int], str]) -> Layout:
    return lambda students: {
        f"{name(student, NUMBERS[student])}/{file}": content
        for student, files in students.items()
        for file, content in files.items()
    }


def flat(name: Callable[[str, int, int, str], str]) -> Layout:
    """Lay out files side by side: folders are no part of what can be uploaded."""
    return lambda students: {
        name(student, NUMBERS[student], 100 * NUMBERS[student] + turn, file.rpartition("/")[2]): content
        for student, files in students.items()
        for turn, (file, content) in enumerate(files.items())
    }


def gradescope(students: Mapping[str, Files]) -> dict[str, bytes]:
    metadata = "".join(
        f"submission_{NUMBERS[student]}:\n  :submitters:\n  - :name: {student}\n    :email: {student}@example.org\n"
        for student in students
    )
    laid = in_folders(lambda _student, number: f"submission_{number}")(students)
    return {"submission_metadata.yml": metadata.encode(), **laid}


def collected(students: Mapping[str, Files]) -> dict[str, bytes]:
    """Return what nbgrader has collected, with its own file in place of a student's."""
    return {
        f"{student}/perceptron/{file}": content
        for student, files in students.items()
        for file, content in {**files, "timestamp.txt": b"2026-01-01 00:00:00 UTC"}.items()
    }


def course(students: Mapping[str, Files]) -> dict[str, bytes]:
    submitted = {f"submitted/{name}": content for name, content in collected(students).items()}
    return {**submitted, "gradebook.db": b"", "source/perceptron/perceptron.ipynb": b"{}"}


def clones(prefix: str) -> Layout:
    return lambda students: in_folders(lambda student, _number: prefix + student)(
        {
            student: {
                **{name: content for name, content in files.items() if name != ".git"},
                ".git/config": b"",
            }
            for student, files in students.items()
        }
    )


LAYOUTS: dict[str, Layout] = {
    "Moodle": in_folders(lambda student, number: f"{student}_{number}{MOODLE}_"),
    "Moodle, flat": flat(lambda student, number, _turn, file: f"{student}_{number}{MOODLE}_{file}"),
    "Canvas": flat(lambda student, number, turn, file: f"{student.replace('-', '')}_{number}_{turn}_{file}"),
    "Gradescope": gradescope,
    "nbgrader": course,
    "nbgrader's exchange": in_folders(
        lambda student, _number: f"{student}+perceptron+2026-01-01 00:00:00 UTC"
    ),
    "clones": clones("perceptron-"),
    "clones of a year": clones("nn-perceptron-2026-"),
    "folders": in_folders(lambda student, _number: student),
}


def written(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "class"


def archived(pack: Callable[[Mapping[str, bytes]], bytes], ending: str) -> Callable[[Path, Files], Path]:
    def write(folder: Path, files: Mapping[str, bytes]) -> Path:
        path = folder / f"class{ending}"
        path.write_bytes(pack(files))
        return path

    return write


FORMS = [
    written,
    archived(zipped, ".zip"),
    archived(tarred, ".tar"),
    archived(lambda files: gzip.compress(tarred(files), 1), ".tar.gz"),
]


# --- Who handed in what --------------------------------------------------------------------------------

HandIn = tuple[str, tuple[str, ...], tuple[tuple[str, bytes], ...]]


def files_below(node: Node, name: str) -> list[tuple[str, bytes]]:
    if node.kind is not Kind.FOLDER:
        return [(name, node.read())]
    return [
        file for inner in node.children() for file in files_below(inner, f"{name}/{inner.name}".lstrip("/"))
    ]


def hand_in(found: FoundSubmission) -> HandIn:
    files = [file for name, node in found.parts for file in files_below(node, name)]
    return found.id, found.aliases, tuple(sorted(files))


def located_in(paths: Sequence[Path]) -> dict[str, HandIn]:
    return {found.id: hand_in(found) for found in find_submissions(paths)}


def assert_the_others_are_as_before(
    form: Callable[[Path, Files], Path],
    folders: tuple[Path, Path],
    without: Mapping[str, bytes],
    with_one_more: Mapping[str, bytes],
    count: int,
) -> None:
    before = located_in([form(folders[0], without)])
    after = located_in([form(folders[1], with_one_more)])
    assert len(before) == count
    assert {id_: after.get(id_) for id_ in before} == before
    handed_in = {file for _, _, files in before.values() for file in files}
    for id_ in after.keys() - before.keys():
        assert not handed_in & {file for file in after[id_][2] if file[1].endswith(b"# ann")}


@pytest.fixture
def two(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], tuple[Path, Path]]:
    return lambda: (tmp_path_factory.mktemp("before"), tmp_path_factory.mktemp("after"))


PROPERTY = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("layout", LAYOUTS)
@PROPERTY
@given(data=st.data())
def test_what_one_student_hands_in_changes_nobody_else(
    two: Callable[[], tuple[Path, Path]], layout: str, data: st.DataObject
) -> None:
    students = {student: data.draw(honest(student), label=student) for student in OTHERS}
    name = data.draw(st.sampled_from(["a", "mal", "zz"]), label="name")
    added = {**students, name: data.draw(HAND_INS, label="hand-in")}
    form = data.draw(st.sampled_from(FORMS), label="form")
    lay = LAYOUTS[layout]
    assert_the_others_are_as_before(form, two(), lay(students), lay(added), len(students))


LONG = st.text(string.ascii_lowercase, min_size=1, max_size=8)


@PROPERTY
@given(
    names=st.lists(LONG, min_size=4, max_size=6, unique=True),
    kinds=st.lists(st.sampled_from([".py", ".ipynb"]), min_size=6, max_size=6),
    name=FILE_NAMES,
    content=CONTENTS,
    form=st.sampled_from(FORMS),
)
def test_one_file_changes_nothing_in_a_flat_folder_of_whole_solutions(
    two: Callable[[], tuple[Path, Path]],
    names: list[str],
    kinds: list[str],
    name: str,
    content: bytes,
    form: Callable[[Path, Files], Path],
) -> None:
    others = {
        f"{student}{kind}": (
            notebook(CODE + f"# {student}") if kind == ".ipynb" else CODE + f"# {student}"
        ).encode()
        for student, kind in zip(names, kinds, strict=False)
        # Who calls a file as another student does could be either of the two.
        if Path(name).stem.partition(".")[0] != student
    }
    if len(others) >= 4:
        assert_the_others_are_as_before(form, two(), others, {**others, name: content}, len(others))


@PROPERTY
@given(hand_in=HAND_INS, form=st.sampled_from(FORMS))
def test_a_folder_beside_a_flat_class_changes_nobody(
    two: Callable[[], tuple[Path, Path]], hand_in: Files, form: Callable[[Path, Files], Path]
) -> None:
    others = {f"{student}.py": f"{CODE}# {student}".encode() for student in OTHERS}
    added = {f"mal/{name}": content for name, content in hand_in.items()}
    assert_the_others_are_as_before(form, two(), others, {**others, **added}, len(others))


def test_a_file_of_nbgraders_name_does_not_turn_a_flat_class_into_a_course(tmp_path: Path) -> None:
    others = {f"{student}.py": CODE.encode() for student in OTHERS}
    path = written(tmp_path, {**others, "mal/src/timestamp.txt": b"", "mal/ps1/a.py": b""})
    assert [found.id for found in find_submissions([path])] == ["ann", "mal", "ng-a", "ng-b", "zoe"]


@PROPERTY
@given(hand_in=HAND_INS, count=st.integers(1, 120))
def test_each_of_several_folders_that_are_named_is_one_submission(
    two: Callable[[], tuple[Path, Path]], hand_in: Files, count: int
) -> None:
    folder, _ = two()
    more = {f"ann_101_{4401 + number}_p.py": CODE.encode() for number in range(count)}
    path = written(
        folder,
        in_folders(lambda student, _number: student)({"ann": {"a.py": b""}, "mal": {**more, **hand_in}}),
    )
    assert [found.id for found in find_submissions([path / "ann", path / "mal"])] == ["ann", "mal"]


@PROPERTY
@given(uploads=st.lists(FILE_NAMES, min_size=1, max_size=60, unique=True))
@pytest.mark.parametrize("layout", ["Moodle, flat", "Canvas"])
def test_many_uploads_of_one_student_outvote_nobody(
    two: Callable[[], tuple[Path, Path]], layout: str, uploads: list[str]
) -> None:
    students: dict[str, Files] = {"ann": {"a.py": b"# ann"}, "mal": dict.fromkeys(uploads, b"")}
    whole = LAYOUTS[layout](students)
    without = LAYOUTS[layout]({"ann": students["ann"]})
    assert_the_others_are_as_before(written, two(), without, whole, 1)
