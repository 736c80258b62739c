"""Say what is wrong with an exam, judging by what an audit found."""

from __future__ import annotations

from collections.abc import Iterator

from grader.audit import subjects
from grader.audit.judging import Verdict
from grader.audit.records import Audit
from grader.audit.sensitivity import LEAST

__all__ = ["fault_of", "faults_of"]


def fault_of(kind: str, verdict: Verdict, costs: frozenset[str]) -> str:
    """Return why a verdict on a trial is not the one that it should be; "" if it is."""
    lost = set(verdict.lost)
    if kind == "right" and lost:
        return f"loses {', '.join(verdict.lost)}"
    if kind == "nothing" and verdict.earned:
        return f"earns {', '.join(verdict.earned)}"
    if kind == "mistake" and not lost & costs:
        return "is not caught by its own criteria"
    if kind == "mistake" and (
        others := sorted(id_ for id_ in lost - costs if not id_.startswith(("training.", "own.")))
    ):
        return f"costs {', '.join(others)} too"
    if kind == "delicate" and not lost:
        return "is not caught"
    return ""


def faults_of(found: Audit) -> Iterator[str]:
    """Yield what is wrong with the exam, one sentence each."""
    for trial in found.trials:
        if trial.fault:
            yield f"{_KINDS[trial.kind]} {trial.name} {trial.fault}."
    for name in sorted(subjects.catalogue().keys() - {trial.name for trial in found.trials}):
        yield f"The known mistake {name} was not tried: variants.toml does not have it."
    for mutant in found.mutants:
        if mutant.is_fault:
            yield f"A mutant survives and is not equivalent: {mutant.title}."
    for one in found.unsteady:
        scores = ", ".join(f"{score:g} with seed {seed}" for seed, score in one.scores.items())
        yield f"The score of {one.name} depends on the seed ({scores}), by {', '.join(one.laws)}."
    for alarm in found.alarms:
        if alarm.failures:
            yield f"Right solutions fail {alarm.failures} times on drawn examples of {alarm.family}."
    for gradient in found.sensitivities:
        if gradient.criterion in found.criteria and (gradient.smallest is None or gradient.smallest > LEAST):
            yield f"{gradient.criterion} does not notice that {gradient.wrong} is wrong by a factor of 1 ± {LEAST:g}."


_KINDS = {
    "right": "The right solution",
    "nothing": "A solution that does nothing,",
    "mistake": "The known mistake",
    "delicate": "The mistake",
}
