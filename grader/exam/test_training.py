"""The laws of a whole network that is trained with the submission's own layers and ``fit``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.candidate.replies import TrainReply
from grader.exam.answers import TrainAnswers
from grader.exam.examination import Examination
from grader.exam.laws.network import Network
from grader.exam.laws.training import arrives, destinations, losses, parameters_after
from grader.exam.laws.values import matrix, told, train_facts
from grader.exam.questions.cases import TrainCase
from grader.exam.verdict import Unmet
from grader.model import Status


@pytest.mark.criterion("training.gradient_check")
def test_an_epoch_agrees_with_central_differences(examination: Examination) -> None:
    """A network's parameters change by minus the rate times central finite differences of the loss."""
    for case, reply in _simplest_first(examination.gradient_checks):
        _require_an_end(examination, case, reply)
        (theta,) = parameters_after(case, reply)
        if theta is not None and arrives(case, theta):
            continue
        facts = train_facts(case)
        layers = Network.of(case.layers)
        should_be = _parameters(layers, destinations(case)[0])
        seen = "parameters that have lost their shape" if theta is None else _parameters(layers, theta)
        raise Unmet(
            "After one epoch the parameters are not where gradient descent leads, in whatever order the examples "
            f"are taken. (The gradient is measured by central finite differences.)\nSeen: {seen}\n"
            f"Should be (in the given order): {should_be}\nOn:\n{told(facts)}",
            {**facts, "seen": seen, "expected": should_be},
        )


@pytest.mark.criterion("training.monotone_loss")
def test_the_mean_loss_falls_in_every_epoch(examination: Examination) -> None:
    """At learning rate 0.01 the mean loss, computed from the parameters, falls in every epoch."""
    for case, reply in examination.descents:
        _require_an_end(examination, case, reply)
        values = losses(case, reply)
        for epoch, (before, after) in enumerate(pairwise(values), 1):
            if after < before:
                continue
            shown = ", ".join(f"{value:.4f}" for value in values)
            facts = train_facts(case)
            raise Unmet(
                f"At learning rate 0.01 the mean loss should fall in every epoch; in epoch {epoch} it did not.\n"
                f"Seen (before training, then after each epoch): {shown}\nOn:\n{told(facts)}",
                {**facts, "epoch": str(epoch), "seen": shown},
            )


def _simplest_first(pairs: TrainAnswers) -> list[tuple[TrainCase, TrainReply]]:
    return sorted(pairs, key=lambda pair: (len(pair[0].parameters()), len(pair[0].rows)))


def _require_an_end(examination: Examination, case: TrainCase, reply: TrainReply) -> None:
    # What is raised when an epoch is over belongs to the line that fit should have printed.
    if reply.raised is not None and not examination.fit.raises_only_after_epochs:
        facts = train_facts(case)
        quoted = examination.quoted(reply.raised)
        raise Unmet(
            f"Training a network raised {quoted}\nOn:\n{told(facts)}",
            {**facts, "seen": quoted},
            status=Status.ERROR,
        )


def _parameters(network: Network, theta: NDArray[np.float64]) -> str:
    pairs = network.split(theta)
    return "; ".join(f"W{i} = {matrix(w)}, b{i} = {matrix(b)}" for i, (w, b) in enumerate(pairs, 1))
