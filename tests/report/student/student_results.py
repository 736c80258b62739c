"""Share results made by hand, with everything that a student's page can show, among its tests."""

from __future__ import annotations

from grader.model import (
    ArrayValue,
    CodeValue,
    CriterionResult,
    Diagnosis,
    ExceptionValue,
    Excerpt,
    Finding,
    Message,
    NumberValue,
    Place,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
    TrainingPicture,
    Value,
)

__all__ = ["CLASS", "DIAGNOSIS", "FACTS", "PICTURE", "REPAIR", "RESULT", "WRONG", "numbers"]

CLASS = Report("1.2.3", 0, 30.0)
REPAIR = "SECRET-REPAIR"
FACTS: dict[str, Value] = {
    "activation": CodeValue("relu"),
    "W": ArrayValue((2, 1), (1.0, 0.5)),
    "b": ArrayValue((2, 1), (1.0, -0.75)),
    "a_prev": ArrayValue((1, 1), (1.0,)),
    "z": ArrayValue((2, 1), (2.0, -0.25)),
    "da": ArrayValue((2, 1), (1.0, 0.5)),
    "learning_rate": NumberValue(0.5),
}
"""A layer of two neurons, one of them with a negative ``z``."""


def numbers(*rows: float, wrong: tuple[int, ...] = ()) -> ArrayValue:
    """Return a column."""
    return ArrayValue((len(rows), 1), rows, wrong)


WRONG = Finding(
    "da_prev_is_the_transposed_weights_times_dz",
    Message("The gradient returned is not Wᵀ · dz."),
    {"da_prev": numbers(1.25, wrong=(0,))},
    {"Wᵀ · dz": numbers(1.0)},
    FACTS,
)
DIAGNOSIS = Diagnosis(
    "derivative-missing",
    "Layer.backward",
    ("backward.da_prev",),
    37,
    "dz = da",
    "dz = da ⊙ f′(z)",
    Message("The weights move along {what}.", {"what": "dz · a_prevᵀ"}),
    Place("perceptron.py", 12, "dz = da"),
    Excerpt(
        11,
        (
            "    def backward(self, da, learning_rate):",
            "        dz = da",
            "        return self.weights.T @ dz",
        ),
    ),
    REPAIR,
)
_SIDE = 5
PICTURE = TrainingPicture(
    (1.0, 0.5, 0.25),
    (1.0, 0.4, 0.1),
    _SIDE,
    2.0,
    # Class 1 in the right half of the plane, and for the reference in the middle.
    bytes(100 if column > 2 else 0 for _ in range(_SIDE) for column in range(_SIDE)),
    bytes(100 if (row, column) == (2, 2) else 0 for row in range(_SIDE) for column in range(_SIDE)),
    ((0.0, 0.0, 1.0), (1.5, 1.5, 0.0)),
    0,
    2,
    0.1,
)
RESULT = SubmissionResult(
    "alice",
    "class/alice/perceptron.py",
    "d" * 64,
    SubmissionStatus.GRADED,
    15.0,
    30.0,
    criteria=(
        CriterionResult("backward.dz", "dz is da ⊙ f′(z)", 15, 15, Status.PASSED),
        CriterionResult("backward.da_prev", "da_prev is Wᵀ · dz", 0, 10, Status.FAILED, WRONG),
        CriterionResult(
            "fit.loss",
            "each epoch prints its mean loss",
            0,
            5,
            Status.ERROR,
            Finding(
                "law",
                Message("fit raised ValueError."),
                {"": ExceptionValue("ValueError", "shapes (2,1) and (3,1) not aligned")},
                place=Place("perceptron.py", 40, "total += loss @ loss"),
            ),
        ),
    ),
    diagnoses=(DIAGNOSIS,),
    output="training\ndone\n",
    picture=PICTURE,
)
"""One mistake that is explained, one exception that is not, and a picture."""
