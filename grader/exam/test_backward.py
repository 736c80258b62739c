"""The laws of ``Layer.backward``.

A ``call`` is one ``forward`` on ``a_prev`` and the ``backward(da, learning_rate)`` after it. Its ``weights`` (``W``)
and ``biases`` are those of the forward pass, and its ``slope`` is ``f′(z)``. Its results are ``da_prev``, the change of
the weights and the change of the biases.

Each function compares results with a formula. ``equal(result, expected, …)`` compares numbers; its further arguments
are numbers that the result was computed from, and the tolerance grows with them. ``along(change, direction)`` compares
directions. A law that is ``carried_forward`` gets the ``dz`` that the submission itself used, so that a wrong ``dz``
costs ``backward.dz`` alone. A law of ``calls`` is tried ``on`` a family of examples; its parameters are calls in a row
on one layer. ``only`` says which results it is judged by, so that no mistake counts twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from grader.exam.judging.backward import BackwardLaws
from grader.exam.laws.calls import BackwardCall
from grader.exam.laws.carrying import Reading
from grader.exam.laws.comparison import Comparison, Result, along, equal, shapes
from grader.exam.questions.families import GIVEN_LAYERS, SUMS_OF_DA, TWICE_THE_RATE, UNSEEN_LAYERS

Floats = NDArray[np.float64]
Comparisons = list[Comparison]

laws = BackwardLaws()


@laws.calls(
    "backward.shape",
    on=GIVEN_LAYERS,
    says="A result has the wrong shape, or is not made of finite real numbers.",
)
def test_results_have_their_shapes(call: BackwardCall) -> Comparisons:
    """``da_prev``, weights and biases have their shapes, and finite real numbers, for every layer size."""
    n_inputs, n_neurons, after = call.n_inputs, call.n_neurons, call.reply
    return [
        shapes(
            da_prev=(after.da_prev, (n_inputs, 1)),
            weights=(after.weights, (n_neurons, n_inputs)),
            biases=(after.biases, (n_neurons, 1)),
        )
    ]


@laws.holds_somewhere(
    "backward.shape",
    says="The shapes are right, but they count only if something that backward computes is right too, and nothing is.",
)
def test_shapes_count_only_if_some_number_is_right(call: BackwardCall, dz: Floats) -> Comparisons:
    """In some calls the weights or the biases move along their gradient, or ``da_prev`` is right."""
    return laws.weights_biases_da_prev(call, dz)


@laws.own_dz("backward.dz", says="dz should be da ⊙ f′(z).")
def test_dz_is_da_times_the_derivative_at_z(call: BackwardCall, dz: Result) -> Comparison:
    """``dz = da ⊙ f′(z)`` for the given activations."""
    return equal(dz, call.da * call.slope)


@laws.calls(
    "backward.dz",
    on=UNSEEN_LAYERS,
    only=Reading.right,
    says="With an activation other than the given ones, dz is not da ⊙ f′(z).",
)
def test_dz_holds_for_activations_that_nobody_has_seen(call: BackwardCall) -> Comparisons:
    """``dz = da ⊙ f′(z)`` for every activation with a ``derivative``: tanh, softplus, the identity and others.

    ``backward`` returns no ``dz``, so the weights, the biases and ``da_prev`` are compared with those of this ``dz``.
    """
    return laws.weights_biases_da_prev(call, call.da * call.slope)


@laws.calls(
    "backward.dz",
    on=SUMS_OF_DA,
    only=Reading.first_right,
    says="The gradients of the sum of two da are not the sum of their gradients.",
)
def test_dz_is_linear_in_da(one: BackwardCall, other: BackwardCall, both: BackwardCall) -> Comparisons:
    """If ``da`` is the sum of two others, each result is the sum of the results for those two."""
    return [
        equal(of_sum, a.array + b.array, both.weights, a.array, b.array, formula="the sum of the two")
        for a, b, of_sum in zip(one.results, other.results, both.results, strict=True)
        if a.array is not None and b.array is not None and of_sum.array is not None
    ]


@laws.carried_forward("backward.weights", says="The weights do not move along dz · a_prevᵀ.")
def test_weights_move_along_dz_times_the_inputs(call: BackwardCall, dz: Floats) -> Comparisons:
    """The weights move along ``dz · a_prevᵀ``, whatever the sign and size of the step."""
    return [along(call.change_of_weights, dz @ call.a_prev.T)]


@laws.carried_forward("backward.biases", says="The biases do not move along dz.")
def test_biases_move_along_dz(call: BackwardCall, dz: Floats) -> Comparisons:
    """The biases move along ``dz``, whatever the sign and size of the step."""
    return [along(call.change_of_biases, dz)]


@laws.carried_forward(
    "backward.da_prev",
    says="The gradient returned is not Wᵀ · dz, with W as it was in the forward pass.",
)
def test_da_prev_is_the_transposed_weights_times_dz(call: BackwardCall, dz: Floats) -> Comparisons:
    """``backward`` returns ``Wᵀ · dz``, with ``W`` from before the update."""
    return [equal(call.da_prev, call.weights.T @ dz, np.abs(call.weights).T @ np.abs(dz))]


@laws.carried_forward(
    "backward.update",
    says="The parameters do not move by −learning_rate times their gradient.",
    unjudged="Neither the weights nor the biases move along their gradient, so there is no step to measure.",
)
def test_parameters_move_by_minus_the_rate_times_the_gradient(call: BackwardCall, dz: Floats) -> Comparisons:
    """Weights and biases move by ``−learning_rate · dz · a_prevᵀ`` and ``−learning_rate · dz``."""
    rate = call.learning_rate
    return [
        equal(call.change_of_weights, -rate * dz @ call.a_prev.T, call.weights),
        equal(call.change_of_biases, -rate * dz, call.biases),
    ]


@laws.calls(
    "backward.update",
    on=TWICE_THE_RATE,
    only=Reading.moving_along_true_dz,
    says="Twice the learning rate does not move the parameters twice as far.",
)
def test_the_step_is_linear_in_the_learning_rate(once: BackwardCall, twice: BackwardCall) -> Comparisons:
    """Twice the learning rate moves the parameters twice as far."""
    formula, scale = "twice the change at half the learning rate", once.weights
    return [
        equal(twice.change_of_weights, once.change_of_weights.times(2.0), scale, formula=formula),
        equal(twice.change_of_biases, once.change_of_biases.times(2.0), scale, formula=formula),
    ]


@laws.calls(
    "backward.update",
    on=TWICE_THE_RATE,
    only=Reading.moving,
    says="At learning rate 0 the parameters do not stay as they were.",
    may_raise=True,
)
def test_a_learning_rate_of_zero_changes_nothing(
    once: BackwardCall,  # noqa: ARG001 - the calls come in this order
    twice: BackwardCall,  # noqa: ARG001
    at_zero: BackwardCall,
) -> Comparisons:
    """At learning rate 0 the parameters stay as they were; ``backward`` may also refuse such a rate."""
    formula, scale = "no change", at_zero.weights
    return [
        equal(at_zero.change_of_weights, np.zeros_like(at_zero.weights), scale, formula=formula),
        equal(at_zero.change_of_biases, np.zeros_like(at_zero.biases), scale, formula=formula),
    ]
