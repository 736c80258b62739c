"""Shared by the tests of candidates: make a submission of a text, and run it."""

from __future__ import annotations

from contextlib import closing
from textwrap import dedent
from typing import Any

import numpy as np

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.candidate.replies import BackwardReply, LoadReply
from grader.candidate.reply_checks import backward_reply
from grader.candidate.request import Request
from grader.model import Helper, Submission

__all__ = ["LAYER", "backward", "candidate_of", "load", "printed"]

LAYER = """
import numpy as np
class Layer:
    def __init__(self, n_inputs, n_neurons, activation_function):
        self.weights = np.zeros((n_neurons, n_inputs))
        self.biases = np.zeros((n_neurons, 1))
    def forward(self, inputs):
        return self.biases
    def backward(self, da, learning_rate):
        return {returned}
"""
MEMORY = 512 * 1024 * 1024
CASE: dict[str, Any] = {"n_inputs": 1, "n_neurons": 1, "activation": "relu", "steps": 1}


def backward(*numbers: float) -> Request[list[BackwardReply]]:
    """Return a request for one call of ``backward`` for each number, on layers of one neuron."""
    cases = [CASE for _ in numbers]
    arrays = [np.full(5, number) for number in numbers]
    return Request("backward", cases, arrays, lambda header, flat: backward_reply(header, flat, cases))


def candidate_of(
    parent: ForkingParent,
    text: str,
    *helpers: Helper,
    file: str = "work.py",
    memory: int = MEMORY,
    timeout: float = 1.0,
) -> Candidate:
    files = {file: dedent(text), **{helper.file: helper.text for helper in helpers}}
    submission = Submission("work", file, {name: text.encode() for name, text in files.items()}, main=file)
    return Candidate(submission, parent, Timeouts(timeout), Limits(memory=memory))


def load(parent: ForkingParent, text: str, *helpers: Helper, file: str = "work.py") -> LoadReply:
    with closing(candidate_of(parent, text, *helpers, file=file)) as candidate:
        return candidate.load()


def printed(parent: ForkingParent, text: str, *helpers: Helper, file: str = "work.py") -> str:
    """Return what a submission prints; none of its statements may fail."""
    loaded = load(parent, text, *helpers, file=file)
    assert not loaded.skipped, loaded.skipped
    return loaded.output.strip()
