"""Tell how the steps of a ``fit`` make up epochs, and find what breaks that off or makes it start over."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import accumulate

from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.mistake import ALL, BACKPROPAGATION, ENOUGH, LOSS, Mistake, unknown
from grader.exam.laws.fit_log import Pass

__all__ = ["epochs_counted", "epochs_run", "reset", "shadowed"]

Ask = Callable[[], Sequence[Reading]]
_NOT_A_SEQUENCE = re.compile(
    r"not iterable|must support iteration|iteration over a 0-d array|not subscriptable|invalid index to scalar"
)


def reset(readings: Sequence[Reading]) -> list[Mistake]:
    """Return the mistake if ``fit`` makes its layers anew, or draws their parameters again."""
    replaced = sum(reading.training.reply.replaced and not reading.blocks for reading in readings)
    due = "the layers that the network has, with their parameters"
    if replaced == len(readings) >= ENOUGH:
        return [Mistake("parameters-reset", ALL, replaced, "new layers in place of those given", due)]
    if not any(reading.training.reply.assigned for reading in readings):
        return []
    stepping = [reading for reading in readings if reading.blocks]
    drawn = [reading for reading in stepping if _is_drawn_again(reading)]
    if len(drawn) == len(stepping) and sum(map(_shows_fresh, drawn)) >= ENOUGH:
        seen = "weights and biases drawn again"
        return [Mistake("parameters-reset", (BACKPROPAGATION,), len(drawn), seen, due)]
    return [unknown("Your fit gives layers new parameters itself; only backward should.", *ALL)]


def _is_drawn_again(reading: Reading) -> bool:
    """Tell whether the parameters of all layers are assigned before the first step, and others only between steps."""
    assignments = reading.training.reply.assignments
    starts = {assignment.backward_calls for assignment in assignments}
    between = {0, *accumulate(len(block.step.calls) for block in reading.blocks)}
    complete = all(
        {each.layer for each in assignments if each.backward_calls == start} == {*range(reading.depth)}
        for start in sorted(starts)[:1]
    )
    return 0 in starts and starts <= between and complete


def _shows_fresh(reading: Reading) -> bool:
    """Tell whether every layer with several weights got numbers that do not follow from its own."""
    return all(
        any(each.is_fresh for each in reading.training.reply.assignments if each.layer == layer)
        for layer, (n_inputs, n_neurons) in enumerate(reading.training.case.sizes)
        if n_inputs * n_neurons > 1
    )


def shadowed(readings: Sequence[Reading]) -> tuple[list[Reading], list[Mistake]]:
    """Return the readings of the first epochs alone, and the mistake, if the second goes through something else."""
    longer = [reading for reading in readings if reading.training.case.epochs > 1]
    if len(longer) < ENOUGH or len(longer) < len(readings):
        return list(readings), []
    for seen, goes_on in _SHADOWS:
        if all(_first_epoch_is_whole(reading) and goes_on(reading) for reading in longer):
            due = "a name of its own for each row and each label"
            cut = [reading.first_epoch(_calls_of_first_epoch(reading)) for reading in readings]
            return cut, [Mistake("labels-shadowed", ALL, len(longer), seen, due)]
    return list(readings), []


def _first_epoch_is_whole(reading: Reading) -> bool:
    first = [block.step.example for block in reading.blocks[: reading.examples]]
    return sorted(row for row in first if row is not None) == [*range(reading.examples)]


def _calls_of_first_epoch(reading: Reading) -> int:
    """Return how many calls of the log belong to the first epoch."""
    left = sum(len(block.step.calls) for block in reading.blocks[: reading.examples])
    for number, call in enumerate(reading.training.reply.calls, 1):
        left -= call.is_backward
        if not left:
            return number
    return len(reading.training.reply.calls)


def _later(reading: Reading) -> list[tuple[float, ...]]:
    """Return what went forward in each step after the first epoch."""
    passes = [block.step.before for block in reading.blocks[reading.examples :]]
    return [each.first.argument for each in passes if isinstance(each, Pass)]


def _goes_on_with(rows: Callable[[Reading], Sequence[tuple[float, ...]]]) -> Callable[[Reading], bool]:
    def goes_on(reading: Reading) -> bool:
        raised = reading.training.reply.raised is not None
        return _later(reading) == list(rows(reading)) and raised == (reading.training.case.epochs > 2)  # noqa: PLR2004

    return goes_on


def _ends_at_once(reading: Reading) -> bool:
    """Tell whether the second epoch could not go through its examples, after the line of the first was printed."""
    reply, blocks = reading.training.reply, reading.blocks
    if reply.raised is None or not _NOT_A_SEQUENCE.search(reply.raised.text) or reading.trailing:
        return False
    # The epochs after the exception are trained by calls of their own; a forward pass before it would show there.
    later = blocks[reading.examples : reading.examples + 1]
    return bool(reply.lines or reply.other_lines) and all(
        len(block.passes) == len(blocks[0].passes) for block in later
    )


_SHADOWS: tuple[tuple[str, Callable[[Reading], bool]], ...] = (
    ("for x, labels in zip(training_data, labels)", _goes_on_with(lambda each: [each.training.case.rows[0]])),
    (
        "for training_data, y in zip(training_data, labels)",
        _goes_on_with(lambda each: [(x,) for x in each.training.case.rows[-1]][: each.examples]),
    ),
    (
        "for training_data, labels in zip(training_data, labels)",
        _goes_on_with(lambda each: [each.training.case.rows[-1][:1]]),
    ),
    ("the data or the labels by a single one of them", _ends_at_once),
)
"""What the loop over the examples overwrites, and whether a log goes on in that way after the first epoch."""


def epochs_run(
    readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]], ask_longer: Ask
) -> list[Mistake]:
    """Return the mistakes in how many examples an epoch has, and how many epochs there are."""
    if all(len(reading.blocks) == 1 for reading in readings):
        return [unknown("Your fit takes one step in all.", BACKPROPAGATION)]
    return [*_examples(readings, chunks), *epochs_counted(readings, list(map(len, chunks)), ask_longer)]


def epochs_counted(readings: Sequence[Reading], seen: Sequence[int], ask_longer: Ask) -> list[Mistake]:
    """Return the mistake if there are other numbers of epochs in the cases than those ``seen``."""
    counts = [(each.training.case.epochs, count) for each, count in zip(readings, seen, strict=True)]
    if all(due == there for due, there in counts):
        return []
    if sum(due != there for due, there in counts) < ENOUGH:
        longer = ask_longer()
        counts += [(each.training.case.epochs, len(each.chunks)) for each in longer if each.chunks]
    cases = sum(due != there for due, there in counts)
    if cases < ENOUGH or _prints_every_epoch(readings, seen):
        return [unknown("The number of epochs that fit trains is not epochs.", BACKPROPAGATION)]
    stopped = any(reading.training.reply.stopped for reading in readings)
    text = "more epochs than asked for" if stopped else _count_in_words(counts)
    return [Mistake("epochs-ignored", (BACKPROPAGATION, LOSS), cases, text, "epoch = 1, 2, …, epochs")]


def _count_in_words(counts: Sequence[tuple[int, int]]) -> str:
    seen = [there for _, there in counts]
    if len({*seen}) == 1:
        return "epoch = 1" if seen[0] == 1 else f"epoch = 1, …, {seen[0]}"
    differences = {there - wanted for wanted, there in counts}
    if len(differences) == 1:
        return f"epoch = 1, …, epochs {'+' if (by := differences.pop()) > 0 else '−'} {abs(by)}"
    most = max(seen)
    if all(there == min(wanted, most) for wanted, there in counts):
        return f"epoch = 1, …, min(epochs, {most})"
    return "another number of epochs"


def _prints_every_epoch(readings: Sequence[Reading], seen: Sequence[int]) -> bool:
    """Tell whether a line is printed for every epoch that is due, though fewer have steps."""
    return all(
        count < len(reading.training.reply.lines) == reading.training.case.epochs
        for reading, count in zip(readings, seen, strict=True)
    )


def _examples(readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]]) -> list[Mistake]:
    """Return the mistake if every epoch leaves out the same number of examples."""
    cases = 0
    texts = set()
    for reading, epochs in zip(readings, chunks, strict=True):
        size = len(epochs[0])
        if size == reading.examples:
            continue
        cases += 1
        texts.add(_left_out(reading, [[block.step.example for block in epoch] for epoch in epochs]))
    if not cases:
        return []
    if cases < ENOUGH:
        return [unknown("An epoch does not go through all examples.", BACKPROPAGATION)]
    seen = texts.pop() if len(texts) == 1 else "some of i = 0, 1, …, N − 1"
    return [
        Mistake("examples-skipped", (BACKPROPAGATION, LOSS), cases, seen, "i = 0, 1, …, N − 1 in every epoch")
    ]


def _left_out(reading: Reading, epochs: Sequence[Sequence[int | None]]) -> str:
    every = [*range(reading.examples)]
    for text, rows in (
        ("i = 1, …, N − 1", every[1:]),
        ("i = 0, …, N − 2", every[:-1]),
        ("i = 0", every[:1]),
        ("i = N − 1", every[-1:]),
    ):
        if all(list(epoch) == rows for epoch in epochs):
            return text
    return "some of i = 0, 1, …, N − 1"
