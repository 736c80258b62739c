"""What finding passes on to reading: the files of one student, found by their names and not opened yet."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from grader.intake.folders import Kind, Node, archive_stem, is_archive, is_code, is_ignored, walk
from grader.messages import message_text
from grader.model import Message
from grader.protocol.names import UTILS
from grader.text import printable

__all__ = [
    "SHOWN",
    "FoundSubmission",
    "Notice",
    "clean_id",
    "could_be_submission",
    "is_gradable",
    "name_list",
    "name_list_message",
    "stem_of",
    "tell_skipped",
]

Notice = Callable[[str], None]
"""Called with each line that the person who grades should read."""

SHOWN = 8
"""So many names are listed in one line."""


@dataclass(frozen=True)
class FoundSubmission:
    """What one student handed in, found but not read."""

    id: str
    path: str
    """The file, folder or archive, as the person who grades would name it."""
    parts: tuple[tuple[str, Node], ...]
    """Files by the names that the student gave them; a folder that is the whole submission has no name."""
    aliases: tuple[str, ...] = ()
    """Other names of the student: the number or the e-mail address in a gradebook, for example."""
    problem: Message | None = None
    """Why there is nothing to read; ``None`` if there is something."""
    main: str = ""
    """The file to examine, if it is there, whatever lies beside it."""

    @classmethod
    def of(
        cls, node: Node, id_: str | None = None, aliases: Iterable[str] = (), name: str = "", main: str = ""
    ) -> FoundSubmission:
        """Return a file, folder or archive as one student's; without an ``id_``, it is called after itself."""
        called = clean_id(stem_of(node) if id_ is None else id_)
        name = name or ("" if node.kind is Kind.FOLDER else node.name)
        return cls(called, node.path, ((name, node),), tuple(map(clean_id, aliases)), main=main)

    @cached_property
    def files(self) -> Sequence[tuple[str, Node]]:
        """All files, each with its path in the submission; raises ``UnreadableError`` if there are too many."""
        return list(self._walk())

    def _walk(self) -> Iterator[tuple[str, Node]]:
        for name, node in self.parts:
            if node.kind is Kind.FOLDER:
                yield from walk(node)
            else:
                yield name, node


def stem_of(node: Node) -> str:
    """Return the name of a file, folder or archive without its ending."""
    if node.kind is Kind.FOLDER:
        return node.name
    return archive_stem(node.name) if is_archive(node.name) else PurePosixPath(node.name).stem


def clean_id(text: str) -> str:
    """Return an id in composed Unicode, which is the same wherever it was typed, and harmless to print."""
    return printable(unicodedata.normalize("NFC", text))


def name_list(names: Sequence[str]) -> str:
    """Return as many of the names as fit a line, and how many more there are."""
    return message_text(name_list_message(names))


def name_list_message(names: Sequence[str]) -> Message:
    """Return what `name_list` does, to be translated."""
    more = len(names) - SHOWN
    listed = ", ".join(printable(name) for name in names[:SHOWN])
    return (
        Message("{names} and {more} more", {"names": listed, "more": more})
        if more > 0
        else Message.verbatim(listed)
    )


def is_gradable(name: str) -> bool:
    """Tell whether a file of this name is a script, a notebook or an archive, and not the course's ``utils.py``."""
    return PurePosixPath(name).name != UTILS and (is_code(name) or is_archive(name))


def could_be_submission(node: Node) -> bool:
    """Tell whether a student could have handed in this file or folder."""
    return node.kind is Kind.FOLDER or (node.kind is Kind.FILE and is_gradable(node.name))


def tell_skipped(folder: Node, taken: Iterable[str], notice: Notice) -> None:
    """Name everything in a folder of many submissions that is not among those ``taken``."""
    expected = {*taken, UTILS}
    names = [
        node.name for node in folder.children() if node.name not in expected and not is_ignored(node.name)
    ]
    if names:
        notice(f"skipped in {folder.path}, as they are not submissions: {name_list(names)}")
