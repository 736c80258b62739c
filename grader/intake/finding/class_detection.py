"""Tell whether a folder is one submission or many, if names do not say: by which classes its entries define.

Each entry has one vote for each of the exercise's classes that it defines itself; an import does not count, nor does a
test. Votes are only added. Whatever a student hands in takes no vote from anybody else, so that it cannot turn a class
into one submission. Nothing is parsed, small files are read before large ones, and no more than is needed.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import PurePosixPath

from msgspec import Struct

from grader.errors import UnreadableError
from grader.intake import limits
from grader.intake.archives.submission_archive import read_archive
from grader.intake.folders import Kind, Node, is_archive, is_code, walk
from grader.protocol.names import CLASSES, UTILS, is_test

__all__ = ["LEAST_CLASS", "are_many", "is_attempt", "look_like_classes"]

LEAST_CLASS = 3
"""If so many entries define the same class, they are several students', whatever they look like."""

_SMALL = 64 * 1024
_LEAST_COST = 16 * 1024
"""What opening a file costs, in bytes that could have been read instead."""
_LONGEST = 1024 * 1024
_LOOKED_AT = 1000
"""How many possible definitions in a file are looked at."""
_CLASSES = [name.encode() for name in CLASSES]
_DEFINITION = re.compile(rb"class[ \t]{1,99}(" + b"|".join(_CLASSES) + rb")\b")
_INDENT = 1000
"""How many blanks may stand before a definition."""


class _Vote(Struct, frozen=True):
    """What an entry defines itself."""

    voter: str
    classes: frozenset[bytes]
    content: bytes
    """A digest of the files that define it."""
    is_nested: bool = False
    is_archive: bool = False


class _Budget:
    """How much may still be read."""

    def __init__(self, left: int) -> None:
        self.left = left

    def read(self, node: Node, limit: int) -> bytes | None:
        """Return a file's content, or ``None`` if it cannot be read, which costs as much."""
        limit = min(limit, self.left)
        if limit <= 0:
            return None
        try:
            content = node.read(limit)
        except UnreadableError:
            self.left -= limit
            return None
        self.left -= max(len(content), _LEAST_COST)
        return content


def are_many(loose: Sequence[Node], nested: Sequence[Node], *, in_archive: bool) -> bool:
    """Tell whether scripts, folders and archives that lie side by side are several students'.

    They are if three entries define the same class. On disk, two are enough if one of them is a folder or an archive.
    In an archive, which may be one student's, two folders or archives are enough, unless they are equal folders.
    """
    votes: list[_Vote] = []
    decide = _are_many_in_an_archive if in_archive else _are_many_on_disk
    for vote in _votes(loose, nested):
        votes.append(vote)
        if any(decide([one for one in votes if class_ in one.classes]) for class_ in _CLASSES):
            return True
    return False


def _are_many_on_disk(votes: Sequence[_Vote]) -> bool:
    voters = {vote.voter for vote in votes}
    return len(voters) >= LEAST_CLASS or (len(voters) > 1 and any(vote.is_nested for vote in votes))


def _are_many_in_an_archive(votes: Sequence[_Vote]) -> bool:
    nested = [vote for vote in votes if vote.is_nested]
    differ = any(vote.is_archive for vote in nested) or len({vote.content for vote in nested}) > 1
    return len({vote.voter for vote in votes}) >= LEAST_CLASS or (len(nested) > 1 and differ)


def _votes(loose: Sequence[Node], nested: Sequence[Node]) -> Iterator[_Vote]:
    """Yield the votes, those of small scripts first, so that no large file can use up the budget."""
    budget = _Budget(limits.VOTES)
    large = []
    for node in loose:
        if is_test(node.name):
            continue
        content = budget.read(node, _SMALL)
        if content is None:
            large.append(node)
        elif vote := _vote_of_script(node, content):
            yield vote
    for node in nested:
        own = _Budget(min(limits.BYTES, budget.left))
        most = own.left
        files = list(islice(_definitions(node, own), LEAST_CLASS))
        budget.left -= most - own.left
        if files:
            digest = hashlib.sha256(b"".join(content for _, content in files)).digest()
            classes = frozenset[bytes]().union(*(classes for classes, _ in files))
            yield _Vote(node.name, classes, digest, is_nested=True, is_archive=node.kind is Kind.FILE)
    for node in large:
        content = budget.read(node, limits.BYTES)
        if content is not None and (vote := _vote_of_script(node, content)):
            yield vote


def _vote_of_script(node: Node, content: bytes) -> _Vote | None:
    """Return the vote of a script or a notebook; ``a.py`` and ``a.ipynb`` share one."""
    classes = _defined(content)
    return _Vote(PurePosixPath(node.name).stem, classes, b"") if classes else None


def look_like_classes(entries: Iterable[Node]) -> Iterator[Node]:
    """Yield the entries in which so many files define one of the classes that they look like a class of students.

    The limit of bytes for one submission holds for all of them together.
    """
    budget = _Budget(limits.BYTES)
    for entry in entries:
        if sum(1 for _ in islice(_definitions(entry, budget), LEAST_CLASS)) >= LEAST_CLASS:
            yield entry


def _definitions(entry: Node, budget: _Budget) -> Iterator[tuple[frozenset[bytes], bytes]]:
    """Yield the classes that each file of a folder or an archive defines, and a digest of it."""
    for content in islice(_scripts(entry, budget), limits.SCRIPTS):
        if classes := _defined(content):
            yield classes, hashlib.sha256(content).digest()


def _scripts(entry: Node, budget: _Budget) -> Iterator[bytes]:
    """Yield each script and notebook of an entry; of a folder without any, those in its only archive."""
    if entry.kind is Kind.FILE:
        yield from _archived(entry, budget)
        return
    has_code, archives = False, []
    try:
        for name, node in walk(entry):
            if is_archive(name):
                archives.append(node)
            if _counts(name):
                has_code = True
                content = budget.read(node, budget.left)
                if content is not None:
                    yield content
    except UnreadableError:
        return  # It is too much for one student; what was read before that counts.
    if not has_code and len(archives) == 1:
        yield from _archived(archives[0], budget)


def _archived(archive: Node, budget: _Budget) -> Iterator[bytes]:
    packed = budget.read(archive, budget.left)
    if packed is None:
        return
    try:
        files = read_archive(io.BytesIO(packed))
    except UnreadableError:
        budget.left = 0
        return
    budget.left -= sum(map(len, files.values()))
    yield from (content for name, content in sorted(files.items()) if _counts(name))


def _counts(name: str) -> bool:
    return is_code(name) and not is_test(name) and PurePosixPath(name).name != UTILS


def _defined(content: bytes) -> frozenset[bytes]:
    """Return the classes that a script defines, or a notebook's cells as they are written in its JSON."""
    found: set[bytes] = set()
    for match in islice(_DEFINITION.finditer(content), _LOOKED_AT):
        if match[1] not in found and _begins_a_line(content, match.start()):
            found.add(match[1])
            if len(found) == len(_CLASSES):
                break
    return frozenset(found)


def _begins_a_line(content: bytes, at: int) -> bool:
    start = max(0, at - _INDENT)
    before = content[start:at].rstrip(b" \t")
    return before.endswith((b"\r", b"\n", b'"', b"\\n")) or (not before and start == 0)


def is_attempt(node: Node) -> bool:
    """Tell whether a loose file beside many folders is a submission: it mentions the classes, or is not text at all."""
    try:
        content = node.read(_LONGEST)
    except UnreadableError:
        return True
    if any(name in content for name in _CLASSES) or b"\0" in content:
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False
