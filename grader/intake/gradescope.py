"""Reads who handed in what from the metadata of Gradescope's export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from grader.errors import UnreadableError

__all__ = ["Submitter", "submitters"]

_PARSER = getattr(yaml, "CLoader", yaml.Loader)
"""Only its events are used: nothing is constructed, and what is not asked for is not kept."""

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Submitter:
    """One of the students who handed something in together."""

    email: str
    sid: str
    name: str

    @property
    def id(self) -> str:
        """What tells the student from others: e-mail address, number of the institution, or name."""
        return self.email or self.sid or self.name


def submitters(content: bytes) -> dict[str, list[Submitter]]:
    """Return who handed in each folder of an export; raises ``UnreadableError`` for what is no such metadata."""
    try:
        return dict(_folders(yaml.parse(content, Loader=_PARSER)))
    except (yaml.YAMLError, UnicodeError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 1})"
        raise UnreadableError(f"is no metadata of Gradescope's{where}") from None


def _folders(events: Iterator[yaml.Event]) -> Iterator[tuple[str, list[Submitter]]]:
    for _ in range(2):  # the stream and the document
        _next(events)
    if not isinstance(_next(events), yaml.MappingStartEvent):
        raise yaml.YAMLError
    for folder, event in _items(events):
        people: Value = []
        if isinstance(event, yaml.MappingStartEvent):
            for field, inner in _items(events):
                if field == ":submitters":
                    people = _value(inner, events)
                else:
                    _skip(inner, events)
        else:
            _skip(event, events)
        yield folder, [_submitter(person) for person in people if isinstance(person, dict)]


def _next(events: Iterator[yaml.Event]) -> yaml.Event:
    event = next(events, None)
    if event is None:
        raise yaml.YAMLError
    return event


def _items(events: Iterator[yaml.Event]) -> Iterator[tuple[str, yaml.Event]]:
    """Yield the keys of a mapping, each with the event that its value begins with, which must be consumed."""
    while not isinstance(key := _next(events), yaml.MappingEndEvent):
        name = key.value if isinstance(key, yaml.ScalarEvent) else ""
        _skip(key, events)
        yield name, _next(events)


def _value(event: yaml.Event, events: Iterator[yaml.Event]) -> Value:
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    if isinstance(event, yaml.MappingStartEvent):
        return {key: _value(inner, events) for key, inner in _items(events)}
    values: list[Value] = []
    if isinstance(event, yaml.SequenceStartEvent):
        while not isinstance(inner := _next(events), yaml.SequenceEndEvent):
            values.append(_value(inner, events))
    return values


def _skip(event: yaml.Event, events: Iterator[yaml.Event]) -> None:
    depth = 0
    while True:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth == 0:
            return
        event = _next(events)


def _submitter(person: dict[str, Value]) -> Submitter:
    email, sid, name = (
        value.strip() if isinstance(value := person.get(f":{field}", ""), str) else ""
        for field in ("email", "sid", "name")
    )
    return Submitter(email, sid, name)
