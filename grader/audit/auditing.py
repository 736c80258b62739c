"""Audit the exam: try it with right, wrong and mutated solutions, with other seeds, and with many more examples."""

from __future__ import annotations

import hashlib
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import TypeVar

from msgspec.structs import replace

from grader.audit import subjects
from grader.audit.alarms import Alarms, family_of, look_for_alarms
from grader.audit.equivalence import CASES, Argument, equivalence
from grader.audit.exam import Exam, ExamSource
from grader.audit.faults import fault_of, faults_of
from grader.audit.judging import Verdict, judge, known_answers
from grader.audit.mutations import Mutant, mutants
from grader.audit.records import (
    Alarm,
    Audit,
    MutantResult,
    Sensitivity,
    Trial,
    Unsteady,
    Versions,
)
from grader.audit.running import Runner
from grader.audit.sensitivity import WRONG, Wrong, sensitivity
from grader.audit.strength import Curves, kills_with, strengths
from grader.audit.subjects import REFERENCE, made_of
from grader.exam.questions.questions import Networks, Questions, document, networks_document
from grader.model import Submission
from grader.version import code_digest, kit_version

__all__ = ["Plan", "audit"]

Item = TypeVar("Item")
Kinds = Mapping[str, Mapping[str, str]]

_CHUNK, _MUTANTS = 24, 48
"""Submissions and mutants that are judged in one call; the right solution of the mutants is asked in each call."""
_SURVIVORS = 5
"""Mutants that are compared in one call; their right solution is asked in each call."""


@dataclass(frozen=True)
class Plan:
    """How thorough an audit is."""

    seeds: tuple[int, ...] = (1, 2)
    """The seeds that scores are compared over, besides the exam's own."""
    batches: int = 2
    """How many batches of examples right solutions are examined on, to look for false alarms."""
    times: int = 8
    """How many times the exam's number of examples a batch has."""
    cases: int = CASES
    """The drawn cases in which a mutant that survives must do the same as its right solution."""
    every: int = 1
    """One in so many mutants is made."""
    sample: int = 8
    """So many mutants of each law show how many examples it needs."""
    wrong: tuple[Wrong, ...] = WRONG
    """The errors of gradients whose smallest size is looked for."""


def audit(source: ExamSource, plan: Plan, runner: Runner, own: Sequence[Submission] = ()) -> Audit:
    """Return what an audit of the exam of ``source`` finds; ``own`` are an instructor's own right solutions."""
    exam = source.load()
    # What needs no other results is started before any are waited for, so that no process is idle.
    tried = _try(source, runner, own)
    solutions = subjects.solutions()
    made = [one for base, text in solutions.items() for one in mutants(base, text)][:: plan.every]
    judged = _judge(source, made, runner)
    steadied = _try_seeds(source, plan, runner)
    looked = _look_for_alarms(source, plan, runner)
    verdicts = judged()
    # The longest calls first, so that the last ones are short.
    argued = _argue(made, verdicts, plan, runner)
    measured = runner.start([partial(_sensitivity, source, wrong) for wrong in plan.wrong])
    trials = tried()
    drawn = _draw_curves(source, made, verdicts, trials, plan, runner)
    results = _results(made, verdicts, argued())
    found = Audit(
        exam.seed,
        _versions(exam),
        dict(exam.rubric.points),
        tuple(trials),
        tuple(results),
        strengths(exam.laws, [trial for trial in trials if trial.kind != "nothing"], results, drawn()),
        (exam.seed, *plan.seeds),
        sum(trial.kind in _STEADY for trial in trials),
        tuple(_unsteady(trials, exam.seed, plan.seeds, steadied())),
        tuple(looked()),
        tuple(measured()),
        (),
    )
    return replace(found, faults=tuple(faults_of(found)))


def _kinds() -> dict[str, dict[str, str]]:
    """Return the sources of the trials, by their kinds and names."""
    return {
        "right": {**subjects.solutions(), **subjects.right_variants()},
        "nothing": subjects.doing_nothing(),
        "mistake": subjects.variants(),
        "delicate": subjects.delicate(),
    }


def _chunks(items: Sequence[Item], size: int = _CHUNK) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _try(source: ExamSource, runner: Runner, own: Sequence[Submission]) -> Callable[[], list[Trial]]:
    named = [(kind, made_of(name, text)) for kind, texts in _kinds().items() for name, text in texts.items()]
    named += [("right", submission) for submission in own]
    calls = [partial(_verdicts, source, [one for _, one in chunk], None) for chunk in _chunks(named)]
    verdicts = runner.start(calls)
    costs = subjects.catalogue()

    def trials() -> list[Trial]:
        return [
            Trial(
                kind,
                submission.id,
                verdict.score,
                verdict.lost,
                verdict.broken,
                fault_of(kind, verdict, costs.get(submission.id, frozenset())),
            )
            for (kind, submission), verdict in zip(named, _joined(verdicts()), strict=True)
        ]

    return trials


def _verdicts(source: ExamSource, submissions: Sequence[Submission], seed: int | None) -> list[Verdict]:
    exam = _loaded(source)
    questions = exam.questions(exam.seed if seed is None else seed)
    return [judge(submission, exam, questions) for submission in submissions]


_exams: list[tuple[ExamSource, Exam]] = []


def _loaded(source: ExamSource) -> Exam:
    """Return the exam of ``source``, which this process loads once."""
    if not _exams or _exams[0][0] != source:
        _exams[:] = [(source, source.load())]
    return _exams[0][1]


def _judge(source: ExamSource, made: Sequence[Mutant], runner: Runner) -> Callable[[], list[Verdict]]:
    chunks = [
        chunk
        for base in dict.fromkeys(one.base for one in made)
        for chunk in _chunks([one for one in made if one.base == base], _MUTANTS)
    ]
    verdicts = runner.start([partial(_mutant_verdicts, source, chunk) for chunk in chunks])
    return lambda: list(_joined(verdicts()))


def _mutant_verdicts(source: ExamSource, made: Sequence[Mutant]) -> list[Verdict]:
    """Return the verdicts on mutants of one solution, whose other method does what the solution's does."""
    exam = _loaded(source)
    questions = exam.questions(exam.seed)
    base = made_of(made[0].base, subjects.solutions()[made[0].base])
    backward, fit = known_answers(base, questions)
    known = {"backward": fit, "fit": backward}
    return [
        judge(made_of("mutant", one.source), exam, questions, known[one.method], is_brief=True)
        for one in made
    ]


def _argue(
    made: Sequence[Mutant], verdicts: Sequence[Verdict], plan: Plan, runner: Runner
) -> Callable[[], dict[Mutant, Argument]]:
    """Compare each mutant that survived with its right solution."""
    survivors = [one for one, verdict in zip(made, verdicts, strict=True) if not verdict.lost]
    groups = dict.fromkeys((one.base, one.method) for one in survivors)
    chunks = [
        chunk
        for group in groups
        for chunk in _chunks([one for one in survivors if (one.base, one.method) == group], _SURVIVORS)
    ]
    arguments = runner.start([partial(_arguments, chunk, plan.cases) for chunk in chunks])
    return lambda: dict(zip(_joined(chunks), _joined(arguments()), strict=True))


def _results(
    made: Sequence[Mutant], verdicts: Sequence[Verdict], arguments: Mapping[Mutant, Argument]
) -> list[MutantResult]:
    results = []
    for one, verdict in zip(made, verdicts, strict=True):
        argument = arguments.get(one, Argument(False, 0))
        results.append(
            MutantResult(
                one.base,
                one.method,
                one.operator,
                one.line,
                one.before,
                one.after,
                verdict.lost,
                verdict.broken,
                argument.is_equivalent,
                argument.cases,
                argument.in_its_order,
            )
        )
    return results


def _arguments(made: Sequence[Mutant], cases: int) -> list[Argument]:
    base = made_of(made[0].base, subjects.solutions()[made[0].base])
    others = [made_of("mutant", one.source) for one in made]
    return equivalence(base, others, made[0].method, cases)


_STEADY = ("mistake", "delicate")
"""The kinds of trials whose scores are compared over seeds."""


def _try_seeds(source: ExamSource, plan: Plan, runner: Runner) -> Callable[[], list[Verdict]]:
    """Try the solutions whose scores are compared with each of the other seeds."""
    kinds = _kinds()
    parts = list(_chunks([made_of(name, text) for kind in _STEADY for name, text in kinds[kind].items()]))
    # One after another, a process draws the examples of few seeds.
    calls = [partial(_verdicts, source, part, seed) for seed in plan.seeds for part in parts]
    verdicts = runner.start(calls)
    return lambda: list(_joined(verdicts()))


def _unsteady(
    trials: Sequence[Trial], own_seed: int, seeds: Sequence[int], verdicts: Sequence[Verdict]
) -> list[Unsteady]:
    """Return the trials whose scores differ; ``verdicts`` has those of the first seed, then the second, and so on."""
    compared = [trial for trial in trials if trial.kind in _STEADY]
    found = []
    for number, trial in enumerate(compared):
        others = verdicts[number :: len(compared)]
        broken: list[set[str]] = [set(trial.broken), *(set(verdict.broken) for verdict in others)]
        scores = {str(own_seed): trial.score} | {
            str(seed): verdict.score for seed, verdict in zip(seeds, others, strict=True)
        }
        if len({(trial.score, trial.lost), *((verdict.score, verdict.lost) for verdict in others)}) > 1:
            laws = broken[0].union(*broken) - broken[0].intersection(*broken)
            found.append(Unsteady(trial.name, scores, tuple(sorted(laws))))
    return found


def _look_for_alarms(source: ExamSource, plan: Plan, runner: Runner) -> Callable[[], list[Alarm]]:
    texts = _kinds()["right"]
    right = [made_of(name, texts[name]) for name in _EXAMINED]
    batches = runner.start(
        [partial(_look, source, right, batch, plan.times) for batch in range(plan.batches)]
    )
    return lambda: _alarms(source, batches())


def _alarms(source: ExamSource, batches: Sequence[Alarms]) -> list[Alarm]:
    examples, failures = Counter[str](), Counter[str]()
    largest: dict[str, float] = {}
    for count, broken, errors in batches:
        examples.update(count)
        failures.update(broken)
        largest |= {family: max(largest.get(family, 0.0), off) for family, off in errors.items()}
    failed = Counter[str]()
    for law in source.load().laws:
        failed[family_of(law)] += failures[law.name]
    return [
        Alarm(name, count, len(_EXAMINED), failed[name], largest.get(name))
        for name, count in examples.items()
    ]


_EXAMINED = (REFERENCE, "float32", "reordered", "loops")
"""The right solutions that false alarms are looked for with."""


def _look(source: ExamSource, right: list[Submission], batch: int, times: int) -> Alarms:
    return look_for_alarms(_loaded(source), right, batch, times)


def _sensitivity(source: ExamSource, wrong: Wrong) -> Sensitivity:
    return sensitivity(_loaded(source), wrong)


def _draw_curves(
    source: ExamSource,
    made: Sequence[Mutant],
    verdicts: Sequence[Verdict],
    trials: Sequence[Trial],
    plan: Plan,
    runner: Runner,
) -> Callable[[], Curves]:
    """For each law, count how many of a sample of what it kills it kills with few examples."""
    texts = _kinds()
    killed = [
        (one.source, verdict.broken)
        for one, verdict in zip(made, verdicts, strict=True)
        if one.base == REFERENCE
    ]
    killed += [(texts[trial.kind][trial.name], trial.broken) for trial in trials if trial.kind in _STEADY]
    by_law: dict[str, list[str]] = {}
    for text, broken in killed:
        for law in broken:
            by_law.setdefault(law, []).append(text)
    sampled = {
        law: sources[:: max(1, len(sources) // plan.sample)][: plan.sample]
        for law, sources in by_law.items()
        if plan.sample
    }
    kills = runner.start([partial(_kills, source, law, sources) for law, sources in sampled.items()])
    return lambda: dict(zip(sampled, kills(), strict=True))


def _kills(source: ExamSource, name: str, sources: Sequence[str]) -> dict[int, int]:
    exam = _loaded(source)
    law = next(law for law in exam.laws if law.name == name)
    right = made_of(REFERENCE, subjects.solutions()[REFERENCE])
    return kills_with(exam, right, [made_of("mutant", text) for text in sources], law)


def _joined(parts: Iterable[Sequence[Item]]) -> Iterator[Item]:
    return (item for part in parts for item in part)


def _versions(exam: Exam) -> Versions:
    return Versions(
        kit_version(),
        platform.python_version(),
        version("numpy"),
        version("hypothesis"),
        code_digest(),
        _digest(exam.questions(exam.seed)),
    )


def _digest(cases: Questions) -> str:
    text = document(cases) + networks_document(Networks(cases.gradient, cases.monotone))
    return hashlib.sha256(text.encode()).hexdigest()
