"""Put scores, points, statuses and counts into the words and digits that all reports share, in the current language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from grader.languages import counted, translated
from grader.messages import (
    file_text,
    finding_text,
    lines_text,
    matrix_of,
    message_text,
    name_text,
    place_text,
    value_text,
)
from grader.model import CriterionResult, Diagnosis, Status, SubmissionResult, SubmissionStatus
from grader.report.mistakes import cause_of, code_text, parts_of, parts_of_all, told

__all__ = [
    "FOR_TEMPLATES",
    "brief",
    "cause_of",
    "causes_of",
    "diagnosis_text",
    "explained",
    "feedback_text",
    "first_lines",
    "following",
    "handed_in",
    "lost_alike",
    "lost_of",
    "message_of",
    "points_of",
    "points_text",
    "reason_of",
    "repeated_in",
    "score_of",
    "status_of",
    "status_text",
    "tally_of",
    "title_of",
    "told",
    "unexplained",
    "word_of",
]

_LINE_LENGTH = 400


def points_text(points: float) -> str:
    """Return ``points`` with at most three decimals and no trailing zeros."""
    return f"{points:.3f}".rstrip("0").rstrip(".")


def points_of(criterion: CriterionResult) -> str:
    """Return what a criterion earned and could earn: ``0 / 15``."""
    return f"{points_text(criterion.points)} / {points_text(criterion.max_points)}"


def score_of(result: SubmissionResult) -> str:
    """Return a submission's score as ``85 / 100``, or ``no score``."""
    if result.score is None:
        return translated("no score")
    return f"{points_text(result.score)} / {points_text(result.max_score)}"


def title_of(criterion: CriterionResult) -> str:
    """Return in a line what a criterion asks for."""
    return translated(criterion.title)


def word_of(status: Status) -> str:
    """Return the word for how a criterion ended."""
    match status:
        case Status.PASSED:
            return translated("passed")
        case Status.FAILED:
            return translated("failed")
        case Status.ERROR:
            return translated("error")
        case Status.TIMEOUT:
            return translated("timed out")
        case Status.SKIPPED:
            return translated("not judged")


def handed_in(result: SubmissionResult) -> bool:
    """Tell whether there is a submission; a student of the roster who handed in nothing has a result without one."""
    return result.status is not SubmissionStatus.UNREADABLE or bool(result.path)


def status_of(result: SubmissionResult) -> str:
    """Return a submission's status for people: ``graded``, ``unreadable``, ``ungraded`` or ``not handed in``."""
    return str(result.status) if handed_in(result) else "not handed in"


def status_text(result: SubmissionResult) -> str:
    """Return what `status_of` does, in the current language."""
    if not handed_in(result):
        return translated("not handed in")
    match result.status:
        case SubmissionStatus.GRADED:
            return translated("graded")
        case SubmissionStatus.UNREADABLE:
            return translated("unreadable")
        case SubmissionStatus.UNGRADED:
            return translated("ungraded")


def message_of(result: SubmissionResult) -> str:
    """Return why a submission has no score or a 0, or what was skipped when it was loaded: a line for each reason."""
    return lines_text(result.reasons)


def reason_of(result: SubmissionResult) -> str:
    """Return why a submission was not examined, or what was skipped when it was loaded; empty if neither."""
    message = message_of(result)
    if not handed_in(result):
        return message[:1].upper() + message[1:]
    if result.status is SubmissionStatus.UNREADABLE:
        return f"{translated('It cannot be examined:')} {message}"
    if result.status is SubmissionStatus.UNGRADED:
        return f"{translated('It has no score, because grading failed:')} {message}"
    return message


def tally_of(results: Sequence[SubmissionResult]) -> str:
    """Return the number of submissions of each status: ``2 submissions: 1 graded, 1 unreadable``."""
    counts = Counter(result.status for result in results if handed_in(result))
    tally = ", ".join(_tally(status, counts[status]) for status in SubmissionStatus if counts[status])
    text = counted("{number} submission", "{number} submissions", counts.total()) + (
        f": {tally}" if tally else ""
    )
    missing = len(results) - counts.total()
    if not missing:
        return text
    nothing = counted("{number} student handed in nothing", "{number} students handed in nothing", missing)
    return f"{text}; {nothing}"


def _tally(status: SubmissionStatus, number: int) -> str:
    match status:
        case SubmissionStatus.GRADED:
            return counted("{number} graded", "{number} graded", number)
        case SubmissionStatus.UNREADABLE:
            return counted("{number} unreadable", "{number} unreadable", number)
        case SubmissionStatus.UNGRADED:
            return counted("{number} ungraded", "{number} ungraded", number)


def lost_of(result: SubmissionResult) -> list[CriterionResult]:
    """Return the criteria that were not passed."""
    return [criterion for criterion in result.criteria if criterion.status is not Status.PASSED]


def lost_alike(criteria: Iterable[CriterionResult]) -> list[list[CriterionResult]]:
    """Return the lost criteria that have points, grouped by what was found."""
    groups: dict[tuple[Status, str], list[CriterionResult]] = {}
    for criterion in criteria:
        if criterion.status is not Status.PASSED and criterion.max_points > 0:
            groups.setdefault((criterion.status, explained(criterion)), []).append(criterion)
    return list(groups.values())


def first_lines(output: str, most: int) -> list[str]:
    """Return at most ``most`` lines of what was printed, each cut; no lines if the output is blank."""
    lines = output.rstrip("\n").split("\n") if output.strip() else []
    cut = translated("[cut]")
    shown = [line if len(line) <= _LINE_LENGTH else f"{line[:_LINE_LENGTH]} {cut}" for line in lines[:most]]
    more = len(lines) - len(shown)
    return [*shown, counted("[and {number} line more]", "[and {number} lines more]", more)] if more else shown


def explained(criterion: CriterionResult) -> str:
    """Return what was found wrong, in several lines; empty if passed."""
    return "" if criterion.finding is None else finding_text(criterion.finding)


def brief(criterion: CriterionResult) -> str:
    """Return what was found wrong in one line, without values, with the place of an exception; empty if passed."""
    if criterion.finding is None:
        return ""
    says, place = message_text(criterion.finding.says), criterion.finding.place
    return says if place is None else f"{says} {place_text(place)}"


def unexplained(result: SubmissionResult) -> list[CriterionResult]:
    """Return the criteria with points that were lost and that no diagnosis explains."""
    by_any = {criterion for diagnosis in result.diagnoses for criterion in diagnosis.criteria}
    others = by_any | following(result)
    return [one for one in lost_of(result) if one.max_points > 0 and one.id not in others]


def repeated_in(result: SubmissionResult) -> set[str]:
    """Return the criteria whose numbers say nothing new.

    A known mistake explains them, and others before them; or there is no code that could give any.
    """
    repeated = {
        criterion
        for diagnosis in _known(result)
        for criterion in diagnosis.criteria[0 if diagnosis.id == "not-written" else 1 :]
    }
    return repeated | following(result)


def _known(result: SubmissionResult) -> list[Diagnosis]:
    return [diagnosis for diagnosis in result.diagnoses if diagnosis.id != "unknown"]


def following(result: SubmissionResult) -> set[str]:
    """Return the lost criteria of training if known mistakes explain all others: training judges both methods."""
    known = {criterion for diagnosis in _known(result) for criterion in diagnosis.criteria}
    lost = {criterion.id for criterion in lost_of(result)}
    follows = {criterion for criterion in lost if criterion.startswith("training.")}
    return follows if known and lost - follows <= known else set()


def causes_of(result: SubmissionResult) -> Mapping[str, Sequence[Diagnosis]]:
    """Return the diagnoses by the first criterion that each explains, for reports with a box for each criterion."""
    causes: dict[str, list[Diagnosis]] = {}
    for diagnosis in result.diagnoses:
        for criterion in diagnosis.criteria[:1]:
            causes.setdefault(criterion, []).append(diagnosis)
    return causes


def diagnosis_text(diagnosis: Diagnosis) -> str:
    """Return all that is said about a mistake, in paragraphs: where and which it is, why, and the lines around it."""
    paragraphs = (cause_of(diagnosis), told(diagnosis), code_text(diagnosis))
    return "\n\n".join(text for text in paragraphs if text)


def feedback_text(result: SubmissionResult) -> str:
    """Return what went wrong, in paragraphs: each mistake, then a line for each other criterion that was lost."""
    others = [f"{one.id}: {brief(one)}" for one in unexplained(result) if one.finding is not None]
    return "\n\n".join([*map(diagnosis_text, result.diagnoses), *filter(None, ["\n".join(others)])])


FOR_TEMPLATES: Mapping[str, Callable[..., object]] = {
    function.__name__: function
    for function in (
        *(file_text, matrix_of, message_text, name_text, place_text, value_text),
        *(cause_of, code_text, diagnosis_text, explained, handed_in, lost_alike, lost_of, message_of),
        *(parts_of, parts_of_all, points_of, reason_of, score_of, status_of, status_text, tally_of),
        *(title_of, told, word_of),
    )
}
"""What the templates of reports call; finding.html needs the first six."""
