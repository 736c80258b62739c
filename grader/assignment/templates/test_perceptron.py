"""The visible tests: run `pytest` in this folder, or the last cell of the notebook.

They try a few cases; the hidden tests try many more. There is nothing to change here.
"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import os
import re
import sys
import tokenize
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from packaging.requirements import Requirement

from utils import Array, X_train, relu, sigmoid, y_train

HERE = Path(__file__).resolve().parent
ROUNDING = 0.0015
NOT_STARTED = ("Layer.backward is not written yet", "Perceptron.fit is not written yet")


# --- backward -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n_inputs", "n_neurons"), [(2, 3), (3, 2), (1, 1)])
def test_backward_keeps_the_shapes(work: Work, n_inputs: int, n_neurons: int) -> None:
    """Layer.backward returns da_prev as a column and leaves weights and biases in their shapes."""
    layer = make_layer(work, sequence(n_neurons, n_inputs), sequence(n_neurons, 1), Square())
    layer.forward(sequence(n_inputs, 1))
    da_prev = layer.backward(sequence(n_neurons, 1), learning_rate=0.1)
    about = f"for a layer of {n_neurons} neurons with {n_inputs} inputs"
    assert_shape("da_prev, which backward returns,", da_prev, (n_inputs, 1), about)
    assert_shape("weights", layer.weights, (n_neurons, n_inputs), about)
    assert_shape("biases", layer.biases, (n_neurons, 1), about)


def test_backward_gives_the_numbers_of_a_worked_example(work: Work) -> None:
    """Layer.backward gives the numbers that you get on paper for f(z) = z² (so f'(z) = 2z)."""
    layer = make_layer(work, np.array([[1.0, 2.0], [0.0, -1.0]]), np.array([[1.0], [0.0]]), Square())
    layer.forward(np.array([[1.0], [-2.0]]))  # z is [[-2], [2]]
    da_prev = layer.backward(np.array([[1.0], [0.5]]), learning_rate=0.5)
    assert_close("da_prev, which backward returns,", da_prev, np.array([[-4.0], [-10.0]]))
    assert_close("weights after the update", layer.weights, np.array([[3.0, -2.0], [-1.0, 1.0]]))
    assert_close("biases after the update", layer.biases, np.array([[3.0], [-1.0]]))


def test_backward_agrees_with_finite_differences(work: Work) -> None:
    """Layer.backward agrees with finite differences, in a sigmoid layer of 2 neurons with 3 inputs."""
    weights, biases, inputs = sequence(2, 3), sequence(2, 1), sequence(3, 1)
    da, learning_rate = np.array([[1.0], [-2.0]]), 0.1

    def loss(weights: Array, biases: Array, inputs: Array) -> float:
        # With this loss, the gradient with respect to the activations is `da`.
        return float(np.sum(da * sigmoid(weights @ inputs + biases)))

    layer = make_layer(work, weights, biases, sigmoid)
    layer.forward(inputs)
    da_prev = layer.backward(da, learning_rate)
    numerical = finite_differences(lambda changed: loss(weights, biases, changed), inputs)
    assert_close("da_prev, which backward returns,", da_prev, numerical)
    numerical = finite_differences(lambda changed: loss(changed, biases, inputs), weights)
    assert_close("the change of weights", layer.weights - weights, -learning_rate * numerical)
    numerical = finite_differences(lambda changed: loss(weights, changed, inputs), biases)
    assert_close("the change of biases", layer.biases - biases, -learning_rate * numerical)


# --- fit ------------------------------------------------------------------------------------------------


def test_fit_sends_the_gradient_back_through_the_layers(work: Work) -> None:
    """Perceptron.fit passes da to the last layer, and what each layer returns to the one before it."""
    log: list[tuple[str, Array, float]] = []
    first = Recorder("first", [0.3, 0.7], [9.0], log)
    last = Recorder("last", [0.8], [0.25, -0.5], log)
    printed_by_fit(work, [first, last], [1.0, 0.0], epochs=1, learning_rate=0.5)

    names = [name for name, _, _ in log]
    assert names == ["last", "first"] * 2, (
        "With two layers and two examples, fit should call backward of the layers last, first, last, first; "
        f"it called backward of: {', '.join(names) or 'none'}."
    )
    rates = {rate for _, _, rate in log}
    assert rates == {0.5}, f"fit got learning_rate=0.5, but passed {rates} to the layers."
    at_the_output = np.sort(np.concatenate([np.ravel(da) for name, da, _ in log if name == "last"]))
    about = "for the labels 1 and 0, where the output is 0.8,"
    assert_close(f"da of the last layer, {about}", at_the_output, np.array([-1.25, 5.0]))
    for name, da, _ in log:
        if name == "first":
            assert_close("da of the first layer", da, np.array([[0.25], [-0.5]]))


def test_fit_prints_the_mean_loss_of_every_epoch(work: Work) -> None:
    """Perceptron.fit prints one line for each epoch, with the mean loss."""
    layer = Recorder("only", [0.8], [0.0, 0.0], [])
    printed = printed_by_fit(work, [layer], [1.0, 0.0, 1.0], epochs=2, learning_rate=0.1)
    lines = re.findall(r"^\s*Loss at epoch (\d+): (\d+\.?\d*)\s*$", printed, flags=re.MULTILINE)
    assert [int(epoch) for epoch, _ in lines] == [1, 2], (
        "In two epochs, fit should print two lines of this form:\nLoss at epoch 1: 0.693\n"
        f"It printed:\n{printed or '(nothing)'}"
    )
    about = "for the labels 1, 0, 1 and a network that always answers 0.8"
    for epoch, loss in lines:
        expected = -(2 * np.log(0.8) + np.log(0.2)) / 3
        assert abs(float(loss) - expected) < ROUNDING, (
            f"The mean loss {about} is {expected:.3f}, but the line of epoch {epoch} says {loss}."
        )


def test_training_lowers_the_loss(work: Work) -> None:
    """Training a 2-6-6-1 network on twenty of the given examples lowers the mean loss in every epoch."""
    random = np.random.RandomState(1)
    sizes = [(6, 2, relu), (6, 6, relu), (1, 6, sigmoid)]
    layers = [
        make_layer(work, random.uniform(-1, 1, (n, m)), random.uniform(-1, 1, (n, 1)), activation)
        for n, m, activation in sizes
    ]
    network, rows, labels = work.Perceptron(layers), X_train[:20], y_train[:20]
    activations = [activation for _, _, activation in sizes]
    before = mean_loss(layers, activations, rows, labels)
    for epoch in range(1, 6):
        with contextlib.redirect_stdout(io.StringIO()):
            network.fit(rows.copy(), labels.copy(), 1, 0.01)
        after = mean_loss(layers, activations, rows, labels)
        assert after < before, (
            f"In epoch {epoch} the mean loss should fall, but it went from {before:.6f} to {after:.6f}."
        )
        before = after


def test_numpy_is_the_one_used_in_grading() -> None:
    """Your NumPy is the one that grading uses."""
    for line in (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("numpy") and not Requirement(line).specifier.contains(np.__version__, True):
            warnings.warn(
                f"You have NumPy {np.__version__}, but grading uses {line}: what works here may fail there. "
                "Try: python -m pip install -r requirements.txt",
                stacklevel=1,
            )


# --- In a notebook --------------------------------------------------------------------------------------


def check(layer_class: type, perceptron_class: type) -> None:
    """Run the tests on the two classes of a notebook, and print what they find."""
    work = Work(layer_class, perceptron_class)
    test_numpy_is_the_one_used_in_grading()
    for test, arguments, _criteria in CHECKS:
        claim = (test.__doc__ or "").rstrip(".")
        try:
            test(work, *arguments)
        except Exception as error:  # whatever went wrong in the student's code, the next test goes on
            what = str(error) if isinstance(error, AssertionError) else f"{type(error).__name__}: {error}"
            print(f"✗ {claim}\n" + "\n".join(f"    {line}" for line in what.splitlines()))
        else:
            print(f"✓ {claim}")


NUMBERS = ["backward.dz", "backward.weights", "backward.biases", "backward.da_prev", "backward.update"]
FIT = ["fit.output_gradient", "fit.backpropagation"]

# Each test, its arguments, and the criteria that it belongs to.
CHECKS: list[tuple[Any, tuple[int, ...], list[str]]] = [
    (test_backward_keeps_the_shapes, (2, 3), ["backward.shape"]),
    (test_backward_gives_the_numbers_of_a_worked_example, (), NUMBERS),
    (test_backward_agrees_with_finite_differences, (), [*NUMBERS, "training.gradient_check"]),
    (test_fit_sends_the_gradient_back_through_the_layers, (), [*FIT, "training.gradient_check"]),
    (test_fit_prints_the_mean_loss_of_every_epoch, (), ["fit.loss"]),
    (test_training_lowers_the_loss, (), ["training.monotone_loss"]),
]


# --- Helpers --------------------------------------------------------------------------------------------


class Work(NamedTuple):
    """The two classes that a student works on."""

    Layer: Any
    Perceptron: Any


class Square:
    """The activation function f(z) = z², with f'(z) = 2z."""

    def __call__(self, z: Array) -> Array:
        """Return f(z)."""
        return z**2

    def derivative(self, z: Array) -> Array:
        """Return f'(z)."""
        return 2 * z


class Recorder:
    """A layer with fixed answers, which records what its `backward` gets."""

    def __init__(
        self, name: str, activations: list[float], da_prev: list[float], log: list[tuple[str, Array, float]]
    ) -> None:
        """Store the answers, as columns, and the log."""
        self.name, self.log = name, log
        self.activations, self.da_prev = np.array([activations]).T, np.array([da_prev]).T

    def forward(self, inputs: Array) -> Array:  # noqa: ARG002 - the answer does not depend on them
        """Return the activations."""
        return self.activations.copy()

    def backward(self, da: Array, learning_rate: float) -> Array:
        """Record the arguments, and answer with da_prev."""
        self.log.append((self.name, np.copy(da), learning_rate))
        return self.da_prev.copy()


def sequence(n_rows: int, n_columns: int) -> Array:
    """Return the numbers -0.75, -0.25, 0.25, ... in the given shape."""
    return (np.arange(n_rows * n_columns) / 2 - 0.75).reshape(n_rows, n_columns)


def make_layer(work: Work, weights: Array, biases: Array, activation: Any) -> Any:
    """Return a student's layer with these parameters."""
    layer = work.Layer(weights.shape[1], weights.shape[0], activation)
    layer.weights, layer.biases = weights.copy(), biases.copy()
    return layer


def printed_by_fit(
    work: Work, layers: list[Recorder], labels: list[float], epochs: int, learning_rate: float
) -> str:
    """Run fit on examples with these labels, and return what it printed."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        work.Perceptron(layers).fit(sequence(len(labels), 2), np.array([labels]).T, epochs, learning_rate)
    return printed.getvalue()


def mean_loss(layers: list[Any], activations: list[Any], rows: Array, labels: Array) -> float:
    """Return the mean binary cross-entropy of a network, from its parameters."""
    a = rows.T
    for layer, activation in zip(layers, activations, strict=True):
        a = activation(layer.weights @ a + layer.biases)
    return -float(np.mean(np.log(np.where(labels.T == 1, a, 1 - a))))


def finite_differences(function: Any, where: Array, step: float = 1e-6) -> Array:
    """Return the derivative of `function` with respect to each number in `where`."""
    gradient = np.zeros(where.shape)
    for index in np.ndindex(where.shape):
        shift = np.zeros(where.shape)
        shift[index] = step
        gradient[index] = (function(where + shift) - function(where - shift)) / (2 * step)
    return gradient


def assert_shape(name: str, seen: Any, shape: tuple[int, int], about: str) -> None:
    """Fail if `seen` is not an array of this shape."""
    __tracebackhide__ = True
    assert seen is not None, f"{name} is None: does backward end with a return?"
    assert np.shape(seen) == shape, f"{name} should have the shape {shape} {about}, but has {np.shape(seen)}."


def assert_close(name: str, seen: Any, expected: Array) -> None:
    """Fail if `seen` does not contain the expected numbers."""
    __tracebackhide__ = True
    assert seen is not None, f"{name} is None: is a return missing?"
    same = np.size(seen) == expected.size and np.allclose(np.ravel(seen), np.ravel(expected), 1e-4, 1e-6)
    assert same, f"{name} should be\n{np.round(expected, 6)}\nbut is\n{np.round(seen, 6)}"


def files_to_test() -> list[Path]:
    """Return the files in which the student has begun, or else the skeleton."""
    texts = {
        path: path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(HERE.iterdir())
        if path.suffix in {".py", ".ipynb"} and path.name != "utils.py" and not path.name.startswith("test_")
    }
    files = [path for path, text in texts.items() if "class Perceptron" in text]
    begun = [path for path in files if not all(stub in texts[path] for stub in NOT_STARTED)]
    return begun or files[-1:] or [HERE / "perceptron.py"]


def code_of(path: Path) -> str:
    """Return the code of a script, or of a notebook without its cells for training, plots and checks."""
    if path.suffix == ".py":
        with tokenize.open(path) as file:
            return file.read()
    left_out = {"perceptron-kit:training", "perceptron-kit:plot", "perceptron-kit:check"}
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = [
        "".join(cell["source"])
        for cell in cells
        if cell["cell_type"] == "code" and not left_out.intersection(cell["metadata"].get("tags", []))
    ]
    return re.sub(r"^(\s*)([%!])", r"\1pass  # \2", "\n\n".join(sources), flags=re.MULTILINE)


@pytest.fixture(scope="module", params=files_to_test(), ids=lambda path: path.name)
def work(request: pytest.FixtureRequest) -> Work:
    """Return the classes that the student's file defines."""
    path: Path = request.param
    os.environ.setdefault("MPLBACKEND", "Agg")  # training code may draw, and a window would wait for a click
    sys.path.insert(0, str(HERE))
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    name, code = f"<{path.name}>" if path.suffix == ".ipynb" else str(path), code_of(path)
    linecache.cache[name] = len(code), None, code.splitlines(keepends=True), name  # for the error messages
    exec(compile(code, name, "exec"), vars(module))
    for name in ("Layer", "Perceptron"):
        assert hasattr(module, name), f"{path.name} does not define a class {name}."
    return Work(module.Layer, module.Perceptron)
