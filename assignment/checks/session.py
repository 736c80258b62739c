"""Check a student's two classes, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from checks import backward, calls, fit, limits, networks, trainings
from checks.exceptions import NotWritten, place_of
from checks.limits import Printed, TimeUp, same_random_numbers, time_limit
from checks.results import Entry, Wrong
from checks.words import _

STAGES = ("backward", "fit", "training")
"""What is asked of a student's code, one after another, each within a time limit."""
STEPS = {
    "backward": backward.STEPS,
    "fit": fit.STEPS,
    "training": networks.STEPS,
}
ALL_STEPS = tuple(step for stage in STAGES for step in STEPS[stage])
METHODS = {"backward": calls.METHOD, "fit": trainings.METHOD}

RIGHT, WRONG, WAITING = "right", "wrong", "waiting"


def titles() -> dict[str, str]:
    """Return what each step checks, in the words of the task sheet."""
    return {
        "shape": _("da_prev, weights and biases have their shapes"),
        "dz": "dz = da ⊙ f′(z)",
        "weights": _("the weights move along dz · a_prevᵀ"),
        "biases": _("the biases move along dz"),
        "da_prev": _("da_prev = Wᵀ · dz, with W from before the update"),
        "update": _("both move by −learning_rate times their gradient"),
        "output_gradient": _("the first da is (ŷ − y) / (ŷ·(1 − ŷ))"),
        "backpropagation": _("every example goes back through all layers"),
        "loss": _("one line an epoch, with its mean loss"),
        "gradient_check": _("a whole network agrees with finite differences"),
        "monotone_loss": _("the mean loss falls in every epoch"),
    }


@dataclass
class Outcome:
    """What came of a step: right, wrong, or waiting for a step before it."""

    step: str
    status: str
    wrong: Wrong | None = None

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` takes."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Outcome:
        """Return the outcome of which `as_json` returned these fields."""
        wrong = fields["wrong"]
        if wrong is not None:
            pairs = [(name, value) for name, value in wrong.pop("facts")]
            wrong = Wrong(entries=[Entry(*each) for each in wrong.pop("entries")], facts=pairs, **wrong)
        return cls(fields["step"], fields["status"], wrong)


class Session:
    """Checks the two classes of a student, one stage after another."""

    def __init__(
        self,
        layer_class: Any,
        perceptron_class: Any,
        *,
        printed: Printed | None = None,
        unanswered: Iterable[str] = (),
        is_incomplete: bool = False,
    ) -> None:
        self._printed = printed
        self._classes = {"backward": layer_class, "fit": perceptron_class}
        self._unanswered = set(unanswered)
        """The stages that got no answer in an earlier process."""
        self._is_incomplete = is_incomplete
        """Whether a line of the file could not be run, which was said above the table."""
        self._backward: backward.Checks | None = None
        self._fit: fit.Checks | None = None
        self._is_unwritten = False

    def outcomes(self, stage: str) -> list[Outcome]:
        """Return what comes of the steps of a stage."""
        try:
            with ExitStack() as stack:
                printed = self._printed or stack.enter_context(Printed())
                stack.enter_context(same_random_numbers())
                stack.enter_context(np.errstate())
                stack.enter_context(time_limit(limits.SECONDS))
                return self._training() if stage == "training" else self._method(stage, printed)
        except NotWritten as missing:
            return self._unwritten(stage, _("{method} is not written yet.").format(method=missing))
        except TimeUp as error:
            return stopped(stage, place_of(error))

    def _method(self, stage: str, printed: Printed) -> list[Outcome]:
        found = self._classes[stage]
        if found is None:
            says = _("There is no class {name}.").format(name=METHODS[stage].partition(".")[0])
            if self._is_incomplete:
                says += " " + _("The line named above is probably the reason: fix it first.")
            return self._unwritten(stage, says)
        checks: backward.Checks | fit.Checks
        if stage == "backward":
            checks = self._backward = backward.Checks(calls.ask(found))
        else:
            checks = self._fit = fit.Checks(trainings.ask(found, printed))
        if checks.does_nothing():
            return self._unwritten(stage, _("{method} does nothing yet.").format(method=METHODS[stage]))
        outcomes = [_outcome(step, checks.wrong(step)) for step in STEPS[stage]]
        first = next((outcome.wrong for outcome in outcomes if outcome.wrong is not None), None)
        return died(stage, first) if first is not None and checks.always_raises() else outcomes

    def _unwritten(self, stage: str, says: str) -> list[Outcome]:
        """Say once that there is work to do, and check nothing more of this method."""
        first, *others = STEPS[stage]
        said, self._is_unwritten = self._is_unwritten, True
        begun = Outcome(first, WAITING) if said else Outcome(first, WRONG, Wrong(says))
        return [begun, *(Outcome(step, WAITING) for step in others)]

    def _training(self) -> list[Outcome]:
        first, second = STEPS["training"]
        backward_, fit_ = self._backward, self._fit
        if backward_ is None or fit_ is None or self._unanswered:
            return [Outcome(first, WAITING), Outcome(second, WAITING)]
        if not (backward_.hold_in_part() and fit_.hold_in_part()):
            return [Outcome(first, WAITING), Outcome(second, WAITING)]
        gradient, descent = networks.train(self._classes["backward"], self._classes["fit"])
        ignores, is_forward_right = fit_.raises_only_after_epochs(), backward_.is_forward_right()
        wrong = networks.wrong_gradient(gradient, ignores_errors=ignores, is_forward_right=is_forward_right)
        return [
            _outcome(first, wrong),
            _outcome(second, networks.wrong_descent(descent, ignores_errors=ignores)),
        ]


def _outcome(step: str, wrong: Wrong | None) -> Outcome:
    return Outcome(step, RIGHT if wrong is None else WRONG, wrong)


def stopped(stage: str, place: str = "") -> list[Outcome]:
    """Return the outcomes of a stage that did not end in time."""
    says = _("{what} did not end within {seconds} seconds. Is there a loop that never ends?")
    what = METHODS.get(stage) or _("Training a network")
    wrong = Wrong(says.format(what=what, seconds=f"{limits.SECONDS:g}"), place=place)
    return died(stage, wrong)


def died(stage: str, wrong: Wrong) -> list[Outcome]:
    """Return the outcomes of a stage that ended for one reason, which is that of its first step."""
    first, *others = STEPS[stage]
    return [Outcome(first, WRONG, wrong), *(Outcome(step, WAITING) for step in others)]


def needed_stages(steps: Sequence[str]) -> list[str]:
    """Return the stages that have to run for these steps."""
    if set(STEPS["training"]) & set(steps):
        return list(STAGES)
    return [stage for stage in STAGES if set(STEPS[stage]) & set(steps)]
