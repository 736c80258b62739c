"""Read whose submissions are whose from the metadata in Gradescope's export.

Only the parser's events are used. The file also holds the results of all runs, which are skipped and never constructed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from grader.errors import UnreadableError

__all__ = ["GradescopeStudent", "read_students"]

_PARSER = getattr(yaml, "CLoader", yaml.Loader)

_Value = str | list["_Value"] | dict[str, "_Value"]
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


def read_students(metadata: bytes) -> Mapping[str, list[GradescopeStudent]]:
    """Return the students by the names of their folders; raises ``UnreadableError`` for anything but such metadata."""
    try:
        return dict(_folders(yaml.parse(metadata, Loader=_PARSER)))
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 1})"
        raise UnreadableError(f"it is not Gradescope's metadata{where}") from None


def _folders(events: _Events) -> Iterator[tuple[str, list[GradescopeStudent]]]:
    for _ in range(2):  # the stream and the document
        _next(events)
    if not isinstance(_next(events), yaml.MappingStartEvent):
        raise yaml.YAMLError
    for folder, event in _items(events):
        people: _Value = []
        if isinstance(event, yaml.MappingStartEvent):
            for field, inner in _items(events):
                if field == ":submitters":
                    people = _value(inner, events)
                else:
                    _skip(inner, events)
        else:
            _skip(event, events)
        yield folder, [_student(person) for person in people if isinstance(person, dict)]


def _next(events: _Events) -> yaml.Event:
    event = next(events, None)
    if event is None:
        raise yaml.YAMLError
    return event


def _items(events: _Events) -> Iterator[tuple[str, yaml.Event]]:
    """Yield each key of a mapping with the first event of its value; the caller must consume the others."""
    while not isinstance(key := _next(events), yaml.MappingEndEvent):
        name = key.value if isinstance(key, yaml.ScalarEvent) else ""
        _skip(key, events)
        yield name, _next(events)


def _value(event: yaml.Event, events: _Events) -> _Value:
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    if isinstance(event, yaml.MappingStartEvent):
        return {key: _value(inner, events) for key, inner in _items(events)}
    values: list[_Value] = []
    if isinstance(event, yaml.SequenceStartEvent):
        while not isinstance(inner := _next(events), yaml.SequenceEndEvent):
            values.append(_value(inner, events))
    return values


def _skip(event: yaml.Event, events: _Events) -> None:
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 0:
            return
        event = _next(events)


def _student(person: dict[str, _Value]) -> GradescopeStudent:
    email, sid, name = (
        value.strip() if isinstance(value := person.get(f":{field}", ""), str) else ""
        for field in ("email", "sid", "name")
    )
    return GradescopeStudent(email, sid, name)
