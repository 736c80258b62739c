"""Read whose submissions are whose from the metadata in Gradescope's export.

Only the parser's events are used. The file also holds the results of all runs, which are skipped and never constructed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import yaml

from grader.errors import UnreadableError

__all__ = ["GradescopeStudent", "read_submitters"]

_PARSER = getattr(yaml, "CLoader", yaml.Loader)

_Events = Iterator[yaml.Event]


@dataclass(frozen=True)
class GradescopeStudent:
    """One of the students who handed something in together; each field may be empty."""

    email: str
    sid: str
    """The number that the institution knows the student by."""
    name: str

    @property
    def id(self) -> str:
        """The first field that is not empty."""
        return self.email or self.sid or self.name


def read_submitters(metadata: bytes) -> Mapping[str, list[GradescopeStudent]]:
    """Return the students by the names of their folders; raises ``UnreadableError`` for anything but such metadata."""
    try:
        return dict(_folders(yaml.parse(metadata, Loader=_PARSER)))
    except (yaml.YAMLError, UnicodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 1})"
        raise UnreadableError(f"it is not Gradescope's metadata{where}") from None


def _folders(events: _Events) -> Iterator[tuple[str, list[GradescopeStudent]]]:
    first = list(islice(events, 3))[-1]  # after the beginnings of the stream and the document
    if not isinstance(first, yaml.MappingStartEvent):
        raise yaml.YAMLError
    for folder, event in _fields(first, events):
        students: list[GradescopeStudent] = []
        for field, inner in _fields(event, events):
            if field == ":submitters":
                students = list(_submitters(inner, events))
            else:
                _skip(inner, events)
        yield folder, students


def _submitters(event: yaml.Event, events: _Events) -> Iterator[GradescopeStudent]:
    if not isinstance(event, yaml.SequenceStartEvent):
        _skip(event, events)
        return
    while not isinstance(person := next(events), yaml.SequenceEndEvent):
        fields = {}
        for field, value in _fields(person, events):
            fields[field] = value.value.strip() if isinstance(value, yaml.ScalarEvent) else ""
            _skip(value, events)
        if isinstance(person, yaml.MappingStartEvent):
            yield GradescopeStudent(*(fields.get(f":{field}", "") for field in ("email", "sid", "name")))


def _fields(event: yaml.Event, events: _Events) -> Iterator[tuple[str, yaml.Event]]:
    """Yield each key of a mapping with the first event of its value; the caller must consume the others."""
    if not isinstance(event, yaml.MappingStartEvent):
        _skip(event, events)
        return
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        _skip(key, events)
        yield key.value if isinstance(key, yaml.ScalarEvent) else "", next(events)


def _skip(event: yaml.Event, events: _Events) -> None:
    """Consume the rest of a value that begins with ``event``."""
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 0:
            return
        event = next(events)
