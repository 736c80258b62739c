"""Ways to write ``Layer.backward``, and its known mistakes, in slots that can be combined.

A slot is one step of the task sheet, in its notation: ``f1`` is the derivative, ``z`` the pre-activations, ``x`` the
inputs, ``rate`` the learning rate. Each style says all slots in its own way, right ones and wrong ones.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mixture_rendering import Dialect, render

__all__ = ["BACKWARD_MISTAKES", "BACKWARD_STYLES", "BackwardStyle", "Slots"]

Slots = Mapping[str, str]

RIGHT: Slots = {
    "enter": "",
    "dz": "dz = da * f1(z)",
    "dW": "dW = dz @ x.T",
    "db": "db = dz",
    "da_prev": "da_prev = W.T @ dz",
    "W": "W = W - rate * dW",
    "b": "b = b - rate * db",
    "late": "",
    "return": "return da_prev",
}
ATTRIBUTES = {
    "W": "self.weights",
    "b": "self.biases",
    "x": "self.inputs",
    "z": "self.outputs",
    "f": "self.activation",
    "f1": "self.activation.derivative",
    "rate": "learning_rate",
}
LOOPS: Slots = {
    "dz": """
slope = f1(z)
dz = np.zeros((len(da), 1))
for i in range(len(da)):
    dz[i, 0] = da[i, 0] * slope[i, 0]
""",
    "dW": """
dW = np.zeros(W.shape)
for i in range(W.shape[0]):
    for j in range(W.shape[1]):
        dW[i, j] = dz[i, 0] * x[j, 0]
""",
    "da_prev": """
da_prev = np.zeros((W.shape[1], 1))
for j in range(W.shape[1]):
    for i in range(W.shape[0]):
        da_prev[j, 0] += W[i, j] * dz[i, 0]
""",
}
PRODUCT_HELPER = '''
def product(left, right):
    """Multiply two matrices by hand."""
    if left.shape[1] != right.shape[0]:
        raise ValueError("these matrices do not fit")
    result = np.zeros((left.shape[0], right.shape[1]))
    for i in range(left.shape[0]):
        for j in range(right.shape[1]):
            result[i, j] = sum(left[i, k] * right[k, j] for k in range(left.shape[1]))
    return result
'''
ORDER = ("enter", "dz", "dW", "db", "da_prev", "W", "b", "late", "return")
EARLY = ("enter", "dz", "da_prev", "dW", "W", "db", "b", "late", "return")
BIASES_FIRST = ("enter", "dz", "da_prev", "db", "b", "dW", "W", "late", "return")


@dataclass(frozen=True)
class BackwardStyle:
    """One way to write ``backward``."""

    name: str
    dialect: Dialect
    order: Sequence[str] = ORDER
    own: Slots = field(default_factory=dict)
    """Right steps that are written in another form than that of the task sheet."""
    inlines: bool = False
    """Whether gradients are written into the update, without a name."""
    copies: bool = False
    """Whether the parameters are read into local names first, and written back at the end."""
    splits: bool = False
    """Whether dz and the update have methods of their own."""
    helpers: str = ""
    """What stands above the classes."""

    def method(self, edits: Slots) -> str:
        """Return the source of ``backward``, at the level of the class, with some slots replaced."""
        slots: Slots = {**RIGHT, **self.own, **edits}
        if self.inlines:
            slots = _inlined(slots)
        if self.splits:
            return self._split(slots)
        steps = [slots[name] for name in self.order if name != "return"]
        if self.copies:
            steps = ["W, b = self.weights, self.biases", *steps, "self.weights, self.biases = W, b"]
        return self._defined("backward", "da, rate", [*steps, slots["return"]])

    def _split(self, slots: Slots) -> str:
        """Return ``backward`` and two methods that it calls."""
        call = "dz = self.error_term(da, rate)"
        steps = [slots["enter"], call, slots["da_prev"], slots["dW"], slots["db"]]
        steps += ["self.move(dW, db, rate)", slots["late"], slots["return"]]
        return "\n".join(
            (
                self._defined("error_term", "da, rate", [slots["dz"], "return dz"]),
                self._defined("move", "dW, db, rate", [slots["W"], slots["b"]]),
                self._defined("backward", "da, rate", steps),
            )
        )

    def _defined(self, name: str, parameters: str, steps: Sequence[str]) -> str:
        body = "\n".join(filter(None, map(str.strip, steps))) or "pass"
        names = ", ".join(self.dialect.names.get(each, each) for each in parameters.split(", "))
        spoken = textwrap.indent(render(body, self.dialect), "    ")
        return textwrap.indent(f"def {name}(self, {names}):\n{spoken}\n", "    ")


def _inlined(slots: Slots) -> Slots:
    """Return the slots with the gradients of the parameters put where they are used, if each is one expression."""
    inlined = dict(slots)
    for gradient, user in (("dW", "W"), ("db", "b")):
        lines = slots[gradient].strip().splitlines()
        used = sum(text.count(gradient) for name, text in slots.items() if name != gradient)
        if len(lines) == 1 and used == slots[user].count(gradient) == 1:
            value = lines[0].partition(" = ")[2]
            inlined[user] = ast.unparse(_Inliner(gradient, value).visit(ast.parse(slots[user])))
            inlined[gradient] = ""
    return inlined


class _Inliner(ast.NodeTransformer):
    def __init__(self, name: str, value: str) -> None:
        self._name, self._value = name, ast.parse(value, mode="eval").body

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._value if node.id == self._name else node


BACKWARD_STYLES = (
    BackwardStyle("sheet", Dialect(ATTRIBUTES)),
    BackwardStyle(
        "functions",
        Dialect(
            {**ATTRIBUTES, "dz": "delta", "dW": "grad_w", "db": "grad_b", "da_prev": "delta_back"},
            product="np.dot",
            transpose="np.transpose",
            multiplies=True,
            in_place=True,
        ),
        EARLY,
    ),
    BackwardStyle(
        "short",
        Dialect(
            {**ATTRIBUTES, "da": "g", "dz": "d", "da_prev": "out", "rate": "lr"},
            product=".dot",
            in_place=True,
        ),
        BIASES_FIRST,
        inlines=True,
    ),
    BackwardStyle(
        "loops", Dialect({**ATTRIBUTES, "rate": "eta"}, product="product"), own=LOOPS, helpers=PRODUCT_HELPER
    ),
    BackwardStyle(
        "einsum",
        Dialect(
            {**ATTRIBUTES, "dz": "grad_z", "dW": "grad_W", "db": "grad_b", "da_prev": "grad_x"},
            product="einsum",
        ),
        BIASES_FIRST,
    ),
    BackwardStyle(
        "copies",
        Dialect(
            {
                **{name: spoken for name, spoken in ATTRIBUTES.items() if name not in "Wb"},
                "W": "gewichte",
                "b": "schwellen",
                "dz": "fehler",
                "da_prev": "zurueck",
            },
            product="np.matmul",
            swaps=True,
        ),
        EARLY,
        copies=True,
    ),
    BackwardStyle(
        "methods",
        Dialect({**ATTRIBUTES, "dW": "dw", "da_prev": "upstream"}, transpose=".transpose", in_place=True),
        splits=True,
    ),
)

_BOTH = {"W": "W = W + rate * dW", "b": "b = b + rate * db"}

BACKWARD_MISTAKES: Mapping[str, Sequence[Slots]] = {
    "derivative-missing": [{"dz": "dz = da"}, {"dz": "dz = 1.0 * da"}],
    "activation-instead-of-derivative": [{"dz": "dz = da * f(z)"}],
    "derivative-at-activation": [{"dz": "dz = da * f1(f(z))"}, {"dz": "a = f(z)\ndz = da * f1(a)"}],
    "derivative-at-inputs": [{"dz": "dz = da * f1(x)"}, {"dz": "dz = f1(x) * da"}],
    "activation-hard-coded": [{"dz": "dz = da * (z > 0)"}, {"dz": "a = f(z)\ndz = da * a * (1 - a)"}],
    "activation-of-gradient": [{"dz": "dz = f(da)"}, {"dz": "dz = da * f1(da)"}, {"dz": "dz = f1(da)"}],
    "dz-not-elementwise": [{"dz": "dz = da @ f1(z).T"}, {"dz": "dz = da.T @ f1(z)"}],
    "dz-added": [{"dz": "dz = da + f1(z)"}],
    "weights-gradient-transposed": [{"dW": "dW = x @ dz.T"}],
    "inputs-not-transposed": [{"dW": "dW = dz * x"}, {"dW": "dW = dz @ x"}],
    "inputs-missing": [{"dW": "dW = dz"}, {"dW": "dW = np.mean(dz)"}],
    "weights-gradient-from-outputs": [{"dW": "dW = dz @ f(z).T"}, {"dW": "dW = dz @ z.T"}],
    "weights-gradient-from-da": [{"dW": "dW = da @ x.T"}],
    "biases-gradient-from-da": [{"db": "db = da"}],
    "biases-gradient-reduced": [{"db": "db = np.sum(dz)"}, {"db": "db = np.mean(dz)"}],
    "gradient-rescaled": [
        {"dW": "dW = dz @ x.T / len(x)"},
        {"db": "db = dz / 2"},
        {"da_prev": "da_prev = W.T @ dz / len(dz)"},
        {"dz": "dz = 2 * (da * f1(z))"},
    ],
    "gradient-clipped": [
        {"dz": "dz = np.clip(da * f1(z), -1, 1)"},
        {"dW": "dW = np.clip(dz @ x.T, -1, 1)"},
        {"enter": "da = np.clip(da, -1, 1)"},
    ],
    "momentum": [
        {"W": "self.v = 0.9 * getattr(self, 'v', 0) + dW\nW = W - rate * self.v"},
        {
            "W": "self.step_w = 0.5 * getattr(self, 'step_w', 0) + rate * dW\nW = W - self.step_w",
            "b": "self.step_b = 0.5 * getattr(self, 'step_b', 0) + rate * db\nb = b - self.step_b",
        },
    ],
    "adaptive-rate": [
        {
            "W": "self.s = 0.9 * getattr(self, 's', 0) + 0.1 * dW ** 2\nW = W - rate * dW / (np.sqrt(self.s) + 1e-8)",
            "b": "self.r = 0.9 * getattr(self, 'r', 0) + 0.1 * db ** 2\nb = b - rate * db / (np.sqrt(self.r) + 1e-8)",
        },
        {"enter": "self.calls = getattr(self, 'calls', 0) + 1\nrate = rate / (1 + 0.1 * self.calls)"},
    ],
    "gradient-ascent": [_BOTH, {"W": _BOTH["W"]}, {"b": _BOTH["b"]}],
    "learning-rate-ignored": [
        {"W": "W = W - dW", "b": "b = b - db"},
        {"b": "b = b - db"},
        {"W": "W = W - dW"},
    ],
    "learning-rate-hard-coded": [
        {"W": "W = W - 0.01 * dW", "b": "b = b - 0.01 * db"},
        {"W": "W = W - 0.1 * dW"},
        {"enter": "rate = 0.05"},
    ],
    "learning-rate-in-gradient": [
        {"dz": "dz = rate * (da * f1(z))"},
        {"da_prev": "da_prev = rate * (W.T @ dz)"},
    ],
    "weights-not-updated": [{"W": ""}],
    "biases-not-updated": [{"b": ""}],
    "parameters-not-updated": [
        {"W": "", "b": ""},
        {"W": "new_w = W - rate * dW", "b": "new_b = b - rate * db"},
    ],
    "weights-overwritten": [
        {"W": "W = rate * dW"},
        {"W": "W = -rate * dW", "b": "b = -rate * db"},
        {"b": "b = 1.0 * db"},
    ],
    "gradient-accumulated": [
        {"dW": "self.sum_w = getattr(self, 'sum_w', 0) + dz @ x.T\ndW = self.sum_w"},
        {"db": "self.sum_b = getattr(self, 'sum_b', 0) + dz\ndb = self.sum_b"},
        {"dz": "self.sum = getattr(self, 'sum', 0) + da * f1(z)\ndz = self.sum"},
    ],
    "updated-before-da_prev": [{"da_prev": "", "late": "da_prev = W.T @ dz"}],
    "weights-not-transposed": [{"da_prev": "da_prev = W @ dz"}],
    "da_prev-from-da": [{"da_prev": "da_prev = W.T @ da"}],
    "da_prev-elementwise": [
        {"da_prev": "da_prev = W.T * dz"},
        {"da_prev": "da_prev = np.sum(W * dz, axis=1, keepdims=True)"},
    ],
    "da_prev-not-returned": [{"return": ""}, {"return": "self.da_prev = da_prev"}],
    "wrong-gradient-returned": [{"return": "return dz"}, {"return": "return da"}],
    "gradient-shape-lost": [{"return": "return da_prev.ravel()"}, {"return": "return da_prev.T"}],
}
"""For each entry of the catalogue, the slots that it replaces, in one or more forms."""
