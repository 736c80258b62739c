"""Mistakes in ``Perceptron.fit`` are named by what ``fit`` did, alone and together, in any style."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fit_variants import STYLES, program
from in_process import grade_paths

from grader.model import Diagnosis, Feedback
from grader.settings import Settings

Z, I, C = "zip", "index", "columns"  # noqa: E741 - the styles
Change = dict[str, str]

SINGLE: list[tuple[str, str, Change]] = [
    ("output-gradient-sign", Z, {"da": "(y - y_hat) / (y_hat * (1 - y_hat))"}),
    ("output-gradient-sign", I, {"da": "np.array([[y / p - (1 - y) / (1 - p)]])"}),
    ("output-gradient-sign", C, {"da": "t / a - (1 - t) / (1 - a)"}),
    ("output-gradient-without-denominator", Z, {"da": "y_hat - y"}),
    ("output-gradient-without-denominator", I, {"da": "p - y"}),
    ("output-gradient-without-denominator", C, {"da": "a - t"}),
    ("output-gradient-squared-error", Z, {"da": "-2 * (y - y_hat)"}),
    ("output-gradient-squared-error", C, {"da": "2.0 * (a - t)"}),
    ("output-gradient-one-sided", Z, {"da": "-y / y_hat"}),
    ("output-gradient-one-sided", I, {"da": "np.array([[(1 - y) / (1 - p)]])"}),
    ("output-gradient-one-sided", C, {"da": "-(t / (a + 1e-8))"}),
    ("output-gradient-is-loss", Z, {"da": "loss"}),
    ("output-gradient-is-loss", I, {"da": "np.array([[np.mean(losses)]])"}),
    ("output-gradient-is-loss", Z, {"da": "total"}),
    ("output-gradient-rescaled", Z, {"da": "(y_hat - y) / (y_hat * (1 - y_hat)) / N"}),
    ("output-gradient-rescaled", I, {"da": "lr * (p - y) / (p * (1 - p))"}),
    ("output-gradient-rescaled", C, {"da": "0.5 * (a - t) / (a * (1 - a))"}),
    ("output-gradient-rescaled", Z, {"da": "(y_hat - y) / (y_hat * (1 - y_hat)) / epochs"}),
    ("prediction-clipped", Z, {"forward": "min(max(self.forward(x).item(), 0.01), 0.99)"}),
    ("prediction-clipped", I, {"forward": "np.clip(self.forward(x)[0, 0], 0.05, 0.95)"}),
    ("prediction-clipped", C, {"da": "(a - t) / (a * (1 - a) + 1e-3)"}),
    ("prediction-clipped", C, {"loss": "-(t * np.log(a + 0.01) + (1 - t) * np.log(1 - a + 0.01))"}),
    (
        "layers-not-reversed",
        Z,
        {"walk": "for layer in self.layers:\n    da = layer.backward(da, learning_rate)"},
    ),
    (
        "layers-not-reversed",
        I,
        {"walk": "for k in range(len(self.layers)):\n    da = self.layers[k].backward(da, lr)"},
    ),
    (
        "da-not-chained",
        Z,
        {"walk": "for layer in reversed(self.layers):\n    layer.backward(da, learning_rate)"},
    ),
    ("da-not-chained", C, {"walk": "for layer in self.layers[::-1]:\n    d = layer.backward(grad, eta)"}),
    (
        "da-accumulated",
        Z,
        {"walk": "for layer in reversed(self.layers):\n    da = da + layer.backward(da, learning_rate)"},
    ),
    ("only-last-layer", Z, {"walk": "self.layers[-1].backward(da, learning_rate)"}),
    (
        "only-last-layer",
        C,
        {"walk": "for layer in self.layers[:0:-1]:\n    grad = layer.backward(grad, eta)"},
    ),
    (
        "fit-learning-rate-ignored",
        I,
        {"walk": "for layer in self.layers[::-1]:\n    da = layer.backward(da, 0.1)"},
    ),
    ("fit-learning-rate-ignored", C, {"end": "mean = errors.mean(); eta *= 0.9"}),
    (
        "backward-once-per-epoch",
        Z,
        {
            "walk": "pass",
            "end": "mean = total / N\nfor layer in reversed(self.layers):\n    da = layer.backward(da, learning_rate)",
        },
    ),
    ("no-backpropagation", I, {"walk": "pass"}),
    ("examples-skipped", Z, {"loop": "x, y in zip(training_data[1:], labels[1:])"}),
    ("examples-skipped", I, {"loop": "i in range(n - 1)"}),
    ("examples-skipped", I, {"loop": "i in range(0, n, 2)"}),
    ("examples-skipped", C, {"loop": "k, i in enumerate(order[1:])", "add": "errors[k] = loss.item()"}),
    ("epochs-ignored", Z, {"epochs": "range(1, epochs)"}),
    ("epochs-ignored", C, {"epochs": "range(epochs + 1)"}),
    ("epochs-ignored", I, {"epochs": "range(1)"}),
    ("labels-misaligned", Z, {"loop": "x, y in zip(training_data[np.random.permutation(N)], labels)"}),
    ("labels-misaligned", I, {"example": "x, y = X[i], Y[i - 1, 0]"}),
    ("labels-misaligned", C, {"example": "x, t = data[i].reshape(-1, 1), targets[k].reshape(1, 1)"}),
    ("labels-misaligned", Z, {"example": "y = labels[0].item()"}),
    ("labels-shadowed", Z, {"loop": "x, labels in zip(training_data, labels)", "example": "y = labels[0]"}),
    (
        "labels-shadowed",
        Z,
        {
            "loop": "training_data, y in zip(training_data, labels)",
            "example": "x, y = training_data, y.item()",
        },
    ),
    (
        "batch-training",
        Z,
        {
            "walk": "sum_da = da if total == loss else sum_da + da",
            "end": "mean = total / N\nda = sum_da / N\nfor layer in reversed(self.layers):\n    da = layer.backward(da, learning_rate)",
        },
    ),
    (
        "batch-training",
        C,
        {"loop": "k in range(1)", "example": "x, t = data, targets", "add": "errors[:] = loss.ravel()"},
    ),
    (
        "batch-training",
        C,
        {
            "loop": "k in range(1)",
            "example": "x, t = data, targets",
            "add": "errors[:] = loss.ravel()",
            "da": "np.mean((a - t) / (a * (1 - a)))",
        },
    ),
    (
        "data-changed",
        Z,
        {
            "before": "N = len(training_data)\ntraining_data = (training_data - training_data.mean(axis=0)) / (training_data.std(axis=0) + 1e-8)"
        },
    ),
    (
        "data-changed",
        C,
        {"before": "m, rng = len(targets), np.random.default_rng(3)\ndata = data / np.abs(data).max()"},
    ),
    (
        "parameters-reset",
        Z,
        {
            "begin": "for layer in self.layers:\n    layer.weights = np.random.randn(*layer.weights.shape)\n    layer.biases = np.zeros_like(layer.biases)"
        },
    ),
    ("loss-sign", Z, {"loss": "y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)"}),
    ("loss-sign", C, {"loss": "t * np.log(a) + (1 - t) * np.log(1 - a)"}),
    ("loss-one-sided", Z, {"loss": "-y * np.log(y_hat)"}),
    ("loss-one-sided", I, {"loss": "-(1 - y) * np.log(1 - p)"}),
    ("loss-wrong-formula", I, {"loss": "(p - y) ** 2"}),
    ("loss-wrong-formula", Z, {"loss": "-(y * np.log10(y_hat) + (1 - y) * np.log10(1 - y_hat))"}),
    ("loss-wrong-formula", C, {"loss": "0.5 * (t - a) ** 2"}),
    ("loss-wrong-formula", Z, {"loss": "-(y * np.log1p(y_hat) + (1 - y) * np.log1p(1 - y_hat))"}),
    ("loss-not-averaged", Z, {"end": "mean = total"}),
    ("loss-not-averaged", I, {"end": "mean = sum(losses) / 100"}),
    ("loss-not-averaged", C, {"end": "mean = errors.sum() / epochs"}),
    (
        "loss-not-reset",
        Z,
        {"begin": "total = locals().get('kept', 0.0)", "end": "kept = total; mean = total / N"},
    ),
    (
        "loss-not-reset",
        I,
        {
            "begin": "losses = self.__dict__.setdefault('all', []) if epoch else self.__dict__.update(all=[]) or self.all"
        },
    ),
    ("loss-last-example", Z, {"add": "total = loss", "end": "mean = total"}),
    ("loss-last-example", I, {"end": "mean = losses[-1]"}),
    (
        "loss-after-update",
        C,
        {"after": "a = self.forward(x)\nerrors[k] = (-(t * np.log(a) + (1 - t) * np.log(1 - a))).item()"},
    ),
    (
        "loss-after-update",
        Z,
        {
            "end": "mean = 0.0\nfor x, y in zip(training_data, labels):\n    p = self.forward(x).item()\n    mean -= np.log(p if y[0] == 1 else 1 - p) / N"
        },
    ),
    ("loss-not-printed", C, {"print": "pass"}),
    ("loss-not-printed", Z, {"print": "print('done')"}),
    (
        "loss-printed-seldom",
        Z,
        {"print": 'if epoch % 10 == 0:\n    print(f"Loss at epoch {epoch}: {mean:.3f}")'},
    ),
    (
        "loss-printed-seldom",
        I,
        {"print": 'if epoch % 10 == 0:\n    print("Loss at epoch %d: %.3f" % (epoch + 1, mean))'},
    ),
    (
        "loss-printed-seldom",
        C,
        {"print": 'if e == epochs - 1:\n    print(f"Loss at epoch {e + 1}: {mean:.3f}")'},
    ),
    (
        "loss-printed-per-example",
        Z,
        {"after": 'print(f"Loss at epoch {epoch}: {loss:.3f}")', "print": "pass"},
    ),
    ("loss-line-format", Z, {"print": 'print(f"Epoch {epoch}/{epochs} - loss: {mean:.4f}")'}),
    ("loss-line-format", C, {"print": 'print("Loss at epoch", e, ":", mean)'}),
    ("loss-line-format", I, {"print": 'print(f"loss at epoch {epoch + 1} is {mean:.3f}")'}),
    ("loss-line-format", Z, {"print": "print(epoch, mean)"}),
    ("loss-line-format", I, {"print": 'print(f"Loss at epoch {epoch}: {mean:.3f}")'}),
]
"""A mistake, a style, and the parts of the style that make it."""


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Diagnosis]]:
    """Return the diagnoses of all variants, by the names of their files."""
    folder = tmp_path_factory.mktemp("variants")
    for name, text in texts().items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    results = grade_paths(sorted(folder.iterdir()), replace(Settings(), feedback=Feedback.HINT))
    return {
        Path(result.path).stem: [each for each in result.diagnoses if each.method == "Perceptron.fit"]
        for result in results
    }


def texts() -> dict[str, str]:
    single = {f"single_{i}": program(style, change) for i, (_, style, change) in enumerate(SINGLE)}
    right = {f"right_{style}": program(style) for style in STYLES}
    return single | right


@pytest.mark.parametrize("number", range(len(SINGLE)))
def test_one_mistake_is_named(named: dict[str, list[Diagnosis]], number: int) -> None:
    assert [each.id for each in named[f"single_{number}"]] == [SINGLE[number][0]]


@pytest.mark.parametrize("style", STYLES)
def test_a_right_fit_gets_no_name(named: dict[str, list[Diagnosis]], style: str) -> None:
    assert not named[f"right_{style}"]
