"""Write the results of an audit for a terminal, and as a JSON document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from grader.audit.records import Audit

__all__ = ["render_json", "render_terminal"]


def render_json(found: Audit) -> str:
    """Return the results as a JSON document."""
    return json.dumps(msgspec.to_builtins(found), indent=2, ensure_ascii=True) + "\n"


def render_terminal(found: Audit) -> str:
    """Return the results as plain text."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Audit) -> Iterator[str]:
    yield f"Audit of the exam with seed {found.seed}, perceptron-kit {found.versions.kit}"
    yield ""
    yield from _trials(found)
    yield from _mutants(found)
    yield ""
    seeds = ", ".join(map(str, found.seeds))
    yield f"{found.steadied:5} wrong solutions with seeds {seeds}: {len(found.unsteady)} scores differ"
    yield ""
    yield from _table(
        ("family", "examples", "failures", "at most", "largest error"),
        [
            (
                alarm.family,
                f"{alarm.solutions} × {alarm.examples}",
                str(alarm.failures),
                f"{alarm.bound:.2%}",
                ""
                if alarm.largest_error is None
                else f"{alarm.largest_error:.3f} of the {_whole(alarm.family)}",
            )
            for alarm in found.alarms
        ],
    )
    yield ""
    yield from _table(
        ("wrong by 1 ± ε", "criterion", "smallest ε noticed"),
        [
            (one.wrong, one.criterion, "none" if one.smallest is None else f"{one.smallest:g}")
            for one in found.sensitivities
        ],
    )
    yield ""
    yield from _table(
        ("law", "kills", "alone", "examples until it has killed its sample"),
        [(one.law, str(one.kills), str(one.alone), needed(one.examples)) for one in found.strengths],
    )
    yield ""
    if found.faults:
        yield f"{len(found.faults)} faults:"
        yield from (f"  {fault}" for fault in found.faults)
    else:
        yield "No faults: every right solution passes, and every wrong one is caught."


def _whole(family: str) -> str:
    """Return what the largest error is a share of."""
    return "loss before" if family == "monotone" else "tolerance"


def needed(examples: dict[str, int]) -> str:
    """Return with how many examples a law first kills all that it ever kills of its sample."""
    most = max(examples.values(), default=0)
    if not most:
        return ""
    return next(count for count, killed in examples.items() if killed == most)


def _trials(found: Audit) -> Iterator[str]:
    titles = {
        "right": "right solutions, which must pass everything",
        "nothing": "solutions that do nothing, which must earn nothing",
        "mistake": "known mistakes, which must cost their own criteria only",
        "delicate": "mistakes that show on some examples only",
    }
    for kind, title in titles.items():
        own = [trial for trial in found.trials if trial.kind == kind]
        yield f"{len(own):5} {title}: {sum(not trial.fault for trial in own)} as they should be"


def _mutants(found: Audit) -> Iterator[str]:
    killed = sum(bool(mutant.broken) for mutant in found.mutants)
    equivalent = [mutant for mutant in found.mutants if mutant.equivalent]
    bases = len({mutant.base for mutant in found.mutants})
    left = len(found.mutants) - killed - len(equivalent)
    yield (
        f"{len(found.mutants):5} mutants of {bases} right solutions: {killed} killed, {len(equivalent)} equivalent, "
        f"{left} survivors"
    )
    by_criterion = Counter(id_ for mutant in found.mutants for id_ in mutant.lost)
    yield "      killed by " + ", ".join(
        f"{id_} {by_criterion[id_]}" for id_ in found.criteria if by_criterion[id_]
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
