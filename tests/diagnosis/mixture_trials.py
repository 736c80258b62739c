"""Grade composed submissions and those of the corpora, and compare the mistakes that are named with those in them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from in_process import grade_entries, read_submissions
from mixtures import Mixture, right, singles

import grader
from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent
from grader.candidate.request import Request
from grader.exam.questions.questions import questions
from grader.model import Feedback, Status, Submission, SubmissionResult, Unreadable
from grader.protocol.frames import Floats
from grader.settings import Settings

__all__ = [
    "CATALOGUE",
    "UNKNOWN",
    "Sorted",
    "Trial",
    "corpus",
    "grade",
    "sort_out",
    "submission_of",
    "try_composed",
    "try_corpus",
]

CORPORA = Path(__file__).parent.parent / "submissions"
CATALOGUE: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    Path(grader.__file__).with_name("misconceptions.toml").read_text(encoding="utf-8")
)
TRAINING = {"training.gradient_check", "training.monotone_loss"}
UNKNOWN, NOT_WRITTEN = "unknown", "not-written"
TIMEOUT = 2.0
"""Seconds for an answer, since some submissions never give one."""
DECIMALS = 7
"""Numbers that differ by less are the same."""
PLACES = frozenset({"id", "line", "label", "text"})
"""What a reply says of the source of an exception, which differs although the same was done."""


def did(submission: Submission, parent: ForkingParent) -> str:
    """Return a digest of all that a submission does when the exam asks for ``backward`` and ``fit``."""
    settings = Settings(timeout=TIMEOUT)
    candidate = Candidate(submission, parent, settings.timeouts, settings.limits)
    asked, answers = questions(settings.seed), []
    try:
        for verb, request in (("backward", asked.backward_request), ("fit", asked.fit_request)):
            answers.append(candidate.ask(Request(verb, request.cases, request.arrays, _plain)))
    except Ended as error:
        answers.append(str(error))
    finally:
        candidate.close()
    return sha256("\n".join(answers).encode()).hexdigest()


def _plain(header: Mapping[str, Any], numbers: Floats) -> str:
    rounded = numbers.round(DECIMALS) + 0.0
    return f"{json.dumps(_without_places(header), sort_keys=True)} {sha256(rounded.tobytes()).hexdigest()}"


def _without_places(value: Any) -> Any:
    match value:
        case dict():
            return {name: _without_places(each) for name, each in value.items() if name not in PLACES}
        case list():
            return [_without_places(each) for each in value]
        case float():
            return round(value, DECIMALS)
    return value


def submission_of(mixture: Mixture) -> Submission:
    """Return what a student hands in."""
    return Submission(mixture.file, mixture.file, {mixture.file: mixture.text.encode()})


def deeds(composed: Sequence[Mixture]) -> list[str]:
    """Return what each of ``composed`` does."""
    with ForkingParent() as parent:
        return [did(submission_of(mixture), parent) for mixture in composed]


class Sorted(NamedTuple):
    """Composed submissions that can be told from others, and why the rest cannot."""

    telling: list[Mixture]
    left_out: dict[str, str]
    """By the name of the file."""


def sort_out(composed: Sequence[Mixture], in_batches: Callable[..., list[Any]]) -> Sorted:
    """Leave out those that do what fewer of their mistakes would do, or another mistake alone."""
    styles = {mixture.style for mixture in composed}
    alone = [single for single in singles() if single.style in styles]
    needed = [
        *map(right, styles),
        *alone,
        *composed,
        *(part for mixture in composed for part in mixture.parts),
    ]
    every = list(dict.fromkeys(needed))
    does = dict(zip(every, in_batches(deeds, every), strict=True))
    by_deed: dict[tuple[int, str], list[Mixture]] = {}
    for single in alone:
        by_deed.setdefault((single.style, does[single]), []).append(single)

    def reason(mixture: Mixture) -> str:
        for part in mixture.parts:
            if does[part] == does[mixture]:
                return f"does what it does with {_said(part)} alone"
        for other in by_deed.get((mixture.style, does[mixture]), []):
            if set(other.names) != set(mixture.names):
                return f"does what {_said(other)} does"
        return ""

    reasons = {mixture: reason(mixture) for mixture in composed}
    telling = [mixture for mixture, why in reasons.items() if not why]
    return Sorted(telling, {mixture.file: why for mixture, why in reasons.items() if why})


def _said(mixture: Mixture) -> str:
    return " + ".join(mixture.names) or "no mistake"


@dataclass(frozen=True)
class Trial:
    """One submission, the mistakes in it and those that were named."""

    name: str
    style: str
    expected: frozenset[str]
    named: frozenset[str]
    lost: frozenset[str]

    @property
    def wrong(self) -> frozenset[str]:
        """Names of mistakes that are not in it."""
        return self.named - self.expected

    @property
    def is_solved(self) -> bool:
        """Whether all its mistakes are named, and no others."""
        return self.named == self.expected

    @property
    def free(self) -> frozenset[str]:
        """The mistakes for which the exam takes no points."""
        return frozenset(name for name in self.expected if not self.lost & set(CATALOGUE[name]["costs"]))

    @property
    def overpaid(self) -> frozenset[str]:
        """The criteria that were lost although none of the mistakes may cost them."""
        return self.lost - TRAINING.union(*(CATALOGUE[name]["costs"] for name in self.expected))


def _trial(name: str, style: str, expected: Iterable[str], result: SubmissionResult) -> Trial:
    named = frozenset(diagnosis.id for diagnosis in result.diagnoses) - {UNKNOWN, NOT_WRITTEN}
    lost = frozenset(c.id for c in result.criteria if c.status is not Status.PASSED)
    return Trial(name, style, frozenset(expected), named, lost)


def grade(entries: Sequence[Submission | Unreadable], feedback: Feedback) -> list[SubmissionResult]:
    """Return the result of each of ``entries``."""
    with ForkingParent() as parent:
        return grade_entries(entries, parent, Settings(timeout=TIMEOUT, feedback=feedback))


def try_composed(composed: Sequence[Mixture], feedback: Feedback = Feedback.HINT) -> list[Trial]:
    """Grade composed submissions."""
    results = grade(list(map(submission_of, composed)), feedback)
    return [_trial(m.file, m.styles, m.names, result) for m, result in zip(composed, results, strict=True)]


def try_corpus(paths: Sequence[Path], feedback: Feedback = Feedback.HINT) -> list[Trial]:
    """Grade submissions of the corpora; those in wrong/ are named after their folder."""
    results = grade([read_submissions([path])[0] for path in paths], feedback)
    return [
        _trial(
            str(path.relative_to(CORPORA)),
            path.parent.name,
            {path.parent.name} & set(CATALOGUE),
            result,
        )
        for path, result in zip(paths, results, strict=True)
    ]


@cache
def corpus(name: str) -> tuple[Path, ...]:
    """Return the submissions of a corpus."""
    folder = CORPORA / name
    folders = sorted(folder.iterdir()) if name == "wrong" else [folder]
    return tuple(
        path
        for each in folders
        for path in sorted(each.iterdir())
        if path.suffix != ".md" and not path.name.startswith(("_", "."))
    )
