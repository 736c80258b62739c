"""An archive is read as the folder that was packed, whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import socket
import stat
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import read_submissions

from grader.errors import BrokenArchiveError, UnreadableError, UsageError
from grader.intake import limits
from grader.intake.archives.submission_archive import read_archive
from grader.intake.archives.tar_files import list_tar
from grader.intake.folders import Kind, OnDisk
from grader.intake.found import FoundSubmission
from grader.intake.reading import read_files
from grader.messages import message_text
from grader.model import Submission, Unreadable

CODE = "class Layer: pass\nclass Perceptron: pass\n"
MB = 10**6


# --- Packing -----------------------------------------------------------------------------------------

Link = tuple[bytes, str]
"""The kind of a link in a tar, and its target."""
Files = Mapping[str, bytes | Link]


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if isinstance(content, bytes):
                archive.writestr(name, content)
            else:
                info = zipfile.ZipInfo(name)
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
                archive.writestr(info, content[1])
    return buffer.getvalue()


def tarred(files: Files, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)
    return buffer.getvalue()


def xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


def gz(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=1, mtime=0)


def bz(content: bytes) -> bytes:
    return bz2.compress(content, compresslevel=1)


PACKERS: dict[str, Callable[[Files], bytes]] = {
    ".zip": zipped,
    ".tar": tarred,
    ".tar.gz": lambda files: gz(tarred(files)),
    ".tar.bz2": lambda files: bz(tarred(files)),
    ".tar.xz": lambda files: xz(tarred(files)),
}
COMPRESSORS = [gz, bz, xz]


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def folder(path: Path, files: Files) -> Path:
    for name, content in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            file.write_bytes(content)
        elif content[0] == tarfile.LNKTYPE:
            os.link(path / content[1], file)
        else:
            file.symlink_to(content[1])
    return path


def files_below(path: Path) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    return read_files(FoundSubmission.of(OnDisk.named(path)))


def texts(entries: Sequence[Submission | Unreadable]) -> dict[str, str]:
    """Return what each submission's last line says."""
    found = {}
    for entry in entries:
        assert isinstance(entry, Submission), entry
        work = next(content for content in entry.files.values() if b"class Layer" in content)
        found[entry.id] = work.decode().splitlines()[-1]
    return found


def reason(content: bytes) -> str:
    with pytest.raises(UnreadableError) as raised:
        read_archive(io.BytesIO(content))
    return str(raised.value)


# --- The end -----------------------------------------------------------------------------------------


def a_class(inner: Callable[[Files], bytes]) -> dict[str, bytes]:
    """Return a class of folders and archives, of which some do not get smaller."""
    files: dict[str, bytes] = {}
    for number in range(12):
        code = f"{CODE}# {os.urandom(900).hex()}\n# {number}".encode()
        if number % 3:
            files[f"s{number:02}/work.py"] = code
        else:
            files[f"s{number:02}.zip"] = inner({"work.py": code})
    return files


def places(whole: bytes, count: int) -> Iterator[int]:
    """Yield places all over, near the end, and at the borders of the blocks of a tar."""
    yield from range(0, len(whole), len(whole) // count)
    yield from (
        len(whole) - left for left in (1, 2, 4, 8, 9, 22, 512, 1024, 1536, 10240) if left < len(whole)
    )
    yield from (place - place % 512 for place in range(700, len(whole), len(whole) // 5))


@pytest.mark.parametrize("ending", PACKERS)
def test_an_archive_of_a_class_that_is_cut_is_read_whole_or_not_at_all(tmp_path: Path, ending: str) -> None:
    expected = {f"s{number:02}": f"# {number}" for number in range(12)}
    whole = PACKERS[ending](a_class(zipped))
    assert texts(read_submissions([written(tmp_path / f"class{ending}", whole)])) == expected
    refused = 0
    for place in places(whole, 12):
        path = written(tmp_path / f"class{ending}", whole[:place])
        try:
            assert texts(read_submissions([path])) == expected
        except UsageError as error:
            refused += 1
            assert f"class{ending}: " in str(error)  # noqa: PT017 - not every cut is an error
            assert "Download it again; nothing was graded" in str(error)  # noqa: PT017
    assert refused > 12


@pytest.mark.parametrize("ending", PACKERS)
def test_an_archive_of_one_student_that_is_cut_is_read_whole_or_not_at_all(ending: str) -> None:
    files = {f"part{number}.py": os.urandom(700).hex().encode() for number in range(6)}
    whole = PACKERS[ending](files)
    for place in places(whole, 20):
        try:
            assert read_archive(io.BytesIO(whole[:place])) == files
        except BrokenArchiveError:
            continue


def test_a_zip_that_is_cut_after_an_archive_in_it_is_not_that_archive(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in ("ann", "ben", "cat"):
            archive.writestr(f"{name}.zip", zipped({"work.py": CODE.encode()}))
    whole = buffer.getvalue()
    end = whole.index(b"PK\x05\x06", whole.index(b"ben.zip")) + 22
    with pytest.raises(UsageError, match="end is missing"):
        read_submissions([written(tmp_path / "class.zip", whole[:end])])


@pytest.mark.parametrize("name", ["class.zip", "liddellalice_12_4401_hw.zip", "only/class.zip"])
def test_a_file_that_is_not_an_archive_is_to_be_downloaded_again(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, b"<!DOCTYPE html><title>Log in</title>" * 30)
    with pytest.raises(UsageError, match="neither a zip nor a tar archive"):
        read_submissions([path if path.parent == tmp_path else path.parent])


def test_a_broken_archive_of_one_student_costs_the_others_nothing(tmp_path: Path) -> None:
    whole = gz(tarred({"work.py": CODE.encode()}))
    paths = [written(tmp_path / "ann.tar.gz", whole), written(tmp_path / "ben.tar.gz", whole[:-9])]
    for entries in (read_submissions(paths), read_submissions([tmp_path])):
        whole_one, broken = entries
        assert isinstance(whole_one, Submission)
        assert isinstance(broken, Unreadable)
        assert "its end is missing" in message_text(broken.reason)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (tarred({"a.py": b"x = 1"})[:1024], "end is missing"),
        (tarred({"a.py": b"x = 1"})[:1024] + b"#" * 1024, "not the header of a file"),
        (gz(tarred({"a.py": b"x = 1"}))[:-8] + b"\0" * 8, "compressed data is damaged"),
        (bz(tarred({"a.py": b"x = 1"}))[:-1], "end is missing"),
        (xz(tarred({"a.py": b"x = 1"}))[:-12], "end is missing"),
        (gz(b""), "end is missing"),
    ],
    ids=["no last block", "something else", "wrong checksum", "bzip2", "xz", "empty"],
)
def test_an_archive_without_its_end_says_so(content: bytes, part: str) -> None:
    assert part in reason(content)


# --- Streams -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("compress", COMPRESSORS)
@pytest.mark.parametrize("size", [100, 700, 5000])
def test_several_streams_in_a_file_are_read_as_one(compress: Callable[[bytes], bytes], size: int) -> None:
    files = {f"{number}.py": os.urandom(600) for number in range(5)}
    whole = tarred(files)
    pieces = [compress(whole[place : place + size]) for place in range(0, len(whole), size)]
    packed = b"".join(pieces)
    assert read_archive(io.BytesIO(packed)) == files
    assert read_archive(io.BytesIO(packed + b"\0" * 40_000)) == files
    assert read_archive(io.BytesIO(compress(whole) + b"something else")) == files
    assert "end is missing" in reason(b"".join(pieces[: len(pieces) // 3]))


def test_very_many_streams_are_refused() -> None:
    assert "streams" in reason(gz(b"") * (limits.STREAMS + 1))


def test_an_archive_that_xz_packed_best_is_read() -> None:
    content = lzma.compress(tarred({"a.py": b"x = 1"}), preset=9)
    assert read_archive(io.BytesIO(content)) == {"a.py": b"x = 1"}


# --- The same as a folder ----------------------------------------------------------------------------


def project(modules: int = 2500, megabytes: int = 25) -> dict[str, bytes | Link]:
    """Return a student's work as it is packed at home: an environment, data and links are in it.

    It has more files and more bytes than one submission may have, most of them ignored.
    """
    files: dict[str, bytes | Link] = {
        f".venv/lib/python3.11/site-packages/m{number}.py": b"import os\n" for number in range(modules)
    }
    return {
        "work.py": CODE.encode(),
        **files,
        ".venv/bin/python": (tarfile.SYMTYPE, "/usr/bin/python3"),
        "node_modules/" + "deep/" * 40 + "x.py": b"",
        "data.csv": b"\0" * megabytes * MB,
        "latest.py": (tarfile.SYMTYPE, "work.py"),
        "part/helper.py": b"x = 1\n",
    }


@pytest.fixture(scope="module")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder(tmp_path_factory.mktemp("project") / "ann", project())


@pytest.mark.parametrize("ending", PACKERS)
def test_an_archive_is_read_without_what_is_ignored_in_a_folder(
    tmp_path: Path, project_folder: Path, ending: str
) -> None:
    expected, _ = files_below(project_folder)
    assert set(expected) == {"work.py", "part/helper.py"}
    packed = PACKERS[ending](project())
    assert read_archive(io.BytesIO(packed)) == expected
    (entry,) = read_submissions([written(tmp_path / f"ann{ending}", packed)])
    assert isinstance(entry, Submission), entry


def test_the_archive_of_a_class_is_read_without_ignored_folders(tmp_path: Path) -> None:
    projects = {"ann": project(), "ben": project(10, 1), "cat": project(10, 1)}
    files = {f"{name}/{path}": content for name, own in projects.items() for path, content in own.items()}
    for ending in (".zip", ".tar.gz"):
        entries = read_submissions([written(tmp_path / f"class{ending}", PACKERS[ending](files))])
        assert texts(entries) == dict.fromkeys(("ann", "ben", "cat"), "class Perceptron: pass")


NAMES = st.sampled_from(
    ["a", "b", "c.py", "D.PY", "n.ipynb", "x.csv", ".venv", "venv", "__pycache__", "é.py", "_y", "z" * 120]
)
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)
CONTENTS = st.one_of(
    st.binary(max_size=600), st.integers(0, 9), st.sampled_from(["a", "../x", "/etc/passwd"])
)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(PATHS, CONTENTS, max_size=12))
def test_a_project_is_read_to_the_same_files_however_it_is_packed(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, bytes | int | str]
) -> None:
    files: dict[str, bytes | Link] = {"main.py": b"x = 1"}
    with_links: dict[str, bytes | Link] = dict(files)
    for name, content in drawn.items():
        if any(_is_in(*pair) for other in files for pair in ((name, other), (other, name))):
            continue
        plain = [known for known, value in files.items() if isinstance(value, bytes)]
        if isinstance(content, int):
            target = plain[content % len(plain)]
            files[name], with_links[name] = files[target], (tarfile.LNKTYPE, target)
        else:
            files[name] = with_links[name] = (
                content if isinstance(content, bytes) else (tarfile.SYMTYPE, content)
            )
    expected, _ = files_below(folder(tmp_path_factory.mktemp("tree") / "project", with_links))
    for ending, pack in PACKERS.items():
        assert read_archive(io.BytesIO(pack(files if ending == ".zip" else with_links))) == expected, ending


def _is_in(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


@pytest.mark.parametrize(("count", "is_read"), [(limits.ENTRIES, True), (limits.ENTRIES + 1, False)])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_as_many_entries_are_too_many_in_an_archive_as_in_a_folder(
    tmp_path: Path, pack: Callable[[Files], bytes], count: int, *, is_read: bool
) -> None:
    names = ["main.py", *(f"d{number}/x.csv" for number in range((count - 1) // 2))]
    if count % 2 == 0:
        names.append("last.csv")
    files: dict[str, bytes | Link] = dict.fromkeys(names, b"")
    path = folder(tmp_path / "project", files)

    @contextmanager
    def expected() -> Iterator[None]:
        if is_read:
            yield
        else:
            with pytest.raises(UnreadableError, match="more than 2000"):
                yield

    with expected():
        assert set(files_below(path)[0]) == {"main.py"}
    with expected():
        assert set(read_archive(io.BytesIO(pack(files)))) == {"main.py"}


# --- Links and devices ---------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".tar", ".tar.gz", ".tar.xz"])
def test_a_hard_link_is_the_file_that_it_names(tmp_path: Path, ending: str) -> None:
    code = CODE.encode()
    files: dict[str, bytes | Link] = {
        "ann/work.py": code + b"# ann",
        "ben/.backup/work.py": code + b"# ben",
        "ben/work.py": (tarfile.LNKTYPE, "ben/.backup/work.py"),
        "cat/work.txt": code + b"# cat",
        "cat/x.py": (tarfile.LNKTYPE, "./cat/work.txt"),
        "dan/hw.tar": tarred({"a.txt": code + b"# dan", "b.py": (tarfile.LNKTYPE, "a.txt")}),
        "eve/a.py": code + b"# eve",
    }
    expected = {name: f"# {name}" for name in ("ann", "ben", "cat", "dan", "eve")}
    path = written(tmp_path / f"class{ending}", PACKERS[ending](files))
    assert texts(read_submissions([path])) == expected


def test_a_file_that_tar_stores_twice_is_there_once() -> None:
    whole = tarred({"a.py": b"x = 1", "b.py": b""})
    again = tarred({"a.py": (tarfile.LNKTYPE, "./a.py")})
    assert read_archive(io.BytesIO(whole[:1536] + again)) == {"a.py": b"x = 1", "b.py": b""}


def test_a_hard_link_of_a_student_leads_to_nobody_else(tmp_path: Path) -> None:
    inner = tarred({"own.py": (tarfile.LNKTYPE, "ben/work.py"), "../x": (tarfile.LNKTYPE, "../ben/work.py")})
    alone = tarred({"own.py": (tarfile.LNKTYPE, "../ben/work.py")})
    files = {
        "ann.tar": inner,
        "ben/work.py": CODE.encode(),
        "cat/hw.tar": alone,
        "dan/work.py": f"{CODE}# dan".encode(),
    }
    for path in (written(tmp_path / "class.tar", tarred(files)), folder(tmp_path / "class", files)):
        entries = {entry.id: entry for entry in read_submissions([path])}
        assert [type(entries[name]) for name in ("ann", "ben", "cat")] == [Unreadable, Submission, Unreadable]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_left_out(kind: bytes) -> None:
    files: Files = {"work.py": b"x = 1", "other.py": (kind, "/etc/passwd"), "bin/python": (kind, "/bin/sh")}
    assert read_archive(io.BytesIO(tarred(files))) == {"work.py": b"x = 1"}


def test_a_hard_link_counts_as_a_file_of_its_own() -> None:
    files: dict[str, bytes | Link] = {"a.py": b"#" * MB}
    files |= {f"b{number}.py": (tarfile.LNKTYPE, "a.py") for number in range(20)}
    assert "larger than 20 MB" in reason(gz(tarred(files)))


def test_pipes_and_sockets_are_not_waited_for(tmp_path: Path) -> None:
    class_ = folder(tmp_path / "class", {"ann/work.py": CODE.encode(), "ben/notes.txt": b""})
    for name in ("ann/x.py", "ben/work.py", "cat.zip", "dan.tar.gz", "eve.py"):
        os.mkfifo(class_ / name)
    here = Path.cwd()
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(class_)  # the name of a socket has little room
        try:
            listening.bind("ben/socket.py")
        finally:
            os.chdir(here)
        entries = {entry.id: entry for entry in read_submissions([class_])}
        assert isinstance(entries["ann"], Submission)
        assert all(isinstance(entry, Unreadable) for id_, entry in entries.items() if id_ != "ann")
        for name in ("cat.zip", "dan.tar.gz", "eve.py", "ben/socket.py"):
            (entry,) = read_submissions([class_ / name])
            assert isinstance(entry, Unreadable)


# --- Headers of tars ---------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300).filter(
                lambda name: name.strip("/") == name
            ),
            st.binary(max_size=1500),
        ),
        max_size=6,
    ),
    st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]),
)
def test_an_archive_is_listed_as_the_library_wrote_it(members: list[tuple[str, bytes]], form: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    listed = list(list_tar(io.BytesIO(buffer.getvalue()), limits.OF_SUBMISSION))
    assert [entry.name for entry in listed] == [name for name, _ in members]
    assert [buffer.getvalue()[entry.place :][: entry.size] for entry in listed] == [c for _, c in members]
    assert {entry.kind for entry in listed} <= {Kind.FILE}


def with_field(content: bytes, field: slice, value: bytes) -> bytes:
    """Return a tar whose first header has another value in a field, and the right checksum."""
    header = bytearray(content[:512])
    header[field] = value.ljust(field.stop - field.start, b"\0")
    header[148:156] = b"%06o\0 " % sum(header[:148] + b" " * 8 + header[156:])
    return bytes(header) + content[512:]


SIZE = slice(124, 136)


@pytest.mark.parametrize(
    "size",
    [
        b"\xff" * 12,
        b"\x80" + b"\xff" * 11,
        b"-1",
        b"9",
        b"x",
        b"\xff\0",
        b"77777777777",
        b"\x80" + b"\0" * 3 + b"\x10",
    ],
)
def test_an_impossible_size_is_refused(size: bytes) -> None:
    with pytest.raises(BrokenArchiveError):
        read_archive(io.BytesIO(with_field(tarred({"a.py": b"x = 1"}), SIZE, size)))


def test_a_size_in_binary_is_read() -> None:
    content = with_field(tarred({"a.py": b"x = 1"}), SIZE, b"\x80" + (5).to_bytes(11, "big"))
    assert read_archive(io.BytesIO(content)) == {"a.py": b"x = 1"}


def pax(**said: str) -> bytes:
    info = tarfile.TarInfo("a.py")
    info.size, info.pax_headers = 5, {name.replace("_", "."): value for name, value in said.items()}
    return info.tobuf(tarfile.PAX_FORMAT) + b"x = 1".ljust(512, b"\0") + b"\0" * 1024


@pytest.mark.parametrize("size", ["-1", "9" * 30, "5x", "\u0665", "1000000"])
def test_an_impossible_size_in_an_extended_header_is_refused(size: str) -> None:
    with pytest.raises(BrokenArchiveError):
        read_archive(io.BytesIO(pax(size=size)))


@pytest.mark.parametrize(
    "records", [b"x", b"0 path=b\n", b"99 path=b\n", b"9 path=b", b"-1 path=b\n", b"3 \n\n"]
)
def test_an_extended_header_that_cannot_be_read_is_refused(records: bytes) -> None:
    content = with_field(tarred({"x": records, "a.py": b""}), slice(156, 157), tarfile.XHDTYPE)
    with pytest.raises(BrokenArchiveError):
        read_archive(io.BytesIO(content))


def test_a_file_with_holes_is_skipped_and_what_follows_is_read() -> None:
    for said in ({"GNU_sparse_major": "1", "GNU_sparse_minor": "0"}, {"GNU_sparse_map": "0,5"}):
        content = pax(**said)[:-1024] + tarred({"b.py": b"y = 2"})
        assert read_archive(io.BytesIO(content)) == {"b.py": b"y = 2"}
    old = with_field(tarred({"x.bin": b"z" * 700}), slice(156, 157), tarfile.GNUTYPE_SPARSE)
    goes_on = with_field(old, slice(482, 483), b"\1")
    assert read_archive(io.BytesIO(old[:1536] + tarred({"b.py": b"y = 2"}))) == {"b.py": b"y = 2"}
    more = b"\0" * 504 + b"\1" + b"\0" * 7 + b"\0" * 512
    content = goes_on[:512] + more + goes_on[512:1536] + tarred({"b.py": b"y = 2"})
    assert read_archive(io.BytesIO(content)) == {"b.py": b"y = 2"}


def test_very_many_headers_are_refused_and_so_is_a_very_long_list() -> None:
    header = tarfile.TarInfo(".venv/x").tobuf(tarfile.USTAR_FORMAT)
    assert "entries" in reason(gz(header * (limits.OF_SUBMISSION.headers + 1) + b"\0" * 1024))
    info = tarfile.TarInfo(".venv/" + "/".join(["x" * 200] * 18))
    assert "far too long" in reason(gz(info.tobuf(tarfile.GNU_FORMAT) * 2500 + b"\0" * 1024))


def test_a_zip_with_a_very_long_list_is_refused() -> None:
    one = zipped({".venv/x": b""})
    start, end = one.index(b"PK\x01\x02"), one.index(b"PK\x05\x06")
    listed = one[start:end] * (limits.OF_SUBMISSION.listing // (end - start) + 1)
    content = one[:start] + listed + one[end : end + 12] + len(listed).to_bytes(4, "little") + one[end + 16 :]
    assert "far too long" in reason(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_few_bytes_does_not_unpack_to_gigabytes(method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.py", b"\0" * 40 * MB)
    tracemalloc.start()
    try:
        assert "make the zip with Deflate" in reason(buffer.getvalue())
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()


def test_a_compressed_tar_is_not_held_in_memory() -> None:
    content = gz(tarred({"a.py": b"x = 1", "data.csv": b"\0" * 40 * MB}))
    tracemalloc.start()
    try:
        assert read_archive(io.BytesIO(content)) == {"a.py": b"x = 1"}
        assert tracemalloc.get_traced_memory()[1] < 5 * MB
    finally:
        tracemalloc.stop()


MUTATED = [pack({"work.py": CODE.encode() * 9, "part/x.py": b"x = 1"}) for pack in PACKERS.values()]
MUTATED += [
    tarred({"work.py": b"x = 1", "y" * 200: (tarfile.LNKTYPE, "z" * 200)}, tarfile.GNU_FORMAT),
    gz(pax(size="5", comment="é")),
]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MUTATED),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=4)), min_size=1),
)
def test_an_archive_with_any_wrong_bytes_gives_files_or_a_reason(
    whole: bytes, changes: list[tuple[float, bytes]]
) -> None:
    content = bytearray(whole)
    for where, value in changes:
        place = int(where * len(content))
        content[place : place + len(value)] = value
    with suppress(UnreadableError):
        assert all(isinstance(file, bytes) for file in read_archive(io.BytesIO(bytes(content))).values())


def test_names_are_decoded_alike_in_every_locale() -> None:
    names = ["é.py", "\udcff.py", "王/x.py"]
    whole = tarred(dict.fromkeys(names, b"x = 1"), tarfile.GNU_FORMAT)
    assert list(read_archive(io.BytesIO(whole))) == sorted(names)
    assert [str(PurePosixPath(name)) for name in names] == names
