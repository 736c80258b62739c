"""The laws of ``Layer.backward``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.candidate.replies import Returned
from grader.exam.examination import Examination
from grader.exam.laws.backward import LAWS, STEPS, Observation, Rule, Sighting
from grader.exam.laws.tolerance import close
from grader.exam.laws.values import backward_facts, matrix, returned_text, told
from grader.exam.questions import searches
from grader.exam.questions.cases import BackwardCase
from grader.exam.verdict import Unmet
from grader.model import Status

Floats = NDArray[np.float64]
Find = Callable[[Sighting], Unmet | None]


@pytest.mark.criterion("backward.shape")
def test_results_have_their_shapes(examination: Examination) -> None:
    """``da_prev``, weights and biases have their shapes, real and finite, for every layer size."""

    def find(sighting: Sighting) -> Unmet | None:
        for seen in sighting.observations:
            if not seen.keeps_shapes:
                return _unmet(
                    seen,
                    "A result has the wrong shape, or is not made of finite real numbers.",
                    *_shapes(seen),
                )
        return _raised(examination, sighting)

    _search(examination, examination.backward.given, find)
    if not examination.backward.is_right_somewhere:
        raise Unmet(
            "The shapes are right, but they count only once some number of backward is right too, and none is."
        )


@pytest.mark.criterion("backward.dz")
def test_dz_is_da_times_the_derivative_at_z(examination: Examination) -> None:
    """``dz = da ⊙ f′(z)`` for the given activations."""
    reading = examination.backward.reading
    if "dz" in reading.holds:
        return

    def find(sighting: Sighting) -> Unmet | None:
        for seen in sighting.observations:
            dz = seen.dz(reading.rule)
            if seen.is_dead:
                return _unmet(
                    seen, "dz should be da ⊙ f′(z).", "nothing moved, and zeros came back", _dz(seen)
                )
            if reading.rule is not Rule.TRUE and dz is not None and not close(dz, seen.true_dz):
                source = f"dz = {matrix(dz)}, as read off {reading.rule.value}"
                return _unmet(seen, "dz should be da ⊙ f′(z).", source, _dz(seen))
            if not reading.holds and not any(law(seen, seen.true_dz) for law in LAWS.values()):
                return _unmet(
                    seen, "Nothing that backward does agrees with dz = da ⊙ f′(z).", _all(seen), _dz(seen)
                )
        return None

    _search(examination, examination.backward.given, find)
    _fail_unjudged(examination, "dz = da ⊙ f′(z)")


@pytest.mark.criterion("backward.dz")
def test_dz_holds_for_activations_that_nobody_has_seen(examination: Examination) -> None:
    """``dz = da ⊙ f′(z)`` for every activation that has a ``derivative``: tanh, softplus, the identity and others."""
    reading = examination.backward.reading
    if "dz" not in reading.holds:
        pytest.skip("dz is wrong for the given activations already")
    if examination.backward.holds_for_unseen_activations:
        return

    def find(sighting: Sighting) -> Unmet | None:
        if sighting.case.size in examination.backward.failing_sizes:
            return None
        for seen, name in examination.backward.disagreements(sighting):
            text = "With an activation other than the given ones, dz is not da ⊙ f′(z)."
            return _unmet(seen, text, *_compared(seen, name))
        return _raised(examination, sighting)

    _search(examination, examination.backward.unseen, find, searches.unseen)


@pytest.mark.criterion("backward.dz")
def test_dz_is_linear_in_da(examination: Examination) -> None:
    """The gradients of a sum of two ``da`` are the sum of their gradients."""
    reading = examination.backward.reading
    if "dz" not in reading.holds:
        pytest.skip("dz is wrong already")
    name = next(name for name in ("da_prev", "biases", "weights") if name in reading.holds)

    def find(sighting: Sighting) -> Unmet | None:
        if sighting.case.size in examination.backward.failing_sizes:
            return None
        if sighting.reply.raised is not None:
            return _raised(examination, sighting)
        one, other, both = sighting.observations
        results = [_result(seen, name) for seen in (one, other, both)]
        if any(result is None for result in results):
            return None
        a, b, c = (result for result in results if result is not None)
        if close(c, a + b, sighting.case.weight_matrix, a, b):
            return None
        text = "The gradients of the sum of two da are not the sum of their gradients."
        return _unmet(both, text, matrix(c), matrix(a + b))

    _search(examination, examination.backward.linear_in_da, find, searches.linear_in_da)


@pytest.mark.criterion("backward.weights")
def test_weights_move_along_dz_times_the_inputs(examination: Examination) -> None:
    """The weights move along ``dz·a_prevᵀ``, whatever the sign and size of the step."""
    _assert_law(examination, "weights", "The weights do not move along dz · a_prevᵀ.")


@pytest.mark.criterion("backward.biases")
def test_biases_move_along_dz(examination: Examination) -> None:
    """The biases move along ``dz``, whatever the sign and size of the step."""
    _assert_law(examination, "biases", "The biases do not move along dz.")


@pytest.mark.criterion("backward.da_prev")
def test_da_prev_is_the_transposed_weights_times_dz(examination: Examination) -> None:
    """The gradient returned is ``Wᵀ·dz``, with ``W`` from before the update."""
    _assert_law(
        examination, "da_prev", "The gradient returned is not Wᵀ · dz, with W as it was in the forward pass."
    )


@pytest.mark.criterion("backward.update")
def test_parameters_move_by_minus_the_rate_times_the_gradient(examination: Examination) -> None:
    """Weights and biases move against their gradient, by exactly ``learning_rate`` times it."""
    reading = examination.backward.reading
    if "update" in reading.holds:
        return
    if not reading.moving:
        _fail_raised(examination)
        raise Unmet(
            "Neither the weights nor the biases move along their gradient, so there is no step to measure."
        )

    def find(sighting: Sighting) -> Unmet | None:
        text = "The {} do not move by −learning_rate times their gradient."
        judged = [(seen, name, dz) for seen, dz in _judged(sighting, reading.rule) for name in reading.moving]
        return _clearest(
            _difference(seen, name, dz, text.format(name))
            for seen, name, dz in judged
            if not STEPS[name](seen, dz)
        )

    _search(examination, examination.backward.given, find)


@pytest.mark.criterion("backward.update")
def test_the_step_is_linear_in_the_learning_rate(examination: Examination) -> None:
    """Twice the learning rate moves the parameters twice as far."""
    if examination.backward.reading.rule is not Rule.TRUE:
        pytest.skip("dz is wrong, and may depend on the learning rate itself")
    _assert_rate_law(examination, 1, 2.0, "Twice the learning rate does not move the {} twice as far.")


@pytest.mark.criterion("backward.update")
def test_a_learning_rate_of_zero_changes_nothing(examination: Examination) -> None:
    """At learning rate 0 the parameters stay as they were."""
    _assert_rate_law(examination, 2, 0.0, "At learning rate 0 the {} do not stay as they were.")


def _assert_law(examination: Examination, name: str, text: str) -> None:
    reading = examination.backward.reading
    if name in reading.holds:
        return

    def find(sighting: Sighting) -> Unmet | None:
        judged = _judged(sighting, reading.rule)
        return _clearest(_difference(seen, name, dz, text) for seen, dz in judged if not LAWS[name](seen, dz))

    _search(examination, examination.backward.given, find)
    _fail_unjudged(examination, text)


def _assert_rate_law(examination: Examination, number: int, factor: float, text: str) -> None:
    moving = examination.backward.reading.moving
    if not moving:
        pytest.skip("neither weights nor biases move along their gradient")

    def find(sighting: Sighting) -> Unmet | None:
        if sighting.case.size in examination.backward.failing_sizes:
            return None
        if len(sighting.observations) <= number:
            # A submission may refuse a rate of 0, at which nothing is learnt.
            return _raised(examination, sighting) if factor else None
        once, other = sighting.observations[0], sighting.observations[number]
        for name in moving:
            seen, expected = _result(other, name), _result(once, name)
            if (
                seen is None
                or expected is None
                or not close(seen, factor * expected, sighting.case.weight_matrix)
            ):
                moved = "their shape was lost" if seen is None else f"{name} moved by {matrix(seen)}"
                should = "the same shape" if expected is None else f"moved by {matrix(factor * expected)}"
                return _unmet(other, text.format(name), moved, should)
        return None

    _search(examination, examination.backward.linear_in_rate, find, searches.linear_in_rate)


def _search(
    examination: Examination,
    sightings: Sequence[Sighting],
    find: Find,
    search: searches.Search[BackwardCase] = searches.given,
) -> None:
    """Raise the finding in the simplest case that has one."""

    def ask(case: BackwardCase) -> Unmet | None:
        return find(examination.ask_backward(case))

    known = [(sighting.case, find(sighting)) for sighting in sightings]
    found = examination.fault(search, known, ask)
    if found is not None:
        raise found


def _fail_unjudged(examination: Examination, text: str) -> None:
    """Fail a law of which too few calls are left to judge it by: show the exception, if it is that."""
    _fail_raised(examination)
    raise Unmet(f"{text} Too few calls of backward did anything that this could be judged by.")


def _fail_raised(examination: Examination) -> None:
    """Raise the exception of ``backward`` in the simplest case that has one, if there is one."""

    def find(sighting: Sighting) -> Unmet | None:
        return _raised(examination, sighting)

    _search(examination, examination.backward.given, find)


def _judged(sighting: Sighting, rule: Rule) -> Iterable[tuple[Observation, Floats]]:
    for seen in sighting.observations:
        dz = seen.dz(rule)
        if not seen.is_dead and dz is not None:
            yield seen, dz


def _raised(examination: Examination, sighting: Sighting) -> Unmet | None:
    raised = sighting.reply.raised
    if raised is None:
        return None
    case = sighting.case
    number = min(len(sighting.observations), len(case.steps) - 1)
    facts = backward_facts(case, case.steps[number])
    text = examination.quoted(raised)
    return Unmet(
        f"{sighting.reply.during} raised {text}\nOn:\n{told(facts)}",
        {**facts, "seen": text},
        status=Status.ERROR,
    )


def _unmet(seen: Observation, text: str, was: str, should_be: str, *, is_clear: bool = True) -> Unmet:
    facts = backward_facts(seen.case, seen.step)
    calls = len(seen.case.steps)
    which = "" if calls == 1 else f" (call {seen.number} of {calls} on the same layer)"
    return Unmet(
        f"{text}\nSeen: {was}\nShould be: {should_be}\nOn{which}:\n{told(facts)}",
        {**facts, "call": str(seen.number), "seen": was, "expected": should_be},
        is_clear=is_clear,
    )


def _shapes(seen: Observation) -> tuple[str, str]:
    n_inputs, n_neurons = seen.case.n_inputs, seen.case.n_neurons
    results = (
        ("da_prev", seen.reply.da_prev, (n_inputs, 1)),
        ("weights", seen.reply.weights, (n_neurons, n_inputs)),
        ("biases", seen.reply.biases, (n_neurons, 1)),
    )
    wrong = [(name, result, shape) for name, result, shape in results if result.shaped(*shape) is None]
    return (
        "; ".join(f"{name} is {_kind(result)}" for name, result, _ in wrong),
        "; ".join(f"{name} is an array of shape {shape}, of finite numbers" for name, _, shape in wrong),
    )


def _kind(result: Returned) -> str:
    return returned_text(result) if result.array is None else result.what


def _result(seen: Observation, name: str) -> Floats | None:
    return {"weights": seen.weights_moved, "biases": seen.biases_moved, "da_prev": seen.da_prev}[name]


def _compared(seen: Observation, name: str, dz: Floats | None = None) -> tuple[str, str]:
    """Return what was seen and what it should be, for one of weights, biases and da_prev."""
    result = _result(seen, name)
    expected = _expected(seen, name, seen.true_dz if dz is None else dz)
    if name == "da_prev":
        return f"returned {returned_text(seen.reply.da_prev)}", f"Wᵀ · dz = {matrix(expected)}"
    should = f"moved by −learning_rate · d_{name} = {matrix(expected)}"
    if result is None:
        reply = seen.reply.weights if name == "weights" else seen.reply.biases
        return f"the {name} are {reply.what}", should
    return f"{name} moved by {matrix(result)}", should


def _expected(seen: Observation, name: str, dz: Floats) -> Floats:
    """Return what one of weights, biases and da_prev should have moved by or be."""
    if name == "da_prev":
        return seen.case.weight_matrix.T @ dz
    return -seen.step.learning_rate * (dz @ seen.inputs.T if name == "weights" else dz)


def _difference(seen: Observation, name: str, dz: Floats, text: str) -> Unmet:
    """Return what is wrong with one of weights, biases and da_prev; clear if no number that is wrong is 0."""
    result, expected = _result(seen, name), _expected(seen, name, dz)
    is_clear = result is None or not ((result == 0) & (expected != 0)).any()
    return _unmet(seen, text, *_compared(seen, name, dz), is_clear=is_clear)


def _clearest(findings: Iterable[Unmet]) -> Unmet | None:
    """Return the first finding that is clear, else the first."""
    found = list(findings)
    return next((finding for finding in found if finding.is_clear), next(iter(found), None))


def _all(seen: Observation) -> str:
    return "; ".join(_compared(seen, name)[0] for name in LAWS)


def _dz(seen: Observation) -> str:
    return f"dz = {matrix(seen.true_dz)}"
