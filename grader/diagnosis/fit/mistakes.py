"""Find the mistakes in ``Perceptron.fit`` that explain lost criteria."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from grader.diagnosis.fit.blocks import Reading, chunks_of
from grader.diagnosis.fit.epochwise import in_batches, is_once_per_epoch, once_per_epoch, unknown_steps
from grader.diagnosis.fit.inputs import changed_data
from grader.diagnosis.fit.lines import printed
from grader.diagnosis.fit.losses import explain_lines
from grader.diagnosis.fit.mistake import ALL, BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT, Mistake, unknown
from grader.diagnosis.fit.shadows import only_known_of_one_epoch, shadowed
from grader.diagnosis.fit.steps import Chunks, Output, output_da
from grader.diagnosis.fit.streams import Epoch, Stream, bounded, pass_streams, step_streams
from grader.diagnosis.fit.structure import epochs_counted, epochs_run, examples_visited, reset
from grader.diagnosis.fit.walks import handed_on, rates, visited
from grader.exam.examination import Examination
from grader.exam.laws.findings import Failure
from grader.exam.questions.cases import FitCase
from grader.model import Diagnosis, Message

__all__ = ["fit_mistakes"]

Floats = NDArray[np.float64]

_METHOD = "Perceptron.fit"
_LONG = ((100, (0.0, 1.0, 1.0)), (120, (1.0, 0.0, 0.0)), (200, (0.0, 0.0, 1.0)))
"""The epochs and labels of the cases that show what happens in some epochs only; each with two kinds of layers."""


def fit_mistakes(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return the mistakes in ``Perceptron.fit`` that explain the criteria ``lost``."""
    if not lost or isinstance(answers := examination.fit, Failure):
        return []
    readings = [Reading(each) for each in answers.trainings]
    mistakes = _Search(examination).mistakes(readings)
    if any(reading.training.reply.raised is not None for reading in readings):
        return _diagnoses([mistake for mistake in mistakes if mistake.id != "unknown"], lost)
    found = _diagnoses(mistakes, lost)
    explained = {criterion for diagnosis in found for criterion in diagnosis.criteria}
    left = tuple(each for each in lost if each not in explained)
    if not left:
        return found
    says = Message("What fit does here matches no mistake that we know.")
    return [*found, Diagnosis("unknown", _METHOD, left, says=says)]


def _diagnoses(found: Sequence[Mistake], lost: Sequence[str]) -> list[Diagnosis]:
    """Return the diagnoses of the mistakes that explain something.

    A criterion belongs to the mistakes that name it first; to the others that may cost it only if there are none, or if
    those explain nothing else.
    """
    owned = {mistake.criteria[0] for mistake in found}
    merged: dict[str, Diagnosis] = {}
    for mistake in found:
        own = [each for each in lost if each == mistake.criteria[0]]
        more = [each for each in lost if each in mistake.criteria[1:] and each not in owned]
        criteria = tuple(each for each in lost if each in {*own, *more})
        if not criteria and mistake.id != "unknown":
            criteria = tuple(each for each in lost if each in mistake.criteria)
        if not criteria:
            continue
        known = merged.get(mistake.id)
        if known is not None and mistake.id != "unknown":
            both = tuple(each for each in lost if each in {*criteria, *known.criteria})
            merged[mistake.id] = structs.replace(known, criteria=both)
            continue
        key = mistake.id if known is None else f"{mistake.id} {len(merged)}"
        merged[key] = Diagnosis(
            mistake.id, _METHOD, criteria, mistake.cases, mistake.seen, mistake.due, mistake.says
        )
    return list(merged.values())


class _Search:
    """Finds the mistakes in one ``fit``, and asks for cases with more epochs once, if some are needed."""

    def __init__(self, examination: Examination) -> None:
        self._examination = examination
        self._longer: list[Reading] | None = None

    def longer(self) -> list[Reading]:
        """Return how ``fit`` trains for many epochs, on three examples; nothing if it does not survive that."""
        if self._longer is None:
            self._longer = []
            first = self._examination.questions.fit[0]
            rows, features = first.rows[:3], len(first.rows[0])
            # A fit may stop early if the loss stays the same, and only steps that change it show what comes after one.
            for is_steady, (epochs, labels) in product((True, False), _LONG):
                case = FitCase(rows, labels, epochs, 0.5, ((features, 1),), is_steady)
                answer = self._examination.ask_fit(case)
                if isinstance(answer, Failure):
                    break
                self._longer.append(Reading(answer))
            self._longer, _ = changed_data(self._longer)
        return self._longer

    def once_more(self, case: FitCase) -> Reading | None:
        """Return how ``fit`` trains in one more case; ``None`` if it does not survive that."""
        answer = self._examination.ask_fit(case)
        return None if isinstance(answer, Failure) else Reading(answer)

    def narrow(self) -> list[Reading]:
        """Return how ``fit`` trains networks of which every array is 1×1; nothing if it raises there, too."""
        cases = (FitCase(((x,), (-x,)), (0.0, 1.0), 1, 0.5, ((1, 1),) * 3) for x in (0.5, 1.0, 1.5))
        answers = [self._examination.ask_fit(case) for case in cases]
        found = [Reading(answer) for answer in answers if not isinstance(answer, Failure)]
        return [] if any(each.training.reply.raised is not None for each in found) else found

    def mistakes(self, readings: Sequence[Reading]) -> list[Mistake]:
        """Return the mistakes, or what is certain if they are not known."""
        if any(reading.training.reply.generator for reading in readings):
            return [unknown("fit has a yield, so calling it runs nothing.", *ALL)]
        found = reset(readings)
        if any(len(mistake.criteria) == len(ALL) for mistake in found):
            return found
        readings = [each for each in readings if each.training.reply.calls]
        if not readings:
            return [unknown("fit calls neither forward nor backward of a layer.", *ALL)]
        readings, shadows = shadowed(readings, self.once_more)
        readings = _without_exceptions(readings)
        if not any(each.training.is_whole for each in readings):
            narrow = self.narrow()
            handed = [_with_its_exception(each, readings) for each in handed_on(narrow, list)]
            return [*found, *shadows, *visited(narrow), *handed]
        changed, data = changed_data(readings)
        found += [*shadows, *([data] if data is not None else [])]
        if len(changed) < ENOUGH:
            return found
        more = self._of_steps(changed)
        return [*found, *(only_known_of_one_epoch(more, shadows) if shadows else more)]

    def _of_steps(self, readings: list[Reading]) -> list[Mistake]:
        """Return the mistakes in the steps and lines."""
        if not any(reading.blocks for reading in readings):
            return _without_backward(readings, self)
        stepping = [reading for reading in readings if reading.blocks]
        walk = visited(stepping)
        if any(mistake.id == "unknown" for mistake in walk):
            return walk
        walk += [*handed_on(stepping, self.narrow), *rates(stepping, self.longer)]
        whole = [*zip(stepping, chunks_of(stepping), strict=True)]
        chunked = [(reading, chunks) for reading, chunks in whole if chunks is not None]
        if len(chunked) == len(whole) and not is_once_per_epoch(stepping):
            chunks = [each for _, each in chunked]
            output = output_da(stepping, chunks)
            if any(mistake.id == "unknown" for mistake in output.mistakes):
                batches = self._epochwise(stepping, walk)
                if all(mistake.id != "unknown" for mistake in batches):
                    return batches
            epochs, streams = step_streams(stepping, chunks, output.labels)
            if output.constant is not None:
                output = self._checked(output, stepping, chunks)
            if output.bounds is not None:
                streams += [bounded(stream, *output.bounds) for stream in streams]
            run = epochs_run(stepping, chunks, self.longer)
            may_stop = any(mistake.id == "epochs-ignored" for mistake in run)
            lines = self.of_lines(stepping, epochs, streams, may_stop=may_stop)
            return [*output.mistakes, *walk, *run, *lines]
        return self._epochwise(stepping, walk)

    def _epochwise(self, readings: Sequence[Reading], walk: Sequence[Mistake]) -> list[Mistake]:
        """Return what is known of a ``fit`` in which a step follows on the forward passes of several examples."""
        found = once_per_epoch(readings) or in_batches(readings)
        if found is None:
            return [unknown_steps(readings), *walk]
        lines = self.of_lines(readings, found.epochs, found.streams)
        run = epochs_counted(readings, found.counts, self.longer)
        return [*found.mistakes, *walk, *run, *lines]

    def _checked(self, output: Output, readings: Sequence[Reading], chunks: Chunks) -> Output:
        """Return ``output`` if the printed losses come from the labels, not from one label for all examples."""
        given = [np.full(len(labels), output.constant) for labels in output.labels]
        own = self.of_lines(readings, *step_streams(readings, chunks, output.labels))
        epochs, streams = step_streams(readings, chunks, given)
        other = self.of_lines(readings, epochs, streams[:1])
        is_told = all(mistake.id not in {"unknown", "loss-not-printed"} for mistake in own)
        if is_told and len(own) <= len(other) and own != other:
            return output
        says = "The first da of every step is the derivative for one label, whatever the example's label is."
        return Output([unknown(says, OUTPUT_GRADIENT)], output.labels)

    def of_lines(
        self,
        readings: Sequence[Reading],
        epochs: Sequence[Epoch],
        streams: Sequence[Stream],
        *,
        may_stop: bool = False,
    ) -> list[Mistake]:
        """Return the mistakes in the printed lines; if training ``may_stop`` early, its last epoch may have none."""
        replies = [reading.training.reply for reading in readings]
        if any(reply.raised is not None for reply in replies):
            return []
        counts = [sum(epoch.place == place for epoch in epochs) for place in range(len(readings))]
        ways = printed(replies, counts)
        silent = sum(not (reply.lines or reply.other_lines) for reply in replies)
        if len(replies) - silent < ENOUGH and readings[0] not in self.longer():
            return self._of_longer_lines(silent)
        if not ways:
            return [_no_lines(silent)]
        found = explain_lines(ways, epochs, streams, may_stop=may_stop)
        return [_unexplained()] if found is None else found

    def _of_longer_lines(self, silent: int) -> list[Mistake]:
        """Return the mistakes in lines that are printed only if there are many epochs."""
        longer = self.longer()
        if not longer:
            return [_unexplained()]
        if not any(each.training.reply.lines or each.training.reply.other_lines for each in longer):
            return [_no_lines(silent)]
        if not any(each.blocks for each in longer):
            return self.of_lines(longer, *pass_streams(longer)[:2])
        chunks = chunks_of(longer)
        whole = [each for each in chunks if each is not None]
        if len(whole) < len(chunks) or is_once_per_epoch(longer):
            epochwise = once_per_epoch(longer) or in_batches(longer)
            return [_unexplained()] if epochwise is None else self.of_lines(longer, *epochwise[-2:])
        output = output_da(longer, whole)
        epochs, streams = step_streams(longer, whole, output.labels)
        if output.bounds is not None:
            streams += [bounded(stream, *output.bounds) for stream in streams]
        return self.of_lines(longer, epochs, streams)


def _without_exceptions(readings: list[Reading]) -> list[Reading]:
    """Return the readings without an exception if there are enough of them, else all."""
    calm = [each for each in readings if each.training.reply.raised is None]
    return calm if len(calm) >= ENOUGH else readings


def _with_its_exception(mistake: Mistake, readings: Sequence[Reading]) -> Mistake:
    """Return the mistake with the lines that it costs if an addition in place raises because of it."""
    raised = [reading.training.reply.raised for reading in readings]
    if mistake.id == "da-accumulated" and all(
        each is None or "non-broadcastable output operand" in each.text for each in raised
    ):
        return mistake._replace(criteria=(*mistake.criteria, LOSS))
    return mistake


def _no_lines(cases: int) -> Mistake:
    return Mistake("loss-not-printed", (LOSS,), cases, "nothing is printed", "Loss at epoch 1: 0.693")


def _unexplained() -> Mistake:
    return unknown("The printed numbers are neither the mean losses nor any form of them that we know.", LOSS)


def _without_backward(readings: Sequence[Reading], search: _Search) -> list[Mistake]:
    """Return what is known of a ``fit`` that never calls ``backward``."""
    if any(reading.training.reply.assigned for reading in readings):
        return []
    epochs, streams, rows = pass_streams(readings)
    counts = [sum(epoch.place == place for epoch in epochs) for place in range(len(readings))]
    due = [reading.training.case.epochs for reading in readings]
    if counts != due:
        return [unknown("No layer's backward is called.", BACKPROPAGATION, OUTPUT_GRADIENT, LOSS)]
    costs = (BACKPROPAGATION, OUTPUT_GRADIENT)
    seen = "no call of backward"
    mistake = Mistake(
        "no-backpropagation", costs, len(readings), seen, "da = layer.backward(da, learning_rate)"
    )
    return [mistake, *examples_visited(readings, rows), *search.of_lines(readings, epochs, streams)]
