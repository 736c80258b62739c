"""Probe layers look like layers to a ``fit`` that reads their attributes, and record what it assigns."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from grader.candidate.sandbox.runtime.probe_layers import Log, ProbeLayer, probe_chain


def probes(*sizes: tuple[int, int]) -> tuple[list[ProbeLayer], Log]:
    log = Log(100, 100, forward_limit=100, backward_limit=100)
    layers = probe_chain([list(size) for size in sizes], log, is_steady=False)
    log.watching = True
    return layers, log


def test_inputs_and_outputs_are_columns_of_zeros_before_the_first_forward() -> None:
    (hidden, last), _ = probes((2, 3), (3, 1))
    assert hidden.inputs.tolist() == [[0.0], [0.0]]
    assert hidden.outputs.tolist() == [[0.0]] * 3
    assert last.outputs.tolist() == [[0.0]]


def test_inputs_and_outputs_are_those_of_the_last_forward() -> None:
    (hidden, last), _ = probes((2, 3), (3, 1))
    for row in ([1.0, -2.0], [0.5, 0.25]):
        a = hidden.forward(np.array(row))
        assert hidden.inputs.tolist() == [[x] for x in row]
        assert hidden.outputs.tolist() == a.tolist()
        prediction = last.forward(a)
        assert last.activation(last.outputs) == pytest.approx(prediction)


def test_arrays_that_fit_keeps_do_not_change() -> None:
    (layer,), _ = probes((1, 1))
    returned = layer.forward(np.array([1.0]))
    inputs, first = layer.inputs, returned.copy()
    returned += 1.0
    assert layer.outputs == pytest.approx(np.log(first / (1 - first)))
    layer.forward(np.array([2.0]))
    assert inputs.tolist() == [[1.0]]
    assert layer.inputs.tolist() == [[2.0]]


def test_exceptions_about_a_probe_call_it_a_layer() -> None:
    (layer,), _ = probes((1, 1))
    with pytest.raises(AttributeError, match=r"^'Layer' object has no attribute 'no_such_attribute'$"):
        layer.no_such_attribute  # noqa: B018
    with pytest.raises(TypeError, match="'Layer' and 'int'"):
        layer + 1  # type: ignore[operator]


def test_a_copy_is_a_layer_too() -> None:
    (layer,), _ = probes((1, 1))
    copied = copy.deepcopy(layer)
    assert copied.forward(np.array([1.0])).tolist() == layer.forward(np.array([1.0])).tolist()
    assert not hasattr(copied, "no_such_attribute")


@pytest.mark.parametrize("name", ["weights", "biases"])
def test_assigned_parameters_are_recorded_and_kept(name: str) -> None:
    (layer,), log = probes((2, 3))
    before = getattr(layer, name)
    assert not log.assigned
    setattr(layer, name, before - 1.0)
    assert log.assigned == {name}
    assert getattr(layer, name).tolist() == (before - 1.0).tolist()


def test_new_parameters_are_recorded_with_whether_they_follow_from_the_old_ones() -> None:
    (layer,), log = probes((2, 3))
    layer.weights = layer.weights * 0.9
    layer.backward(np.ones(3), 0.1)
    layer.weights = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    layer.biases = np.zeros((3, 1))
    assert log.assigned == {"weights", "biases"}
    assert log.assignments == [(0, 0, False), (1, 0, True), (1, 0, True)]


def test_more_forward_calls_are_kept_before_the_first_step_than_between_steps() -> None:
    log = Log(6, 2, forward_limit=100, backward_limit=100)
    for kind in (0.0,) * 8 + (1.0,) + (0.0,) * 4 + (1.0,):
        log.add(kind, 0, 0.5, 1, [0.25])
    assert [call[0] for call in log.calls] == [0.0] * 5 + [1.0] + [0.0] + [1.0]
