"""Mistakes in `backward` that can be told by their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from checks.calls import Call
from checks.carrying import due_step
from checks.tolerance import close
from checks.words import N, _
from utils import Array, relu, sigmoid

Variants = dict[str, Callable[[Call, Array], tuple[Array | None, Array]]]
"""What is said of a mistake, and the two results that are equal if it was made, of a call and its `dz`."""


def recognized(
    known: Variants, pairs: Sequence[tuple[Call, Array]], wrong: Sequence[tuple[Call, Array]]
) -> str:
    """Return what is said of the mistake that gives these numbers in all calls; empty if none does.

    ``wrong`` are the calls in which a result is wrong.
    """
    telling = [pair for pair in pairs if pair[0].has_several_of_both] or pairs
    for sentence, variant in known.items():
        with np.errstate(all="ignore"):
            if telling and all(_is_variant(variant, *pair) for pair in telling):
                return _(sentence)
    return later_calls(wrong)


def later_calls(wrong: Sequence[tuple[Call, Array]]) -> str:
    """Say so if only calls after the first one on a layer are wrong."""
    if wrong and all(call.number > 0 for call, _dz in wrong):
        return _(
            "The first call on a layer is right, and a later one is not. Does anything stay from the call before?"
        )
    return ""


def _is_variant(variant: Callable[[Call, Array], tuple[Array | None, Array]], call: Call, dz: Array) -> bool:
    try:
        yours, due = variant(call, dz)
    except ValueError:  # the shapes do not fit, so it is not this mistake
        return False
    return close(yours, due, call.weights)


def _gradient_of(moved: Array | None, call: Call) -> Array | None:
    return None if moved is None else -moved / call.learning_rate


OF_DZ: Variants = {
    N("Your dz is da itself: the factor f′(z) is missing."): lambda c, dz: (dz, c.da),
    N("Your dz is da ⊙ f(z): the formula has the derivative f′, not f."): lambda c, dz: (dz, c.da * c.f(c.z)),
    N("Your dz is da ⊙ f′(a): the derivative is taken at the activations, not at z."): lambda c, dz: (
        dz,
        c.da * c.f.derivative(c.f(c.z)),
    ),
    N("Your dz is da + f′(z): it should be the elementwise product."): lambda c, dz: (dz, c.da + c.slope),
    N("Your dz is f′(z) alone: the factor da is missing."): lambda c, dz: (dz, c.slope),
    N("Your dz is f(da): f is applied to the gradient."): lambda c, dz: (dz, c.f(c.da)),
    N("Your dz is f′(da): the derivative is taken at da, and the factor da is missing."): lambda c, dz: (
        dz,
        c.f.derivative(c.da),
    ),
    N("Your dz is −da ⊙ f′(z): its sign is wrong."): lambda c, dz: (dz, -c.true_dz),
    N("Your dz has the derivative of ReLU, whatever the layer's activation function is."): lambda c, dz: (
        dz,
        c.da * relu.derivative(c.z),
    ),
    N(
        "Your dz has the derivative of the sigmoid, whatever the layer's activation function is."
    ): lambda c, dz: (
        dz,
        c.da * sigmoid.derivative(c.z),
    ),
    N("Your dz has a ⊙ (1 − a) in place of f′(z): that is right for the sigmoid alone."): lambda c, dz: (
        dz,
        c.da * c.f(c.z) * (1 - c.f(c.z)),
    ),
    N(
        "Your dz is learning_rate · da ⊙ f′(z): the learning rate belongs in the update alone."
    ): lambda c, dz: (
        dz,
        c.learning_rate * c.true_dz,
    ),
    N("Your dz is twice the right one."): lambda c, dz: (dz, 2 * c.true_dz),
    N("Your dz is half the right one."): lambda c, dz: (dz, c.true_dz / 2),
    N("Your dz is the right one divided by the number of neurons."): lambda c, dz: (
        dz,
        c.true_dz / c.n_neurons,
    ),
    N("Your dz is the right one divided by the number of inputs."): lambda c, dz: (
        dz,
        c.true_dz / c.n_inputs,
    ),
    N("Your dz is da ⊙ f′(z), but kept between −1 and 1: nothing may be clipped."): lambda c, dz: (
        dz,
        np.clip(c.true_dz, -1, 1),
    ),
    N("Your dz is f′(z) of a clipped da: nothing may be clipped."): lambda c, dz: (
        dz,
        np.clip(c.da, -1, 1) * c.slope,
    ),
}
OF_WEIGHTS: Variants = {
    N("The weights did not change at all. Is the new value assigned to self.weights?"): lambda c, _dz: (
        c.moved_weights,
        0 * c.weights,
    ),
    N("Your d_weights is da · a_prevᵀ: da in place of dz."): lambda c, _dz: (
        _gradient_of(c.moved_weights, c),
        c.da @ c.a_prev.T,
    ),
    N("Your d_weights has dz in every column: the factor a_prevᵀ is missing."): lambda c, dz: (
        _gradient_of(c.moved_weights, c),
        dz @ np.ones((1, c.n_inputs)),
    ),
    N("The weights became the step alone: self.weights is overwritten, not changed by it."): lambda c, dz: (
        c.seen["weights"].array,
        -c.learning_rate * dz @ c.a_prev.T,
    ),
    N("The weights became the gradient: self.weights is overwritten, not changed by it."): lambda c, dz: (
        c.seen["weights"].array,
        dz @ c.a_prev.T,
    ),
    N("Your d_weights has z in place of a_prev."): lambda c, dz: (
        _gradient_of(c.moved_weights, c),
        dz @ c.z.T,
    ),
    N("Your d_weights has the layer's own activations in place of a_prev."): lambda c, dz: (
        _gradient_of(c.moved_weights, c),
        dz @ c.f(c.z).T,
    ),
    N("Your d_weights is a_prev · dzᵀ: it is transposed."): lambda c, dz: (
        _gradient_of(c.moved_weights, c),
        c.a_prev @ dz.T,
    ),
    N(
        "Your d_weights is the elementwise product dz ⊙ a_prev: the formula has the matrix product with a row."
    ): (lambda c, dz: (_gradient_of(c.moved_weights, c), dz * c.a_prev + 0 * c.weights)),
}
OF_BIASES: Variants = {
    N("The biases did not change at all. Is the new value assigned to self.biases?"): lambda c, _dz: (
        c.moved_biases,
        0 * c.biases,
    ),
    N("Your d_biases is da: it should be dz."): lambda c, _dz: (_gradient_of(c.moved_biases, c), c.da),
    N("Your d_biases is the mean of dz over the neurons: each neuron has its own."): lambda c, dz: (
        _gradient_of(c.moved_biases, c),
        dz.mean() + 0 * dz,
    ),
    N("Your d_biases is the sum of dz over the neurons: each neuron has its own."): lambda c, dz: (
        _gradient_of(c.moved_biases, c),
        dz.sum() + 0 * dz,
    ),
    N("The biases became the step alone: self.biases is overwritten, not changed by it."): lambda c, dz: (
        c.seen["biases"].reshaped(c.n_neurons, 1),
        -c.learning_rate * dz,
    ),
    N("The biases became the gradient: self.biases is overwritten, not changed by it."): lambda c, dz: (
        c.seen["biases"].reshaped(c.n_neurons, 1),
        dz,
    ),
}
OF_DA_PREV: Variants = {
    N(
        "These are the numbers of Wᵀ · dz with the W after the update: compute da_prev before it."
    ): lambda c, dz: (
        c.da_prev,
        (c.weights + (0 if c.moved_weights is None else c.moved_weights)).T @ dz,
    ),
    N("These are the numbers of Wᵀ · da: da in place of dz."): lambda c, _dz: (c.da_prev, c.weights.T @ c.da),
    N("These are the numbers of W · dz: the transpose is missing."): lambda c, dz: (
        c.da_prev,
        c.weights @ dz,
    ),
    N("What came back is dz itself."): lambda c, dz: (c.seen["da_prev"].array, dz),
    N("What came back is the gradient of the weights."): lambda c, dz: (
        c.seen["da_prev"].array,
        dz @ c.a_prev.T,
    ),
    N("What came back is da itself."): lambda c, _dz: (c.seen["da_prev"].array, c.da),
    N("What came back is −Wᵀ · dz: its sign is wrong."): lambda c, dz: (c.da_prev, -c.weights.T @ dz),
    N("What came back is learning_rate · Wᵀ · dz: the learning rate belongs in the update alone."): (
        lambda c, dz: (c.da_prev, c.learning_rate * c.weights.T @ dz)
    ),
    N("What came back is Wᵀ · dz divided by the number of inputs."): lambda c, dz: (
        c.da_prev,
        c.weights.T @ dz / c.n_inputs,
    ),
    N("What came back is Wᵀ · dz divided by the number of neurons."): lambda c, dz: (
        c.da_prev,
        c.weights.T @ dz / c.n_neurons,
    ),
    N("What came back is an elementwise product of W and dz, summed over the wrong axis."): lambda c, dz: (
        c.da_prev,
        (c.weights * dz).sum(axis=1, keepdims=True),
    ),
    N("backward returned None. Does it end with a return?"): lambda c, _dz: (
        np.zeros(1) if c.seen["da_prev"].what == "None" else None,
        np.zeros(1),
    ),
}


def wrong_factor(pairs: Sequence[tuple[Call, Array]], moving: Sequence[str]) -> str:
    """Say by which factor the steps are wrong, if they all are by the same one."""
    known: dict[str, Callable[[Call], float]] = {
        N("The step has the wrong sign: subtract it."): lambda _c: -1.0,
        N("The step lacks the learning rate."): lambda c: 1 / c.learning_rate,
        N("The step lacks the learning rate, and its sign is wrong."): lambda c: -1 / c.learning_rate,
        N("The step is half the right one."): lambda _c: 0.5,
        N("The step is twice the right one."): lambda _c: 2.0,
        N("The step has the learning rate twice."): lambda c: c.learning_rate,
        N("The step is the right one divided by the number of neurons."): lambda c: 1 / c.n_neurons,
        N("The step is the right one divided by the number of inputs."): lambda c: 1 / c.n_inputs,
        N("The step is the right one multiplied by the number of neurons."): lambda c: float(c.n_neurons),
    }
    rate = _fixed_rate(pairs, moving)
    if rate is not None:
        says = _("The step has a fixed learning rate of {rate}, whatever the argument is.")
        return says.format(rate=f"{rate:.6g}")
    for sentence, factor in known.items():
        for names, where in ((moving, ""), (["weights"], "weights"), (["biases"], "biases")):
            if set(names) <= set(moving) and _steps_are(pairs, names, factor):
                rest = [name for name in moving if name not in names]
                if not rest or _steps_are(pairs, rest, lambda _c: 1.0):
                    return (where and f"{where}: ") + _(sentence)
    return ""


def _steps_are(
    pairs: Sequence[tuple[Call, Array]], names: Sequence[str], factor: Callable[[Call], float]
) -> bool:
    steps = [(due_step(name, call, dz), factor(call)) for call, dz in pairs for name in names]
    return bool(steps) and all(close(moved, scale * due, before) for (moved, due, before), scale in steps)


def _fixed_rate(pairs: Sequence[tuple[Call, Array]], names: Sequence[str]) -> float | None:
    """Return the learning rate of all steps if it is one and the same."""
    call, dz = pairs[0]
    moved, due, _before = due_step(names[0], call, dz)
    square = float((due * due).sum())
    if moved is None or square == 0:
        return None
    rate = call.learning_rate * float((moved * due).sum()) / square

    def factor(other: Call) -> float:
        return rate / other.learning_rate

    return rate if rate not in (1.0, -1.0) and _steps_are(pairs, names, factor) else None
