"""Of nonsense nothing is said that is not true, and none of it costs a submission its score."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from in_process import read_submissions
from mixture_trials import UNKNOWN, corpus, grade

from grader.model import Feedback, SubmissionStatus

TRUE_OF = {
    # It prints nothing that looks like a loss, whatever else it does.
    "loss-not-printed": {
        "da_at_random",
        "da_is_minus_one_right_backward",
        "da_is_one",
        "da_is_one_right_backward",
        "da_is_the_inputs",
        "da_is_the_label",
        "da_is_the_output",
        "da_is_the_rate",
        "da_is_zero",
        "fit_one_step",
        "fit_one_step_without_labels",
        "fit_prints_nothing",
        "labels_against_the_output",
        "labels_at_random",
        "labels_from_the_output",
    },
    # It runs the forward passes of every epoch, and never calls backward.
    "no-backpropagation": {
        "fit_accuracy_as_loss",
        "fit_only_reads_losses",
        "fit_prints_nothing",
        "loss_of_the_mean_output",
    },
    # It calls backward, but of the last layer alone.
    "only-last-layer": {"fit_one_step_without_labels", "numbers_that_change"},
    "parameters-reset": {"fit_replaces_the_layers"},
    # It moves the biases and leaves the weights as they are.
    "weights-not-updated": {"dz_is_the_index", "fit_climbs_downhill", "fit_with_an_alibi"},
    # It returns the sums of the columns of the new weights, which is Wᵀ · dz for the dz that it moves by.
    "updated-before-da_prev": {"nothing_where_unsure"},
    "name-misspelt": {"misspelled_methods"},
    # For the weights that a layer is given, forward returns something else, or NumPy makes something else of it.
    "forward-wrong": {
        "getattr_says_yes",
        "layer_is_an_array",
        "metaclass",
        "mocks",
        "numpy_makes_zeros",
        "perceptron_is_a_list",
        "utils_replaced",
        "weights_are_a_property",
        "weights_count_their_reads",
    },
}
"""The submissions of which each name is true."""

NOT_WRITTEN = "not-written"
NO_CODE = re.compile(r"^ +(?:pass|\.\.\.|return None|raise NotImplementedError.*)$", re.MULTILINE)
"""A body that is not written, in the texts of the submissions."""

FEW = (
    "builtins_replaced",
    "fit_backward_for_ever",
    "fit_by_evolution",
    "fit_hands_on_infinity",
    "fit_ignores_the_labels",
    "fit_one_step",
    "fit_prints_nothing",
    "fit_replaces_the_layers",
    "metaclass",
    "moved_by_1e300",
    "moved_by_the_rate",
    "nan_everywhere",
    "numbers_that_change",
    "pass",
    "skeleton",
    "utils_replaced",
)
"""Submissions that are unlike each other."""


WITHOUT_CLASSES = {"no_classes", "classes_are_strings"}


def assert_nothing_untrue_is_said(names: Iterable[str]) -> None:
    chosen = set(names)
    paths = [path for path in corpus("nonsense") if path.stem in chosen]
    results = grade([read_submissions([path])[0] for path in paths], Feedback.HINT)
    ungraded = {Path(one.path).stem for one in results if one.status is not SubmissionStatus.GRADED}
    assert ungraded == chosen & WITHOUT_CLASSES
    named = {
        path.stem: {diagnosis.id for diagnosis in result.diagnoses} - {UNKNOWN}
        for path, result in zip(paths, results, strict=True)
    }
    unwritten = [path for path in paths if NOT_WRITTEN in named[path.stem]]
    assert [path.stem for path in unwritten if not is_unwritten(path.read_text(encoding="utf-8"))] == []
    due = {path.stem: {name for name, true_of in TRUE_OF.items() if path.stem in true_of} for path in paths}
    assert {name: each - {NOT_WRITTEN} for name, each in named.items()} == due


def is_unwritten(text: str) -> bool:
    """Tell whether a method has no code, or is not defined."""
    return bool(NO_CODE.search(text)) or not all(f"def {name}(" in text for name in ("backward", "fit"))


def test_nothing_untrue_is_said_of_some_nonsense() -> None:
    assert_nothing_untrue_is_said(FEW)


@pytest.mark.slow
def test_nothing_untrue_is_said_of_a_third_of_all_nonsense() -> None:
    assert_nothing_untrue_is_said(path.stem for path in corpus("nonsense")[::3])
