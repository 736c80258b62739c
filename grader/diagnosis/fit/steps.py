"""Tell how a ``fit`` that takes a step for each example comes to the first ``da`` of a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.fit.batches import CLIPS, Batch, joint_formula
from grader.diagnosis.fit.blocks import Block, Reading
from grader.diagnosis.fit.clipping import clipped
from grader.diagnosis.fit.example_losses import CLIPPED_FORMS, LOSSES, ExampleLoss
from grader.diagnosis.fit.formulas import DUE, TOLERANCES, Found, Sample, formulas
from grader.diagnosis.fit.labels import MISALIGNED, OWN_LABEL, pairing
from grader.diagnosis.fit.mistake import BACKPROPAGATION, ENOUGH, LOSS, OUTPUT_GRADIENT, Mistake, unknown
from grader.exam.questions.cases import FitCase

__all__ = ["Chunks", "Output", "output_da"]

Floats = NDArray[np.float64]
Chunks = Sequence[Sequence[Sequence[Block]]]

_CONSTANT = {"da = −1 / ŷ": 1.0, "da = 1 / (1 − ŷ)": 0.0}
_ONE_SIDED_CLIPS = tuple(bounds for low, high in CLIPS for bounds in ((low, 1.0), (0.0, high)))
_OTHER_LABELS = (
    "The first da of the steps fits a formula that we know, but with other labels than those of the examples."
)
_SEVERAL = "More than one of the mistakes that we know would give the first da of the steps."
_NOT_KNOWN = "The first da of a step is neither (ŷ − y) / (ŷ·(1 − ŷ)) nor any form of it that we know."


class Output(NamedTuple):
    """The mistakes in the first ``da`` of the steps, and the labels that they used."""

    mistakes: list[Mistake]
    labels: list[Floats]
    """For each case; NaN if it is not known."""
    constant: float | None = None
    """The label for which the right formula, too, gives every ``da``."""
    bounds: tuple[float, float] | None = None
    """The least and the largest ŷ, if it is kept away from 0 and 1."""


def output_da(readings: Sequence[Reading], chunks: Chunks) -> Output:
    """Return how the first ``da`` of every step comes from ŷ and a label."""
    blocks = [[block for epoch in epochs for block in epoch] for epochs in chunks]
    unlabelled = [np.full(len(each), np.nan) for each in blocks]
    samples = [_sample(reading, each) for reading, each in zip(readings, blocks, strict=True)]
    whole = [sample for sample in samples if sample is not None]
    if len(whole) < len(samples):
        return _whole_labels(readings, blocks)
    found = formulas(whole)
    if (output := _one_of(found, readings, chunks)) is not None:
        return output
    if not found:
        if bounded := _clipped(whole, readings, chunks):
            return bounded
        running = _running_loss(whole, chunks)
        return Output(running, unlabelled) if running else _whole_labels(readings, blocks)
    if not any(each.is_own for each in found):
        return Output([unknown(_OTHER_LABELS, BACKPROPAGATION, OUTPUT_GRADIENT)], list(found[0].labels))
    return Output([unknown(_SEVERAL, OUTPUT_GRADIENT)], unlabelled)


def _one_of(found: Sequence[Found], readings: Sequence[Reading], chunks: Chunks) -> Output | None:
    """Return the mistakes of the formulas ``found``, or ``None`` if they are not certain."""
    known = [_read(each, readings, chunks) for each in found]
    certain = [each for each in known if each is not None]
    ids = {tuple(sorted(mistake.id for mistake in each.mistakes)) for each in certain}
    return certain[0] if len(ids) == 1 and len(readings) >= ENOUGH else None


def _sample(reading: Reading, blocks: Sequence[Block]) -> Sample | None:
    """Return the numbers of every step of one case, or ``None`` if a step has no single ``da``."""
    case = reading.training.case
    triples = []
    for block in blocks:
        before, example, da = block.step.before, block.step.example, block.step.output_da
        if before is None or example is None or da is None:
            return None
        triples.append((before.prediction, case.labels[example], da))
    return Sample(case, *np.array(triples).T)


def _read(found: Found, readings: Sequence[Reading], chunks: Chunks) -> Output | None:
    """Return the mistakes of one formula, or ``None`` if the labels follow no known rule."""
    mistakes = [Mistake(name, (OUTPUT_GRADIENT,), len(readings), found.text, DUE) for name in found.ids]
    if not found.is_own:
        rule = pairing(readings, chunks, found.labels)
        if rule is None:
            return None
        mistakes.append(Mistake("labels-misaligned", MISALIGNED, rule.cases, rule.text, OWN_LABEL))
    return Output(mistakes, list(found.labels), _CONSTANT.get(found.text))


def _clipped(samples: Sequence[Sample], readings: Sequence[Reading], chunks: Chunks) -> Output | None:
    """Return the mistakes if ŷ is kept away from 0 and 1, and the formula is right or a known one."""
    costs = (OUTPUT_GRADIENT, LOSS)
    found = clipped(samples)
    if found is not None:
        seen = f"{DUE} with {found.text}"
        mistakes = [Mistake(name, costs, found.cases, seen, DUE) for name in found.ids]
        return Output(mistakes, [np.full(len(each.da), np.nan) for each in samples], bounds=found.bounds)
    for low, high in (*CLIPS, *_ONE_SIDED_CLIPS, *_measured(samples)):
        bounded = [replace(each, y_hat=np.clip(each.y_hat, low, high)) for each in samples]
        cases = sum((new.y_hat != old.y_hat).any() for new, old in zip(bounded, samples, strict=True))
        if cases < ENOUGH:
            continue
        if (output := _one_of(formulas(bounded), readings, chunks)) is not None:
            clip = Mistake(
                "prediction-clipped", costs, cases, f"ŷ between {low:.6g} and {high:.6g}", "ŷ as it is"
            )
            return output._replace(mistakes=[clip, *output.mistakes], bounds=(low, high))
    return _clipped_by_sign(samples, readings, chunks)


def _clipped_by_sign(samples: Sequence[Sample], readings: Sequence[Reading], chunks: Chunks) -> Output | None:
    """Return the mistakes if ŷ is kept away from 0 and 1, with the labels that the signs of ``da`` tell."""
    for sign in (1.0, -1.0):
        used = [(sign * each.da < 0.0).astype(float) for each in samples]
        found = clipped([replace(each, y=y) for each, y in zip(samples, used, strict=True)])
        rule = None if found is None else pairing(readings, chunks, used)
        if found is not None and rule is not None:
            seen = f"{DUE} with {found.text}"
            mistakes = [Mistake(name, (OUTPUT_GRADIENT, LOSS), found.cases, seen, DUE) for name in found.ids]
            mistakes.append(Mistake("labels-misaligned", MISALIGNED, rule.cases, rule.text, OWN_LABEL))
            return Output(mistakes, used, bounds=found.bounds)
    return None


def _measured(samples: Sequence[Sample]) -> list[tuple[float, float]]:
    """Return the bounds of ŷ that every ``da`` tells if it is right for some label, or has the opposite sign."""
    da = np.concatenate([sample.da for sample in samples])
    with np.errstate(divide="ignore"):
        size = 1.0 / np.abs(da)
    implied = [np.where(sign * da < 0.0, size, 1.0 - size) for sign in (1.0, -1.0)]
    return [(float(each.min()), float(each.max())) for each in implied if 0.0 < each.min() < each.max() < 1.0]


def _running_loss(samples: Sequence[Sample], chunks: Chunks) -> list[Mistake]:
    """Return the mistakes if ``da`` is the loss by another formula, or the loss of all examples so far or its mean."""
    for loss, so_far in product((*LOSSES, *CLIPPED_FORMS), _SO_FAR):
        if all(
            np.allclose(
                so_far(loss.value(each.y_hat, each.y), each.case, epochs),
                each.da,
                rtol=TOLERANCES[-1],
                atol=0.0,
            )
            for each, epochs in zip(samples, chunks, strict=True)
        ):
            seen = f"da = L or the sum or mean of L so far, with L = {loss.text}"
            found = Mistake("output-gradient-is-loss", (OUTPUT_GRADIENT,), len(samples), seen, DUE)
            clips = (
                sum(_is_clipped(loss, each) for each in samples) if "prediction-clipped" in loss.ids else 0
            )
            more = [found._replace(id="prediction-clipped", cases=clips)] if clips >= ENOUGH else []
            return [found, *more]
    return []


def _is_clipped(loss: ExampleLoss, sample: Sample) -> bool:
    """Tell whether a loss with a ŷ that is kept away from 0 and 1 shows that in one case."""
    plain = np.abs(LOSSES[0].value(sample.y_hat, sample.y))
    return not np.allclose(np.abs(loss.value(sample.y_hat, sample.y)), plain, rtol=TOLERANCES[-1], atol=0.0)


def _within(losses: Floats, epochs: Sequence[Sequence[Block]]) -> Floats:
    """Return the sums of the losses so far in each epoch."""
    starts = np.cumsum([len(epoch) for epoch in epochs])[:-1]
    return np.concatenate([np.cumsum(part) for part in np.split(losses, starts)])


def _places(epochs: Sequence[Sequence[Block]]) -> Floats:
    return np.concatenate([np.arange(1.0, len(epoch) + 1) for epoch in epochs])


_SO_FAR: tuple[Callable[[Floats, FitCase, Sequence[Sequence[Block]]], Floats], ...] = (
    lambda losses, _case, _epochs: losses,
    lambda losses, _case, epochs: _within(losses, epochs),
    lambda losses, case, epochs: _within(losses, epochs) / case.examples,
    lambda losses, _case, epochs: _within(losses, epochs) / _places(epochs),
    lambda losses, _case, _epochs: np.cumsum(losses),
    lambda losses, case, _epochs: np.cumsum(losses) / case.examples,
    lambda losses, _case, _epochs: np.cumsum(losses) / np.arange(1.0, len(losses) + 1),
)


def _whole_labels(readings: Sequence[Reading], blocks: Sequence[Sequence[Block]]) -> Output:
    """Return the mistakes if every step used the whole array of labels, all of them or their mean."""
    unlabelled = [np.full(len(each), np.nan) for each in blocks]
    batches = []
    for reading, each in zip(readings, blocks, strict=True):
        labels = np.array(reading.training.case.labels)
        for block in each:
            before = block.step.before
            if before is None:
                return Output([unknown(_NOT_KNOWN, OUTPUT_GRADIENT)], unlabelled)
            da = np.array(block.step.calls[0].argument)
            rows = tuple(range(reading.examples))
            y_hat = np.full_like(labels, before.prediction)
            batches.append(Batch(reading.training.case, rows, y_hat, labels, da))
    joint = joint_formula(batches)
    if joint is None or len(readings) < ENOUGH:
        return Output([unknown(_NOT_KNOWN, OUTPUT_GRADIENT)], unlabelled)
    cases, seen = len(readings), f"da = {joint.text}"
    found = [Mistake(name, (OUTPUT_GRADIENT,), cases, seen, DUE) for name in joint.ids]
    found.append(Mistake("labels-misaligned", MISALIGNED, cases, "y = labels, all of them", OWN_LABEL))
    means = [
        np.full(len(each), np.mean(reading.training.case.labels))
        for reading, each in zip(readings, blocks, strict=True)
    ]
    return Output(found, means)
