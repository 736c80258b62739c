"""Arrange the log of a ``fit`` in blocks: the calls of ``backward`` in one run, and the forward passes before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.exam.laws.fit_log import Pass, Training, TrainingStep

__all__ = ["Block", "Reading", "chunks_of"]


@dataclass(frozen=True, eq=False)
class Block:
    """A run of ``backward`` calls, and all forward passes since the run before it."""

    passes: tuple[Pass, ...]
    step: TrainingStep

    @property
    def covered(self) -> set[int]:
        """The examples that went forward."""
        return {each.example for each in self.passes if each.example is not None}


Chunks = tuple[tuple[Block, ...], ...]


@dataclass(frozen=True, eq=False)
class Reading:
    """One case of ``fit`` with its log in blocks."""

    training: Training

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks that ended; one that an exception cut short is left out."""
        found = self._all[0]
        return found[:-1] if self._is_cut else found

    @property
    def _is_cut(self) -> bool:
        """Whether ``fit`` was stopped, or raised in the middle of a run."""
        reply, found = self.training.reply, self._all[0]
        if not found or not (reply.stopped or reply.raised is not None):
            return False
        usual = max(len(block.step.calls) for block in found)
        return not self.trailing and len(found[-1].step.calls) < usual

    @property
    def trailing(self) -> tuple[Pass, ...]:
        """The forward passes after the last run."""
        return self._all[1]

    @cached_property
    def _all(self) -> tuple[tuple[Block, ...], tuple[Pass, ...]]:
        blocks: list[Block] = []
        passes: list[Pass] = []
        for item in self.training.items:
            if isinstance(item, Pass):
                passes.append(item)
            else:
                blocks.append(Block(tuple(passes), item))
                passes = []
        return tuple(blocks), tuple(passes)

    @property
    def is_interrupted(self) -> bool:
        """Whether ``fit`` was stopped, or ended by an exception before it took every step."""
        return self.training.reply.stopped or not self.training.is_whole

    @property
    def examples(self) -> int:
        """The number of training examples."""
        return self.training.case.examples

    @property
    def depth(self) -> int:
        """The number of layers."""
        return len(self.training.case.sizes)

    @property
    def chunks(self) -> Chunks | None:
        """The blocks of each epoch, if every block is a step on one example and no epoch has an example twice."""
        return next(iter(self.ways_to_chunk), None)

    @cached_property
    def ways_to_chunk(self) -> list[Chunks]:
        """The blocks of each epoch in all ways that are possible, the likeliest first."""
        examples = [block.step.example for block in self.blocks]
        if not examples or None in examples:
            return []
        count = len(examples)
        first_repeat = next((i for i, row in enumerate(examples) if row in examples[:i]), count)
        by_lines = count // max(len(self.training.reply.lines), 1)
        sizes = dict.fromkeys((self.examples, first_repeat, by_lines, count // self.training.case.epochs))
        return [
            tuple(self.blocks[start : start + size] for start in range(0, count, size))
            for size in sizes
            if self._divides(examples, size)
        ]

    def _divides(self, examples: Sequence[int | None], size: int) -> bool:
        """Tell whether runs of ``size`` examples are epochs: none has one twice, and the last one perhaps is cut.

        If they leave some out, all leave out the same, or there are as many as there should be.
        """
        count = len(examples)
        if size <= 0 or (count % size and not self.is_interrupted):
            return False
        runs = [frozenset(examples[start : start + size]) for start in range(0, count, size)]
        if any(len(run) < size for run in runs[:-1]) or len(runs[-1]) < (count % size or size):
            return False
        whole = runs[:-1] if count % size else runs
        epochs = {self.training.case.epochs, len(self.training.reply.lines)}
        return size == self.examples or len({*whole}) == 1 or count in {size * each for each in epochs}

    def first_epoch(self, calls: int) -> Reading:
        """Return the reading of the first epoch alone, with the first ``calls`` of the log and the first line."""
        reply = self.training.reply
        cut = replace(
            reply,
            calls=reply.calls[:calls],
            lines=reply.lines[:1],
            other_lines=reply.other_lines[:1],
            raised=None,
            stopped=False,
        )
        return Reading(Training(self.training.case, cut))


def chunks_of(readings: Sequence[Reading]) -> list[Chunks | None]:
    """Return the chunks of each reading; if most leave out examples, so do those that may be read so.

    Two epochs with half of the examples each may look like one with all of them, unless there is a line for each.
    """
    first = [each.chunks for each in readings]
    leaves_out = [
        len(chunks[0]) < each.examples for each, chunks in zip(readings, first, strict=True) if chunks
    ]
    if 2 * sum(leaves_out) <= len(leaves_out) or all(map(_has_line_for_each, readings, first)):
        return first
    return [each.ways_to_chunk[-1] if each.ways_to_chunk else None for each in readings]


def _has_line_for_each(reading: Reading, chunks: Chunks | None) -> bool:
    """Tell whether as many lines are printed as there are epochs."""
    return chunks is not None and len(reading.training.reply.lines) == len(chunks)
