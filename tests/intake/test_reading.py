"""A submission is read as the student meant it; if it cannot be read, the reason says why."""

from __future__ import annotations

import ast
import atexit
import bz2
import gzip
import io
import json
import lzma
import os
import stat
import tarfile
import zipfile
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from in_process import read_submissions

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UnreadableError, UsageError
from grader.messages import message_text
from grader.model import Source, Submission, Unreadable
from grader.resources import assignment_path

CODE = "class Layer: pass\nclass Perceptron: pass\n"
MB = 10**6


@dataclass(frozen=True)
class Found:
    """One submission that could be read: where it was found, and what was read of it."""

    entry: Submission
    source: Source

    @property
    def path(self) -> str:
        """The file to examine, as it would be reported."""
        return self.entry.paths[self.source.main]


@cache
def parent() -> ForkingParent:
    started = ForkingParent()
    atexit.register(started.close)
    return started


def outcome(entry: Submission | Unreadable) -> Found | str:
    """Return what is read of a submission on the far side of the wall, or why it cannot be read."""
    if isinstance(entry, Unreadable):
        return message_text(entry.reason)
    with closing(Candidate(entry, parent(), Timeouts(), Limits())) as candidate:
        try:
            return Found(entry, candidate.read())
        except UnreadableError as error:
            return str(error)


def read_one(path: Path) -> Found | str:
    (entry,) = read_submissions([path])
    return outcome(entry)


def submission(path: Path) -> Found:
    found = read_one(path)
    assert isinstance(found, Found), found
    return found


def reason(path: Path) -> str:
    why = read_one(path)
    assert isinstance(why, str), why
    return why


def reason_in_a_class(path: Path) -> str:
    """Return why the submission at ``path`` cannot be read, in a class with others."""
    file(path.parent / "others" / "work.py")
    entries = {entry.path: entry for entry in read_submissions([path.parent])}
    entry = entries.pop(str(path))
    assert [type(other) for other in entries.values()] == [Submission]
    assert isinstance(entry, Unreadable), entry
    return message_text(entry.reason)


def file(path: Path, content: str | bytes = CODE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def name_of(keyword: str) -> str:
    """Return a path out of a keyword: ``net__base_py`` is ``net/base.py``."""
    return (
        keyword.replace("DUNDER", "\0")
        .replace("__", "/")
        .replace("\0", "__")
        .replace("_py", ".py")
        .replace("_ipynb", ".ipynb")
    )


def folder(path: Path, **files: str) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        file(path / name_of(name), content)
    return path


def notebook(*cells: str | list[str] | dict[str, Any], **fields: Any) -> str:
    made = [
        cell
        if isinstance(cell, dict)
        else {"cell_type": "code", "metadata": {}, "outputs": [], "source": cell}
        for cell in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields})


def zip_of(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name_of(name), content)
    return path


# --- Files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["alice.py", "my work (final).py", "übung.py", "PERCEPTRON.PY", "-rf.py", "a.b.c.py"]
)
def test_files_are_named_as_students_name_them(tmp_path: Path, name: str) -> None:
    path = file(tmp_path / name)
    found = submission(path)
    assert (found.entry.id, found.source.file) == (path.stem, name)
    assert "".join(cell.text for cell in found.source.cells) == CODE


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbfx = 'na\xc3\xafve'\n", "x = 'naïve'\n"),
        (b"\xef\xbb\xbf# coding: utf8\nx = 'na\xc3\xafve'\n", "# coding: utf8\nx = 'naïve'\n"),
        (b"# -*- coding: latin-1 -*-\nx = 'na\xefve'\n", "# -*- coding: latin-1 -*-\nx = 'naïve'\n"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n", None),
        (b"x = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        (b"x = 1\ry = 2\r", "x = 1\ny = 2\n"),
        (b"if 1:\n\tx = 1\n\x0cy = 2\n", "if 1:\n\tx = 1\n\x0cy = 2\n"),
    ],
)
def test_text_is_decoded_as_python_does(tmp_path: Path, content: bytes, expected: str | None) -> None:
    (cell,) = submission(file(tmp_path / "a.py", content)).source.cells
    assert cell.text == expected if expected is not None else "€" in cell.text


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b"\n  \n# only a comment\n", "empty"),
        (b"x = 'na\xefve'\n", "byte 0xef in line 1"),
        (b"\n\nx = '\xff'\n", "line 3"),
        (b"# coding: klingon\nx = 1\n", "klingon"),
        (b"# coding: rot13\nk = 1\n", "rot13"),
        (b"# coding: hex\n00\n", "hex"),
        (CODE.encode("utf-16"), "UTF-16"),
        (b"x = 1\n\0\n", "NUL character in line 2"),
        (b"\x89PNG\r\n\x1a\n", "text"),
    ],
)
def test_a_file_that_is_not_text_says_why(tmp_path: Path, content: bytes, part: str) -> None:
    assert part in reason(file(tmp_path / "a.py", content))


def test_a_file_of_another_kind_says_what_is_read(tmp_path: Path) -> None:
    assert "a notebook (.ipynb)" in reason(file(tmp_path / "essay.docx", "text"))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    with path.open("wb") as sparse:
        sparse.truncate(10**9)
    assert "larger than 20 MB" in reason(path)


def test_a_path_that_does_not_exist_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_submissions([tmp_path / "nobody.py"])


def test_two_submissions_with_one_name_are_the_callers_mistake(tmp_path: Path) -> None:
    paths = [file(tmp_path / "a" / "work.py"), file(tmp_path / "b" / "work.py")]
    with pytest.raises(UsageError, match=r"a/work\.py.*b/work\.py"):
        read_submissions(paths)


def test_the_digest_is_that_of_the_content_alone(tmp_path: Path) -> None:
    one, same, other = (
        file(tmp_path / n / "a.py", c) for n, c in (("1", CODE), ("2", CODE), ("3", CODE + "#"))
    )
    assert submission(one).source.sha256 == submission(same).source.sha256 != submission(other).source.sha256


# --- Folders -----------------------------------------------------------------------------------------


def test_a_folder_with_one_script_is_named_after_the_folder(tmp_path: Path) -> None:
    found = submission(folder(tmp_path / "alice", solution_py=CODE, utils_py="broken (", notes_txt="hello"))
    assert (found.entry.id, found.source.file, found.source.helpers) == ("alice", "solution.py", ())
    assert found.path.endswith("alice/solution.py")


def test_a_file_that_another_imports_is_a_helper(tmp_path: Path) -> None:
    path = folder(
        tmp_path / "alice",
        main_py="from layers import Layer\nfrom net.perceptron import Perceptron\n",
        layers_py="class Layer: pass\n",
        net__DUNDERinitDUNDER_py="",
        net__perceptron_py="from .base import Base\nclass Perceptron(Base): pass\n",
        net__base_py="class Base: pass\n",
    )
    found = submission(path)
    assert found.source.file == "main.py"
    assert {helper.module for helper in found.source.helpers} == {
        "layers",
        "net",
        "net.perceptron",
        "net.base",
    }


def test_a_file_that_imports_everything_is_the_one(tmp_path: Path) -> None:
    path = folder(tmp_path / "a", main_py="from work import *\nX = 1\n", work_py=CODE)
    assert submission(path).source.file == "main.py"


def test_tests_and_untouched_skeletons_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "alice"
    for released in assignment_path().iterdir():
        if released.is_file():
            file(path / released.name, released.read_bytes())
    file(path / "perceptron.py", CODE)
    assert submission(path).source.file == "perceptron.py"
    file(path / "perceptron.py", (assignment_path() / "perceptron.py").read_bytes().replace(b"\n", b"\r\n"))
    file(path / "my_perceptron.ipynb", notebook(CODE))
    assert submission(path).source.file == "my_perceptron.ipynb"


def test_an_untouched_skeleton_is_ignored_with_other_code_around_its_classes(tmp_path: Path) -> None:
    given = (assignment_path() / "perceptron.py").read_bytes()
    path = file(
        tmp_path / "a" / "perceptron.py", b"import math\n" + given + b"\nprint(Layer(1, 1, relu))\n"
    ).parent
    file(path / "work.py", CODE)
    assert submission(path).source.file == "work.py"
    file(path / "perceptron.py", given + b"\nLayer.backward = lambda self, da, learning_rate: da\n")
    assert "2 files could be the one" in str(read_one(path))


def test_the_untouched_assignment_is_a_submission() -> None:
    assert isinstance(read_one(assignment_path()), Found)


def test_a_notebook_and_the_script_exported_from_it_are_one(tmp_path: Path) -> None:
    cells = ["import numpy as np\n%matplotlib inline", CODE, "x = 1"]
    script = (
        "#!/usr/bin/env python\n# coding: utf-8\n\n# In[1]:\n\nimport numpy as np\n"
        f"get_ipython().run_line_magic('matplotlib', 'inline')\n\n# In[2]:\n\n{CODE}\n# In[ ]:\n\nx = 1\n"
    )
    path = folder(tmp_path / "a", work_ipynb=notebook(*cells), work_py=script)
    assert submission(path).source.file == "work.ipynb"


@pytest.mark.parametrize("names", [("a_py", "b_py"), ("a_py", "b_ipynb"), ("sub__a_py", "sub__b_py")])
def test_two_files_to_choose_from_are_named(tmp_path: Path, names: tuple[str, str]) -> None:
    contents = {
        name: notebook(CODE + "y = 2") if name.endswith("ipynb") else CODE + f"{name_of(name)[-4]} = 1"
        for name in names
    }
    class_ = tmp_path / "class"
    folder(class_ / "alice", **contents)
    (entry,) = read_submissions([class_])
    why = outcome(entry)
    assert isinstance(why, str)
    assert "2 files" in why
    assert all(name.rpartition("__")[2].replace("_", ".") in why for name in names)


def test_a_folder_without_the_classes_names_its_files(tmp_path: Path) -> None:
    assert "one.py, two.py" in reason(folder(tmp_path / "a", one_py="x = 1", two_py="y = 2"))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Leyer", "; there is Leyer: did you mean Layer?"),
        ("perceptron", "did you mean Perceptron?"),
        ("Net", ""),
    ],
)
def test_a_class_with_almost_the_right_name_is_asked_about(tmp_path: Path, name: str, hint: str) -> None:
    said = reason(folder(tmp_path / "a", one_py=f"class {name}: pass\n", two_py="x = 1"))
    assert said.endswith(f"is defined in one.py, two.py{hint}" if not hint or hint.startswith(";") else hint)


def test_a_syntax_error_shows_its_line(tmp_path: Path) -> None:
    assert "line 2 of one.py" in reason(folder(tmp_path / "a", one_py="x = 1\ndef (", two_py="y = 2"))


@pytest.mark.parametrize(
    "files",
    [[], ["notes.txt"], ["utils.py"], [".git/x.py"], ["ann/notes.pdf", "ben/.keep"], ["ann/", "ben/"]],
    ids=lambda files: ", ".join(files) or "nothing",
)
def test_a_folder_with_nothing_to_grade_is_the_callers_mistake(tmp_path: Path, files: list[str]) -> None:
    for name in files:
        path = tmp_path / "class" / name
        (path if name.endswith("/") else path.parent).mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            path.write_text("x = 1")
    (tmp_path / "class").mkdir(exist_ok=True)
    with pytest.raises(UsageError, match=r"class has nothing to grade: there is no \.py file, no notebook"):
        read_submissions([tmp_path / "class"])


@pytest.mark.parametrize("are_named", [False, True])
def test_an_empty_folder_among_submissions_is_that_students(tmp_path: Path, are_named: bool) -> None:
    folder(tmp_path / "class" / "ann", work_py=CODE)
    (tmp_path / "class" / "ben").mkdir()
    paths = [tmp_path / "class" / name for name in ("ann", "ben")] if are_named else [tmp_path / "class"]
    ann, ben = read_submissions(paths)
    assert isinstance(ann, Submission)
    assert isinstance(ben, Unreadable)
    assert "no .py file" in message_text(ben.reason)


def test_a_folder_of_submissions_is_many_named_by_entry(tmp_path: Path) -> None:
    class_ = tmp_path / "class"
    folder(class_ / "bob", work_py=CODE)
    folder(class_ / "alice", deep__er__work_py=CODE)
    folder(class_ / "empty")
    folder(class_ / ".git", hook_py=CODE)
    zip_of(class_ / "carol.zip", work_py=CODE)
    file(class_ / "README.txt", "hello")
    entries = read_submissions([class_])
    assert [entry.id for entry in entries] == ["alice", "bob", "carol", "empty"]
    assert [type(entry) for entry in entries] == [Submission, Submission, Submission, Unreadable]


def test_loose_files_of_a_class_are_many(tmp_path: Path) -> None:
    class_ = folder(
        tmp_path / "class",
        alice_py=CODE,
        bob_py=CODE + "x = 1",
        carol_py=CODE + "y = 2",
        dora_ipynb=notebook(CODE),
    )
    assert [entry.id for entry in read_submissions([class_])] == ["alice", "bob", "carol", "dora"]


def test_loose_files_folders_and_archives_may_be_mixed_in_a_class(tmp_path: Path) -> None:
    class_ = folder(tmp_path / "class", alice_py=CODE)
    folder(class_ / "bob", work_py=CODE + "x = 1")
    zip_of(class_ / "carol.zip", work_py=CODE + "y = 2")
    assert [entry.id for entry in read_submissions([class_])] == ["alice", "bob", "carol"]


def test_a_script_with_a_package_beside_it_is_one(tmp_path: Path) -> None:
    path = folder(
        tmp_path / "alice",
        main_py="from parts.layer import Layer\nclass Perceptron: pass\n",
        parts__layer_py="class Layer: pass\n",
    )
    assert submission(path).source.file == "main.py"


# --- Links, pipes and trees ----------------------------------------------------------------------------


def test_links_in_a_submission_are_not_followed(tmp_path: Path) -> None:
    secret = file(tmp_path / "secret.py", "class Layer: SECRET = 1\n")
    path = folder(tmp_path / "class" / "alice", work_py=CODE)
    (path / "stolen.py").symlink_to(secret)
    (path / "loop").symlink_to(path)
    (tmp_path / "class" / "mallory.py").symlink_to(secret)
    (entry,) = read_submissions([tmp_path / "class"])
    found = outcome(entry)
    assert isinstance(found, Found)
    assert found.source.helpers == ()


def test_a_link_that_the_caller_names_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(file(tmp_path / "work.py"))
    assert submission(link).entry.id == "link"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert "regular file" in reason(tmp_path / "pipe.py")
    path = folder(tmp_path / "alice", work_py=CODE)
    os.mkfifo(path / "pipe.py")
    assert submission(path).source.file == "work.py"


def test_a_deep_tree_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / "class" / "alice" / Path(*["d"] * 30)
    file(deep / "work.py")
    (entry,) = read_submissions([tmp_path / "class"])
    assert isinstance(entry, Unreadable)
    assert "deep" in message_text(entry.reason)


def test_names_are_shown_without_harmful_characters(tmp_path: Path) -> None:
    path = file(Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\x1b[31m\xff\n\xe2\x80\xae.py")))
    found = submission(path)
    for shown in (found.entry.id, found.path, found.source.file, found.source.cells[0].label):
        assert "\x1b" not in shown
        assert "\n" not in shown
        shown.encode()


# --- Archives ----------------------------------------------------------------------------------------


def tar_of(path: Path, mode: str, **files: str) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name_of(name))
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return path


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.tar", "w"), ("a.tar.gz", "w:gz"), ("a.tgz", "w:gz"), ("a.tar.bz2", "w:bz2"), ("a.tar.xz", "w:xz")],
)
def test_tar_archives_are_read(tmp_path: Path, name: str, mode: str) -> None:
    found = submission(tar_of(tmp_path / name, mode, alice__work_py=CODE, alice__utils_py="x"))
    assert (found.entry.id, found.source.file) == ("a", "work.py")


def test_zip_archives_are_read(tmp_path: Path) -> None:
    found = submission(
        zip_of(tmp_path / "a.zip", x__work_py=CODE, DUNDERMACOSX__x__work_py="junk", x__helper_py="y = 1")
    )
    assert (found.source.file, [helper.module for helper in found.source.helpers]) == ("work.py", ["helper"])


def test_skipped_files_in_a_class_are_named(tmp_path: Path) -> None:
    class_ = folder(tmp_path / "class", alice__work_py=CODE, bob__work_py=CODE)
    file(class_ / "ian.rar", b"Rar!")
    file(class_ / "report.pdf", b"%PDF")
    (class_ / "link.py").symlink_to(class_ / "alice" / "work.py")
    told: list[str] = []
    entries = read_submissions([class_], told.append)
    assert [entry.id for entry in entries] == ["alice", "bob"]
    assert told == [f"skipped in {class_}, as they are not submissions: ian.rar, link.py, report.pdf"]


def test_students_who_hand_in_the_same_file_are_still_a_class(tmp_path: Path) -> None:
    class_ = folder(tmp_path / "class", a_py=CODE, b_py=CODE + "x = 1\n", c_py=CODE)
    assert [entry.id for entry in read_submissions([class_])] == ["a", "b", "c"]


def test_entries_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    class_ = folder(tmp_path / "class", alice__work_py=CODE, bob__work_py=CODE)
    zip_of(class_ / "alice.zip", work_py=CODE)
    assert [entry.id for entry in read_submissions([class_])] == ["alice", "alice.zip", "bob"]


def test_too_many_scripts_are_not_parsed(tmp_path: Path) -> None:
    files = {f"m{number}_py": "x = 1" for number in range(300)}
    assert "more than 200 scripts" in reason(zip_of(tmp_path / "a.zip", work_py=CODE, **files))


def tar_with_a_header(kind: bytes, content: bytes, size: bytes | None = None) -> bytes:
    info = tarfile.TarInfo("header")
    info.type, info.size = kind, len(content)
    block = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    if size is not None:
        block[124:136] = size.ljust(12, b"\0")
        block[148:156] = b"%06o\0 " % sum(block[:148] + b" " * 8 + block[156:])
    padding = b"\0" * (-len(content) % tarfile.BLOCKSIZE)
    return bytes(block) + content + padding + b"\0" * 2 * tarfile.BLOCKSIZE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tar_with_a_header(tarfile.XHDTYPE, b"9" * 40_000), "far too long"),
        (tar_with_a_header(tarfile.GNUTYPE_LONGNAME, b"a" * 10**6), "far too long"),
        (tar_with_a_header(tarfile.REGTYPE, b"", b"\x80" + b"\xff" * 11), "cannot be read"),
        (gzip.compress(b"\0" * 10**7) * 21, "larger than 200 MB"),
        (bz2.compress(b"\0" * 10**7) * 4, "larger than 30 MB"),
        (lzma.compress(b"\0" * 10**7) * 4, "larger than 30 MB"),
    ],
    ids=["long header", "long name", "size beyond all", "gzip bomb", "bzip2 bomb", "xz bomb"],
)
def test_tar_archives_that_would_cost_too_much_to_read_are_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    assert said in reason_in_a_class(file(tmp_path / "a.tar", content))


def test_whatever_a_broken_zip_makes_the_library_raise_is_a_reason(tmp_path: Path) -> None:
    archive = bytearray(zip_of(tmp_path / "good.zip", work_py=CODE).read_bytes())
    for position in range(len(archive)):
        for value in (0, 255):
            broken = archive[:position] + bytes([value]) + archive[position + 1 :]
            path = file(tmp_path / "a.zip", bytes(broken))
            assert len(read_submissions([path, tmp_path / "good.zip"])) == 2


def test_a_notebook_with_very_many_magics_is_read_in_time(tmp_path: Path) -> None:
    found = submission(
        file(tmp_path / "a.ipynb", notebook("%time x = 1\n" * 5000, CODE, "\n" * 50_000 + CODE))
    )
    assert [cell.text.strip() for cell in found.source.cells[1:]] == [CODE.strip()] * 2


def test_an_archive_that_lies_alone_in_a_students_folder_is_the_submission(tmp_path: Path) -> None:
    file(tmp_path / "class" / "alice" / "work.py")
    file(tmp_path / "class" / "bob" / "hw.zip", zip_of(tmp_path / "hw.zip", work_py=CODE).read_bytes())
    entries = read_submissions([tmp_path / "class"])
    assert [(entry.id, *getattr(entry, "files", ())) for entry in entries] == [
        ("alice", "work.py"),
        ("bob", "work.py"),
    ]


def hostile_tar(kind: bytes, name: str = "a.py", target: str = "/etc/passwd") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        archive.addfile(info)
    return buffer.getvalue()


def zipped(
    name: str, content: bytes = CODE.encode(), mode: int = stat.S_IFREG | 0o644, times: int = 1
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            info = zipfile.ZipInfo(name.format(number))
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.zip", zipped("../../evil.py"), "leads out"),
        ("a.zip", zipped("/etc/evil.py"), "leads out"),
        ("a.zip", zipped("..\\evil.py"), "leads out"),
        ("a.zip", zipped("C:/evil.py"), "leads out"),
        ("a.zip", zipped("link.py", b"/etc/passwd", stat.S_IFLNK | 0o777), "link"),
        ("a.zip", zipped("big.py", b"\0" * (21 * MB)), "larger than 20 MB"),
        ("a.zip", zipped("b{}.py", b"\0" * (5 * MB), times=5), "larger than 20 MB"),
        ("a.zip", zipped("f{}.py", b"", times=2100), "entries"),
        ("a.zip", zipped("/".join("d" * 40) + "/a.py"), "deep"),
        ("a.zip", b"PK\x03\x04 and then nothing", "broken"),
        ("a.zip", zipped("work.py")[:-30], "broken"),
        ("a.tar", hostile_tar(tarfile.SYMTYPE), "link"),
        ("a.tar", hostile_tar(tarfile.LNKTYPE), "link"),
        ("a.tar", hostile_tar(tarfile.CHRTYPE), "not a plain file"),
        ("a.tar", hostile_tar(tarfile.FIFOTYPE), "not a plain file"),
        ("a.tar", hostile_tar(tarfile.REGTYPE, "../evil.py"), "leads out"),
        ("a.tar.gz", b"\x1f\x8b\x08 broken", "broken"),
        ("a.tar", b"", "broken"),
    ],
)
def test_archives_that_hold_what_they_should_not_are_refused(
    tmp_path: Path, name: str, content: bytes, part: str
) -> None:
    assert part in reason_in_a_class(file(tmp_path / name, content))


def test_an_encrypted_archive_says_so(tmp_path: Path) -> None:
    content = bytearray(zipped("work.py"))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(magic) + offset] |= 1
    assert "encrypted" in reason(file(tmp_path / "a.zip", bytes(content)))


# --- Notebooks ---------------------------------------------------------------------------------------


def cells_of(path: Path) -> dict[str, str]:
    return {cell.label: cell.text for cell in submission(path).source.cells}


def test_code_cells_are_taken_in_order_and_numbered(tmp_path: Path) -> None:
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    found = cells_of(file(tmp_path / "n.ipynb", notebook("x = 1", markdown, ["y = 2\n", "z = 3"], CODE)))
    assert list(found) == ["n.ipynb, cell 1", "n.ipynb, cell 2", "n.ipynb, cell 3"]
    assert found["n.ipynb, cell 1"] == "x = 1"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("%matplotlib inline\nx = 1", ["pass  # set aside: %matplotlib inline", "x = 1"]),
        ("!pip install numpy\nx = 1", ["pass  # set aside: !pip install numpy", "x = 1"]),
        ("files = !ls\nx = 1", ["files = []  # set aside: files = !ls", "x = 1"]),
        ("t = %timeit -o f()\nx = 1", ["t = None  # set aside: t = %timeit -o f()", "x = 1"]),
        ("if 1:\n    %cd ..\nx = 1", ["if 1:", "    pass  # set aside: %cd ..", "x = 1"]),
        ("!echo \"it's \\\n   two lines\nx = 1", ["pass  # set aside: !echo \"it's \\", "", "x = 1"]),
        ("%%time\nx = 1", ["", "x = 1"]),
        ("\n\n%%capture out\nx = 1", ["", "", "", "x = 1"]),
        ("%%timeit -n 10\n%magic\nx = 1", ["", "pass  # set aside: %magic", "x = 1"]),
        ("x = 7 % 2\ny = 'what?'", ["x = 7 % 2", "y = 'what?'"]),
        ("x = 1\nnp.dot?", ["x = 1", "pass  # set aside: np.dot?"]),
        ("np.dot?\nx = 1", ["pass  # set aside: np.dot?", "x = 1"]),
        ("?np.dot\nnp.dot??  # how\nx = 1 # why?", [*2 * [...], "x = 1 # why?"]),
        ('s = """\n%not a magic\nwhat?\n"""\n%magic', ['s = """', "%not a magic", "what?", '"""', ...]),
        ("x = (7\n% 2)\n!ls", ["x = (7", "% 2)", ...]),
        (">>> x = 1\n>>> for i in ():\n...     x = 2\n", ["x = 1", "for i in ():", "    x = 2"]),
        ("In [1]: x = 1\n   ...: y = 2", ["x = 1", "y = 2"]),
        ("    x = 1\n    if x:\n        y = 2", ["x = 1", "if x:", "    y = 2"]),
    ],
)
def test_magics_are_commented_out_and_lines_keep_their_numbers(
    tmp_path: Path, source: str, expected: list[object]
) -> None:
    found = cells_of(file(tmp_path / "n.ipynb", notebook(source, CODE)))
    lines = found["n.ipynb, cell 1"].split("\n")
    ast.parse("\n".join(lines))
    assert len(lines) == len(source.split("\n"))
    seen = zip(expected, lines, strict=False)
    assert [line for due, line in seen if due is not ...] == [due for due in expected if due is not ...]


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile a.py", "%%javascript", "%%latex"])
def test_cells_under_other_magics_are_left_out(tmp_path: Path, magic: str) -> None:
    assert list(cells_of(file(tmp_path / "n.ipynb", notebook(f"{magic}\nx = 1", CODE)))) == [
        "n.ipynb, cell 2"
    ]


def tagged(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": metadata, "outputs": [], "source": source}


def test_test_cells_and_the_kits_own_are_left_out_unless_students_wrote_there(tmp_path: Path) -> None:
    found = cells_of(
        file(
            tmp_path / "n.ipynb",
            notebook(
                tagged("assert False", nbgrader={"grade": True, "locked": True, "grade_id": "t"}),
                tagged("mine = 1", nbgrader={"grade": True, "locked": False, "grade_id": "m"}),
                tagged("train()", tags=["perceptron-kit:training"]),
                tagged("plot()", tags=["x", "perceptron-kit:plot"]),
                tagged(CODE, tags=["perceptron-kit:check"]),
            ),
        )
    )
    assert list(found) == ["n.ipynb, cell 2", "n.ipynb, cell 5"]


@pytest.mark.parametrize(
    "content",
    [
        notebook({"cell_type": "code", "source": CODE}),
        notebook({"cell_type": "code", "metadata": None, "source": CODE}, {"cell_type": "code"}),
        notebook({"cell_type": "code", "metadata": {"tags": 3, "nbgrader": []}, "source": CODE}),
        json.dumps({"cells": [None, 3, "x", {"cell_type": "code", "source": [CODE, 4]}]}),
        json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": CODE}]}]}),
    ],
)
def test_mangled_and_old_notebooks_are_read(tmp_path: Path, content: str) -> None:
    found = submission(file(tmp_path / "n.ipynb", content))
    assert [cell.text.strip() for cell in found.source.cells] == [CODE.strip()]


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("", "JSON"),
        ("{", "JSON"),
        ("[]", "no cells"),
        ("[" * 100_000, "JSON"),
        (notebook(), "empty"),
        (notebook("# nothing"), "empty"),
        (b"\xff\xfe{", "text"),
    ],
)
def test_a_file_that_is_not_a_notebook_says_why(tmp_path: Path, content: str | bytes, part: str) -> None:
    assert part in reason(file(tmp_path / "n.ipynb", content))


@pytest.mark.parametrize(
    "source", ["(" * 5000, "x = " + "-" * 50_000 + "1", "%%time\n" * 3000, "!" * 3000, "\\\n" * 3000]
)
def test_source_built_to_break_a_parser_breaks_nothing(tmp_path: Path, source: str) -> None:
    path = folder(tmp_path / "a", n_ipynb=notebook(source, CODE), work_py=CODE + "x = 1", other_py=source)
    assert read_one(path)
