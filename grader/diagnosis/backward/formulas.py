"""The formula sheet of mistakes: each step of ``backward`` as the task sheet has it, and as students get it wrong.

A formula without a mistake is the right one, written in one of several ways: they differ in how NumPy treats a ``dz``
of the wrong shape. A mistake that the catalogue has no name for is ``UNNAMED``; it keeps another from being named that
does the same. What a formula computes is compared with what a submission did; nothing is read in its text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.diagnosis.backward.call import Call
from grader.diagnosis.backward.limits import between, shortened
from grader.messages import number_text
from grader.protocol.activations import ACTIVATIONS, GIVEN

__all__ = [
    "BIASES",
    "DA_PREV",
    "DZ",
    "NO_DZ",
    "OTHERS",
    "OWN_DZ",
    "RIGHT_DZ",
    "UNNAMED",
    "WEIGHTS",
    "Formula",
    "clipped_dz",
]

Floats = NDArray[np.float64]
Compute = Callable[[Call, Floats], Floats]
"""Takes a call and its ``dz``."""
_Compute2 = Callable[[Floats, Floats], Floats]

_MOST = 2
"""How many mistakes one formula may have."""

_relu, _sigmoid, _tanh = (ACTIVATIONS[name] for name in ("relu", "sigmoid", "tanh"))


UNNAMED = "unknown"


class Formula(NamedTuple):
    """One way to compute a value, in the notation of the task sheet, with the mistakes in it."""

    text: str
    compute: Compute
    mistakes: tuple[str, ...] = ()
    is_gradient: bool = True
    """Whether it is computed in ``backward``; false for what was there before."""
    factor: str = ""
    """What the text begins with, if it is another formula times that."""
    needs: frozenset[str] = frozenset()
    """The mistakes that the gradient of the weights must have, too."""

    @property
    def unscaled(self) -> str:
        """The text without the factor."""
        return self.text.removeprefix(self.factor)


def _dz(text: str, compute: Callable[[Call], Floats], *mistakes: str) -> Formula:
    return Formula(text, lambda call, _dz: compute(call), mistakes)


def _first(column: Floats, count: int) -> Floats:
    """Return the first ``count`` numbers, as a loop takes them; raises ``ValueError`` if there are fewer."""
    if len(column) < count:
        raise ValueError("there are fewer numbers")
    return column[:count]


def _except_given(hard_coded: Callable[[Call], Floats]) -> Callable[[Call], Floats]:
    """Return the formula with the right derivative for the given activations alone."""
    return lambda c: c.da * (c.slope if c.has_given_activation else hard_coded(c))


def _only_for(name: str) -> Callable[[Call], Floats]:
    """Return the formula with the right derivative for one activation alone, and none for the others."""
    return lambda c: c.da * c.slope if c.case.activation == name else c.da


RIGHT_DZ = _dz("da ⊙ f′(z)", lambda c: c.da * c.slope)
DZ = (
    RIGHT_DZ,
    _dz("da", lambda c: c.da, "derivative-missing"),
    _dz("da ⊙ f(z)", lambda c: c.da * c.a, "activation-instead-of-derivative"),
    _dz("da ⊙ f′(f(z))", lambda c: c.da * c.f.derivative(c.a), "derivative-at-activation"),
    _dz("da ⊙ f′(a_prev)", lambda c: c.da * c.f.derivative(c.a_prev), "derivative-at-inputs"),
    _dz(
        "da ⊙ f′(a_prev)",
        lambda c: c.da * _first(c.f.derivative(c.a_prev), c.n_neurons),
        "derivative-at-inputs",
    ),
    _dz("da ⊙ relu′(z)", lambda c: c.da * _relu.derivative(c.z), "activation-hard-coded"),
    _dz("da ⊙ relu′(a)", lambda c: c.da * _relu.derivative(c.a), "activation-hard-coded"),
    _dz("da ⊙ leaky_relu′(z)", lambda c: c.da * np.where(c.z > 0, 1.0, 0.01), "activation-hard-coded"),
    _dz("da ⊙ sigmoid′(z)", lambda c: c.da * _sigmoid.derivative(c.z), "activation-hard-coded"),
    _dz("da ⊙ sigmoid′(a)", lambda c: c.da * _sigmoid.derivative(c.a), "activation-hard-coded"),
    _dz("da ⊙ a ⊙ (1 − a)", lambda c: c.da * c.a * (1 - c.a), "activation-hard-coded"),
    _dz("da ⊙ z ⊙ (1 − z)", lambda c: c.da * c.z * (1 - c.z), "activation-hard-coded"),
    _dz("da ⊙ tanh′(z)", lambda c: c.da * _tanh.derivative(c.z), "activation-hard-coded"),
    _dz("da ⊙ (1 − a²)", lambda c: c.da * (1 - c.a**2), "activation-hard-coded"),
    *(
        _dz(
            f"da ⊙ {name} if f is neither relu nor sigmoid",
            _except_given(g),
            "activation-hard-coded",
        )
        for name, g in {
            "relu′(z)": lambda c: _relu.derivative(c.z),
            "relu′(a)": lambda c: _relu.derivative(c.a),
            "sigmoid′(z)": lambda c: _sigmoid.derivative(c.z),
            "a ⊙ (1 − a)": lambda c: c.a * (1 - c.a),
            "(1 − a²)": lambda c: 1 - c.a**2,
            "tanh′(z)": lambda c: _tanh.derivative(c.z),
            "1": lambda c: np.ones_like(c.z),
            "0": lambda c: np.zeros_like(c.z),
        }.items()
    ),
    *(_dz(f"da if f is not {name}", _only_for(name), "activation-hard-coded") for name in GIVEN),
    _dz("da + f′(z)", lambda c: c.da + c.slope, "dz-added"),
    _dz("f(da)", lambda c: c.f(c.da), "activation-of-gradient"),
    _dz("f′(da)", lambda c: c.f.derivative(c.da), "activation-of-gradient"),
    _dz("da ⊙ f′(da)", lambda c: c.da * c.f.derivative(c.da), "activation-of-gradient"),
    _dz("f(da) ⊙ f′(z)", lambda c: c.f(c.da) * c.slope, "activation-of-gradient"),
    _dz("f′(da) ⊙ f′(z)", lambda c: c.f.derivative(c.da) * c.slope, "activation-of-gradient"),
    _dz("f(da ⊙ f′(z))", lambda c: c.f(c.da * c.slope), "activation-of-gradient"),
    _dz("sigmoid(da)", lambda c: _sigmoid(c.da), "activation-of-gradient"),
    _dz("sigmoid(da) ⊙ f′(z)", lambda c: _sigmoid(c.da) * c.slope, "activation-of-gradient"),
    _dz("sigmoid′(da)", lambda c: _sigmoid.derivative(c.da), "activation-of-gradient"),
    _dz("da ⊙ sigmoid′(da)", lambda c: c.da * _sigmoid.derivative(c.da), "activation-of-gradient"),
    _dz("relu(da)", lambda c: _relu(c.da), "activation-of-gradient"),
    _dz("da · f′(z)", lambda c: c.da @ c.slope, "dz-not-elementwise"),
    _dz("da · f′(z)", lambda c: np.dot(c.da, c.slope), "dz-not-elementwise"),
    _dz("daᵀ · f′(z)", lambda c: c.da.T @ c.slope, "dz-not-elementwise"),
    _dz("da · f′(z)ᵀ", lambda c: c.da @ c.slope.T, "dz-not-elementwise"),
    _dz("f′(z) · daᵀ", lambda c: c.slope @ c.da.T, "dz-not-elementwise"),
    _dz("sum(da ⊙ f′(z))", lambda c: np.asarray((c.da * c.slope).sum()), "dz-not-elementwise"),
    _dz("mean(da ⊙ f′(z))", lambda c: np.asarray((c.da * c.slope).mean()), "dz-not-elementwise"),
    _dz("sum(da) · f′(z)", lambda c: c.da.sum() * c.slope, "dz-not-elementwise"),
    _dz("mean(da) · f′(z)", lambda c: c.da.mean() * c.slope, "dz-not-elementwise"),
    _dz("da · sum(f′(z))", lambda c: c.da * c.slope.sum(), "dz-not-elementwise"),
    _dz("da · mean(f′(z))", lambda c: c.da * c.slope.mean(), "dz-not-elementwise"),
    _dz(
        "Σ da ⊙ f′(z)",
        lambda c: np.add.reduce([e.da * e.slope for e in (*c.earlier, c)]),
        "gradient-accumulated",
    ),
)
"""``dz``; the right one comes first."""


NO_DZ = np.zeros((0, 0))
"""What formulas for ``dz`` are given as their ``dz``."""
OWN_DZ = _dz("your own dz", lambda c: (c.b - c.known(c.new_biases)) / c.rate)
"""The ``dz`` that the biases moved along, whatever it is."""


def clipped_dz(bound: float, formula: Formula = RIGHT_DZ) -> tuple[Formula, ...]:
    """Return the ways to clip on the way to a dz, by a bound that has been found."""
    limit = number_text(bound)
    forms = (
        (f"clip({{}}, −{limit}, {limit})", lambda values: between(values, bound)),
        (f"{{}} · min(1, {limit} / ‖{{}}‖)", lambda values: shortened(values, bound)),
    )
    mistakes = (*formula.mistakes, "gradient-clipped")
    return tuple(
        each
        for text, limited in forms
        for each in (
            _dz(text.format(*[formula.text] * 2), _then(limited, formula), *mistakes),
            _dz(
                formula.text.replace("da", text.format("da", "da")),
                _of_limited_da(limited, formula),
                *mistakes,
            ),
        )
    )


def _then(limited: Callable[[Floats], Floats], formula: Formula) -> Callable[[Call], Floats]:
    return lambda call: limited(formula.compute(call, NO_DZ))


def _of_limited_da(limited: Callable[[Floats], Floats], formula: Formula) -> Callable[[Call], Floats]:
    return lambda call: formula.compute(call.with_da(limited(call.da)), NO_DZ)


class _Name(NamedTuple):
    """A value that a product may contain, with the mistake in taking it."""

    text: str
    of: Compute
    mistakes: tuple[str, ...] = ()


class _Product(NamedTuple):
    text: str
    compute: Callable[[Floats, Floats], Floats]
    mistakes: tuple[str, ...] = ()


_PRODUCTS = (
    _Product("{u} · {x}ᵀ", lambda u, x: u @ x.T),
    _Product("{u} · {x}ᵀ", lambda u, x: np.dot(u, x.T)),
    _Product("{u} · {x}ᵀ", np.outer),
    _Product("{u} · {x}ᵀ", lambda u, x: u * x.T),
    _Product("{u} · {x}ᵀ", lambda u, x: np.einsum("ij,jk->ik", u, x.T)),
    _Product("{x} · {u}ᵀ", lambda u, x: x @ u.T, ("weights-gradient-transposed",)),
    _Product("{x} · {u}ᵀ", lambda u, x: np.dot(x, u.T), ("weights-gradient-transposed",)),
    _Product("{x} · {u}ᵀ", lambda u, x: np.outer(x, u), ("weights-gradient-transposed",)),
    _Product("{x} · {u}ᵀ", lambda u, x: x * u.T, ("weights-gradient-transposed",)),
    _Product("{x} · {u}ᵀ", lambda u, x: np.einsum("ij,jk->ik", x, u.T), ("weights-gradient-transposed",)),
    _Product("{u} · {x}", lambda u, x: u @ x, ("inputs-not-transposed",)),
    _Product("{u} · {x}", np.dot, ("inputs-not-transposed",)),
    _Product("{u} · sum({x})", lambda u, x: np.einsum("ij,jk->ik", u, x), ("inputs-not-transposed",)),
    _Product("{u} ⊙ {x}", lambda u, x: u * x, ("inputs-not-transposed",)),
    _Product("{u}ᵀ · {x}", lambda u, x: u.T @ x, (UNNAMED,)),
    _Product("{x}ᵀ · {u}", lambda u, x: x.T @ u, (UNNAMED,)),
    _Product("{u}", lambda u, _x: u, ("inputs-missing",)),
    _Product("sum({u})", lambda u, _x: np.asarray(u.sum()), ("inputs-missing",)),
    _Product("mean({u})", lambda u, _x: np.asarray(u.mean()), ("inputs-missing",)),
)
_DZ_NAME = _Name("dz", lambda _c, dz: dz)
_INPUTS = (
    _Name("a_prev", lambda c, _dz: c.a_prev),
    _Name("z", lambda c, _dz: c.z, ("weights-gradient-from-outputs",)),
    _Name("a", lambda c, _dz: c.a, ("weights-gradient-from-outputs",)),
)


def _da(mistake: str) -> _Name:
    return _Name("da", lambda c, _dz: c.da, (mistake,))


def _weights() -> Iterator[Formula]:
    for u, x, form in product((_DZ_NAME, _da("weights-gradient-from-da")), _INPUTS, _PRODUCTS):
        if "inputs-missing" in form.mistakes and x.mistakes:
            continue
        mistakes = (*u.mistakes, *x.mistakes, *form.mistakes)
        yield Formula(form.text.format(u=u.text, x=x.text), _of(form.compute, u, x), mistakes)


def _weights_in_loops() -> Iterator[Formula]:
    """Yield wrong products over the indices of W, which take what they need of a longer factor, or raise."""
    for x in _INPUTS[1:]:
        yield Formula(f"dz · {x.text}ᵀ", _of(np.outer, _DZ_NAME, _cut(x, lambda c: c.n_inputs)), x.mistakes)
    by_neuron = _cut(_INPUTS[0], lambda c: c.n_neurons)
    yield Formula("dz ⊙ a_prev", _repeated(_of(np.multiply, _DZ_NAME, by_neuron)), ("inputs-not-transposed",))


def _cut(name: _Name, count: Callable[[Call], int]) -> _Name:
    return _Name(name.text, lambda c, dz: _first(name.of(c, dz), count(c)), name.mistakes)


def _repeated(compute: Compute) -> Compute:
    return lambda c, dz: np.broadcast_to(compute(c, dz), c.W.shape)


def _biases() -> Iterator[Formula]:
    for u in (_DZ_NAME, _da("biases-gradient-from-da")):
        yield Formula(u.text, u.of, u.mistakes)
        yield Formula(u.text, _reduced(lambda u: u.sum(axis=1, keepdims=True), u), u.mistakes)
        yield Formula(f"{u.text}, in shape (n_neurons,)", _reduced(np.ravel, u), (*u.mistakes, UNNAMED))
        yield Formula(f"{u.text}ᵀ", _reduced(np.transpose, u), (*u.mistakes, UNNAMED))
        for text, reduced in {
            "sum({u})": lambda u: u.sum(),
            "mean({u})": lambda u: u.mean(),
        }.items():
            mistakes = (*u.mistakes, "biases-gradient-reduced")
            yield Formula(text.format(u=u.text), _reduced(reduced, u), mistakes)


def _of(compute: Callable[[Floats, Floats], Floats], u: _Name, x: _Name) -> Compute:
    return lambda c, dz: compute(u.of(c, dz), x.of(c, dz))


def _reduced(compute: Callable[[Floats], Floats], u: _Name) -> Compute:
    return lambda c, dz: np.asarray(compute(u.of(c, dz)))


def _new_weights(call: Call, _dz: Floats) -> Floats:
    return call.known(call.new_weights)


_MATRICES = (
    _Name("W", lambda c, _dz: c.W),
    _Name("W after the update", _new_weights, ("updated-before-da_prev",)),
)
_ELEMENTWISE = {
    "W ⊙ {u}": lambda w, u: w * u,
    "Wᵀ ⊙ {u}": lambda w, u: w.T * u,
    "Wᵀ ⊙ {u}ᵀ": lambda w, u: w.T * u.T,
    "W ⊙ {u}ᵀ": lambda w, u: w * u.T,
}
_RIGHT_SUMS = {("W ⊙ {u}", 0), ("Wᵀ ⊙ {u}ᵀ", 1)}
"""The sums, over these axes, that are Wᵀ · u."""


def _sum(of: Callable[[Floats, Floats], Floats], axis: int | None, *, keepdims: bool) -> _Compute2:
    return lambda w, u: np.asarray(of(w, u).sum(axis=axis, keepdims=keepdims))


def _mean(of: Callable[[Floats, Floats], Floats], axis: int | None, *, keepdims: bool) -> _Compute2:
    return lambda w, u: np.asarray(of(w, u).mean(axis=axis, keepdims=keepdims))


def _sums() -> Iterator[_Product]:
    for text, of in _ELEMENTWISE.items():
        for axis, over in ((0, ", axis=0"), (1, ", axis=1"), (None, "")):
            mistakes = () if (text, axis) in _RIGHT_SUMS else ("da_prev-elementwise",)
            for keepdims in (False, True) if axis is not None else (False,):
                yield _Product(f"sum({text}{over})", _sum(of, axis, keepdims=keepdims), mistakes)
                if mistakes:
                    yield _Product(f"mean({text}{over})", _mean(of, axis, keepdims=keepdims), mistakes)


_BACK = (
    _Product("Wᵀ · {u}", lambda w, u: w.T @ u),
    _Product("Wᵀ · {u}", lambda w, u: np.dot(w.T, u)),
    _Product("Wᵀ · {u}", lambda w, u: np.einsum("ij,jk->ik", w.T, u)),
    _Product("{u}ᵀ · W", lambda w, u: u.T @ w),
    _Product("W · {u}", lambda w, u: (u.T @ w.T).T, ("weights-not-transposed",)),
    _Product("W · {u}", lambda w, u: np.dot(u.T, w.T).T, ("weights-not-transposed",)),
    _Product("{u} · W", lambda w, u: u @ w, (UNNAMED,)),
    _Product("{u} · Wᵀ", lambda w, u: u @ w.T, (UNNAMED,)),
    _Product("{u}ᵀ · Wᵀ", lambda w, u: u.T @ w.T, (UNNAMED,)),
    _Product("W · {u}", lambda w, u: w @ u, ("weights-not-transposed",)),
    _Product("W · {u}", np.dot, ("weights-not-transposed",)),
    _Product("W · {u}", lambda w, u: np.einsum("ij,jk->ik", w, u), ("weights-not-transposed",)),
    *(_Product(text, of, ("da_prev-elementwise",)) for text, of in _ELEMENTWISE.items()),
    *_sums(),
)


def _da_prev() -> Iterator[Formula]:
    for u, matrix, form in product((_DZ_NAME, _da("da_prev-from-da")), _MATRICES, _BACK):
        text = form.text.format(u=u.text) + (", with W after the update" if matrix.mistakes else "")
        yield Formula(text, _of(form.compute, matrix, u), (*matrix.mistakes, *u.mistakes, *form.mistakes))


def _fewest_first(formulas: Iterable[Formula]) -> tuple[Formula, ...]:
    return tuple(sorted((f for f in formulas if len(f.mistakes) <= _MOST), key=lambda f: len(f.mistakes)))


def _activated(right: Formula) -> Iterator[Formula]:
    """Yield the right formula with an activation function applied to its result."""
    for text, function in (
        ("f", lambda c, gradient: c.f(gradient)),
        ("f′", lambda c, gradient: c.f.derivative(gradient)),
        ("sigmoid", lambda _c, gradient: _sigmoid(gradient)),
    ):
        yield Formula(f"{text}({right.text})", _after(function, right), ("activation-of-gradient",))


def _after(function: Compute, formula: Formula) -> Compute:
    return lambda c, dz: function(c, formula.compute(c, dz))


def _of_neurons(call: Call, dz: Floats) -> Floats:
    """Return what a loop over the neurons takes of a larger ``dz``; raises ``ValueError`` if it has fewer rows."""
    if dz.ndim != 2 or len(dz) < call.n_neurons:  # noqa: PLR2004 - a matrix
        raise ValueError("there is no number for each neuron")
    return dz[: call.n_neurons, :1]


_WEIGHTS_IN_LOOPS = Formula("dz · a_prevᵀ", lambda c, dz: _of_neurons(c, dz) @ c.a_prev.T)
_BIASES_IN_LOOPS = Formula("dz", _of_neurons)
_DA_PREV_IN_LOOPS = Formula("Wᵀ · dz", lambda c, dz: c.W.T @ _of_neurons(c, dz))

WEIGHTS = _fewest_first(
    chain(_weights(), [_WEIGHTS_IN_LOOPS], _weights_in_loops(), _activated(next(_weights())))
)
"""``d_weights``."""
BIASES = _fewest_first(chain(_biases(), [_BIASES_IN_LOOPS], _activated(next(_biases()))))
"""``d_biases``."""
DA_PREV = _fewest_first(chain(_da_prev(), [_DA_PREV_IN_LOOPS], _activated(next(_da_prev()))))
"""``da_prev``."""


def _wrong_weights_gradients() -> Iterator[Formula]:
    """Yield the wrong gradients of the weights, which may be returned."""
    for formula in WEIGHTS:
        if formula.mistakes and UNNAMED not in formula.mistakes:
            for text, compute in (
                (formula.text, formula.compute),
                (f"{formula.text}, in the shape of W", _repeated(formula.compute)),
            ):
                yield Formula(text, compute, ("wrong-gradient-returned",), needs=frozenset(formula.mistakes))


OTHERS = (
    *(
        Formula(text, compute, ("wrong-gradient-returned",))
        for text, compute in {
            "dz": lambda _c, dz: dz,
            "d_weights": lambda c, dz: dz @ c.a_prev.T,
            "d_weightsᵀ": lambda c, dz: c.a_prev @ dz.T,
            "learning_rate · dz": lambda c, dz: c.rate * dz,
            "learning_rate · d_weights": lambda c, dz: c.rate * dz @ c.a_prev.T,
        }.items()
    ),
    *(
        Formula(text, compute, ("wrong-gradient-returned",), is_gradient=False)
        for text, compute in {
            "da": lambda c, _dz: c.da,
            "da · a_prevᵀ": lambda c, _dz: c.da @ c.a_prev.T,
            "W": lambda c, _dz: c.W,
            "Wᵀ": lambda c, _dz: c.W.T,
            "W after the update": _new_weights,
            "b": lambda c, _dz: c.b,
            "b after the update": lambda c, _dz: c.known(c.new_biases),
            "a_prev": lambda c, _dz: c.a_prev,
            "z": lambda c, _dz: c.z,
            "a": lambda c, _dz: c.a,
            "f′(z)": lambda c, _dz: c.slope,
        }.items()
    ),
    *_wrong_weights_gradients(),
)
"""What is returned in place of ``da_prev``."""
