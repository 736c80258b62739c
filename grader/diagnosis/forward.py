"""Find a diagnosis if a rewritten ``forward`` explains lost criteria.

A submission may rewrite ``forward`` and keep what it likes under any name. So what it returns is judged, and what it
keeps under the given names only if it keeps the right values nowhere, and ``backward`` computed with the wrong ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from grader.candidate.replies import ForwardReply, Returned
from grader.exam.answers import BackwardAnswers
from grader.exam.examination import Examination
from grader.exam.laws.calls import BackwardCall
from grader.exam.laws.findings import Failure
from grader.exam.laws.tolerance import close, largest
from grader.exam.questions.cases import BackwardCase, column
from grader.messages import number_text
from grader.model import Diagnosis, Feedback, Message
from grader.protocol.activations import ACTIVATIONS

__all__ = ["forward_mistakes"]

Floats = NDArray[np.float64]

_NAME, _METHOD, _DUE = "forward-wrong", "Layer.forward", "a = f(W·a_prev + b)"
_EVERY = 3
"""``forward`` is tried on one in so many of the layers that ``backward`` is tried on."""
_LEAST = 3
"""A certificate needs so many cases that tell the mistake from what is right."""
_EXACT, _EXACT_FLOAT32 = 1e-9, 1e-5
"""How exactly a mistake must be reproduced, as a fraction of the largest number."""
_MOST_SHOWN = 4
"""Weights of the largest layer whose numbers are told."""


_NOT_KEPT = {
    (True, False): "forward does not keep a_prev: self.inputs holds something else.",
    (False, True): "forward does not keep z: self.outputs holds something else.",
    (True, True): "forward keeps neither a_prev nor z: self.inputs and self.outputs hold something else.",
}
"""What is said, by whether a_prev is not kept, and whether z is not."""


@dataclass(frozen=True)
class _Pass:
    """One call of ``forward``: a_prev ``x`` (n_inputs, 1) and what came of it."""

    case: BackwardCase
    reply: ForwardReply

    @cached_property
    def x(self) -> Floats:
        return column(self.case.steps[0].inputs)

    @cached_property
    def z(self) -> Floats:
        return self.case.z(self.case.steps[0])

    @cached_property
    def a(self) -> Floats:
        return self.case.function(self.z)

    @cached_property
    def is_right(self) -> bool:
        """Whether the activations came back, in whatever shape; a value of an unknown type is not judged."""
        returned = self.reply.returned
        if returned is None or returned.shape is None:
            return returned is None or returned.type != "NoneType"
        return _is(returned, self.a)

    def keeps(self, due: Floats) -> bool:
        """Tell whether some attribute has the numbers of ``due``."""
        return any(_is(value, due) for _, value in self.reply.kept)

    def kept_as(self, name: str, count: int) -> Floats | None:
        """Return the ``count`` numbers of the attribute ``name`` as a column."""
        values = [value.reshaped(count, 1) for own, value in self.reply.kept if own == name]
        return values[0] if len(values) == 1 else None


Form = Callable[[BackwardCase, Floats], Floats]
"""Takes a layer and ``a_prev``; returns what a mistaken ``forward`` does."""

_FORMS: dict[str, Form] = {
    "a = f(W·a_prev)": lambda layer, x: layer.function(layer.weight_matrix @ x),
    "a = W·a_prev + b": lambda layer, x: layer.weight_matrix @ x + layer.bias_column,
    "a = W·a_prev": lambda layer, x: layer.weight_matrix @ x,
    "a = f(W·a_prev − b)": lambda layer, x: layer.function(layer.weight_matrix @ x - layer.bias_column),
    "a = f(Wᵀ·a_prev + b)": lambda layer, x: layer.function(layer.weight_matrix.T @ x + layer.bias_column),
    "a = f(W·a_prev) + b": lambda layer, x: layer.function(layer.weight_matrix @ x) + layer.bias_column,
    "a = f′(W·a_prev + b)": lambda layer, x: layer.function.derivative(
        layer.weight_matrix @ x + layer.bias_column
    ),
    "a = f(f(W·a_prev + b))": lambda layer, x: layer.function(
        layer.function(layer.weight_matrix @ x + layer.bias_column)
    ),
    **{
        f"a = {name}(W·a_prev + b)": lambda layer, x, f=ACTIVATIONS[name]: f(  # type: ignore[misc]
            layer.weight_matrix @ x + layer.bias_column
        )
        for name in ("relu", "sigmoid", "tanh")
    },
}


def forward_mistakes(examination: Examination, lost: Sequence[str]) -> list[Diagnosis]:
    """Return a diagnosis if a rewritten ``forward`` explains criteria out of ``lost``.

    A wrong result costs ``backward`` nothing if ``forward`` keeps the right values for it.
    """
    backward = tuple(name for name in lost if name.startswith("backward."))
    training = tuple(name for name in lost if name.startswith("training."))
    # A layer that ended the process would do so again.
    if not (backward or training) or isinstance(examination.backward, Failure):
        return []
    questions = examination.questions
    cases = [*questions.given[::_EVERY], *questions.unseen[::_EVERY]]
    answers = examination.ask_forward(cases)
    passes = [] if isinstance(answers, Failure) else [_Pass(*pair) for pair in answers]
    returned = [each for each in passes if each.reply.returned is not None]
    wrong = [each for each in returned if not each.is_right]
    if wrong:
        keeps_enough = all(each.keeps(each.x) and each.keeps(each.z) for each in returned)
        criteria = () if keeps_enough else backward
        return [_wrong_result(examination, passes, wrong, criteria or (() if backward else training))]
    return _wrong_attributes(examination, returned, backward)


def _wrong_result(
    examination: Examination, passes: Sequence[_Pass], wrong: Sequence[_Pass], criteria: tuple[str, ...]
) -> Diagnosis:
    formulas = [formula for formula, form in _FORMS.items() if _reproduces(form, passes)]
    is_certain = len(formulas) == 1 and len(wrong) >= _LEAST
    return Diagnosis(
        _NAME,
        _METHOD,
        criteria,
        len(wrong),
        seen=formulas[0] if is_certain else "",
        due=_DUE if is_certain else "",
        says=_case(min(wrong, key=_size), is_told=examination.feedback is Feedback.FULL),
    )


def _reproduces(form: Form, passes: Sequence[_Pass]) -> bool:
    return all(_is_reproduced(each.reply.returned, form, each) for each in passes)


def _is_reproduced(returned: Returned | None, form: Form, each: _Pass) -> bool:
    try:
        due = form(each.case, each.x)
    except ValueError:
        return returned is None
    seen = None if returned is None else returned.reshaped(*due.shape)
    return seen is not None and _equal(seen, due)


def _size(each: _Pass) -> int:
    return each.case.n_inputs * each.case.n_neurons


def _case(each: _Pass, *, is_told: bool) -> Message:
    returned = each.reply.returned
    if returned is None or returned.array is None or returned.array.size != each.case.n_neurons:
        return Message("forward does not return an array with the activations.")
    if not is_told or _size(each) > _MOST_SHOWN:
        return Message("forward does not return f(W·a_prev + b).")
    text = (
        "With W = {W}, b = {b}, a_prev = {a_prev} and {activation}, forward returns {a}, not f(W·a_prev + b)."
    )
    values: dict[str, str | int | float] = {
        "W": _numbers(each.case.weight_matrix),
        "b": _numbers(each.case.bias_column),
        "a_prev": _numbers(each.x),
        "activation": each.case.activation,
        "a": _numbers(returned.array),
    }
    return Message(text, values)


def _numbers(array: Floats) -> str:
    """Return a number, or the rows of an array: ``[[1, 0.5], [2, 0.25]]``."""
    if array.size == 1:
        return number_text(float(array.ravel()[0]))
    rows = array.reshape(array.shape[0], -1)
    return "[" + ", ".join(f"[{', '.join(map(number_text, row))}]" for row in rows.tolist()) + "]"


def _wrong_attributes(
    examination: Examination, passes: Sequence[_Pass], lost: tuple[str, ...]
) -> list[Diagnosis]:
    """Return a diagnosis if ``backward`` is right for the values that ``forward`` keeps, and these are wrong."""
    answers = examination.backward
    if not lost or isinstance(answers, Failure):
        return []
    # In these a_prev is like no other array that a layer may have, and neither is z.
    telling = [each for each in passes if len(set(each.x.ravel())) > 1 and len(set(each.z.ravel())) > 1]
    own_x = not any(each.keeps(each.x) for each in telling)
    # Keeping a in place of z is a mistake of ``backward``, which takes the derivative there.
    own_z = not any(each.keeps(each.z) or each.keeps(each.a) for each in telling)
    calls = _first_calls(answers)
    pairs = [(each, calls[each.case]) for each in passes if each.case in calls]
    if len(pairs) < _LEAST or not (own_x or own_z):
        return []
    if not all(_computes_with(*pair, own_x=own_x, own_z=own_z) for pair in pairs):
        return []
    return [Diagnosis(_NAME, _METHOD, lost, len(pairs), says=Message(_NOT_KEPT[own_x, own_z]))]


def _first_calls(answers: BackwardAnswers) -> dict[BackwardCase, BackwardCall]:
    sound = (answer for answer in answers.given if answers.is_sound(answer) and answer.calls)
    return {answer.case: answer.calls[0] for answer in sound}


def _computes_with(each: _Pass, call: BackwardCall, *, own_x: bool, own_z: bool) -> bool:
    """Tell whether the steps of ``backward`` follow from what ``forward`` kept as ``inputs`` and ``outputs``."""
    x = each.kept_as("inputs", each.case.n_inputs) if own_x else each.x
    z = each.kept_as("outputs", each.case.n_neurons) if own_z else each.z
    if x is None or z is None or call.change_of_weights.array is None or call.change_of_biases.array is None:
        return False
    step = -call.learning_rate * call.da * each.case.function.derivative(z)
    steps = (call.change_of_weights.array, step @ x.T), (call.change_of_biases.array, step)
    return all(_equal(seen, expected, call.weights, call.biases) for seen, expected in steps)


def _is(value: Returned, due: Floats) -> bool:
    numbers = value.reshaped(*due.shape)
    return numbers is not None and close(numbers, due)


def _equal(seen: Floats, expected: Floats, *involved: Floats) -> bool:
    """Tell whether ``seen`` is exactly what is expected, but for rounding."""
    with np.errstate(over="ignore"):
        is_float32 = all(bool((each.astype(np.float32) == each).all()) for each in (seen, *involved))
    leave = (_EXACT_FLOAT32 if is_float32 else _EXACT) * largest(seen, expected, *involved)
    return bool((np.abs(seen - expected) <= leave).all())
