"""`perceptron-kit release`: all that a student needs, the same bytes each time, and nothing of others replaced."""

from __future__ import annotations

import compileall
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader.assignment import derive_assignment
from grader.assignment.edition import FORMATS
from grader.assignment.release import LIST, write_release
from grader.errors import UsageError
from grader.languages import LANGUAGES
from grader.resources import exam_path, solution_path

COMMAND = Path(sys.executable).parent / "perceptron-kit"
FILES = {"TASK.md": b"task\n", "checks/steps.py": b"pass\n", "utils.py": b"x = 1\n"}


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def release(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "release", *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


# --- What is in it --------------------------------------------------------------------------------------


def test_the_command_writes_the_assignment_and_a_list_of_it(tmp_path: Path) -> None:
    run = release(tmp_path / "out", "--lang", "fi", "--format", "notebook")
    assert (run.returncode, run.stderr) == (0, "")
    files = contents(tmp_path / "out")
    listed = files.pop(LIST).decode()
    assert files == derive_assignment("fi", written_in="notebook")
    assert all(name in run.stdout for name in files)
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in sorted(files.items())]
    assert listed.splitlines() == lines


def test_a_format_has_its_files_alone() -> None:
    for written_in, names in FORMATS.items():
        files = derive_assignment(written_in=written_in)
        assert {name for name in files if name.startswith("perceptron.")} == set(names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_the_solution_or_the_exam_is_in_it(language: str) -> None:
    solution = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
    regions = "\n".join(re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", solution, flags=re.DOTALL))
    lines = {line.split("  #")[0].strip() for line in regions.splitlines()} - {""}
    exam = "\n".join(path.read_text(encoding="utf-8") for path in exam_path().glob("test_*.py"))
    laws = re.findall(r"^ *def (\w{20,})", exam, flags=re.MULTILINE)
    assert len(laws) > 10
    for name, content in derive_assignment(language).items():
        text = content.decode()
        assert "SOLUTION" not in text
        assert not [line for line in lines if line in text], name
        assert not [law for law in laws if law in text], name


# --- The same bytes -------------------------------------------------------------------------------------


def test_an_archive_has_the_same_bytes_each_time_and_everywhere(tmp_path: Path) -> None:
    here = release(tmp_path / "one.zip")
    there = release(tmp_path / "two.zip", PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C", PYTHONUTF8="0")
    assert (here.returncode, there.returncode) == (0, 0), there.stderr
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        unpacked = {name: archive.read(name) for name in archive.namelist()}
    assert unpacked.pop(f"perceptron/{LIST}")
    assert unpacked == {f"perceptron/{name}": content for name, content in derive_assignment().items()}


# --- Nothing of others is replaced ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["out", "out.zip", "OUT.ZIP"])
def test_an_earlier_release_is_replaced_and_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    write_release(tmp_path / name, FILES)
    write_release(tmp_path / name, FILES)
    write_release(tmp_path / name, {"TASK.md": b"new\n"})
    write_release(tmp_path / "fresh" / name, {"TASK.md": b"new\n"})
    one, other = tmp_path / name, tmp_path / "fresh" / name
    if one.is_dir():
        assert contents(one) == contents(other)
        assert not (one / "checks").exists()
    else:
        assert one.read_bytes() == other.read_bytes()


def changed(folder: Path) -> None:
    (folder / "TASK.md").write_text("mine")


def added(folder: Path) -> None:
    (folder / "solution.py").write_text("mine")


def added_folder(folder: Path) -> None:
    (folder / "perceptron").mkdir()


def added_below(folder: Path) -> None:
    (folder / "checks/__pycache__").mkdir()
    (folder / "checks/__pycache__/notes.txt").write_text("mine")


def linked_folder(folder: Path) -> None:
    (folder / "checks").rename(folder.parent / "checks")
    (folder / "checks").symlink_to(folder.parent / "checks")


def linked(folder: Path) -> None:
    (folder / "utils.py").rename(folder.parent / "utils.py")
    (folder / "utils.py").symlink_to(folder.parent / "utils.py")


def listed_by_somebody_else(folder: Path) -> None:
    (folder / LIST).write_text("mine")


@pytest.mark.parametrize(
    "change", [changed, added, added_folder, added_below, linked, linked_folder, listed_by_somebody_else]
)
def test_a_folder_with_anything_else_in_it_stays_as_it_is(tmp_path: Path, change: object) -> None:
    folder = tmp_path / "out"
    write_release(folder, FILES)
    assert callable(change)
    change(folder)
    before = contents(folder)
    with pytest.raises(UsageError, match=r"is not as perceptron-kit release wrote it; move it, or choose an"):
        write_release(folder, {"TASK.md": b"new\n"})
    assert contents(folder) == before


def test_what_python_compiled_there_is_removed(tmp_path: Path) -> None:
    write_release(tmp_path, FILES)
    compileall.compile_dir(tmp_path, quiet=2)
    assert list(tmp_path.rglob("*.pyc"))
    write_release(tmp_path, {"TASK.md": b"new\n"})
    assert sorted(contents(tmp_path)) == [LIST, "TASK.md"]


def test_a_release_that_was_interrupted_can_be_finished(tmp_path: Path) -> None:
    (tmp_path / "TASK.md").write_bytes(FILES["TASK.md"])
    write_release(tmp_path, FILES)
    (tmp_path / "TASK.md").write_bytes(b"new\n")
    write_release(tmp_path, FILES | {"TASK.md": b"new\n"})
    assert (tmp_path / "TASK.md").read_bytes() == b"new\n"


def foreign_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("perceptron/TASK.md", "mine")


def changed_archive(path: Path) -> None:
    write_release(path, FILES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("perceptron/notes.txt", "mine")


def no_archive(path: Path) -> None:
    path.write_bytes(b"mine")


def folder_called_like_an_archive(path: Path) -> None:
    path.mkdir()


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


@pytest.mark.parametrize(
    "make", [foreign_archive, changed_archive, no_archive, folder_called_like_an_archive, dangling]
)
def test_an_archive_of_somebody_else_stays_as_it_is(tmp_path: Path, make: object) -> None:
    path = tmp_path / "out.zip"
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(UsageError, match=r"is not as perceptron-kit release wrote it; move it, or choose"):
        write_release(path, FILES)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_errors_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match=r"file is a file; choose a folder, or a name that ends in \.zip"):
        write_release(tmp_path / "file", FILES)
    with pytest.raises(UsageError, match=r"cannot be read or written \(Not a directory\); choose another"):
        write_release(tmp_path / "file" / "out", FILES)
    run = release(tmp_path / "out", "--rubric", tmp_path / "none.toml")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.endswith("the rubric cannot be read (No such file or directory)\n")
    assert not (tmp_path / "out").exists()
