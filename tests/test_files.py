"""Files are written whole or not at all, and never replace somebody else's unless asked to."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.files import differing_files, replace_file, write_files

FILES = {"TASK.md": b"task", ".github/workflows/tests.yml": b"name: tests"}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    assert write_files(tmp_path / "new", FILES, force=False) == list(FILES)
    assert contents(tmp_path / "new") == FILES
    assert differing_files(tmp_path / "new", FILES) == []
    assert write_files(tmp_path / "new", FILES, force=False) == []


def test_missing_and_changed_files_differ_and_others_do_not_count(tmp_path: Path) -> None:
    write_files(tmp_path, {**FILES, "utils.py": b""}, force=False)
    (tmp_path / "TASK.md").unlink()
    (tmp_path / "utils.py").write_bytes(b"# mine")
    (tmp_path / "notes.txt").touch()
    assert differing_files(tmp_path, {**FILES, "utils.py": b""}) == ["TASK.md", "utils.py"]


def test_a_file_with_other_contents_is_replaced_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "TASK.md").write_text("mine")
    with pytest.raises(
        UsageError, match=r"already has TASK\.md, with other contents; add --force to replace"
    ):
        write_files(tmp_path, FILES, force=False)
    assert contents(tmp_path) == {"TASK.md": b"mine"}
    write_files(tmp_path, FILES, force=True)
    assert contents(tmp_path) == FILES


def test_one_line_says_that_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(UsageError, match=r"taken/TASK\.md cannot be written \(.+\); choose another place"):
        write_files(tmp_path / "taken", FILES, force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_nothing_is_left_of_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_file(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_link_beside_the_file_does_not_lead_the_writing_elsewhere(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / ".TASK.md.part").symlink_to(victim)
    replace_file(tmp_path / "TASK.md", b"task")
    assert (victim.read_text(), (tmp_path / "TASK.md").read_bytes()) == ("mine", b"task")
