"""``--pages`` writes a page for each student, an index and archives, and never destroys what is not its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest
from student_results import CLASS, RESULT

from grader.errors import UsageError
from grader.model import Feedback, SubmissionResult, SubmissionStatus
from grader.pages import PageFolder, page_name
from grader.resources import solution_path

MOODLE = "Alice Liddell_11_assignsubmission_file_"
CANVAS = "liddellalice_LATE_21_301_perceptron-1.py"


def uploaded(id_: str, path: str) -> SubmissionResult:
    return replace(RESULT, id=id_, path=path)


def write(
    folder: Path, results: Sequence[SubmissionResult], feedback: Feedback = Feedback.FULL
) -> list[SubmissionResult]:
    pages = PageFolder(folder, CLASS, feedback)
    pages.prepare()
    return list(pages.written(results))


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_result_passes_and_has_a_page_by_then(tmp_path: Path) -> None:
    bob = replace(RESULT, id="bob")
    written = PageFolder(tmp_path / "new", CLASS, Feedback.FULL)
    written.prepare()
    results = written.written([RESULT, bob])
    assert next(results) == RESULT
    assert list(files(tmp_path / "new")) == ["alice.html"]
    assert list(results) == [bob]
    assert sorted(files(tmp_path / "new")) == ["alice.html", "bob.html", "index.html"]


@pytest.mark.parametrize(
    "id_",
    ["../../etc/passwd", "a/b", "C:\\x", ".", "..", "index", "con", "", "a\x00b", "ä", "x" * 300, "\udc80"],
)
def test_no_name_leaves_the_folder_or_takes_the_index(tmp_path: Path, id_: str) -> None:
    write(tmp_path / "pages", [replace(RESULT, id=id_)])
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]
    names = set(files(tmp_path / "pages"))
    assert len(names) == 2
    assert all(name.isascii() and name.endswith(".html") for name in names)
    assert b"Pages of 1 submission" in (tmp_path / "pages" / "index.html").read_bytes()


@pytest.mark.parametrize("id_", ["alice", "Alice Liddell_11", "index"])
def test_others_can_tell_where_a_page_lies(tmp_path: Path, id_: str) -> None:
    write(tmp_path, [replace(RESULT, id=id_)])
    assert set(files(tmp_path)) == {page_name(id_), "index.html"}


def test_names_that_differ_in_case_alone_have_files_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, [replace(RESULT, id=id_) for id_ in ("alice", "Alice", "ALICE")])
    assert len({name.casefold() for name in files(tmp_path)}) == 4


def test_a_second_run_replaces_its_own_files_and_leaves_others(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path, [RESULT])
    before = files(tmp_path)
    write(tmp_path, [RESULT])
    assert files(tmp_path) == before
    write(tmp_path, [replace(RESULT, score=0.0)])
    after = files(tmp_path)
    assert after["notes.txt"] == b"mine"
    assert after["alice.html"] != before["alice.html"]


@pytest.mark.parametrize("name", ["index.html", "moodle-feedback.zip", "canvas-submissions.zip"])
@pytest.mark.parametrize("content", [b"", b"mine", b"PK\x05\x06" + bytes(18)])
def test_somebody_else_s_index_or_archive_is_refused_at_once(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match="grade --pages has written, or it was changed"):
        PageFolder(tmp_path, CLASS, Feedback.FULL).prepare()
    assert files(tmp_path) == {name: content}


def test_a_page_that_somebody_changed_is_not_replaced(tmp_path: Path) -> None:
    write(tmp_path, [RESULT])
    page = tmp_path / "alice.html"
    changed = page.read_text().replace("</main>", "<p>Well done!</p></main>")
    page.write_text(changed)
    with pytest.raises(UsageError, match=r"alice\.html is not a page that grade --pages has written"):
        write(tmp_path, [RESULT])
    assert page.read_text() == changed


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("mine")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "alice.html").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="is not a page"):
        write(tmp_path / "pages", [RESULT])
    assert (tmp_path / "secret").read_text() == "mine"


def test_pages_of_moodle_lie_in_the_folders_of_its_download(tmp_path: Path) -> None:
    results = [
        uploaded("Alice Liddell_11", f"class.zip/{MOODLE}/perceptron.py"),
        uploaded("Bob Äö_12", "class/Bob Äö_12_assignsubmission_file_work.py"),
    ]
    write(tmp_path, results)
    with ZipFile(tmp_path / "moodle-feedback.zip") as archive:
        assert archive.namelist() == [
            f"{MOODLE}/feedback.html",
            "Bob Äö_12_assignsubmission_file_/feedback.html",
        ]
        pages = [path for name, path in files(tmp_path).items() if name.startswith(("Alice", "Bob"))]
        assert sorted(map(archive.read, archive.namelist())) == sorted(pages)
    assert "canvas-submissions.zip" not in files(tmp_path)
    assert b"moodle-feedback.zip" in files(tmp_path)["index.html"]


def test_pages_of_canvas_have_the_names_of_its_download(tmp_path: Path) -> None:
    write(tmp_path, [uploaded("liddellalice_21", f"class/{CANVAS}")])
    with ZipFile(tmp_path / "canvas-submissions.zip") as archive:
        assert archive.namelist() == [f"{CANVAS}.html"]
    assert "moodle-feedback.zip" not in files(tmp_path)


@pytest.mark.parametrize(
    "result",
    [
        # The student named a folder like another's upload: the id is the grader's, and does not fit.
        uploaded("mallory", f"class/mallory/{MOODLE}/perceptron.py"),
        replace(
            uploaded("Alice Liddell_11", f"class/{MOODLE}/x.py"), status=SubmissionStatus.UNGRADED, score=None
        ),
        replace(uploaded("Alice Liddell_11", ""), status=SubmissionStatus.UNREADABLE, score=0.0),
    ],
    ids=["not from Moodle", "ungraded", "nothing handed in"],
)
def test_an_archive_has_no_other_pages(tmp_path: Path, result: SubmissionResult) -> None:
    write(tmp_path, [result])
    assert not any(name.endswith(".zip") for name in files(tmp_path))


def test_a_name_in_an_archive_has_nothing_that_acts_in_a_path(tmp_path: Path) -> None:
    id_ = "..\\..\\evil:name_11"
    write(tmp_path, [uploaded(id_, f"class/{id_}_assignsubmission_file_x.py")])
    names = [name for name in files(tmp_path) if name.endswith(".zip")]
    for name in names:
        with ZipFile(tmp_path / name) as archive:
            assert not any(
                set('\\:*?"<>|') & set(entry) or entry.startswith(".") for entry in archive.namelist()
            )


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    results = [uploaded("Alice Liddell_11", f"class/{MOODLE}/a.py")]
    write(tmp_path / "one", results)
    write(tmp_path / "two", results)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_an_archive_is_replaced_by_the_next_run_unless_it_was_changed(tmp_path: Path) -> None:
    results = [uploaded("Alice Liddell_11", f"class/{MOODLE}/a.py")]
    write(tmp_path, results)
    write(tmp_path, results)
    with ZipFile(tmp_path / "moodle-feedback.zip", "a") as archive:
        archive.writestr("mine.txt", "mine")
    with pytest.raises(UsageError, match=r"moodle-feedback\.zip is not an archive"):
        write(tmp_path, results)


def test_students_who_handed_in_nothing_are_in_the_index_alone(tmp_path: Path) -> None:
    missing = replace(RESULT, id="eve", path="", status=SubmissionStatus.UNREADABLE, score=0.0)
    write(tmp_path, [RESULT, missing])
    assert sorted(files(tmp_path)) == ["alice.html", "index.html"]
    assert b"eve" in files(tmp_path)["index.html"]


def test_the_points_alone_are_told_if_that_is_the_feedback(tmp_path: Path) -> None:
    write(tmp_path, [RESULT], Feedback.SCORE)
    page = files(tmp_path)["alice.html"].partition(b"<body")[2]
    assert b"<strong>15</strong>" in page
    assert not any(word in page for word in (b"backward", b"dz", b"learns", b"training"))


def test_the_command_writes_pages_beside_any_report(tmp_path: Path) -> None:
    for name in ("alice", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        text = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
        (tmp_path / "class" / name / "perceptron.py").write_text(text, encoding="utf-8")
    grade = Path(sys.executable).with_name("grade")
    line = [str(grade), "--format", "csv", "--pages", str(tmp_path / "pages"), str(tmp_path / "class")]
    ended = subprocess.run(line, capture_output=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count(b"graded,100") == 2
    assert sorted(files(tmp_path / "pages")) == ["alice.html", "bob.html", "index.html"]
    assert b"Your mean loss goes from 1.08 to 0.01." in files(tmp_path / "pages")["bob.html"]
    (tmp_path / "pages" / "index.html").write_text("mine")
    ended = subprocess.run(line, capture_output=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"index.html is not a page" in ended.stderr
