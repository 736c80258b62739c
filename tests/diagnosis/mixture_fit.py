"""Ways to write ``Perceptron.fit``, and its known mistakes, in slots that can be combined.

``X``, ``Y``, ``epochs`` and ``rate`` are the arguments, ``x`` is an example, ``y`` its label, ``p`` the output,
``loss`` the example's loss and ``da`` its derivative. In a style's idioms, ``{}`` stands for an expression.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from mixture_backward import Slots
from mixture_rendering import Dialect, render

__all__ = ["FIT_MISTAKES", "FIT_STYLES", "FitStyle"]

LOSS = "-(y * np.log(p) + (1 - y) * np.log(1 - p))"
SLOPE = "(p - y) / (p * (1 - p))"

RIGHT: Slots = {
    "setup": "",
    "epochs": "for epoch in range(1, epochs + 1):",
    "begin": "",
    "start": "losses = []",
    "examples": "for x, y in zip(X, Y):",
    "pick": "y = y.item()",
    "forward": "p = self.forward(x).item()",
    "limit": "",
    "loss": f"loss = {LOSS}",
    "add": "losses.append(loss)",
    "da": f"da = np.array([[{SLOPE}]])",
    "back": "for layer in reversed(self.layers):\n    da = layer.backward(da, rate)",
    "after": "",
    "finish": "",
    "mean": "mean = np.mean(losses)",
    "print": 'print(f"Loss at epoch {epoch}: {mean:.3f}")',
    "end": "",
}
OF_AN_EXAMPLE = ("pick", "forward", "limit", "loss", "add", "da", "back", "after")


@dataclass(frozen=True)
class FitStyle:
    """One way to write ``fit``."""

    name: str
    names: Mapping[str, str]
    own: Slots = field(default_factory=dict)
    """Right steps in this style."""
    number: str = "epoch"
    """The number of the epoch, from 1."""
    array: str = "np.array([[{}]])"
    """What makes ``da`` of a number."""
    overwrite: str = "losses = [loss]"
    """What sets the sum of the losses to the example's."""
    total: str = "np.sum(losses)"
    """The sum of the epoch's losses."""
    helpers: str = ""
    """What stands above the classes."""

    @property
    def slots(self) -> dict[str, str]:
        """The right steps."""
        return {**RIGHT, **self.own}

    def method(self, edits: Slots) -> str:
        """Return the source of ``fit``, at the level of the class, with some slots replaced."""
        slots = {**self.slots, **edits}
        example = _block(slots["examples"], [slots[name] for name in OF_AN_EXAMPLE])
        steps = [slots["begin"], slots["start"], example, slots["finish"], slots["mean"], slots["print"]]
        steps += [slots.get("next", "")]
        body = _joined([slots["setup"], _block(slots["epochs"], steps), slots["end"]])
        names = {"X": "training_data", "Y": "labels", "rate": "learning_rate", **self.names}
        spoken = render(body, Dialect(names))
        head = "def fit(self, training_data, labels, epochs, learning_rate):"
        return textwrap.indent(f"{head}\n{textwrap.indent(spoken, '    ')}\n", "    ")


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(part.strip("\n") for part in parts if part.strip())


def _block(head: str, parts: Sequence[str]) -> str:
    return f"{head}\n{textwrap.indent(_joined(parts) or 'pass', '    ')}"


FIT_STYLES = (
    FitStyle("sheet", {}),
    FitStyle(
        "indices",
        {"losses": "total", "p": "o", "y": "t", "da": "err", "layer": "l", "epoch": "k"},
        {
            "setup": "n = X.shape[0]",
            "epochs": "for epoch in range(epochs):",
            "start": "losses = 0.0",
            "examples": "for i in range(n):",
            "pick": "x, y = X[i], float(Y[i, 0])",
            "loss": "loss = -y * np.log(p) - (1 - y) * np.log(1 - p)",
            "add": "losses += loss",
            "da": "da = np.full((1, 1), -y / p + (1 - y) / (1 - p))",
            "back": "for layer in self.layers[::-1]:\n    da = layer.backward(da, rate)",
            "mean": "mean = losses / n",
            "print": 'print("Loss at epoch {}: {:.3f}".format(epoch + 1, mean))',
        },
        number="epoch + 1",
        array="np.full((1, 1), {})",
        overwrite="losses = loss",
        total="losses",
    ),
    FitStyle(
        "while",
        {"losses": "summe", "p": "prob", "y": "target", "da": "grad"},
        {
            "setup": "epoch = 1",
            "epochs": "while epoch <= epochs:",
            "start": "losses = 0",
            "examples": "for n in range(len(X)):",
            "pick": "x = X[n]\ny = Y[n][0]",
            "forward": "p = float(self.forward(x)[0][0])",
            "loss": "if y == 1:\n    loss = -math.log(p)\nelse:\n    loss = -math.log(1 - p)",
            "add": "losses = losses + loss",
            "da": "if y == 1:\n    da = np.array([[-1 / p]])\nelse:\n    da = np.array([[1 / (1 - p)]])",
            "back": "k = len(self.layers) - 1\nwhile k >= 0:\n    da = self.layers[k].backward(da, rate)\n    k -= 1",
            "mean": "mean = losses / len(X)",
            "print": 'print("Loss at epoch %d: %.3f" % (epoch, mean))',
            "next": "epoch += 1",
        },
        overwrite="losses = loss",
        total="losses",
    ),
    FitStyle(
        "shuffled",
        {"losses": "kosten", "p": "ausgabe", "y": "ziel", "layer": "schicht", "epoch": "epoche"},
        {
            "epochs": "for epoch in range(epochs):",
            "start": "losses = 0.0",
            "examples": "for nr in np.random.permutation(len(X)):",
            "pick": "x, y = X[nr].reshape(-1, 1), Y[nr].item()",
            "loss": "loss = -np.log(p if y == 1 else 1 - p)",
            "add": "losses += loss / len(X)",
            "da": "da = np.atleast_2d((p - y) / (p - p ** 2))",
            "mean": "mean = losses",
            "print": 'print(f"Loss at epoch {epoch + 1}: {mean:.3f}")',
        },
        number="epoch + 1",
        array="np.atleast_2d({})",
        overwrite="losses = loss / len(X)",
        total="losses * len(X)",
    ),
    FitStyle(
        "arrays",
        {"losses": "history", "p": "y_hat", "da": "dA", "epoch": "e"},
        {
            "setup": "n = len(X)",
            "epochs": "for epoch in range(epochs):",
            "start": "losses = np.zeros(n)",
            "examples": "for i, (x, y) in enumerate(zip(X, Y)):",
            "pick": "x, y = x[:, None], y.reshape(1, 1)",
            "forward": "p = self.forward(x)",
            "add": "losses[i] = loss.item()",
            "da": f"da = {SLOPE}",
            "back": "for layer in self.layers[::-1]:\n    da = layer.backward(da, rate)",
            "mean": "mean = losses.mean()",
            "print": 'print("Loss at epoch", str(epoch + 1) + ":", "%.3f" % mean)',
        },
        number="epoch + 1",
        array="np.reshape({}, (1, 1))",
        overwrite="losses[:] = loss.item()",
        total="losses.sum()",
    ),
    FitStyle(
        "functional",
        {"losses": "costs", "y": "truth", "p": "guess", "da": "gradient"},
        {
            "pick": "y = float(y[0])",
            "loss": "loss = cross_entropy(y, p)",
            "da": "da = np.array([[slope(y, p)]])",
            "back": "da = reduce(lambda g, layer: layer.backward(g, rate), reversed(self.layers), da)",
            "mean": "mean = sum(losses) / len(losses)",
        },
        total="sum(losses)",
        helpers=f"""
def cross_entropy(y, p):
    return {LOSS}


def slope(y, p):
    return {SLOPE}
""",
    ),
    FitStyle(
        "running",
        {"losses": "avg", "p": "pred", "y": "label", "layer": "lay"},
        {
            "start": "losses, count = 0.0, 0",
            "add": "count += 1\nlosses += (loss - losses) / count",
            "da": "da = np.array((p - y) / p / (1 - p), ndmin=2)",
            "back": "i = len(self.layers)\nwhile i:\n    i -= 1\n    da = self.layers[i].backward(da, rate)",
            "mean": "mean = losses",
        },
        array="np.array({}, ndmin=2)",
        overwrite="count += 1\nlosses = loss",
        total="losses * count",
    ),
)


def _in_turn(style: FitStyle, name: str) -> str:
    return style.slots[name]


def _fixed_rate(style: FitStyle) -> str:
    return style.slots["back"].replace("rate", "0.05")


def _epochs(form: str) -> Callable[[FitStyle], Slots]:
    return lambda style: {"epochs": style.slots["epochs"].replace("epochs", form)}


def _da(expression: str) -> Callable[[FitStyle], Slots]:
    return lambda style: {"da": f"da = {style.array.format(expression)}"}


def _also_setup(style: FitStyle, text: str) -> Slots:
    return {"setup": _joined([text, style.slots["setup"]])}


def _back_by(line: str) -> Callable[[FitStyle], Slots]:
    return lambda _style: {"back": line}


def _printed(form: str) -> Callable[[FitStyle], Slots]:
    return lambda style: {"print": form.replace("NUMBER", style.number)}


def _only_if(condition: str) -> Callable[[FitStyle], Slots]:
    return lambda style: {
        "print": _block(f"if {condition.replace('NUMBER', style.number)}:", [style.slots["print"]])
    }


def _loss(expression: str) -> Callable[[FitStyle], Slots]:
    return lambda _style: {"loss": f"loss = {expression}"}


def _shadowed(style: FitStyle) -> Slots:
    """Take over the names of the data in the loop over the examples, unless it has indices."""
    if "x, y" not in style.slots["examples"] or "zip(X, Y)" not in style.slots["examples"]:
        return {}
    return {
        "examples": style.slots["examples"].replace("x, y", "X, Y"),
        "pick": _joined(["x, y = X, Y", style.slots["pick"]]),
    }


FIT_MISTAKES: Mapping[str, Sequence[Callable[[FitStyle], Slots]]] = {
    "output-gradient-sign": [_da("(y - p) / (p * (1 - p))"), _da("y / p - (1 - y) / (1 - p)")],
    "output-gradient-without-denominator": [_da("p - y")],
    "output-gradient-squared-error": [_da("2 * (p - y)")],
    "output-gradient-one-sided": [_da("-y / p"), _da("(1 - y) / (1 - p)")],
    "output-gradient-is-loss": [lambda style: {**_da("loss")(style), "loss": style.slots["loss"]}],
    "output-gradient-rescaled": [_da(f"{SLOPE} / len(X)"), _da(f"rate * ({SLOPE})")],
    "prediction-clipped": [
        lambda _style: {"limit": "p = np.clip(p, 0.01, 0.99)"},
        lambda _style: {"limit": "p = np.maximum(np.minimum(p, 1 - 0.05), 0.05)"},
    ],
    "layers-not-reversed": [_back_by("for layer in self.layers:\n    da = layer.backward(da, rate)")],
    "da-not-chained": [
        _back_by("for layer in reversed(self.layers):\n    layer.backward(da, rate)"),
        _back_by("for layer in self.layers[::-1]:\n    back = layer.backward(da, rate)"),
    ],
    "da-accumulated": [
        _back_by("for layer in reversed(self.layers):\n    da = da + layer.backward(da, rate)")
    ],
    "only-last-layer": [
        _back_by("self.layers[-1].backward(da, rate)"),
        _back_by("for layer in self.layers[:0:-1]:\n    da = layer.backward(da, rate)"),
    ],
    "no-backpropagation": [_back_by("")],
    "backward-once-per-epoch": [lambda style: {"back": "", "finish": _in_turn(style, "back")}],
    "batch-training": [
        lambda style: {
            "begin": "collected = []",
            "back": "",
            "after": "collected.append(da)",
            "finish": _joined(["da = sum(collected) / len(collected)", _in_turn(style, "back")]),
        },
        lambda style: {
            "begin": "collected = 0",
            "back": "",
            "after": "collected = collected + da",
            "finish": _joined(["da = collected", _in_turn(style, "back")]),
        },
    ],
    "examples-skipped": [
        lambda style: _also_setup(style, "X, Y = X[1:], Y[1:]"),
        lambda style: _also_setup(style, "X, Y = X[:-1], Y[:-1]"),
    ],
    "epochs-ignored": [_epochs("(epochs - 1)"), _epochs("10"), _epochs("1")],
    "fit-learning-rate-ignored": [
        lambda style: {"back": _fixed_rate(style)},
        lambda style: {"back": style.slots["back"].replace(", rate)", ", 1.0)")},
    ],
    "labels-misaligned": [
        lambda style: _also_setup(style, "X = X[np.random.permutation(len(X))]"),
        lambda style: _also_setup(style, "Y = np.roll(Y, 1, axis=0)"),
    ],
    "data-changed": [
        lambda style: _also_setup(style, "X = (X - X.mean(axis=0)) / X.std(axis=0)"),
        lambda style: _also_setup(style, "X = X / np.abs(X).max()"),
        lambda style: _also_setup(style, "X = X.round(1)"),
    ],
    "labels-shadowed": [_shadowed],
    "parameters-reset": [
        lambda _style: {
            "begin": "for layer in self.layers:\n"
            "    layer.weights = np.random.uniform(-1, 1, layer.weights.shape)\n"
            "    layer.biases = np.random.uniform(-1, 1, layer.biases.shape)"
        }
    ],
    "loss-sign": [_loss("y * np.log(p) + (1 - y) * np.log(1 - p)")],
    "loss-one-sided": [_loss("-y * np.log(p)"), _loss("-(1 - y) * np.log(1 - p)")],
    "loss-wrong-formula": [
        _loss("(p - y) ** 2"),
        _loss("-(y * np.log10(p) + (1 - y) * np.log10(1 - p))"),
        _loss("abs(p - y)"),
        _loss("-(y * np.log1p(p) + (1 - y) * np.log1p(1 - p))"),
    ],
    "loss-not-averaged": [
        lambda style: {"mean": f"mean = {style.total}"},
        lambda style: {"mean": f"mean = {style.total} / epochs"},
    ],
    "loss-not-reset": [
        lambda style: {"start": "", "setup": _joined([style.slots["setup"], style.slots["start"]])}
    ],
    "loss-last-example": [lambda style: {"add": style.overwrite}],
    "loss-after-update": [
        lambda style: {
            "loss": "",
            "add": "",
            "after": _joined([style.slots[name] for name in ("forward", "loss", "add")]),
        }
    ],
    "loss-not-printed": [
        lambda style: {"print": "", "loss": style.slots["loss"]},
        lambda style: {"print": "", "loss": style.slots["loss"], "end": "return mean"},
    ],
    "loss-line-format": [
        _printed('print(f"The loss at epoch {NUMBER} is {mean:.3f}")'),
        _printed('print(f"Loss at epoch {NUMBER - 1}: {mean:.3f}")'),
        _printed('print(f"Loss at epoch {NUMBER}: {mean:.2f}")'),
        _printed('print(f"Loss at epoch {NUMBER}: {mean}")'),
    ],
    "loss-printed-per-example": [
        lambda style: {
            "print": "",
            "after": f'print(f"Loss at epoch {{{style.number}}}: {{np.mean(loss):.3f}}")',
        }
    ],
    "loss-printed-seldom": [
        _only_if("(NUMBER) % 10 == 0"),
        _only_if("NUMBER == epochs"),
        _only_if("(NUMBER) % 2"),
    ],
}
"""For each entry of the catalogue, what gives the slots that it replaces in a style, in one or more forms.

No slots: the mistake cannot be written in this style.
"""
