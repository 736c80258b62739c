"""Sources are parsed many to a process, and none suffers from those before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from grader.candidate.client import Ended
from grader.candidate.inside import wire
from grader.candidate.launcher import Ending, ForkingParent, Limits, Patience
from grader.candidate.parser import Parser
from grader.model import Cell


class Counting:
    """Counts the processes that are started, and may hand out lines that nobody answers on."""

    def __init__(self, parent: ForkingParent) -> None:
        self.started = 0
        self.is_deadly = False
        self._parent = parent
        self._silent: list[socket.socket] = []

    def spawn(self, limits: Limits) -> socket.socket:
        self.started += 1
        if self.is_deadly:
            ours, theirs = socket.socketpair()
            theirs.sendall(wire.encode({"id": 0, "layers": []}))
            theirs.shutdown(socket.SHUT_WR)
            self._silent.append(theirs)
            return ours
        return self._parent.spawn(limits)

    def ring(self) -> None:
        self._parent.ring()

    def end(self, *, hung_up: bool = False) -> Ending:
        for line in self._silent:
            line.close()
        ending = self._parent.end(hung_up=hung_up)
        return Ending(status=0) if self.is_deadly else ending


@pytest.fixture
def spawner() -> Iterator[Counting]:
    with ForkingParent() as parent:
        yield Counting(parent)


def source(number: int) -> tuple[Cell, ...]:
    return (Cell("work.py", f"class Layer{number}: pass"),)


def test_many_sources_are_parsed_in_one_process(spawner: Counting) -> None:
    with closing(Parser(spawner, Patience(), Limits())) as parser:
        for number in range(30):
            assert parser.outline(source(number)).names == {f"Layer{number}"}
    assert spawner.started == 1


def test_a_long_source_has_a_process_for_itself(spawner: Counting) -> None:
    with closing(Parser(spawner, Patience(), Limits())) as parser:
        for _ in range(3):
            parser.outline((Cell("long.py", "x = 1\n" * 50_000),))
            parser.outline(source(1))
    assert spawner.started == 6


def test_patience_is_each_sources_own(spawner: Counting) -> None:
    with closing(Parser(spawner, Patience(request=10.0, total=0.5), Limits())) as parser:
        for number in range(400):
            assert parser.outline(source(number)).problem is None


def test_a_source_at_which_the_process_ends_is_tried_in_a_new_one(spawner: Counting) -> None:
    with closing(Parser(spawner, Patience(), Limits())) as parser:
        parser.outline(source(1))
        spawner.end()
        assert parser.outline(source(2)).names == {"Layer2"}
    assert spawner.started == 2


def test_a_source_at_which_every_process_ends_harms_no_other(spawner: Counting) -> None:
    with closing(Parser(spawner, Patience(request=0.5), Limits())) as parser:
        spawner.is_deadly = True
        with pytest.raises(Ended):
            parser.outline(source(1))
        spawner.is_deadly = False
        assert parser.outline(source(2)).names == {"Layer2"}
