"""The checks of `Perceptron.fit`, with recording layers in place of yours, so without your `backward`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice, pairwise

import numpy as np

from checks.exceptions import raised
from checks.fit_mistakes import KNOWN_DAS, KNOWN_LOSSES, gives_da, prints, prints_later_losses
from checks.recorders import Call
from checks.results import Entry, Wrong, entries, matrix
from checks.trainings import LINE, METHOD, ROUNDING, Step, Training, derivative, loss, nearly, same
from checks.words import _

STEPS = ("output_gradient", "backpropagation", "loss")


class Checks:
    """The checks of the steps of `fit`, on all trainings."""

    def __init__(self, trainings: Sequence[Training]) -> None:
        self._trainings = trainings
        used = {step.label for training in trainings for step in training.steps}
        self._reads_labels = {0.0, 1.0} <= used
        self._labels_are_told = self._reads_labels and all(each.tells_labels for each in trainings)

    def does_nothing(self) -> bool:
        """Tell whether `fit` neither calls a layer nor prints anything, as an empty one does."""
        return not any(
            each.calls or each.printed or each.error or each.is_generator for each in self._trainings
        )

    def always_raises(self) -> bool:
        """Tell whether every call of `fit` raised before its first step, so that there is one reason for all."""
        return all(each.error is not None and not each.steps for each in self._trainings)

    def raises_only_after_epochs(self) -> bool:
        """Tell whether exceptions come only after an epoch's last step; these belong to the printed line."""
        raising = [each for each in self._trainings if each.error is not None]
        return bool(raising) and all(each.is_whole for each in raising)

    def hold_in_part(self) -> bool:
        """Tell whether the first `da` or the backpropagation is right."""
        return any(self.wrong(step) is None for step in STEPS[:2])

    def wrong(self, step: str) -> Wrong | None:
        """Return what is wrong in a step, or None if it is right."""
        for training in self._trainings:
            found: Wrong | None = getattr(self, f"_{step}")(training)
            if found is None:
                continue
            if training.error is not None and (found is ENDED or not training.is_whole):
                return raised(training.error, METHOD, training.case.facts())
            found.facts += training.case.facts()
            return found
        return None

    def _output_gradient(self, training: Training) -> Wrong | None:
        if training.error is not None and not training.steps and any(each.steps for each in self._trainings):
            return None
        if not training.steps:
            hint = _("fit should call it on each of self.layers, for every example.")
            if any(each.steps for each in self._trainings):
                hint = _("With more layers it was. A single layer is the last and the first at once.")
            return Wrong(_("No layer's backward was called."), hint=hint)
        for step in training.steps:
            if step.before is None:
                return Wrong(
                    _("backward was called before a forward pass through the forward of all layers.")
                )
            y_hat, own = step.before.y_hat, training.label(step)
            labels = (1.0, 0.0) if own is None or self._reads_labels else (own,)
            if step.da is None or not any(nearly(step.da, derivative(y_hat, y)) for y in labels):
                return self._wrong_da(step, y_hat, own)
        return None

    def _wrong_da(self, step: Step, y_hat: float, own: float | None) -> Wrong:
        says = _("The da at the output should be (ŷ − y) / (ŷ·(1 − ŷ)).")
        facts = [("ŷ", f"{y_hat:.4f}"), *([] if own is None else [("y", f"{own:g}")])]
        if step.da is None:
            says += " " + _("What went into the last layer was not one number.")
            hint = _("Take the examples one at a time, with the numbers that they have.")
            return Wrong(says, hint=hint, facts=facts)
        shown = [] if own is None else [Entry("da", step.da, derivative(y_hat, own), True)]
        return Wrong(says, shown, _("by the formula"), self._known_da() or self._clipped_da(), facts)

    def _clipped_da(self) -> str:
        """Say so if `da` is right wherever ŷ is neither near 0 nor near 1."""
        pairs = [(t.label(s), s) for t in self._trainings for s in t.steps]
        if pairs and all(
            s.before is not None
            and s.da is not None
            and y is not None
            and abs(s.da - derivative(s.before.y_hat, y)) <= 0.1 * abs(derivative(s.before.y_hat, y))
            for y, s in pairs
            if s.before is None or 0.1 <= s.before.y_hat <= 0.9
        ):
            return _("It is close where ŷ is not near 0 or 1. Is ŷ clipped, or a constant added to it?")
        return ""

    def _known_da(self) -> str:
        """Return what is said of the mistake that gives every first `da`; empty if none is known."""
        steps = [(training, step) for training in self._trainings for step in training.steps]
        for sentence, formula in KNOWN_DAS.items():
            if all(gives_da(step, training, formula) for training, step in steps):
                return _(sentence)
        return ""

    def _backpropagation(self, training: Training) -> Wrong | None:
        case, n_examples = training.case, len(training.case.rows)
        if training.is_generator:
            return Wrong(_("fit has a yield, so calling it runs nothing."))
        for number, step in enumerate(training.steps):
            found = self._wrong_step(training, step)
            if found is not None:
                if number >= n_examples:
                    found.hint = _(
                        "The first epoch is right. Does a variable of a loop take the name of the data or the labels?"
                    )
                return found
        if training.is_whole and not training.was_stopped and len(training.steps) != training.due:
            return _wrong_count(training)
        for epoch, start in enumerate(range(0, len(training.steps), n_examples), 1):
            used = [step.example for step in training.steps[start : start + n_examples]]
            twice = next((one for one in used if one is not None and used.count(one) > 1), None)
            if twice is not None:
                says = _(
                    "In epoch {epoch}, training_data[{example}] was used {times} times. Each example is used once."
                )
                return Wrong(says.format(epoch=epoch, example=twice, times=used.count(twice)))
        if training.was_stopped:
            return Wrong(
                _("fit went on and on, and was stopped."),
                hint=_("It should end after {n} epochs.").format(n=case.epochs),
            )
        if not training.is_whole:
            return ENDED
        if training.assigned:
            says = _("fit gave a layer new {names} itself. Only backward changes the parameters.")
            return Wrong(says.format(names=", ".join(sorted(training.assigned))))
        return None

    def _wrong_step(self, training: Training, step: Step) -> Wrong | None:
        case = training.case
        if step.example is None:
            if step.before is not None:
                return _not_a_row(training, step.before.first)
            return Wrong(_("A training step had no forward pass of an example through all layers before it."))
        facts = [(_("example"), f"training_data[{step.example}]")]
        visited = [call.layer + 1 for call in step.calls]
        due = list(range(len(case.sizes), 0, -1))
        if visited != due:
            says = _("For one example, backward was called on the layers {seen}, but it should be {due}.")
            what = says.format(seen=_listed(visited), due=_listed(due))
            hint = _("From the last layer to the first, once each.")
            if sorted(visited) != sorted(due) and len(visited) < len(due):
                hint = _("Some layers were left out: the loop should go through all of self.layers.")
            return Wrong(what, hint=hint, facts=facts)
        for after, call in pairwise(step.calls):
            if call.size != len(after.returned) or not same(call.argument, after.returned):
                says = _("Layer {layer} was given a da that is not what layer {next} returned.")
                hint = ""
                if same(call.argument, step.calls[0].argument):
                    hint = _("It is the da of the output again. Pass on what each backward returns.")
                if _is_sum(call.argument, after.argument, after.returned):
                    hint = _(
                        "It is the sum of the da before and of what backward returned. Replace da by it."
                    )
                shown = []
                if len(call.argument) == len(after.returned):
                    shown = entries("da", np.array(call.argument), np.array(after.returned))
                what = says.format(layer=call.layer + 1, next=after.layer + 1)
                return Wrong(
                    what, shown, _("returned by layer {next}").format(next=after.layer + 1), hint, facts
                )
        for call in step.calls:
            if not nearly(call.rate, case.learning_rate):
                says = _("fit was given the learning rate {due}, but passed {seen} to backward.")
                given = _("none") if np.isnan(call.rate) else f"{call.rate:g}"
                return Wrong(says.format(due=f"{case.learning_rate:g}", seen=given), facts=facts)
        if self._labels_are_told and step.label != training.label(step):
            says = _("training_data[{example}] has the label {due}, but was trained with the label {seen}.")
            what = says.format(example=step.example, due=f"{training.label(step):g}", seen=f"{step.label:g}")
            return Wrong(what, hint=_("Data and labels must stay together, in every epoch."))
        return None

    def _loss(self, training: Training) -> Wrong | None:
        if not training.is_whole and any(each.is_whole for each in self._trainings):
            return None
        case = training.case
        if training.error is not None:
            return ENDED
        matches = [match for line in training.lines if (match := LINE.fullmatch(line))]
        printed, due = [int(match[1]) for match in matches], list(range(1, case.epochs + 1))
        if sorted(printed) != due:
            return _wrong_lines(training, printed)
        values = [float(match[2]) for match in sorted(matches, key=lambda match: int(match[1]))]
        readings = list(_readings(training))
        if not readings:
            return self._no_means(training)
        if any(all(map(_is_mean, values, reading)) for reading in readings):
            return None
        wrong = next(
            i
            for i, (v, losses) in enumerate(zip(values, readings[0], strict=True))
            if not _is_mean(v, losses)
        )
        line = next(match[0] for match in matches if int(match[1]) == wrong + 1)
        mean = float(np.mean(readings[0][wrong]))
        says = _("The line of epoch {epoch} should be “{due}”, but is “{seen}”.")
        what = says.format(epoch=wrong + 1, due=f"Loss at epoch {wrong + 1}: {mean:.3f}", seen=line)
        facts = [(_("losses of the examples"), matrix(readings[0][wrong]))]
        hint = self._known_loss() or _("Compare the losses below with those that your code adds up.")
        return Wrong(what, hint=hint, facts=facts)

    def _known_loss(self) -> str:
        """Return what is said of the mistake that gives every printed number; empty if none is known."""
        for sentence, formula in KNOWN_LOSSES.items():
            if all(prints(each, formula) for each in self._trainings if each.lines):
                return _(sentence)
        if all(map(prints_later_losses, (each for each in self._trainings if each.lines))):
            return _(
                "The losses are of forward passes after the updates. Take ŷ from the pass that comes before backward."
            )
        return ""

    def _no_means(self, training: Training) -> Wrong:
        firsts = (call for call in training.calls if call.layer == 0 and not call.is_backward)
        other = next((call for call in firsts if training.row_of(call) is None), None)
        if other is not None:
            return _not_a_row(training, other)
        if not training.passes:
            return Wrong(_("There was no forward pass to compute a loss from."))
        return Wrong(
            _("The forward passes do not make up whole epochs, so there is no mean loss to compare with.")
        )


def _wrong_count(training: Training) -> Wrong:
    says = _("{examples} examples in {epochs} epochs make {due} training steps, but there were {seen}.")
    n_examples, epochs, n_steps = len(training.case.rows), training.case.epochs, len(training.steps)
    unused = set(range(n_examples)) - {step.example for step in training.steps}
    hint = _("A step is one forward pass, and one backward of every layer.")
    if n_steps == epochs:
        hint = _("There was one step an epoch. Does backward stand inside of the loop over the examples?")
    elif n_steps == epochs * (n_examples - len(unused)) and unused:
        hint = _("training_data[{example}] was never used.").format(example=min(unused))
    elif n_steps % n_examples == 0:
        hint = _("That is {seen} epochs in place of {due}.").format(seen=n_steps // n_examples, due=epochs)
    return Wrong(says.format(examples=n_examples, epochs=epochs, due=training.due, seen=n_steps), hint=hint)


ENDED = Wrong("")
"""Stands for the exception that ended `fit`."""


def _is_sum(total: Sequence[float], one: Sequence[float], other: Sequence[float]) -> bool:
    """Tell whether some numbers are the sums of others, the shorter ones repeated."""
    try:
        return same(total, (np.array(one) + np.array(other)).tolist())
    except ValueError:
        return False


def _listed(layers: Sequence[int]) -> str:
    return ", ".join(map(str, layers[:12])) + (" …" if len(layers) > 12 else "")


def _not_a_row(training: Training, call: Call) -> Wrong:
    says = _("What went forward was not a row of training_data as it is, but {what}.")
    what = _("an array of {size} numbers").format(size=call.size)
    if call.size == training.case.rows.shape[1]:
        what = matrix(call.argument)
    if call.size < 0:
        what = _("not an array of numbers")
    return Wrong(
        says.format(what=what), hint=_("Take the examples one at a time, with the numbers that they have.")
    )


def _wrong_lines(training: Training, printed: Sequence[int]) -> Wrong:
    epochs, due = training.case.epochs, "Loss at epoch 1: 0.693"
    if printed:
        says = _(
            "There should be one line for each of the epochs 1 to {epochs}, but there are lines for {seen}."
        )
        hint = ""
        if sorted(printed) == list(range(epochs)):
            hint = _("The epochs are counted from 1.")
        elif len(printed) == training.due:
            hint = _("A line is printed for every example. Print it after the loop over the examples.")
        elif set(printed) < set(range(1, epochs + 1)):
            hint = _(
                "Print it at the end of every epoch: inside the loop over the epochs, under no condition."
            )
        return Wrong(says.format(epochs=epochs, seen=_listed(printed)), hint=hint)
    others = [line.strip()[:80] for line in training.printed.splitlines() if any(c.isdigit() for c in line)]
    line = next(iter([*training.lines, *others]), "")
    if not line:
        return Wrong(_("The line with the loss is missing. It looks like this: {due}").format(due=due))
    says = _("The line “{line}” has another form. It should look like this: {due}")
    hint = _("These characters, a whole number from 1, and three decimals, on a line of its own.")
    return Wrong(says.format(line=line, due=due), hint=hint)


def _is_mean(value: float, losses: Sequence[float]) -> bool:
    return bool(abs(value - np.mean(losses)) <= ROUNDING)


def _readings(training: Training) -> Iterator[Sequence[Sequence[float]]]:
    """Yield the losses of each epoch, for each sensible way to read the log."""
    epochs = training.case.epochs
    own: list[float] = []
    true: list[float] = []
    for step in training.steps:
        label = training.label(step)
        if step.before is None or label is None:
            continue
        used = step.label if training.tells_labels and step.label is not None else label
        true.append(loss(step.before.y_hat, label))
        own.append(loss(step.before.y_hat, used))
    for losses in (own, true):
        if losses and len(losses) % epochs == 0:
            yield np.array(losses).reshape(epochs, -1).tolist()
    if len(training.steps) != training.due:
        yield from islice(map(list, combinations(_rounds(training), epochs)), 1000)


def _rounds(training: Training) -> list[list[float]]:
    """Return the losses in each round of forward passes that goes through all examples once."""
    rounds: list[list[float]] = []
    losses: dict[int, float] = {}
    for item in training.passes:
        if item.example is None or item.example in losses:
            losses = {}
        if item.example is not None:
            losses[item.example] = loss(item.y_hat, float(training.case.labels[item.example, 0]))
        if len(losses) == len(training.case.rows):
            rounds.append(list(losses.values()))
            losses = {}
    return rounds
