"""A criterion of one's own: one law, in one function."""

from collections.abc import Iterator

from grader.exam.judging.fit import FitLaws
from grader.exam.laws.fit_log import Training
from grader.model import Finding, Message, NumberValue

laws = FitLaws()


@laws.statements("own.one_forward_pass_for_each_step")
def test_each_step_has_one_forward_pass(
    training: Training, _labels_are_told: bool
) -> Iterator[Finding | None]:
    """``fit`` computes each ``ŷ`` once: the loss and ``da`` come from the same forward pass."""
    passes, steps = len(training.passes), len(training.steps)
    if passes != steps or not steps:
        says = Message("There is not one forward pass for each training step.")
        yield Finding(
            "", says, {"forward passes": NumberValue(passes)}, {"training steps": NumberValue(steps)}
        )
