"""The visible checks as tests: run `pytest` in this folder. `python check.py` shows the same in a table.

Grading tries many more cases. There is nothing to change here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import check
from checks import loading, table
from checks.session import RIGHT

Work = Callable[[str], None]


def test_shape(work: Work) -> None:
    """Layer.backward returns da_prev as a column and leaves weights and biases in their shapes."""
    work("shape")


def test_dz(work: Work) -> None:
    """Layer.backward computes dz = da ⊙ f′(z), for every activation function."""
    work("dz")


def test_weights(work: Work) -> None:
    """Layer.backward moves the weights along dz · a_prevᵀ."""
    work("weights")


def test_biases(work: Work) -> None:
    """Layer.backward moves the biases along dz."""
    work("biases")


def test_da_prev(work: Work) -> None:
    """Layer.backward returns Wᵀ · dz, with W from before the update."""
    work("da_prev")


def test_update(work: Work) -> None:
    """Layer.backward moves the parameters by −learning_rate times their gradients."""
    work("update")


def test_output_gradient(work: Work) -> None:
    """Perceptron.fit begins with the derivative of the loss."""
    work("output_gradient")


def test_backpropagation(work: Work) -> None:
    """Perceptron.fit sends every example back through all layers, once in every epoch."""
    work("backpropagation")


def test_loss(work: Work) -> None:
    """Perceptron.fit prints one line for each epoch, with its mean loss."""
    work("loss")


def test_gradient_check(work: Work) -> None:
    """Training a whole network agrees with finite differences."""
    work("gradient_check")


def test_monotone_loss(work: Work) -> None:
    """Training a 2-6-6-1 network on given examples lowers the mean loss in every epoch."""
    work("monotone_loss")


def test_numpy_is_the_one_used_in_grading() -> None:
    """Your NumPy is the one that grading uses."""
    for note in table.note_on_numpy(np.__version__):
        warnings.warn(note, stacklevel=1)


@cache
def _checked(path: Path) -> check.Checked:
    return check.check_file(path)


@pytest.fixture(params=loading.files_to_check(check.HERE), ids=lambda path: path.name)
def work(request: pytest.FixtureRequest) -> Work:
    """Return a function that fails if a step is wrong in the student's file."""

    def assert_right(step: str) -> None:
        outcomes, notes = _checked(request.param)
        [outcome] = [each for each in outcomes if each.step == step]
        if outcome.status != RIGHT:
            pytest.fail("\n".join([*notes, *table.explained(outcome)]), pytrace=False)

    return assert_right
