"""Tell how the steps of a ``fit`` make up epochs, and find what makes it start over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.mistake import ALL, BACKPROPAGATION, ENOUGH, LOSS, Mistake, unknown

__all__ = ["epochs_counted", "epochs_run", "examples_visited", "reset"]

Ask = Callable[[], Sequence[Reading]]


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


def epochs_run(
    readings: Sequence[Reading], chunks: Sequence[Sequence[Sequence[Block]]], ask_longer: Ask
) -> list[Mistake]:
    """Return the mistakes in how many examples an epoch has, and how many epochs there are."""
    if all(len(reading.blocks) == 1 < reading.training.case.epochs for reading in readings):
        return [unknown("Your fit takes one step in all.", BACKPROPAGATION)]
    rows = [[[block.step.example for block in epoch] for epoch in epochs] for epochs in chunks]
    return [*examples_visited(readings, rows), *epochs_counted(readings, list(map(len, chunks)), ask_longer)]


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
    """Tell whether a line is printed for every epoch that is due, though more or fewer seem to have steps."""
    return all(
        count != len(reading.training.reply.lines) == reading.training.case.epochs
        for reading, count in zip(readings, seen, strict=True)
    )


def examples_visited(
    readings: Sequence[Reading], visited: Sequence[Sequence[Sequence[int | None]]]
) -> list[Mistake]:
    """Return the mistake if epochs leave out examples; ``visited`` has those of each epoch, in order."""
    skipping = [
        (reading, epochs)
        for reading, epochs in zip(readings, visited, strict=True)
        if len(epochs[0]) != reading.examples
    ]
    if not skipping:
        return []
    if len(skipping) < ENOUGH:
        return [unknown("An epoch does not go through all examples.", BACKPROPAGATION)]
    known = (
        text
        for text, rows in _SKIPPING
        if all(list(epoch) == rows(reading.examples) for reading, epochs in skipping for epoch in epochs)
    )
    seen = next(known, None) or _left_out_in_words(skipping)
    due = "each epoch takes all examples, i = 0, 1, …, N − 1"
    return [Mistake("examples-skipped", (BACKPROPAGATION, LOSS), len(skipping), seen, due)]


_SKIPPING: tuple[tuple[str, Callable[[int], list[int]]], ...] = (
    ("each epoch leaves out the first example, i = 0", lambda n: [*range(1, n)]),
    ("each epoch leaves out the last example, i = N − 1", lambda n: [*range(n - 1)]),
    ("each epoch takes the first example alone, i = 0", lambda _n: [0]),
    ("each epoch takes the last example alone, i = N − 1", lambda n: [n - 1]),
    ("each epoch takes every second example alone, from the first one on", lambda n: [*range(0, n, 2)]),
    ("each epoch takes every second example alone, from the second one on", lambda n: [*range(1, n, 2)]),
)
"""Which examples an epoch visits, for a number of examples."""


def _left_out_in_words(skipping: Sequence[tuple[Reading, Sequence[Sequence[int | None]]]]) -> str:
    """Return how many examples an epoch leaves out, and which, if these are the same in all epochs of a case."""
    missing = {reading.examples - len({*epoch}) for reading, epochs in skipping for epoch in epochs}
    if len(missing) == 1:
        count = missing.pop()
        left = "one example" if count == 1 else f"{count} examples"
    else:
        left = "some examples"
    if all(len({frozenset(epoch) for epoch in epochs}) == 1 for _, epochs in skipping):
        return f"each epoch leaves out {left}, always the same"
    return f"each epoch leaves out {left}, not always the same"
