"""Write a class of submissions: 70 % right in varied styles, 25 % wrong, 5 % hostile or broken.

One in ten of the right submissions trains at module level for less than 0.2 s. Half of the right ones are written here,
from the skeleton and the ways of doing each step. The others come from tests/submissions, and so do the wrong and the
hostile ones. The same size gives the same class.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.resources import assignment_path

__all__ = ["PARTS", "write_class"]

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
PARTS = {"right": 0.70, "wrong": 0.25, "hostile or broken": 0.05}

GRADIENTS = {
    "matrix product": "dz @ {x}.T",
    "outer": "np.outer(dz, {x})",
    "einsum": "np.einsum('ik,jk->ij', dz, {x})",
    "broadcasting": "dz * {x}.ravel()",
    "loops": "np.array([[float(d) * float(v) for v in {x}.ravel()] for d in dz.ravel()])",
}
BACK = {
    "matrix product": "self.weights.T @ dz",
    "dot": "np.dot(self.weights.T, dz)",
    "einsum": "np.einsum('ij,ik->jk', self.weights, dz)",
    "loops": "np.array([[sum(float(w) * float(d) for w, d in zip(c, dz.ravel()))] for c in self.weights.T])",
}
UPDATES = {
    "in place": ["self.weights -= learning_rate * {g}", "self.biases -= learning_rate * dz"],
    "anew": [
        "self.weights = self.weights - learning_rate * {g}",
        "self.biases = self.biases - learning_rate * dz",
    ],
}
LOSSES = {
    "one line": ["total += float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).sum())"],
    "branches": [
        "if y == 1:",
        "    total -= float(np.log(p).sum())",
        "else:",
        "    total -= float(np.log(1 - p).sum())",
    ],
}
NAMES: tuple[dict[str, str], ...] = (
    {},
    {"dz": "delta", "p": "y_hat", "total": "loss_sum"},
    {"dz": "grad_z", "p": "pred", "total": "acc"},
)
COMMENTS = ("", "# Check the shapes.", "# siehe Skript, Kapitel 4", "# TODO tidy up")
TRAINING = """
model = Perceptron([Layer(2, 6, relu), Layer(6, 6, relu), Layer(6, 1, sigmoid)])
model.fit(X_train[:60], y_train[:60], 25, 0.01)
"""
"""Takes a tenth of a second."""
SLOW = {"endless_loop_only", "endless_training", "joined_shuffle"}
"""Right submissions that are stopped after seconds, which a generated class should not have."""
BROKEN = (
    "class Layer:\n    def backward(self, da, learning_rate\n        pass\n",
    "# nothing yet\n",
    "import tensorflow as tf\nmodel = tf.keras.Sequential()\n",
    "<!DOCTYPE html><html><body>Please log in</body></html>\n",
)


def write_class(folder: Path, size: int) -> dict[str, str]:
    """Write ``size`` submissions into ``folder``, and return the part of each by its name."""
    counts = {part: round(size * share) for part, share in PARTS.items()}
    makers = {"right": _right(), "wrong": _wrong(), "hostile or broken": _hostile_or_broken()}
    parts = [part for part in PARTS for _ in range(counts[part])]
    # Spread evenly: 7919 is a prime, so every place is taken once.
    order = [parts[(7919 * place) % len(parts)] for place in range(len(parts))]
    named = {}
    for number, part in enumerate(order, 1):
        suffix, content = next(makers[part])
        name = f"student{number:04}"
        (folder / f"{name}{suffix}").write_bytes(content)
        named[name] = part
    return named


def _right() -> Iterator[tuple[str, bytes]]:
    corpus = [path for path in sorted((SUBMISSIONS / "right").iterdir()) if path.is_file()]
    taken = itertools.cycle(path for path in corpus if path.stem not in SLOW)
    for number, text in enumerate(_written()):
        trains = TRAINING if number % 5 == 0 else ""
        if number % 4 == 1:
            yield ".ipynb", _notebook(text, trains)
        else:
            yield ".py", (text + trains).encode()
        path = next(taken)
        yield path.suffix, path.read_bytes()


def _written() -> Iterator[str]:
    """Yield right solutions, each in another combination of styles."""
    skeleton = (assignment_path() / "perceptron.py").read_text(encoding="utf-8")
    head, _, _ = skeleton.rpartition('\n\nif __name__ == "__main__"')
    axes: Sequence[Sequence[object]] = (
        list(GRADIENTS.values()), list(BACK.values()), list(UPDATES.values()), list(LOSSES.values()), NAMES, COMMENTS,
    )  # fmt: skip
    combinations = list(itertools.product(*axes))
    for number in itertools.count():
        yield _with_bodies(head, *combinations[(number * 389) % len(combinations)])  # type: ignore[arg-type]


def _with_bodies(
    skeleton: str,
    gradient: str,
    back: str,
    update: Sequence[str],
    loss: Sequence[str],
    names: dict[str, str],
    comment: str,
) -> str:
    backward = [
        comment or "# backpropagation",
        "dz = da * self.activation.derivative(self.outputs)",
        f"gradient = {gradient.format(x='self.inputs')}",
        f"da_prev = {back}",
        *(line.format(g="gradient") for line in update),
        "return da_prev",
    ]
    fit = [
        "history = []",
        "for epoch in range(1, epochs + 1):",
        "    total = 0.0",
        "    for x, y in zip(training_data, labels):",
        "        p = self.forward(x)",
        *(f"        {line}" for line in loss),
        "        da = (p - y) / (p * (1 - p))",
        "        for layer in reversed(self.layers):",
        "            da = layer.backward(da, learning_rate)",
        "    history.append(total / len(training_data))",
        '    print(f"Loss at epoch {epoch}: {history[-1]:.3f}")',
        "return history",
    ]
    text = skeleton
    for method, body in (("Layer.backward", backward), ("Perceptron.fit", fit)):
        stub = f'        raise NotImplementedError("{method} is not written yet.")'
        lines = "\n".join(f"        {_renamed(line, names)}" for line in body)
        assert stub in text
        text = text.replace(stub, lines)
    return text


def _renamed(line: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        line = re.sub(rf"\b{old}\b", new, line)
    return line


def _wrong() -> Iterator[tuple[str, bytes]]:
    entries = sorted((SUBMISSIONS / "wrong").iterdir())
    by_entry = [[path for path in sorted(entry.iterdir()) if path.suffix == ".py"] for entry in entries]
    for number in itertools.count():
        for paths in by_entry:
            path = paths[number % len(paths)]
            note = f"# {number}\n".encode() if number >= len(paths) else b""
            yield path.suffix, path.read_bytes() + note


def _hostile_or_broken() -> Iterator[tuple[str, bytes]]:
    hostile = [path for path in sorted((SUBMISSIONS / "hostile").iterdir()) if path.suffix == ".py"]
    for number in itertools.count():
        yield ".py", BROKEN[number % len(BROKEN)].encode()
        path = hostile[(number * 37) % len(hostile)]
        yield ".py", path.read_bytes()


def _notebook(text: str, training: str) -> bytes:
    cells = [*re.split(r"\n\n\n(?=class )", text), *([training] if training else [])]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell{number}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": cell,
                }
                for number, cell in enumerate(cells)
            ],
        }
    ).encode()
