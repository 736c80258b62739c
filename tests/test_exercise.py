"""The given code and the reference solution fulfil the contract of the exercise."""

from __future__ import annotations

import hashlib
import runpy
import sys
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.resources import solution_path, utils_path

Floats = NDArray[np.float64]


def _load(path: str) -> Any:
    return SimpleNamespace(**runpy.run_path(path))


@pytest.fixture(scope="module")
def utils() -> Any:
    return _load(str(utils_path()))


@pytest.fixture(scope="module")
def solution() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(utils_path().parent)
        return _load(str(solution_path() / "perceptron.py"))


def _differences(function: Callable[[Floats], float], where: Floats, step: float = 1e-6) -> Floats:
    gradient = np.zeros_like(where)
    for index in np.ndindex(where.shape):
        shift = np.zeros_like(where)
        shift[index] = step
        gradient[index] = (function(where + shift) - function(where - shift)) / (2 * step)
    return gradient


def _network(solution: Any, utils: Any, seed: int, sizes: tuple[int, ...] = (2, 6, 6, 1)) -> Any:
    random = np.random.RandomState(seed)
    layers = []
    for depth, (n_inputs, n_neurons) in enumerate(pairwise(sizes), start=2):
        layer = solution.Layer(n_inputs, n_neurons, utils.sigmoid if depth == len(sizes) else utils.relu)
        layer.weights = random.uniform(-1, 1, (n_neurons, n_inputs))
        layer.biases = random.uniform(-1, 1, (n_neurons, 1))
        layers.append(layer)
    return solution.Perceptron(layers)


def _mean_loss(network: Any, rows: Floats, labels: Floats) -> float:
    outputs = np.array([network.forward(row).item() for row in rows])
    return -float(np.mean(np.log(np.where(labels[:, 0] == 1, outputs, 1 - outputs))))


# --- utils.py -------------------------------------------------------------------------------------------


def test_data_are_the_same_bytes_everywhere(utils: Any) -> None:
    data = utils.X_train.astype("<f8").tobytes() + utils.y_train.astype("<f8").tobytes()
    assert (
        hashlib.sha256(data).hexdigest() == "d20def0665e1bc27a4e426361e1f501c1beb53e5fdce2e0668324ded66f8486b"
    )


def test_the_data_are_exact_and_have_the_shapes_of_the_contract(utils: Any) -> None:
    n_examples = len(utils.X_train)
    assert utils.X_train.shape == (n_examples, 2)
    assert utils.y_train.shape == (n_examples, 1)
    assert utils.X_train.dtype == utils.y_train.dtype == np.float64
    assert np.array_equal(utils.X_train * 64, np.round(utils.X_train * 64))
    assert sorted(np.unique(utils.y_train)) == [0.0, 1.0]


def test_no_straight_line_separates_the_classes(utils: Any) -> None:
    # A point of one class lies within the convex hull of the other if these surround it with no gap of 180°.
    inside, outside = (utils.X_train[utils.y_train[:, 0] == label] for label in (1, 0))
    seen_from = outside - inside[0]
    angles = np.sort(np.arctan2(seen_from[:, 1], seen_from[:, 0]))
    assert max(np.diff(angles, append=angles[0] + 2 * np.pi)) < np.pi


@pytest.mark.parametrize("name", ["relu", "sigmoid"])
@pytest.mark.parametrize("shape", [(), (3,), (4, 1), (2, 3, 4)])
def test_derivatives_agree_with_finite_differences(utils: Any, name: str, shape: tuple[int, ...]) -> None:
    activation = getattr(utils, name)
    z = np.asarray(np.random.RandomState(0).uniform(-5, 5, shape))
    numerical = (activation(z + 1e-6) - activation(z - 1e-6)) / 2e-6
    assert activation(z).shape == activation.derivative(z).shape == shape
    np.testing.assert_allclose(activation.derivative(z), numerical, rtol=1e-6, atol=1e-8)


def test_sigmoid_keeps_its_precision_at_the_ends_without_warnings(utils: Any) -> None:
    z = np.array([-1e308, -700.0, -40.0, 0.0, 40.0, 700.0, 1e308])
    np.testing.assert_allclose(utils.sigmoid(z), [0, np.exp(-700), np.exp(-40), 0.5, 1, 1, 1], rtol=1e-13)
    np.testing.assert_allclose(
        utils.sigmoid.derivative(z),
        [0, np.exp(-700), np.exp(-40), 0.25, np.exp(-40), np.exp(-700), 0],
        rtol=1e-13,
    )


def test_without_matplotlib_plots_say_how_to_install_it(
    utils: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    utils.plot_data(utils.X_train, utils.y_train)
    assert "pip install matplotlib" in capsys.readouterr().out


def test_plot_loss_says_what_to_do_if_fit_returned_nothing(
    utils: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    utils.plot_loss(None)
    assert "let fit return" in capsys.readouterr().out


# --- The given methods ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3,), (3, 1), (1, 3)])
def test_forward_takes_an_example_in_every_shape(solution: Any, utils: Any, shape: tuple[int, ...]) -> None:
    layer = solution.Layer(3, 2, utils.relu)
    example = np.array([0.5, -1.0, 2.0])
    activations = layer.forward(example.reshape(shape))
    assert np.array_equal(layer.inputs, example.reshape(3, 1))
    np.testing.assert_allclose(layer.outputs, layer.weights @ example.reshape(3, 1) + layer.biases)
    assert np.array_equal(activations, np.maximum(layer.outputs, 0))


def test_initial_parameters_are_between_minus_one_and_one(solution: Any, utils: Any) -> None:
    layer = solution.Layer(40, 50, utils.relu)
    assert layer.weights.shape == (50, 40)
    assert layer.biases.shape == (50, 1)
    for drawn in (layer.weights, layer.biases):
        assert -1 <= drawn.min() < -0.5
        assert 0.5 < drawn.max() <= 1


# --- The reference --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_inputs", "n_neurons"), [(1, 1), (2, 3), (5, 2)])
@pytest.mark.parametrize("learning_rate", [0.1, 2.0])
def test_backward_agrees_with_finite_differences(
    solution: Any, utils: Any, n_inputs: int, n_neurons: int, learning_rate: float
) -> None:
    random = np.random.RandomState(n_inputs)
    inputs, da = random.uniform(-1, 1, (n_inputs, 1)), random.uniform(-1, 1, (n_neurons, 1))
    layer = solution.Layer(n_inputs, n_neurons, utils.sigmoid)
    layer.weights = weights = random.uniform(-1, 1, (n_neurons, n_inputs))
    layer.biases = biases = random.uniform(-1, 1, (n_neurons, 1))

    def loss(weights: Floats, biases: Floats, inputs: Floats) -> float:
        return float(np.sum(da * utils.sigmoid(weights @ inputs + biases)))

    layer.forward(inputs)
    da_prev = layer.backward(da, learning_rate)
    gradients = (
        (da_prev, inputs, lambda changed: loss(weights, biases, changed)),
        ((weights - layer.weights) / learning_rate, weights, lambda changed: loss(changed, biases, inputs)),
        ((biases - layer.biases) / learning_rate, biases, lambda changed: loss(weights, changed, inputs)),
    )
    for gradient, where, function in gradients:
        assert gradient.shape == where.shape
        np.testing.assert_allclose(gradient, _differences(function, where), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_step_of_fit_follows_the_gradient_of_the_loss(solution: Any, utils: Any, label: float) -> None:
    row, labels = np.array([[0.5, -0.25]]), np.array([[label]])
    network = _network(solution, utils, seed=2, sizes=(2, 3, 1))
    first = network.layers[0]
    before = first.weights.copy()

    def loss(weights: Floats) -> float:
        first.weights = weights
        return _mean_loss(network, row, labels)

    gradient = _differences(loss, before)
    first.weights = before.copy()
    network.fit(row, labels, 1, 0.5)
    assert np.abs(gradient).max() > 1e-3
    np.testing.assert_allclose(first.weights - before, -0.5 * gradient, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("seed", range(8))
def test_loss_falls_in_every_epoch(solution: Any, utils: Any, seed: int) -> None:
    network = _network(solution, utils, seed)
    losses = [_mean_loss(network, utils.X_train, utils.y_train)]
    printed = []
    for _ in range(10):
        printed += network.fit(utils.X_train, utils.y_train, 1, 0.01)
        losses.append(_mean_loss(network, utils.X_train, utils.y_train))
    assert all(np.diff(losses) < 0)
    assert all(np.diff(printed) < 0)


def test_after_a_hundred_epochs_the_network_tells_disc_and_ring_apart(solution: Any, utils: Any) -> None:
    network = _network(solution, utils, seed=0)
    network.fit(utils.X_train, utils.y_train, 100, 0.01)
    outputs = np.array([network.forward(row).item() for row in utils.X_train])
    assert np.mean((outputs > 0.5) == (utils.y_train[:, 0] == 1)) > 0.95


def test_fit_prints_a_line_for_each_epoch_and_a_second_call_counts_from_one(
    solution: Any, utils: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    network = _network(solution, utils, seed=0)
    means = network.fit(utils.X_train, utils.y_train, 2, 0.01)
    means += network.fit(utils.X_train, utils.y_train, 1, 0.01)
    expected = [f"Loss at epoch {epoch}: {mean:.3f}" for epoch, mean in zip((1, 2, 1), means, strict=True)]
    assert capsys.readouterr().out.splitlines() == expected


def test_fit_stays_finite_if_outputs_are_exactly_0_or_1(solution: Any, utils: Any) -> None:
    network = _network(solution, utils, seed=0, sizes=(2, 1))
    network.layers[0].biases = np.array([[800.0]])
    means = network.fit(np.zeros((2, 2)), np.array([[0.0], [1.0]]), 1, 0.01)
    assert np.isfinite(means).all()
    assert np.isfinite(network.layers[0].biases).all()
