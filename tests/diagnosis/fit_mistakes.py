"""Mistakes in ``fit``, each with the parts of a style (``fit_styles``) that make it."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KNOWN", "UNKNOWN", "Variant"]

ZIP, INDEX, COLUMNS = "zip", "index", "columns"


class Variant(NamedTuple):
    """A mistake, the style that it is written in, and the parts of the style that are replaced."""

    mistake: str
    style: str
    parts: dict[str, str]


def _lines(*lines: str) -> str:
    return "\n".join(lines)


KNOWN = (
    Variant("output-gradient-sign", ZIP, {"da": "(y - y_hat) / (y_hat * (1 - y_hat))"}),
    Variant("output-gradient-sign", INDEX, {"da": "np.array([[y / p - (1 - y) / (1 - p)]])"}),
    Variant("output-gradient-sign", COLUMNS, {"da": "t / a - (1 - t) / (1 - a)"}),
    Variant("output-gradient-without-denominator", ZIP, {"da": "y_hat - y"}),
    Variant("output-gradient-without-denominator", INDEX, {"da": "p - y"}),
    Variant("output-gradient-without-denominator", COLUMNS, {"da": "a - t"}),
    Variant("output-gradient-squared-error", ZIP, {"da": "-2 * (y - y_hat)"}),
    Variant("output-gradient-squared-error", COLUMNS, {"da": "2.0 * (a - t)"}),
    Variant("output-gradient-one-sided", ZIP, {"da": "-y / y_hat"}),
    Variant("output-gradient-one-sided", INDEX, {"da": "np.array([[(1 - y) / (1 - p)]])"}),
    Variant("output-gradient-one-sided", COLUMNS, {"da": "-(t / (a + 1e-8))"}),
    Variant("output-gradient-is-loss", ZIP, {"da": "loss"}),
    Variant("output-gradient-is-loss", INDEX, {"da": "np.array([[np.mean(losses)]])"}),
    Variant("output-gradient-is-loss", ZIP, {"da": "total"}),
    Variant("output-gradient-rescaled", ZIP, {"da": "(y_hat - y) / (y_hat * (1 - y_hat)) / N"}),
    Variant("output-gradient-rescaled", INDEX, {"da": "lr * (p - y) / (p * (1 - p))"}),
    Variant("output-gradient-rescaled", COLUMNS, {"da": "0.5 * (a - t) / (a * (1 - a))"}),
    Variant("output-gradient-rescaled", ZIP, {"da": "(y_hat - y) / (y_hat * (1 - y_hat)) / epochs"}),
    Variant("prediction-clipped", ZIP, {"forward": "min(max(self.forward(x).item(), 0.01), 0.99)"}),
    Variant("prediction-clipped", INDEX, {"forward": "np.clip(self.forward(x)[0, 0], 0.05, 0.95)"}),
    Variant("prediction-clipped", COLUMNS, {"da": "(a - t) / (a * (1 - a) + 1e-3)"}),
    Variant(
        "prediction-clipped", COLUMNS, {"loss": "-(t * np.log(a + 0.01) + (1 - t) * np.log(1 - a + 0.01))"}
    ),
    Variant(
        "layers-not-reversed",
        ZIP,
        {"walk": _lines("for layer in self.layers:", "    da = layer.backward(da, learning_rate)")},
    ),
    Variant(
        "layers-not-reversed",
        INDEX,
        {"walk": _lines("for k in range(len(self.layers)):", "    da = self.layers[k].backward(da, lr)")},
    ),
    Variant(
        "da-not-chained",
        ZIP,
        {"walk": _lines("for layer in reversed(self.layers):", "    layer.backward(da, learning_rate)")},
    ),
    Variant(
        "da-not-chained",
        COLUMNS,
        {"walk": _lines("for layer in self.layers[::-1]:", "    d = layer.backward(grad, eta)")},
    ),
    Variant(
        "da-accumulated",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers):", "    da = da + layer.backward(da, learning_rate)"
            )
        },
    ),
    Variant("only-last-layer", ZIP, {"walk": "self.layers[-1].backward(da, learning_rate)"}),
    Variant(
        "only-last-layer",
        COLUMNS,
        {"walk": _lines("for layer in self.layers[:0:-1]:", "    grad = layer.backward(grad, eta)")},
    ),
    Variant(
        "fit-learning-rate-ignored",
        INDEX,
        {"walk": _lines("for layer in self.layers[::-1]:", "    da = layer.backward(da, 0.1)")},
    ),
    Variant("fit-learning-rate-ignored", COLUMNS, {"end": "mean = errors.mean(); eta *= 0.9"}),
    Variant(
        "backward-once-per-epoch",
        ZIP,
        {
            "walk": "pass",
            "end": _lines(
                "mean = total / N",
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
            ),
        },
    ),
    Variant("no-backpropagation", INDEX, {"walk": "pass"}),
    Variant("examples-skipped", ZIP, {"loop": "x, y in zip(training_data[1:], labels[1:])"}),
    Variant("examples-skipped", INDEX, {"loop": "i in range(n - 1)"}),
    Variant("examples-skipped", INDEX, {"loop": "i in range(0, n, 2)"}),
    Variant(
        "examples-skipped",
        COLUMNS,
        {"loop": "k, i in enumerate(order[1:])", "add": "errors[k] = loss.item()"},
    ),
    Variant("epochs-ignored", ZIP, {"epochs": "range(1, epochs)"}),
    Variant("epochs-ignored", COLUMNS, {"epochs": "range(epochs + 1)"}),
    Variant("epochs-ignored", INDEX, {"epochs": "range(1)"}),
    Variant(
        "labels-misaligned", ZIP, {"loop": "x, y in zip(training_data[np.random.permutation(N)], labels)"}
    ),
    Variant("labels-misaligned", INDEX, {"example": "x, y = X[i], Y[i - 1, 0]"}),
    Variant(
        "labels-misaligned", COLUMNS, {"example": "x, t = data[i].reshape(-1, 1), targets[k].reshape(1, 1)"}
    ),
    Variant("labels-misaligned", ZIP, {"example": "y = labels[0].item()"}),
    Variant(
        "labels-shadowed",
        ZIP,
        {"loop": "x, labels in zip(training_data, labels)", "example": "y = labels[0]"},
    ),
    Variant(
        "labels-shadowed",
        ZIP,
        {
            "loop": "training_data, y in zip(training_data, labels)",
            "example": "x, y = training_data, y.item()",
        },
    ),
    Variant(
        "batch-training",
        ZIP,
        {
            "begin": "sum_da = 0.0",
            "walk": "sum_da = sum_da + da",
            "end": _lines(
                "mean = total / N",
                "da = sum_da / N",
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
            ),
        },
    ),
    Variant(
        "batch-training",
        COLUMNS,
        {"loop": "k in range(1)", "example": "x, t = data, targets", "add": "errors[:] = loss.ravel()"},
    ),
    Variant(
        "batch-training",
        COLUMNS,
        {
            "loop": "k in range(1)",
            "example": "x, t = data, targets",
            "add": "errors[:] = loss.ravel()",
            "da": "np.mean((a - t) / (a * (1 - a)))",
        },
    ),
    Variant(
        "data-changed",
        ZIP,
        {
            "before": _lines(
                "N = len(training_data)",
                "training_data = (training_data - training_data.mean(axis=0)) / (training_data.std(axis=0) + 1e-8)",
            )
        },
    ),
    Variant(
        "data-changed",
        COLUMNS,
        {
            "before": _lines(
                "m, rng = len(targets), np.random.default_rng(3)", "data = data / np.abs(data).max()"
            )
        },
    ),
    Variant(
        "parameters-reset",
        ZIP,
        {
            "begin": _lines(
                "for layer in self.layers:",
                "    layer.weights = np.random.randn(*layer.weights.shape)",
                "    layer.biases = np.zeros_like(layer.biases)",
            )
        },
    ),
    Variant("loss-sign", ZIP, {"loss": "y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)"}),
    Variant("loss-sign", COLUMNS, {"loss": "t * np.log(a) + (1 - t) * np.log(1 - a)"}),
    Variant("loss-one-sided", ZIP, {"loss": "-y * np.log(y_hat)"}),
    Variant("loss-one-sided", INDEX, {"loss": "-(1 - y) * np.log(1 - p)"}),
    Variant("loss-wrong-formula", INDEX, {"loss": "(p - y) ** 2"}),
    Variant("loss-wrong-formula", ZIP, {"loss": "-(y * np.log10(y_hat) + (1 - y) * np.log10(1 - y_hat))"}),
    Variant("loss-wrong-formula", COLUMNS, {"loss": "0.5 * (t - a) ** 2"}),
    Variant("loss-wrong-formula", ZIP, {"loss": "-(y * np.log1p(y_hat) + (1 - y) * np.log1p(1 - y_hat))"}),
    Variant("loss-not-averaged", ZIP, {"end": "mean = total"}),
    Variant("loss-not-averaged", INDEX, {"end": "mean = sum(losses) / 100"}),
    Variant("loss-not-averaged", COLUMNS, {"end": "mean = errors.sum() / epochs"}),
    Variant(
        "loss-not-reset",
        ZIP,
        {"begin": "total = locals().get('kept', 0.0)", "end": "kept = total; mean = total / N"},
    ),
    Variant(
        "loss-not-reset",
        INDEX,
        {"begin": _lines("if epoch:", "    losses = kept", "kept = losses")},
    ),
    Variant("loss-last-example", ZIP, {"add": "total = loss", "end": "mean = total"}),
    Variant("loss-last-example", INDEX, {"end": "mean = losses[-1]"}),
    Variant(
        "loss-after-update",
        COLUMNS,
        {
            "after": _lines(
                "a = self.forward(x)", "errors[k] = (-(t * np.log(a) + (1 - t) * np.log(1 - a))).item()"
            )
        },
    ),
    Variant(
        "loss-after-update",
        ZIP,
        {
            "end": _lines(
                "mean = 0.0",
                "for x, y in zip(training_data, labels):",
                "    p = self.forward(x).item()",
                "    mean -= np.log(p if y[0] == 1 else 1 - p) / N",
            )
        },
    ),
    Variant("loss-not-printed", COLUMNS, {"print": "pass"}),
    Variant("loss-not-printed", ZIP, {"print": "print('done')"}),
    Variant(
        "loss-printed-seldom",
        ZIP,
        {"print": _lines("if epoch % 10 == 0:", '    print(f"Loss at epoch {epoch}: {mean:.3f}")')},
    ),
    Variant(
        "loss-printed-seldom",
        INDEX,
        {"print": _lines("if epoch % 10 == 0:", '    print("Loss at epoch %d: %.3f" % (epoch + 1, mean))')},
    ),
    Variant(
        "loss-printed-seldom",
        COLUMNS,
        {"print": _lines("if e == epochs - 1:", '    print(f"Loss at epoch {e + 1}: {mean:.3f}")')},
    ),
    Variant(
        "loss-printed-per-example",
        ZIP,
        {"after": 'print(f"Loss at epoch {epoch}: {loss:.3f}")', "print": "pass"},
    ),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Epoch {epoch}/{epochs} - loss: {mean:.4f}")'}),
    Variant("loss-line-format", COLUMNS, {"print": 'print("Loss at epoch", e, ":", mean)'}),
    Variant("loss-line-format", INDEX, {"print": 'print(f"loss at epoch {epoch + 1} is {mean:.3f}")'}),
    Variant("loss-line-format", ZIP, {"print": "print(epoch, mean)"}),
    Variant("loss-line-format", INDEX, {"print": 'print(f"Loss at epoch {epoch}: {mean:.3f}")'}),
    Variant(
        "batch-training",
        COLUMNS,
        {
            "loop": "k in range(0, m, 2)",
            "example": "x, t = data[k:k+2], targets[k:k+2]",
            "add": "errors[k:k+2] = loss.ravel()",
            "da": "np.mean((a - t) / (a * (1 - a)))",
        },
    ),
    Variant(
        "batch-training",
        ZIP,
        {
            "begin": "das = []",
            "walk": "das.append(da)",
            "end": _lines(
                "mean = total / N",
                "da = np.sum(das)",
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
            ),
        },
    ),
    Variant(
        "batch-training",
        COLUMNS,
        {
            "loop": "k in range(1)",
            "example": "x, t = data.T, targets",
            "add": "errors[:] = loss.ravel()",
            "da": "(a - t) / (a * (1 - a)) / m",
        },
    ),
    Variant(
        "prediction-clipped",
        ZIP,
        {
            "loss": "-(y * np.log(np.clip(y_hat, 0.01, 0.99)) + (1 - y) * np.log(1 - np.clip(y_hat, 0.01, 0.99)))"
        },
    ),
    Variant("prediction-clipped", ZIP, {"da": "-(y / (y_hat + 1e-3)) + (1 - y) / (1 - y_hat + 1e-3)"}),
    Variant("prediction-clipped", ZIP, {"da": "(y_hat - y) / max(y_hat * (1 - y_hat), 0.05)"}),
    Variant("prediction-clipped", ZIP, {"da": "(y_hat - y) / (y_hat * (1 - y_hat) + 1e-5)"}),
    Variant("prediction-clipped", INDEX, {"forward": "max(self.forward(x)[0, 0], 0.02)"}),
    Variant("epochs-ignored", ZIP, {"epochs": "range(1, epochs // 2 + 1)"}),
    Variant("epochs-ignored", INDEX, {"epochs": "range(100)"}),
    Variant("epochs-ignored", COLUMNS, {"epochs": "range(2 * epochs)"}),
    Variant(
        "backward-once-per-epoch",
        COLUMNS,
        {
            "walk": "pass",
            "end": _lines(
                "mean = errors.mean()",
                "for layer in self.layers[::-1]:",
                "    grad = layer.backward(grad, eta)",
            ),
        },
    ),
    Variant("labels-misaligned", ZIP, {"before": _lines("N = len(training_data)", "labels = labels[::-1]")}),
    Variant(
        "labels-misaligned",
        ZIP,
        {"before": _lines("N = len(training_data)", "labels = np.random.default_rng(0).permutation(labels)")},
    ),
    Variant("labels-misaligned", COLUMNS, {"begin": "order = rng.permutation(m); rng.shuffle(targets)"}),
    Variant(
        "labels-misaligned",
        ZIP,
        {"before": _lines("N = len(training_data)", "labels = np.sort(labels, axis=0)")},
    ),
    Variant("labels-misaligned", INDEX, {"example": "x, y = X[i], Y[min(i + 1, n - 1), 0]"}),
    Variant("examples-skipped", INDEX, {"loop": "i in range(1, n)"}),
    Variant(
        "examples-skipped",
        ZIP,
        {
            "begin": "cut = int(0.8 * N)",
            "loop": "x, y in zip(training_data[:cut], labels[:cut])",
            "end": "mean = total / cut",
        },
    ),
    Variant(
        "examples-skipped",
        COLUMNS,
        {"loop": "k, i in enumerate(order[:-1])", "end": "mean = errors[:-1].mean()"},
    ),
    Variant(
        "fit-learning-rate-ignored",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers):", "    da = layer.backward(da, learning_rate=0.1)"
            )
        },
    ),
    Variant(
        "fit-learning-rate-ignored",
        ZIP,
        {"walk": _lines("for layer in reversed(self.layers):", "    da = layer.backward(da, 1)")},
    ),
    Variant(
        "fit-learning-rate-ignored",
        COLUMNS,
        {
            "walk": _lines(
                "for layer in self.layers[::-1]:", "    grad = layer.backward(grad, eta / (1 + 0.1 * e))"
            )
        },
    ),
    Variant(
        "parameters-reset",
        COLUMNS,
        {
            "before": _lines(
                "m, rng = len(targets), np.random.default_rng(3)",
                "for layer in self.layers:",
                "    layer.weights = rng.uniform(-1, 1, layer.weights.shape)",
                "    layer.biases = rng.uniform(-1, 1, layer.biases.shape)",
            )
        },
    ),
    Variant(
        "parameters-reset",
        ZIP,
        {
            "example": _lines(
                "y = y.item()",
                "for layer in self.layers:",
                "    layer.weights = np.random.uniform(-1, 1, layer.weights.shape)",
            )
        },
    ),
    Variant(
        "da-accumulated",
        COLUMNS,
        {"walk": _lines("for layer in self.layers[::-1]:", "    grad = grad + layer.backward(grad, eta)")},
    ),
    Variant(
        "da-accumulated",
        COLUMNS,
        {"walk": _lines("for layer in self.layers[::-1]:", "    grad += layer.backward(grad, eta)")},
    ),
    Variant(
        "loss-printed-per-example",
        INDEX,
        {"after": 'print(f"Loss at epoch {i + 1}: {loss:.3f}")', "print": "pass"},
    ),
    Variant(
        "loss-printed-per-example",
        ZIP,
        {"after": 'print(f"Loss at epoch {epoch}: {total / N:.3f}")', "print": "pass"},
    ),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch} = {mean:.3f}")'}),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch}: {np.array([[mean]])}")'}),
    Variant(
        "loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch}: {mean:.3f}, accuracy: {0.5:.2f}")'}
    ),
    Variant("loss-line-format", ZIP, {"print": 'print(f"loss: {mean:.3f}")'}),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch}: {mean:.3e}")'}),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch}: {round(mean, 2)}")'}),
    Variant("loss-line-format", ZIP, {"print": 'print("Loss at epoch", epoch, mean)'}),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epoch}: {mean}")'}),
    Variant("loss-line-format", ZIP, {"print": 'print(f"Loss at epoch {epochs}: {mean:.3f}")'}),
    Variant("loss-wrong-formula", ZIP, {"end": "mean = np.sqrt(total / N)", "loss": "(y - y_hat) ** 2"}),
    Variant("loss-wrong-formula", ZIP, {"loss": "np.abs(y - y_hat)"}),
    Variant("loss-not-averaged", ZIP, {"end": "mean = total / len(self.layers)"}),
    Variant("loss-not-averaged", ZIP, {"end": "mean = total / training_data.size"}),
    Variant("loss-not-averaged", ZIP, {"end": "mean = total / 2"}),
    Variant(
        "loss-not-reset",
        ZIP,
        {
            "begin": "total = 0.0 if epoch == 1 else total_kept",
            "end": "total_kept = total; mean = total / (N * epoch)",
        },
    ),
    Variant(
        "loss-printed-seldom",
        ZIP,
        {"print": _lines("if epoch % 100 == 0:", '    print(f"Loss at epoch {epoch}: {mean:.3f}")')},
    ),
    Variant(
        "loss-printed-seldom",
        ZIP,
        {"print": _lines("if epoch % 2 == 0:", '    print(f"Loss at epoch {epoch}: {mean:.3f}")')},
    ),
    Variant(
        "loss-printed-seldom",
        ZIP,
        {
            "print": _lines(
                "if epoch % 10 == 0 or epoch == 1:", '    print(f"Loss at epoch {epoch}: {mean:.3f}")'
            )
        },
    ),
    Variant(
        "loss-printed-seldom",
        ZIP,
        {
            "print": "pass",
            "end": _lines(
                "mean = total / N", "if epoch == epochs: print(f'Loss at epoch {epoch}: {mean:.3f}')"
            ),
        },
    ),
    Variant("data-changed", ZIP, {"example": "y = y.item(); x = x / np.linalg.norm(x)"}),
    Variant("data-changed", ZIP, {"example": "y = y.item(); x = x / 10"}),
    Variant("data-changed", ZIP, {"example": "y = y.item(); x = np.round(x)"}),
    Variant(
        "data-changed",
        COLUMNS,
        {
            "before": _lines(
                "m, rng = len(targets), np.random.default_rng(3)",
                "data = (data - data.min(0)) / (data.max(0) - data.min(0))",
            )
        },
    ),
    Variant(
        "data-changed",
        COLUMNS,
        {"before": _lines("m, rng = len(targets), np.random.default_rng(3)", "data = 2 * data - 1")},
    ),
    Variant("output-gradient-is-loss", COLUMNS, {"da": "np.array([[errors[k]]])"}),
    Variant("only-last-layer", INDEX, {"walk": "da = self.layers[-1].backward(da, lr)"}),
    Variant("no-backpropagation", COLUMNS, {"walk": "pass"}),
)
"""Mistakes of the catalogue."""
UNKNOWN = (
    Variant("unknown", ZIP, {"da": "(y_hat - y) * y_hat * (1 - y_hat)"}),
    Variant("unknown", ZIP, {"da": "2 * (y_hat - y) * y_hat * (1 - y_hat)"}),
    Variant("unknown", ZIP, {"da": "(y_hat - y) / y_hat"}),
    Variant("unknown", ZIP, {"da": "(1 + y) * (y_hat - y) / (y_hat * (1 - y_hat))"}),
    Variant("unknown", ZIP, {"da": "(y_hat - (0.9 * y + 0.05)) / (y_hat * (1 - y_hat))"}),
    Variant("unknown", ZIP, {"da": "np.tanh((y_hat - y) / (y_hat * (1 - y_hat)))"}),
    Variant("unknown", ZIP, {"da": "-(y / y_hat + (1 - y) / (1 - y_hat))"}),
    Variant("unknown", ZIP, {"example": "y = 1 - y.item()"}),
    Variant(
        "unknown", ZIP, {"loop": "x, y in [*zip(training_data, labels)] * 2", "end": "mean = total / (2 * N)"}
    ),
    Variant("unknown", ZIP, {"example": "y = y.item(); x = x ** 2"}),
    Variant("unknown", ZIP, {"example": "y = y.item(); x = x * (np.random.rand(*x.shape) > 0.5)"}),
    Variant(
        "unknown",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
            )
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "after": _lines(
                "self.forward(x)",
                "for layer in reversed(self.layers):",
                "    da = layer.backward(da, learning_rate)",
            )
        },
    ),
    Variant("unknown", INDEX, {"example": _lines("i = np.random.randint(n)", "x, y = X[i], Y[i, 0]")}),
    Variant("unknown", ZIP, {"end": _lines("mean = 0.0 if epoch == 1 else before", "before = total / N")}),
    Variant("unknown", INDEX, {"end": "mean = max(losses)"}),
    Variant("unknown", INDEX, {"end": "mean = np.median(losses)"}),
    Variant("unknown", INDEX, {"end": "mean = losses[0]"}),
    Variant("unknown", ZIP, {"loss": "y_hat"}),
    Variant("unknown", ZIP, {"end": "mean = 100 * total / N"}),
    Variant(
        "unknown",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers):", "    da = layer.backward(da, learning_rate) / 2"
            )
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers):", "    da = layer.backward(da, learning_rate / N)"
            )
        },
    ),
    Variant("unknown", ZIP, {"after": "for layer in self.layers: layer.weights = 0.99 * layer.weights"}),
    Variant(
        "unknown",
        ZIP,
        {
            "walk": _lines(
                "for layer in reversed(self.layers[:-1]):", "    da = layer.backward(da, learning_rate)"
            )
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "before": _lines("N = len(training_data)", "pairs = zip(training_data, labels)"),
            "loop": "x, y in pairs",
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "end": "mean = np.mean([(self.forward(x).item() > 0.5) == y[0] for x, y in zip(training_data, labels)])"
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "begin": _lines(
                "outputs = np.array([self.forward(x).item() for x in training_data])",
                "mean = -np.mean(np.log(np.where(labels.ravel() == 1, outputs, 1 - outputs)))",
            ),
            "end": "pass",
        },
    ),
    Variant(
        "unknown",
        ZIP,
        {
            "before": _lines("N = len(training_data)", "v = 0"),
            "da": "0.9 * v + (y_hat - y) / (y_hat * (1 - y_hat))",
            "after": "v = (y_hat - y) / (y_hat * (1 - y_hat))",
        },
    ),
)
"""Mistakes that no entry of the catalogue describes."""
