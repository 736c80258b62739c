"""Find submissions that give the same wrong numbers, and compute how surprising that is.

Everybody who makes the same mistake gets the same wrong numbers on the same examples; so one mistake in common says
little. `backward` and `fit` are judged apart, each without the other: to be wrong in one in the same rare way says
nothing about the other, unless both pieces of work have one source. So the agreement that counts is in both.

Take wrong numbers A in one part and B in the other, and only the submissions that are wrong in both parts. If A and B
were independent, the number of submissions with both would be hypergeometric (Fisher's exact test, one-sided).
Submissions that are right in a part are left out: weak ones are wrong in both parts, and that alone is no agreement.
There are many pairs (A, B), and any of them may coincide. So what counts is the expected number of agreements as
unlikely as this, over all pairs that could have had one (Tarone, A modified Bonferroni method for discrete data,
Biometrics 46, 1990, 515–522). Counting exact errors in common rather than right answers, and weighing them by how rare
they are, is error-similarity analysis (Bellezza and Bellezza, Detection of cheating on multiple-choice tests by using
error-similarity analysis, Teaching of Psychology 16, 1989, 151–155).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import comb

from grader.messages import values_text
from grader.model import CriterionResult, Status, SubmissionResult, SubmissionStatus

__all__ = ["Agreement", "Agreements", "Wrong", "agreements_of"]

_PARTS = ("backward", "fit")
"""The parts of the exam that are judged apart; ``training.*`` follows from both."""
_LEVEL = Fraction(1, 20)
"""The chance, at most, of an agreement that is worth a question."""
_NUMBER = re.compile(r"[1-9]")


@dataclass(frozen=True)
class Wrong:
    """Wrong numbers in a part of the exam, and who has exactly these."""

    part: str
    seen: tuple[tuple[str, str], ...]
    """The criteria that failed, and what was seen there if there was something to see."""
    members: tuple[int, ...]
    """The places in the report of the submissions that share it."""


@dataclass(frozen=True)
class Agreement:
    """Submissions that give the same wrong numbers in both parts."""

    members: tuple[int, ...]
    wrong: tuple[Wrong, ...]
    """What they share in each part, with all that share it."""
    number: int
    """The submissions that are wrong in both parts."""
    chance: Fraction
    """The expected number of agreements as unlikely as this in the class, if the parts were independent. The
    probability of one is at most that."""


@dataclass(frozen=True)
class Agreements:
    """What submissions have in common."""

    files: tuple[tuple[int, ...], ...]
    """Those whose files are equal, byte for byte."""
    surprising: tuple[Agreement, ...]
    """The least likely first."""
    single: tuple[Wrong, ...]
    """Wrong numbers in one part that two or more submissions have: the rarest first."""
    number: int
    """The submissions that were graded."""
    comparable: int
    """The submissions that have wrong numbers in both parts."""


def agreements_of(results: Sequence[SubmissionResult]) -> Agreements:
    """Return which results share wrong numbers, and which come from the same file."""
    graded = {i: result for i, result in enumerate(results) if result.status is SubmissionStatus.GRADED}
    wrong = {part: _wrong(graded, part) for part in _PARTS}
    files = _same_files(results)
    same_file = [set(members) for members in files]
    surprising = [
        agreement
        for agreement in _in_both(wrong)
        if not any(same.issuperset(agreement.members) for same in same_file)
    ]
    told = [set(members) for members in (*files, *(agreement.members for agreement in surprising))]
    single = [
        one
        for part in _PARTS
        for one in wrong[part]
        if len(one.members) > 1 and not any(members.issuperset(one.members) for members in told)
    ]
    single.sort(key=lambda one: (len(one.members), one.members, one.part))
    return Agreements(tuple(files), tuple(surprising), tuple(single), len(graded), len(_in_all(wrong)))


def _same_files(results: Sequence[SubmissionResult]) -> list[tuple[int, ...]]:
    by_digest = defaultdict(list)
    for i, result in enumerate(results):
        if result.sha256:
            by_digest[result.sha256].append(i)
    return [tuple(members) for members in by_digest.values() if len(members) > 1]


def _wrong(graded: Mapping[int, SubmissionResult], part: str) -> list[Wrong]:
    """Return every set of wrong numbers in a part, and who has it."""
    holders: dict[tuple[tuple[str, ...], ...], list[int]] = defaultdict(list)
    seen: dict[tuple[tuple[str, ...], ...], tuple[tuple[str, str], ...]] = {}
    for i, result in graded.items():
        lost = [
            criterion
            for criterion in result.criteria
            if criterion.id.partition(".")[0] == part and criterion.status is not Status.PASSED
        ]
        shown = tuple((c.id, _seen(c)) for c in lost if _seen(c))
        if any(_NUMBER.search(text) for _, text in shown):
            pattern = tuple(map(_pattern, lost))
            holders[pattern].append(i)
            seen[pattern] = shown
    return [Wrong(part, seen[pattern], tuple(members)) for pattern, members in holders.items()]


def _seen(criterion: CriterionResult) -> str:
    """Return what was seen; nothing of an exception, whose text has names and lines of the file."""
    if criterion.finding is None or criterion.status is not Status.FAILED:
        return ""
    return values_text(criterion.finding.seen)


def _pattern(criterion: CriterionResult) -> tuple[str, ...]:
    shown: tuple[str, ...] = ()
    if criterion.finding is not None and criterion.status is Status.FAILED:
        finding = criterion.finding
        shown = tuple(values_text(values) for values in (finding.seen, finding.due, finding.facts))
    return (criterion.id, str(criterion.status), *shown)


def _in_both(wrong: Mapping[str, Sequence[Wrong]]) -> list[Agreement]:
    in_both = _in_all(wrong)
    first, second = ([(one, in_both.intersection(one.members)) for one in wrong[part]] for part in _PARTS)
    pairs = [
        (a, b, with_a, with_b)
        for (a, with_a), (b, with_b) in product(first, second)
        if len(with_a) > 1 and len(with_b) > 1
    ]
    sizes = Counter((len(with_a), len(with_b)) for _, _, with_a, with_b in pairs)
    tails = {size: _tails(len(in_both), *size) for size in sizes}
    found = []
    for a, b, with_a, with_b in pairs:
        members = tuple(sorted(with_a & with_b))
        if len(members) > 1:
            chance = tails[len(with_a), len(with_b)][len(members)]
            expected = sum(
                (times * _attainable(tails[size], chance) for size, times in sizes.items()), Fraction()
            )
            if expected < _LEVEL:
                found.append(Agreement(members, (a, b), len(in_both), expected))
    return sorted(found, key=lambda agreement: (agreement.chance, agreement.members))


def _in_all(wrong: Mapping[str, Sequence[Wrong]]) -> set[int]:
    return set.intersection(*({i for one in part for i in one.members} for part in wrong.values()))


def _tails(number: int, with_a: int, with_b: int) -> Sequence[Fraction]:
    """Return, for every number of submissions, the probability that as many or more have both.

    This is the upper tail of the hypergeometric distribution, from 0 to the most that can have both.
    """
    most = min(with_a, with_b)
    ways = [comb(with_a, k) * comb(number - with_a, with_b - k) for k in range(most + 1)]
    return [Fraction(sum(ways[k:]), comb(number, with_b)) for k in range(most + 1)]


def _attainable(tails: Sequence[Fraction], chance: Fraction) -> Fraction:
    """Return the probability of an agreement that is not likelier than ``chance``."""
    return max((tail for tail in tails if tail <= chance), default=Fraction())
