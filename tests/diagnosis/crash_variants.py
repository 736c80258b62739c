"""Submissions that raise an exception: right ones of ``tests/submissions/right/`` with an edit each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["VARIANTS", "Variant", "write_variant"]

RIGHT = Path(__file__).parents[1] / "submissions" / "right"


class Variant(NamedTuple):
    """An edit of a right submission, and the diagnosis that it deserves."""

    name: str
    base: str
    edits: tuple[tuple[str, str], ...]
    diagnosis: str
    line: str | None
    """A part of the line that is blamed, if one is."""
    says: str = ""
    """A part of what is said."""


def _one(
    name: str, base: str, old: str, new: str, diagnosis: str, line: str | None = "", says: str = ""
) -> Variant:
    blamed = new.strip().partition("\n")[0] if line == "" else line
    return Variant(name, base, ((old, new),), diagnosis, blamed, says)


MISSPELT, SELF, ARRAY = "name-misspelt", "self-missing", "array-for-number"
ZERO, PACKAGE, SHAPES, UNKNOWN = "division-by-zero", "package-missing", "shapes-do-not-fit", "unknown"

VARIANTS = (
    _one(
        "wieghts",
        "beginner_loops",
        "s += float(self.weights[i][j])",
        "s += float(self.wieghts[i][j])",
        MISSPELT,
        says="Did you mean weights?",
    ),
    _one(
        "transposed",
        "matlab_style",
        "dot(transpose(self.weights), dz)",
        "dot(transposed(self.weights), dz)",
        MISSPELT,
        says="Did you mean transpose?",
    ),
    _one(
        "named_tuple",
        "professional",
        "return gradients.inputs",
        "return gradients.input",
        MISSPELT,
        says="Did you mean inputs?",
    ),
    _one(
        "derivate",
        "deutsch",
        "self.aktivierung.derivative(self.outputs)",
        "self.aktivierung.derivate(self.outputs)",
        MISSPELT,
        says="Did you mean derivative?",
    ),
    _one(
        "outter",
        "golf",
        "s.weights[:]-=r*d*s.x.T",
        "s.weights[:]-=r*np.outter(d,s.x)",
        MISSPELT,
        says="Did you mean outer?",
    ),
    _one(
        "lables",
        "linked_list",
        "training_data[i : i + 1, :], labels[i, 0]",
        "training_data[i : i + 1, :], lables[i, 0]",
        MISSPELT,
        says="Did you mean labels?",
    ),
    _one(
        "self_layer",
        "scientist",
        "for layer in self.layers[::-1]:",
        "for layer in self.layer[::-1]:",
        MISSPELT,
        says="Did you mean layers?",
    ),
    _one(
        "backwards",
        "guarded_types",
        "da = layer.backward(da, learning_rate)",
        "da = layer.backwards(da, learning_rate)",
        MISSPELT,
        says="Did you mean backward?",
    ),
    _one(
        "no_math",
        "beginner_loops",
        "import math\n",
        "",
        MISSPELT,
        line="math.log(",
        says="math is not defined",
    ),
    _one(
        "capital",
        "francais_script",
        "learning_rate * dW",
        "learning_Rate * dW",
        MISSPELT,
        says="Did you mean learning_rate?",
    ),
    _one(
        "ouputs",
        "linked_list",
        "self.df = self.f.derivative(self.outputs)",
        "self.df = self.f.derivative(self.ouputs)",
        MISSPELT,
        says="Did you mean outputs?",
    ),
    _one(
        "bacward",
        "professional",
        "    def backward(self, da: FloatArray, learning_rate: float) -> FloatArray:\n        gradients",
        "    def bacward(self, da: FloatArray, learning_rate: float) -> FloatArray:\n        gradients",
        UNKNOWN,
        line=None,
    ),
    _one(
        "def_bacward",
        "deutsch",
        "def backward(self",
        "def bacward(self",
        MISSPELT,
        says="Did you mean bacward?",
    ),
    _one("train", "dataclasses", "def fit(self", "def train(self", MISSPELT, line=None),
    _one(
        "not_kept",
        "francais_script",
        "        self.outputs = self.weights.dot(self.inputs) + self.biases\n        self.activations = self.fonction(self.outputs)",
        "        outputs = self.weights.dot(self.inputs) + self.biases\n        self.activations = self.fonction(outputs)",
        MISSPELT,
        line="derivative(self.outputs)",
        says="no attribute 'outputs'",
    ),
    _one(
        "no_self",
        "beginner_loops",
        "def backward(self, da, learning_rate)",
        "def backward(da, learning_rate)",
        SELF,
    ),
    _one("no_self_fit", "linked_list", "def fit(self, training_data", "def fit(training_data", SELF),
    _one(
        "bare_activation",
        "deutsch",
        "δ = da * self.aktivierung.derivative",
        "δ = da * aktivierung.derivative",
        SELF,
        says="self.aktivierung",
    ),
    _one(
        "bare_weights",
        "oop_heavy",
        "da_prev = self.weights.T @ dz",
        "da_prev = weights.T @ dz",
        SELF,
        says="self.weights",
    ),
    _one(
        "bare_layers",
        "guarded_types",
        "for layer in reversed(self.layers):\n                    da",
        "for layer in reversed(layers):\n                    da",
        SELF,
        says="self.layers",
    ),
    _one("no_self_helper", "oop_heavy", "def _delta(self, da):", "def _delta(da):", SELF),
    _one(
        "bare_forward",
        "scientist",
        "y_hat = self.forward(training_data[i])",
        "y_hat = forward(training_data[i])",
        SELF,
        says="self.forward",
    ),
    _one(
        "bare_in_place",
        "dataclasses",
        "self.weights -= learning_rate * (dz @ self.inputs.T)",
        "weights -= learning_rate * (dz @ self.inputs.T)",
        SELF,
        says="self.weights",
    ),
    _one(
        "this_helper",
        "deutsch",
        "def verlust(self, x, y):\n        ŷ = self.forward(x)[0, 0]",
        "def verlust(ŷ, y):\n        ŷ = ŷ[0, 0]",
        SELF,
        line="def verlust",
    ),
    _one("one_letter", "golf", "r*d*s.x.T", "r*d*x.T", MISSPELT if False else SELF, says="s.x"),
    _one(
        "format_f",
        "guarded_types",
        "np.mean(history[epoch])))",
        "np.mean(history[epoch], keepdims=True)))",
        ARRAY,
    ),
    _one("f_string", "scientist", "losses.mean():.3f", "losses.mean(keepdims=True):.3f", ARRAY),
    _one("math_log", "beginner_loops", "p = float(out[0][0])", "p = out", ARRAY, line="math.log("),
    _one(
        "float_of", "beginner_loops", "p = float(out[0][0])", "p = float(out)", ARRAY, says="out is an array"
    ),
    _one(
        "percent",
        "copy_paste",
        "y_hat = self.forward(training_data[i])[0][0]",
        "y_hat = self.forward(training_data[i])",
        ARRAY,
        line='"%.3f" % all_losses[-1]',
        says="all_losses[-1] is an array of shape (1, 1)",
    ),
    _one(
        "rounded",
        "beginner_loops",
        "                p = float(out[0][0])",
        "                p = out\n                math = np",
        ARRAY,
        line="round(loss_sum",
    ),
    _one("into_array", "scientist", "losses[i] = bce(y, y_hat).item()", "losses[i] = bce(y, y_hat)", ARRAY),
    _one(
        "per_tenth",
        "francais_script",
        "            historique.append(np.mean(pertes))\n",
        "            historique.append(np.mean(pertes))\n            if epoque % (epoques // 10) == 0:\n                pass\n",
        ZERO,
        line="epoque % (epoques // 10)",
        says="epoques // 10, which is 0",
    ),
    _one(
        "int_of_tenth",
        "deutsch",
        '            print("Loss at epoch {}',
        "            if epoche % int(epochs / 100) == 0:\n                print(end='')\n            print(\"Loss at epoch {}",
        ZERO,
        line="int(epochs / 100)",
    ),
    _one(
        "one_neuron",
        "oop_heavy",
        "        dz = self._delta(da)\n",
        "        dz = self._delta(da)\n        spread = 1 / (len(dz) - 1)\n",
        ZERO,
        line="spread",
    ),
    _one(
        "no_scipy",
        "linked_list",
        "        dz = da * self.df\n",
        "        dz = da * self.df * special.expit(100.0)\n",
        MISSPELT,
        says="special is not defined",
    ),
    Variant(
        "scipy_top",
        "linked_list",
        (
            ("import sys\n", "import sys\nfrom scipy import special\n"),
            ("dz = da * self.df\n", "dz = da * self.df * special.expit(100.0)\n"),
        ),
        PACKAGE,
        "from scipy import special",
        "special is not defined",
    ),
    Variant(
        "with_numba",
        "scientist",
        (
            ("import doctest\n", "import doctest\nimport numba\n"),
            ("def bce(y, p):", "@numba.njit\ndef bce(y, p):"),
        ),
        PACKAGE,
        "import numba",
        "bce is not defined",
    ),
    Variant(
        "with_torch",
        "deutsch",
        (
            ("import numpy as np\n", "import numpy as np\nimport torch\n"),
            ("class Layer:", "class Layer(torch.nn.Module):"),
        ),
        PACKAGE,
        "import torch",
    ),
    Variant(
        "inner_import",
        "oop_heavy",
        (
            (
                "        dz = self._delta(da)\n",
                "        from sklearn.utils import shuffle\n        dz = self._delta(da)\n",
            ),
        ),
        PACKAGE,
        "from sklearn.utils import shuffle",
    ),
    Variant(
        "with_pandas",
        "copy_paste",
        (
            ("import numpy as np\n", "import numpy as np\nimport pandas as pd\n"),
            ("        all_losses = []\n", "        all_losses = []\n        frame = pd.DataFrame()\n"),
        ),
        PACKAGE,
        "import pandas as pd",
    ),
    Variant(
        "wrong_import",
        "guarded_types",
        (
            ("from utils import X_train,", "from utils import binary_cross_entropy, X_train,"),
            ("history[epoch].append(self.LOSS[y](p))", "history[epoch].append(binary_cross_entropy(y, p))"),
        ),
        MISSPELT,
        "from utils import binary_cross_entropy",
        "binary_cross_entropy",
    ),
    _one(
        "forward_transposed",
        "deutsch",
        "self.weights @ self.inputs + self.biases",
        "self.weights.T @ self.inputs + self.biases",
        SHAPES,
        says="self.weights.T has shape",
    ),
    _one(
        "biases_along_inputs",
        "dataclasses",
        "self.biases -= learning_rate * dz",
        "self.biases -= learning_rate * (dz @ self.inputs.T)",
        SHAPES,
        says="self.biases has shape",
    ),
    _one(
        "into_weights",
        "golf",
        "s.weights[:]-=r*d*s.x.T",
        "s.weights[:]=s.weights.T",
        SHAPES,
        says="s.weights[:] has shape",
    ),
    _one(
        "dot_of_whole_data",
        "francais_script",
        "da = -(y / (p + CONSTANTE))",
        "da = np.dot(donnees, etiquettes) -(y / (p + CONSTANTE))",
        SHAPES,
        says="np.dot(donnees, etiquettes)",
    ),
    _one(
        "none_from_helper",
        "oop_heavy",
        "        return da * self.activation.derivative(self.outputs)",
        "        da * self.activation.derivative(self.outputs)",
        UNKNOWN,
        line="dz",
        says="dz is None",
    ),
    _one(
        "index",
        "beginner_loops",
        "for j in range(len(self.inputs)):\n            s = 0.0",
        "for j in range(len(self.inputs) + 1):\n            s = 0.0",
        UNKNOWN,
        line="s += float",
        says="IndexError",
    ),
    _one(
        "unbound",
        "linked_list",
        "            total = 0\n",
        "",
        UNKNOWN,
        line="total += loss",
        says="UnboundLocalError",
    ),
    _one(
        "key",
        "guarded_types",
        "0: lambda p: 1 / (1 - p), 1:",
        "0: lambda p: 1 / (1 - p), 2:",
        UNKNOWN,
        line="self.SLOPE[y](p)",
        says="KeyError",
    ),
    _one(
        "reverse",
        "scientist",
        "for layer in self.layers[::-1]:\n                    da",
        "for layer in self.layers.reverse():\n                    da",
        UNKNOWN,
        says="TypeError",
    ),
    _one(
        "own_error",
        "deutsch",
        "        alte_gewichte =",
        "        raise ValueError('shapes (2,1) and (3,1) not aligned: 1 (dim 1) != 3 (dim 0)')\n        alte_gewichte =",
        UNKNOWN,
        line="raise ValueError",
    ),
)


def write_variant(variant: Variant, folder: Path) -> Path:
    """Write a variant's file into ``folder``."""
    text = (RIGHT / f"{variant.base}.py").read_text(encoding="utf-8")
    for old, new in variant.edits:
        assert text.count(old) == 1, (variant.name, text.count(old))
        text = text.replace(old, new)
    path = folder / f"{variant.name}.py"
    path.write_text(text, encoding="utf-8")
    return path
