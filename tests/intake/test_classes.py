"""A learning platform's download of a class is read as it is, and each submission belongs to its student."""

from __future__ import annotations

import gzip
import io
import multiprocessing
import os
import pickle
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import read_submissions

from grader.candidate.sandbox.runtime.reading import read as read_inside
from grader.errors import UsageError
from grader.intake import FoundSubmission, find_submissions, is_slow, read_submission
from grader.intake.platforms.uploads import parse_alone
from grader.messages import message_text
from grader.model import Submission, Unreadable

CODE = "class Layer: pass\nclass Perceptron: pass\n"
MOODLE = "_assignsubmission_file_"
METADATA = """\
---
submission_1:
  :submitters:
  - :name: Alice Liddell
    :sid: '77'
    :email: alice@example.org
  :created_at: 2020-04-10 20:00:01.190306000 Z
  :results:
    tests:
    - output: |-
        submission_1:
          :submitters: []
    :submitters: []
  :history:
  - :id: 5
    :submitters:
    - :name: nobody
submission_2:
  :submitters:
  - :name: Bob
    :sid: '78'
  - :name: "Çelik, \\"Zoë\\""
    :sid:
    :email: zoe@example.org
submission_3:
  :submitters: []
"""


def tree(path: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(f"./{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def as_folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    return tree(tmp_path / "class", files)


def in_a_folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    tree(tmp_path / "downloads" / "class", files)
    return tmp_path / "downloads"


def as_zip(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    return tree(tmp_path, {"class.zip": zipped(files)}) / "class.zip"


def as_zip_with_a_folder(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    inner = {f"Perceptron submissions/{name}": content for name, content in files.items()}
    return tree(tmp_path, {"class.zip": zipped({**inner, "__MACOSX/._x": "junk"})}) / "class.zip"


def in_a_folder_as_zip(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    return tree(tmp_path / "downloads", {"class.zip": zipped(files)})


def as_tar(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    return tree(tmp_path, {"class.tar": tarred(files)}) / "class.tar"


def as_tar_gz(tmp_path: Path, files: Mapping[str, str | bytes]) -> Path:
    return tree(tmp_path, {"class.tar.gz": gzip.compress(tarred(files))}) / "class.tar.gz"


FORMS = [as_folder, in_a_folder, as_zip, as_zip_with_a_folder, in_a_folder_as_zip, as_tar, as_tar_gz]
Form = Callable[[Path, Mapping[str, str | bytes]], Path]

LAYOUTS: dict[str, tuple[dict[str, str | bytes], dict[str, tuple[str, tuple[str, ...]]]]] = {
    "Moodle": (
        {
            f"Zoë O'Brien_101{MOODLE}/perceptron.py": CODE + "# zoe",
            f"Çelik, José_102{MOODLE}/hw.zip": zipped({"x/work.py": CODE + "# jose"}),
            f"Çelik, José_102{MOODLE}/notes.pdf": b"%PDF",
            "Çelik, José_102_assignsubmission_onlinetext_/onlinetext.html": "<p>",
            f"Group A-Ann Ng_103{MOODLE}/part/perceptron.py": CODE + "# ann",
            "Teilnehmer_104_assignsubmission_file/perceptron.py": CODE + "# blind",
        },
        {
            "Group A-Ann Ng_103": ("# ann", ("103", "Group A-Ann Ng")),
            "Teilnehmer_104": ("# blind", ("104", "Teilnehmer")),
            "Zoë O'Brien_101": ("# zoe", ("101", "Zoë O'Brien")),
            "Çelik, José_102": ("# jose", ("102", "Çelik, José")),
        },
    ),
    "Moodle, flat": (
        {
            f"Zoë O'Brien_101{MOODLE}perceptron.py": CODE + "# zoe",
            f"Zoë O'Brien_101{MOODLE}utils.py": "x = 1",
            f"Ann Ng_103{MOODLE}main.py": "from layers import Layer\nclass Perceptron: pass # ann",
            f"Ann Ng_103{MOODLE}layers.py": "class Layer: pass",
            f"Bo_104{MOODLE}perceptron_2.py": CODE + "# bo",
            "Bo_104_assignsubmission_onlinetext_onlinetext.html": "<p>",
        },
        {
            "Ann Ng_103": ("# ann", ("103", "Ann Ng")),
            "Bo_104": ("# bo", ("104", "Bo")),
            "Zoë O'Brien_101": ("# zoe", ("101", "Zoë O'Brien")),
        },
    ),
    "Canvas": (
        {
            "liddellalice_12_4401_perceptron.py": CODE + "# alice",
            "çelikjosé_LATE_13_4402_my_3_4_work.py": CODE + "# jose",
            "ngann_14_4403_perceptron.py": "old = 1",
            "ngann_14_4404_perceptron-1.py": "old = 2",
            "ngann_LATE_14_4510_perceptron-2.py": CODE + "# ann",
            "team1_15_4405_main-1.py": "from layers import Layer\nclass Perceptron: pass # team",
            "team1_15_4406_layers-3.py": "class Layer: pass",
            "bo_16_4407_hw.tar.gz": gzip.compress(tarred({"perceptron.py": CODE + "# bo"})),
            "anon_Ab3dE_4408_perceptron.py": CODE + "# anon",
        },
        {
            "anon_Ab3dE": ("# anon", ("anon_Ab3dE",)),
            "bo_16": ("# bo", ("16", "bo")),
            "liddellalice_12": ("# alice", ("12", "liddellalice")),
            "ngann_14": ("# ann", ("14", "ngann")),
            "team1_15": ("# team", ("15", "team1")),
            "çelikjosé_13": ("# jose", ("13", "çelikjosé")),
        },
    ),
    "Gradescope": (
        {
            "submission_metadata.yml": METADATA,
            "submission_1/perceptron.py": CODE + "# alice",
            "submission_2/perceptron.py": CODE + "# team",
            "submission_3/perceptron.py": CODE + "# unnamed",
            "submission_4/perceptron.py": CODE + "# unknown",
        },
        {
            "78": ("# team", ("78", "Bob", "submission_2")),
            "alice@example.org": ("# alice", ("alice@example.org", "77", "Alice Liddell", "submission_1")),
            "submission_3": ("# unnamed", ()),
            "submission_4": ("# unknown", ()),
            "zoe@example.org": ("# team", ("zoe@example.org", 'Çelik, "Zoë"', "submission_2")),
        },
    ),
    "nbgrader": (
        {
            "source/perceptron/perceptron.py": CODE + "# the solution",
            "gradebook.db": "",
            "submitted/alice/perceptron/perceptron.py": CODE + "# alice",
            "submitted/alice/perceptron/timestamp.txt": "2026-01-01 00:00:00 UTC",
            "submitted/alice/ps2/ps2.py": CODE,
            "submitted/bob/perceptron/perceptron.py": CODE + "# bob",
            "submitted/carol/ps2/ps2.py": CODE,
        },
        {"alice": ("# alice", ()), "bob": ("# bob", ())},
    ),
    "nbgrader's folder of submissions": (
        {
            f"{student}/{assignment}/{name}": CODE + f"# {student}"
            for student in ("alice", "bob")
            for assignment in ("ps1", "perceptron-2026")
            for name in ("perceptron.py", "timestamp.txt")
        },
        {"alice": ("# alice", ()), "bob": ("# bob", ())},
    ),
    "nbgrader's exchange": (
        {
            "alice+perceptron+2026-01-01 10:00:00 UTC/perceptron.py": "old = 1",
            "alice+perceptron+2026-01-01 10:00:01 UTC+3f/perceptron.py": CODE + "# alice",
            "bob+perceptron+2026-01-01 10:00:00.000200 UTC/perceptron.py": CODE + "# bob",
            "bob+perceptron+2026-01-01 10:00:00.000100 UTC/perceptron.py": "old = 2",
            "bob+ps2+2026-02-01 10:00:00 UTC/ps2.py": CODE,
        },
        {"alice": ("# alice", ("alice",)), "bob": ("# bob", ("bob",))},
    ),
    "GitHub Classroom": (
        {
            f"nn-perceptron-{login}/{name}": content
            for login in ("alice", "mary-ann", "zoe")
            for name, content in {
                ".git/config": "",
                ".git/hooks/x.py": CODE,
                ".github/classroom/autograding.json": "{}",
                "README.md": "",
                "perceptron.py": CODE + f"# {login}",
                "test_perceptron.py": "from perceptron import Layer, Perceptron\n",
            }.items()
        },
        {login: (f"# {login}", (f"nn-perceptron-{login}",)) for login in ("alice", "mary-ann", "zoe")},
    ),
}


def only_text(entry: Submission) -> str:
    """Return the text of the file to examine."""
    reading = read_inside(entry.files, {name: name for name in entry.files}, entry.main, {})
    return reading.cells[0][1]


def contents(entries: Sequence[Submission | Unreadable]) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for entry in entries:
        assert isinstance(entry, Submission), entry
        found[entry.id] = ("# " + only_text(entry).rpartition("# ")[2].strip(), entry.aliases)
    return found


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_platforms_download_is_read_as_it_is(tmp_path: Path, layout: str, form: Form) -> None:
    files, expected = LAYOUTS[layout]
    entries = read_submissions([form(tmp_path, files)])
    assert contents(entries) == expected
    assert len(entries) == len(expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_names_are_enough_to_find_submissions(tmp_path: Path, layout: str) -> None:
    files, expected = LAYOUTS[layout]
    assert {entry.id for entry in find_submissions([as_folder(tmp_path, files)])} == expected.keys()


def told_of(path: Path) -> list[str]:
    told: list[str] = []
    find_submissions([path], told.append)
    return told


@pytest.mark.parametrize(
    ("layout", "said"),
    [
        (
            "Canvas",
            [
                "skipped in {}, as the same students handed in newer ones: ngann_14_4403_perceptron.py, "
                "ngann_14_4404_perceptron-1.py"
            ],
        ),
        (
            "nbgrader",
            [
                "without perceptron in {}/submitted: carol",
                "skipped in {}/submitted, as they are other assignments: ps2",
            ],
        ),
        ("Gradescope", []),
        ("GitHub Classroom", []),
        ("Moodle", []),
    ],
)
def test_skipped_parts_of_a_platforms_download_are_named(
    tmp_path: Path, layout: str, said: list[str]
) -> None:
    path = as_folder(tmp_path, LAYOUTS[layout][0])
    assert told_of(path) == [line.format(path) for line in said]


def test_a_folder_of_a_platform_may_hold_more(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path,
        {
            "liddellalice_12_4401_perceptron.py": CODE,
            "ngann_14_4403_essay.pdf": "",
            "by_mail.py": CODE,
            "grades.xlsx": "",
        },
    )
    entries = read_submissions([path])
    assert [(entry.id, type(entry)) for entry in entries] == [
        ("by_mail", Submission),
        ("liddellalice_12", Submission),
        ("ngann_14", Unreadable),
    ]
    assert told_of(path) == [f"skipped in {path}, as they are not submissions: grades.xlsx"]


def test_the_reason_names_the_files_if_none_is_code(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path,
        {
            f"Al_1{MOODLE}/hw.rar": b"Rar!",
            f"Al_1{MOODLE}/notes.pdf": "",
            f"Bo_2{MOODLE}/a.zip": b"",
            f"Bo_2{MOODLE}/b.zip": b"",
        },
    )
    first, second = read_submissions([path])
    assert isinstance(first, Unreadable)
    assert isinstance(second, Unreadable)
    assert "only hw.rar, notes.pdf" in message_text(first.reason)
    assert "only a.zip, b.zip" in message_text(second.reason)


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("liddellalice_12_4401_perceptron-1.py", "liddellalice_12"),
        (f"Alice Liddell_101{MOODLE}perceptron.py", "Alice Liddell_101"),
        ("lab_1_2_perceptron.py", "lab_1_2_perceptron"),
        ("submitted/alice/perceptron/work.py", "alice"),
        ("submitted/alice/perceptron", "alice"),
        ("submitted/alice", "alice"),
    ],
)
def test_paths_that_a_shell_lists_have_the_same_ids(tmp_path: Path, name: str, id_: str) -> None:
    inside = {"submitted/alice/perceptron": "/work.py", "submitted/alice": "/perceptron/work.py"}.get(
        name, ""
    )
    tree(tmp_path, {name + inside: CODE})
    (entry,) = read_submissions([tmp_path / name])
    assert isinstance(entry, Submission)
    assert entry.id == id_


def test_files_have_the_names_that_students_gave_them(tmp_path: Path) -> None:
    (entry,) = read_submissions([as_folder(tmp_path, {"ng_14_4404_work-2.py": CODE})])
    assert isinstance(entry, Submission)
    assert dict(entry.paths) == {"work.py": f"{tmp_path}/class/ng_14_4404_work-2.py"}


def test_the_caller_must_choose_between_assignments_if_none_is_the_exercise(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path,
        {f"submitted/{who}/{which}/a.py": CODE for who in ("alice", "bob") for which in ("ps1", "ps2")},
    )
    with pytest.raises(UsageError, match=r"several assignments \(ps1, ps2\).*submitted/\*/ps1"):
        find_submissions([path])
    for who in ("alice", "bob"):
        (path / "submitted" / who / "ps2" / "timestamp.txt").touch()
    paths = [path / "submitted" / who / "ps2" for who in ("alice", "bob")]
    assert [entry.id for entry in find_submissions(paths)] == ["alice", "bob"]


def test_a_student_without_the_assignment_is_named(tmp_path: Path) -> None:
    path = tree(
        tmp_path / "submitted",
        {
            "alice/perceptron/a.py": CODE,
            "bob/perceptron/a.py": CODE,
            "bob/ps2/a.py": CODE,
            "carol/a.py": CODE,
        },
    )
    assert [entry.id for entry in find_submissions([path])] == ["alice", "bob"]
    assert told_of(path)[0] == f"without perceptron in {path}: carol"


def test_other_folders_may_be_called_like_nbgraders(tmp_path: Path) -> None:
    path = tree(tmp_path / "submitted", {"alice/src/a.py": CODE, "bob/code/a.py": CODE})
    assert [entry.id for entry in find_submissions([path])] == ["alice", "bob"]


def test_names_with_braces_are_names(tmp_path: Path) -> None:
    path = tree(tmp_path / "{0}", {f"submitted/alice/{{x}}{number}/a.py": CODE for number in range(2)})
    with pytest.raises(UsageError, match=r"/\{0\}/submitted/\*/\{x\}0$"):
        find_submissions([path])


def test_two_hand_ins_of_one_student_are_an_error_that_names_both(tmp_path: Path) -> None:
    metadata = METADATA.replace("zoe@example.org", "alice@example.org")
    files = {**LAYOUTS["Gradescope"][0], "submission_metadata.yml": metadata}
    with pytest.raises(
        UsageError, match=r"submission_1 and .*submission_2 would both be called 'alice@example"
    ):
        find_submissions([as_folder(tmp_path, files)])


@pytest.mark.parametrize(
    "metadata", ["- a\n- b\n", "a: [", "", "\0", "&a [*a]", "submission_1: {':submitters': [" + "[" * 3000]
)
def test_broken_metadata_costs_names_and_no_submission(tmp_path: Path, metadata: str) -> None:
    files = {**LAYOUTS["Gradescope"][0], "submission_metadata.yml": metadata}
    path = as_folder(tmp_path, files)
    assert [entry.id for entry in find_submissions([path])] == [
        f"submission_{number}" for number in range(1, 5)
    ]
    assert "not Gradescope's metadata" in told_of(path)[0]


def test_folders_that_only_the_metadata_has_are_named(tmp_path: Path) -> None:
    files = dict(LAYOUTS["Gradescope"][0])
    del files["submission_2/perceptron.py"]
    path = as_folder(tmp_path, files)
    assert told_of(path) == [f"named in submission_metadata.yml, but not in {path}: submission_2"]


def test_one_clone_is_named_without_the_exercise(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {"perceptron-alice/.git/x": "", "perceptron-alice/work.py": CODE})
    assert [entry.id for entry in find_submissions([path])] == ["alice"]


def test_the_folder_of_clones_says_what_they_have_in_common(tmp_path: Path) -> None:
    logins = ("ng-a", "ng-b")
    path = tree(tmp_path / "hw-submissions", {f"hw-{login}/.git/x": "" for login in logins})
    assert [entry.id for entry in find_submissions([path])] == list(logins)


@pytest.mark.parametrize("form", FORMS)
def test_submissions_are_in_alphabetical_order(tmp_path: Path, form: Form) -> None:
    names = [
        "anna",
        "Ægir",
        "Bo",
        "\u00c9mile",
        "eve",
        "O\u0308zil",
        "\u00d3scar",
        "otto",
        "\u0141ukasz",
        "Zoe",
    ]
    path = form(tmp_path, {f"{name}_{number}{MOODLE}/a.py": CODE for number, name in enumerate(names)})
    ordered = [
        "\u00c6gir",
        "anna",
        "Bo",
        "\u00c9mile",
        "eve",
        "\u0141ukasz",
        "\u00d3scar",
        "otto",
        "\u00d6zil",
        "Zoe",
    ]
    assert [entry.id.partition("_")[0] for entry in find_submissions([path])] == ordered


def test_ids_do_not_depend_on_how_a_system_writes_accents(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {f"Zoe\u0308 Ng_1{MOODLE}/a.py": CODE, f"Bo_2{MOODLE}/a.py": CODE})
    assert [entry.id for entry in find_submissions([path])] == ["Bo_2", "Zo\u00eb Ng_1"]


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=("Cc", "Cs")), max_size=30
)


@given(
    name=NAMES.filter(lambda name: name.strip(".") and "_" not in name),
    number=st.integers(0, 10**9),
    file=st.one_of(st.none(), NAMES),
)
def test_moodles_names_are_taken_apart_again(name: str, number: int, file: str | None) -> None:
    found = parse_alone(f"{name}_{number}_assignsubmission_file" + ("" if file is None else f"_{file}"))
    assert found is not None
    assert (found.id, found.aliases, found.file) == (f"{name}_{number}", (str(number), name), file or "")


@given(
    name=st.from_regex(r"[^\W\d_]+", fullmatch=True).filter(lambda name: name != "LATE"),
    late=st.booleans(),
    user=st.integers(1, 10**9),
    attachment=st.integers(10, 10**12),
    file=st.from_regex(r"[a-z][a-z0-9_ ()]*", fullmatch=True),
    again=st.integers(0, 20),
)
def test_canvas_names_are_taken_apart_again(
    name: str, late: bool, user: int, attachment: int, file: str, again: int
) -> None:
    suffix = f"-{again}" if again else ""
    found = parse_alone(f"{name}{'_LATE' if late else ''}_{user}_{attachment}_{file}{suffix}.py")
    assert found is not None
    assert (found.id, found.aliases) == (f"{name}_{user}", (str(user), name))
    assert (found.file, found.turn) == (f"{file}.py", (attachment,))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(NAMES.filter(lambda n: n and n[0] not in ".~" and len(n.encode()) < 200), min_size=1, max_size=6)
)
def test_entries_with_any_names_are_found_and_their_ids_are_harmless(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("names")
    files = {f"{name}_{number}{MOODLE}/work.py": CODE for number, name in enumerate(names)}
    entries = read_submissions([tree(path, files)])
    assert len(entries) == len(files)
    assert all(isinstance(entry, Submission) and "\n" not in entry.id + entry.path for entry in entries)


# --- Archives of a class --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        ({"alice/a.py": CODE, "bob/a.py": CODE + "x = 1"}, ["alice", "bob"]),
        ({"c/alice/a.py": CODE, "c/bob/a.py": CODE, "c/carol/a.py": CODE}, ["alice", "bob", "carol"]),
        ({"alice.zip": zipped({"a.py": CODE}), "bob.zip": zipped({"a.py": CODE})}, ["alice", "bob"]),
        ({"alice.zip": zipped({"a.py": CODE}), "bob/a.py": CODE}, ["alice", "bob"]),
        ({"alice.py": CODE, "bob.py": CODE + "x = 1", "carol.py": CODE}, ["alice", "bob", "carol"]),
        ({"src/perceptron.py": CODE, "tests/test_it.py": "from perceptron import Layer"}, ["class"]),
        ({"app/main.py": "from lib.net import Layer, Perceptron", "lib/net.py": CODE}, ["class"]),
        ({"old/a.py": CODE, "new/a.py": CODE}, ["class"]),
        ({"src/a.py": CODE, "data.zip": zipped({"x.csv": "1"})}, ["class"]),
        ({"hw.zip": zipped({"a.py": CODE})}, ["class"]),
        ({"a.py": CODE, "b.py": CODE + "x = 1"}, ["class"]),
    ],
)
def test_an_archive_is_a_class_if_it_cannot_be_one_students(
    tmp_path: Path, files: dict[str, str | bytes], ids: list[str]
) -> None:
    assert [entry.id for entry in find_submissions([as_zip(tmp_path, files)])] == ids


def test_a_large_archive_of_a_class_is_not_a_single_submission(tmp_path: Path) -> None:
    files = {f"s{number}/part{part}.py": CODE for number in range(150) for part in range(2)}
    assert len(find_submissions([as_zip(tmp_path, files)])) == 150


def test_paths_in_an_archive_of_a_class_are_shown_in_it(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {f"Al_1{MOODLE}/hw.zip": zipped({"x/a.py": CODE}), f"Bo_2{MOODLE}/b.py": CODE})
    entries = read_submissions([path])
    assert [path for entry in entries if isinstance(entry, Submission) for path in entry.paths.values()] == [
        f"{path}/Al_1{MOODLE}/hw.zip/a.py",
        f"{path}/Bo_2{MOODLE}/b.py",
    ]


def test_of_several_archives_each_is_one_students(tmp_path: Path) -> None:
    forged = zipped({f"Bob_2{MOODLE}/a.py": CODE, f"Cy_3{MOODLE}/a.py": CODE + "x = 1"})
    tree(tmp_path, {"alice.zip": forged, "bob.zip": zipped({"a.py": CODE})})
    assert [entry.id for entry in find_submissions([tmp_path / "alice.zip", tmp_path / "bob.zip"])] == [
        "alice",
        "bob",
    ]
    assert [entry.id for entry in find_submissions([tmp_path])] == ["alice", "bob"]


def test_an_archive_that_a_platform_named_is_one_students(tmp_path: Path) -> None:
    forged = zipped({f"Bob_2{MOODLE}/a.py": CODE, f"Cy_3{MOODLE}/a.py": CODE + "x = 1"})
    path = tree(tmp_path, {"liddellalice_12_4401_hw.zip": forged}) / "liddellalice_12_4401_hw.zip"
    assert [entry.id for entry in find_submissions([path])] == ["liddellalice_12"]


def test_archives_of_one_student_are_not_kept_open(tmp_path: Path) -> None:
    broken = [tree(tmp_path, {f"{form}.{form}": CODE}) / f"{form}.{form}" for form in ("zip", "tar")]
    tree(tmp_path, {"a.zip": zipped({"a.py": CODE}), "a.tar": tarred({"a.py": CODE})})
    before = sorted(Path("/proc/self/fd").iterdir())
    for path in broken:
        with pytest.raises(UsageError):
            find_submissions([path])
    for path in (tmp_path / "a.zip", tmp_path / "a.tar"):
        find_submissions([path])
    assert sorted(Path("/proc/self/fd").iterdir()) == before


def hostile_zip(path: Path) -> Path:
    """An archive of a class in which five students attack, and one does not."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"Al_1{MOODLE}/a.py", CODE)
        archive.writestr(f"Bomb_2{MOODLE}/a.py", b"#" * 30_000_000)
        archive.writestr(f"Deep_3{MOODLE}/" + "d/" * 400 + "a.py", CODE)
        archive.writestr(f"Deep_3{MOODLE}/notes.txt", "")
        link = zipfile.ZipInfo(f"Link_4{MOODLE}/a.py")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr(f"Link_4{MOODLE}/notes.txt", "")
        archive.writestr(f"Twice_5{MOODLE}/a.py", CODE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(f"Twice_5{MOODLE}/a.py", CODE + "x = 1")
        archive.writestr("../../evil_6_assignsubmission_file_/a.py", CODE)
        archive.writestr("/etc/evil.py", CODE)
        archive.writestr(f"Nested_7{MOODLE}/hw.zip", zipped({"../evil.py": CODE}))
        archive.writestr(f"Al_1{MOODLE}", "a file where there is a folder")
    return path


def test_attacks_in_an_archive_of_a_class_cost_nobody_else_anything(tmp_path: Path) -> None:
    told: list[str] = []
    before = sorted(tmp_path.rglob("*"))
    path = hostile_zip(tmp_path / "class.zip")
    entries = {entry.id: entry for entry in read_submissions([path], told.append)}
    assert isinstance(entries.pop("Al_1"), Submission)
    reasons = {
        id_: message_text(entry.reason) for id_, entry in entries.items() if isinstance(entry, Unreadable)
    }
    assert reasons.keys() == entries.keys() == {"Bomb_2", "Deep_3", "Link_4", "Twice_5", "Nested_7"}
    assert "larger than 20 MB" in reasons["Bomb_2"]
    assert "two files named a.py" in reasons["Twice_5"]
    assert "leads out" in reasons["Nested_7"]
    assert "only notes.txt" in reasons["Link_4"]
    assert "lead out of it or too deep" in told[-1]
    assert "../../evil_6_assignsubmission_file_/a.py, /etc/evil.py" in told[-1]
    assert sorted(tmp_path.rglob("*")) == [*before, path]


def test_an_encrypted_member_costs_only_its_student(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {f"Al_1{MOODLE}/a.py": CODE, f"Bo_2{MOODLE}/a.py": CODE})
    content = bytearray(path.read_bytes())
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(magic) + offset] |= 1
    path.write_bytes(content)
    first, second = read_submissions([path])
    assert isinstance(first, Submission)
    assert isinstance(second, Unreadable)
    assert "encrypted" in message_text(second.reason)


def test_a_broken_member_of_an_archive_of_a_class_is_nobodys_fault(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {f"Al_1{MOODLE}/a.py": CODE, f"Bo_2{MOODLE}/a.py": CODE})
    content = bytearray(path.read_bytes())
    content[content.index(b"Bo_2") + len(f"Bo_2{MOODLE}/a.py") + 3] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"Bo_2.*cannot be unpacked.*[Dd]ownload it again"):
        read_submissions([path])


def test_an_archive_of_a_class_with_a_wrong_byte_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    files = {f"Al_1{MOODLE}/a.py": CODE + "# al", f"Bo_2{MOODLE}/a.py": CODE + "# bo"}
    whole = as_zip(tmp_path, files).read_bytes()
    for position in range(0, len(whole), 3):
        path = tmp_path / f"{position}.zip"
        path.write_bytes(whole[:position] + b"\xff" + whole[position + 1 :])
        with suppress(UsageError):
            assert contents(read_submissions([path])) == {
                "Al_1": ("# al", ("1", "Al")),
                "Bo_2": ("# bo", ("2", "Bo")),
            }
        path.unlink()


def test_a_zip_that_lists_far_too_much_is_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2):
            info = zipfile.ZipInfo(f"s{number}_1{number}{MOODLE}/a.py")
            info.comment = b"x" * 60_000
            archive.writestr(info, CODE)
    small = path.read_bytes()
    start = small.index(b"PK\x01\x02")
    directory, end = small[start:-22], small[-22:]
    many = directory * 200
    count = (400).to_bytes(2, "little")
    path.write_bytes(small[:start] + many + end[:8] + count * 2 + len(many).to_bytes(4, "little") + end[16:])
    (entry,) = read_submissions([path])
    assert isinstance(entry, Unreadable)


def test_a_tar_that_unpacks_to_far_too_much_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "class.tar.gz"
    path.write_bytes(gzip.compress(b"\0" * 10**7, 1) * 26)
    (entry,) = read_submissions([path])
    assert isinstance(entry, Unreadable)
    assert "larger than" in message_text(entry.reason)


def test_links_and_devices_in_a_tar_of_a_class_are_left_out(tmp_path: Path) -> None:
    buffer = io.BytesIO(tarred({f"Al_1{MOODLE}/a.py": CODE, f"Bo_2{MOODLE}/notes.txt": ""}))
    with tarfile.open(fileobj=buffer, mode="a") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"Bo_2{MOODLE}/{kind.decode()}.py")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    path = tree(tmp_path, {"class.tar": buffer.getvalue()}) / "class.tar"
    first, second = read_submissions([path])
    assert isinstance(first, Submission)
    assert isinstance(second, Unreadable)
    assert "only notes.txt" in message_text(second.reason)


@pytest.mark.parametrize("name", ["Zoë Ng", "王"])
def test_names_in_a_zip_are_utf8_with_or_without_the_flag(tmp_path: Path, name: str) -> None:
    content = bytearray(zipped({f"{name}_1{MOODLE}/a.py": CODE}))
    for magic, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        content[content.index(magic) + offset] &= ~0x08
    path = tree(tmp_path, {"class.zip": bytes(content)}) / "class.zip"
    (entry,) = read_submissions([path])
    assert isinstance(entry, Submission)
    assert entry.id == f"{name}_1"


def test_a_tar_that_ends_with_a_zip_is_a_tar(tmp_path: Path) -> None:
    path = tree(tmp_path, {"a.tar": tarred({"work.py": CODE, "notes.zip": zipped({"x": ""})})}) / "a.tar"
    (entry,) = read_submissions([path])
    assert isinstance(entry, Submission)


# --- One at a time ---------------------------------------------------------------------------------------


def test_a_submission_is_read_only_when_its_turn_comes(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path, {f"Al_1{MOODLE}/a.py": "", f"Bo_2{MOODLE}/a.py": CODE, f"Cy_3{MOODLE}/a.py": CODE}
    )
    found = find_submissions([path])
    (path / f"Al_1{MOODLE}" / "a.py").write_text(CODE)
    shutil.rmtree(path / f"Bo_2{MOODLE}")
    (path / f"Cy_3{MOODLE}" / "a.py").unlink()
    os.mkfifo(path / f"Cy_3{MOODLE}" / "a.py")
    entries = [read_submission(one) for one in found]
    assert [type(entry) for entry in entries] == [Submission, Unreadable, Unreadable]


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar, as_tar_gz])
def test_a_found_submission_can_be_sent_to_other_processes(tmp_path: Path, form: Form) -> None:
    found = find_submissions([form(tmp_path, LAYOUTS["Canvas"][0])])
    assert [read_submission(one) for one in pickle.loads(pickle.dumps(found))] == [
        read_submission(one) for one in found
    ]


def read_in_a_fork(found: FoundSubmission) -> str:
    entry = read_submission(found)
    assert isinstance(entry, Submission), entry
    return only_text(entry)


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_forked_processes_may_read_one_archive_at_the_same_time(tmp_path: Path) -> None:
    files = {f"S{n}_{n}{MOODLE}/a.py": CODE + f"# {n} " + "x" * n * 10 for n in range(100, 300)}
    found = find_submissions([as_zip(tmp_path, files)])
    with multiprocessing.get_context("fork").Pool(3) as pool:
        texts = pool.map(read_in_a_fork, found, chunksize=1)
    assert dict(zip([one.id for one in found], texts, strict=True)) == {
        f"S{n}_{n}": files[f"S{n}_{n}{MOODLE}/a.py"] for n in range(100, 300)
    }


# --- Other folders of many --------------------------------------------------------------------------------


def test_very_many_loose_files_are_a_class_without_being_parsed(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {f"s{number}.py": CODE for number in range(250)})
    assert len(find_submissions([path])) == 250


def test_very_many_loose_files_of_one_student_are_refused(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {"work.py": CODE, **{f"m{number}.py": "x = 1" for number in range(250)}})
    (entry,) = read_submissions([path])
    assert isinstance(entry, Unreadable)
    assert "more than 200 scripts" in message_text(entry.reason)


def test_a_loose_file_beside_a_large_class_is_one_more_submission(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"s{number}/a.py": CODE + "#" * 200_000 for number in range(120)}
    path = as_folder(tmp_path, {**files, "by_mail.py": CODE})
    assert len(find_submissions([path])) == 121


def test_a_folder_that_cannot_be_opened_is_the_callers_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_path: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = as_folder(tmp_path, {"alice/a.py": CODE})
    monkeypatch.setattr(os, "scandir", refused)
    with pytest.raises(UsageError, match="Permission denied"):
        find_submissions([path])


def test_tests_beside_the_only_script_are_not_parsed(tmp_path: Path) -> None:
    files = {"alice/perceptron.py": CODE, "alice/test_perceptron.py": "from perceptron import Layer\n"}
    (entry,) = read_submissions([as_folder(tmp_path, files)])
    assert isinstance(entry, Submission)
    assert "perceptron.py" in entry.files


# --- What students hand in does not divide a class --------------------------------------------------------

THREE: dict[str, str | bytes] = {f"{who}/work.py": f"{CODE}# {who}" for who in ("ann", "ben", "cat")}
THREE_LOOSE: dict[str, str | bytes] = {f"{who}.py": f"{CODE}# {who}" for who in ("ann", "ben", "cat")}


def ids(path: Path) -> list[str]:
    return [entry.id for entry in find_submissions([path])]


@pytest.mark.parametrize(
    "attack",
    [
        "import ann, ben, cat\nclass Layer(ann.Layer): pass\nclass Perceptron: pass\n",
        "if 0:\n    import ann, ben, cat, ann.work, ben.work, cat.work\nclass Layer: pass\n",
        "from ann import *\nfrom ben.work import *\nfrom cat import Layer\n",
    ],
)
@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_imports_make_nobody_a_helper_of_another_student(tmp_path: Path, attack: str, form: Form) -> None:
    everybody = ["ann", "ben", "cat", "mal"]
    assert ids(form(tmp_path / "loose", {**THREE_LOOSE, "mal.py": attack})) == everybody
    assert ids(form(tmp_path / "nested", {**THREE, "mal/work.py": attack})) == everybody
    assert ids(form(tmp_path / "mixed", {**THREE, "mal.py": attack})) == everybody


@pytest.mark.parametrize("name", ["perceptron.py", "perceptron_2.py", "perceptron.ipynb"])
def test_a_file_of_the_released_name_does_not_turn_a_class_into_one_submission(
    tmp_path: Path, name: str
) -> None:
    assert ids(as_folder(tmp_path, {**THREE_LOOSE, name: CODE})) == [
        "ann",
        "ben",
        "cat",
        name.partition(".")[0],
    ]


def test_a_huge_folder_does_not_turn_a_class_into_one_submission(tmp_path: Path) -> None:
    files = {f"aaa/{number}.py": b"#" * 10**6 for number in range(30)}
    assert ids(as_zip(tmp_path, {**files, **THREE})) == ["aaa", "ann", "ben", "cat"]


@pytest.mark.parametrize(
    "files",
    [
        {
            "layer.py": "class Layer: pass",
            "perceptron.py": "class Perceptron: pass",
            "main.py": "import layer",
        },
        {"work.py": CODE, "work.ipynb": '{"cells": [{"source": ["class Layer: pass"]}]}', "copy.py": CODE},
        {"work.py": CODE, "test_a.py": CODE, "b_test.py": CODE, "conftest.py": CODE},
        {"work.py": CODE, "a.py": "# as class Layer does", "b.py": "'of class Layer'\nsubclass Layer"},
        {"main.py": "class Perceptron: pass", "parts/layer.py": "class Layer: pass"},
    ],
)
def test_the_parts_of_one_work_are_one_submission(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert ids(as_folder(tmp_path, files)) == ["class"]


def test_skipped_scripts_beside_the_folders_of_a_class_are_named(tmp_path: Path) -> None:
    path = as_folder(
        tmp_path,
        {**THREE, "statistics.py": "x = 1", "dora.py": CODE.encode("utf-16"), "eva.py": "Layer = 1"},
    )
    assert ids(path) == ["ann", "ben", "cat", "dora", "eva"]
    assert told_of(path) == [f"skipped in {path}, as they are not submissions: statistics.py"]


def test_each_file_of_a_class_is_one_submission(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {**THREE_LOOSE, "dora.py": "", "eva.py": "from ann import *"})
    assert ids(path) == ["ann", "ben", "cat", "dora", "eva"]


@pytest.mark.parametrize(
    ("others", "name", "id_"),
    [
        ("bob_12_4401_work.py", f"mal_13_4402_x_12{MOODLE}work.py", "mal_13"),
        ("bob_12_4401_work.py", "mal_LATE_13_4402_bob_12_4401_work.py", "mal_13"),
        ("bob_12_4401_work.py", "mal_13_4402_x_12_text.html", "mal_13"),
        (f"Bob_12{MOODLE}work.py", f"Mal_13{MOODLE}x_12{MOODLE}work.py", "Mal_13"),
        (f"Bob_12{MOODLE}work.py", f"Mal_13{MOODLE}bob_12_4401_work.py", "Mal_13"),
        (f"Bob_12{MOODLE}work.py", f"Mal_13{MOODLE}bob+perceptron+2026-01-01 00:00:00 UTC.py", "Mal_13"),
    ],
)
def test_the_end_of_a_name_cannot_be_another_platforms(
    tmp_path: Path, others: str, name: str, id_: str
) -> None:
    path = as_folder(tmp_path, {others: CODE, name: CODE})
    both = [others.partition("_work")[0].replace("_assignsubmission_file", "").replace("_4401", ""), id_]
    assert sorted(ids(path)) == sorted(both)
    assert [entry.id for entry in find_submissions([path / others, path / name])] == both
    assert ids(path / name) == [id_]


def test_a_name_that_fits_no_platform_gives_way_to_one_that_does(tmp_path: Path) -> None:
    path = as_folder(tmp_path, {"bob_12_4401_a.py": CODE, "zoe_13_4402_a.py": CODE, "bob_12.py": CODE})
    assert ids(path) == ["bob_12", "bob_12.py", "zoe_13"]


STOLEN = "submission_1:\n  :submitters:\n  - :email: ann@example.org\n"


@pytest.mark.parametrize(
    "handed_in",
    [
        {"submission_metadata.yml": STOLEN, "submission_1/work.py": CODE},
        {"bob_12_4401_work.py": CODE, "ann_13_4402_work.py": CODE},
        {f"Bob_12{MOODLE}/work.py": CODE, f"Ann_13{MOODLE}/work.py": CODE},
        {"submitted/bob/perceptron/work.py": CODE, "submitted/bob/perceptron/timestamp.txt": ""},
        {"bob+perceptron+2026-01-01 00:00:00 UTC/work.py": CODE},
        {"perceptron-bob/.git/config": "", "perceptron-bob/work.py": CODE},
        {"ann/work.py": CODE, "bob/work.py": CODE, "cat/work.py": CODE},
        {"ann.zip": zipped({"work.py": CODE}), "bob.zip": zipped({"work.py": CODE})},
        {"ann.py": CODE, "bob.py": CODE, "cat.py": CODE},
    ],
)
def test_a_students_folder_among_several_is_one_submission(
    tmp_path: Path, handed_in: dict[str, str | bytes]
) -> None:
    path = tree(tmp_path, {f"mal/{name}": content for name, content in handed_in.items()})
    tree(path, {"ann@example.org/work.py": CODE, "bob/work.py": CODE})
    paths = sorted(path.iterdir())
    assert [entry.id for entry in find_submissions(paths)] == ["ann@example.org", "bob", "mal"]


def test_metadata_beside_folders_that_are_not_gradescopes_is_not_read(tmp_path: Path) -> None:
    assert ids(as_folder(tmp_path, {"ann/work.py": CODE, "submission_metadata.yml": STOLEN})) == ["ann"]


@pytest.mark.parametrize(
    "handed_in", [{"mal/perceptron/a.py": CODE}, {"mal/x/a.py": CODE, "mal/y/a.py": CODE}]
)
def test_one_students_folders_are_not_assignments_of_the_others(
    tmp_path: Path, handed_in: dict[str, str | bytes]
) -> None:
    others = {f"{who}/{where}/a.py": CODE for who, where in (("ann", "src"), ("ben", "code"), ("cat", "src"))}
    path = tree(tmp_path / "submitted", {**others, **handed_in})
    assert ids(path) == ["ann", "ben", "cat", "mal"]
    assert [entry.id for entry in find_submissions(sorted(path.iterdir()))] == ["ann", "ben", "cat", "mal"]


def test_an_assignment_of_a_single_student_is_not_the_classs(tmp_path: Path) -> None:
    files = {f"{who}+ps1+2026-01-01 00:00:00 UTC/a.py": CODE for who in ("ann", "ben", "cat")}
    path = as_folder(tmp_path, {**files, "mal+perceptron+2026-01-01 00:00:00 UTC/a.py": CODE})
    assert ids(path) == ["ann", "ben", "cat"]
    assert told_of(path) == [f"skipped in {path}, as they are other assignments: perceptron"]


def test_a_repository_that_one_student_hands_in_renames_nobody(tmp_path: Path) -> None:
    others = {"hw-ann/.git/config": "", "hw-ann/a.py": CODE, "hw-ben/a.py": CODE}
    path = as_folder(tmp_path, {**others, "hw-mal/.git/config": "", "hw-mal/a.py": CODE})
    assert ids(path) == ["hw-ann", "hw-ben", "hw-mal"]


@pytest.mark.parametrize("logins", [("ng-a", "ng-b"), ("ng-a", "ng-b", "zoe")])
def test_clones_are_named_alike_whoever_else_is_there(tmp_path: Path, logins: tuple[str, ...]) -> None:
    path = as_folder(tmp_path, {f"nn-perceptron-2026-{login}/.git/x": "" for login in logins})
    assert ids(path) == list(logins)


def test_no_two_names_of_files_stop_a_class(tmp_path: Path) -> None:
    names = ["a.py", "a.ipynb", "a.py.py", "b\x01.py", "b\x02.py", "b\\x01.py", "Zo\u00eb.py", "Zoe\u0308.py"]
    found = ids(as_folder(tmp_path, dict.fromkeys(names, CODE)))
    assert len(set(found)) == len(names)


@pytest.mark.parametrize("form", [as_folder, as_zip])
def test_a_path_that_looks_like_a_class_among_several_is_named(tmp_path: Path, form: Form) -> None:
    tree(tmp_path, {"dora.py": CODE})
    path = form(tmp_path, THREE)
    told: list[str] = []
    assert [entry.id for entry in find_submissions([path, tmp_path / "dora.py"], told.append)] == [
        "class",
        "dora",
    ]
    assert told == [
        f"{path} is read as one submission, though 3 or more files in it define Layer or Perceptron; "
        "if it is a class, name it alone"
    ]


def test_an_archive_that_looks_like_a_class_but_is_read_as_one_is_named(tmp_path: Path) -> None:
    path = as_zip(tmp_path, {f"src/{who}.py": CODE for who in ("ann", "ben", "cat")} | {"data/x.csv": "1"})
    assert ids(path) == ["class"]
    assert "put the work of each student into a folder of its own" in told_of(path)[0]


@pytest.mark.parametrize("form", [as_folder, as_zip, as_tar])
def test_slow_archives_are_known_by_their_size(tmp_path: Path, form: Form) -> None:
    large = zipped({"work.py": CODE, "noise.bin": os.urandom(600_000)})
    path = form(
        tmp_path, {"ann.zip": large, "ben.zip": zipped({"work.py": CODE}), "cat.py": CODE, "dan/x.zip": large}
    )
    assert [is_slow(found) for found in find_submissions([path])] == [True, False, False, True]
