"""The report for a person at a terminal: what every submission earned, and what was wrong, on which numbers.

What a submission wrote is made harmless first, so nothing in it acts on the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text

from grader.disclosure import disclosed
from grader.languages import ENGLISH, counted, speaking, translated
from grader.model import (
    CriterionResult,
    Diagnosis,
    Feedback,
    Report,
    Status,
    SubmissionResult,
    SubmissionStatus,
)
from grader.report.mistakes import Parts, cause_of, parts_of_all
from grader.report.terminal.findings import finding_lines
from grader.report.terminal.lines import Look, wrapped, written
from grader.report.words import (
    first_lines,
    handed_in,
    lost_alike,
    lost_of,
    message_of,
    points_of,
    reason_of,
    repeated_in,
    score_of,
    status_text,
    tally_of,
    title_of,
    word_of,
)

__all__ = ["Look", "render_closing", "render_submission"]

_OUTPUT_LINES = 8
_INDENT = len("      ")
"""Of the lines of a worked example."""
_LEAST_LOST = len("    not handed in")
"""The columns that a line of the summary leaves for what was lost, with the gaps before it and the score."""

_SYMBOLS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.ERROR: ("✗", "red"),
    Status.TIMEOUT: ("✗", "red"),
    Status.SKIPPED: ("–", "dim"),
}


def render_submission(
    result: SubmissionResult, look: Look, feedback: Feedback = Feedback.FULL, language: str = ENGLISH
) -> str:
    """Return a submission's score, a line for each criterion, what was wrong, and an empty line at the end.

    It tells no more than ``feedback`` allows, in a ``language``.
    """
    with speaking(language):
        return written(_submission(disclosed(result, feedback, repairs=True), look), look)


def render_closing(report: Report, look: Look) -> str:
    """Return the scores of several submissions below each other, how they were isolated, and an unusual seed."""
    told_of = tuple(disclosed(result, report.feedback) for result in report.submissions)
    with speaking(report.language):
        return written(_closing(replace(report, submissions=told_of), look), look)


def _submission(result: SubmissionResult, look: Look) -> Iterator[Text]:
    heading = look.text(result.id, "bold") + Text("  ") + Text(score_of(result), _style(result))
    path = look.text(result.path, "dim")
    if look.breaks_paths or heading.cell_len + 2 + path.cell_len <= look.columns:
        yield from wrapped(heading + Text("  ") + path, look, "  ")
    else:
        yield from wrapped(heading, look, "  ")
        yield Text("  ") + path
    if result.reasons:
        yield from _paragraphs(reason_of(result), look, "  ")
    if result.status is SubmissionStatus.GRADED:
        if result.criteria:
            yield Text()
        yield from _score_card(result.criteria, look)
        yield from _diagnoses(result.diagnoses, look)
        if lost_of(result):
            yield from _explanations(result, look)
            yield from _output(result.output, look)
    yield Text()


def _score_card(criteria: Sequence[CriterionResult], look: Look) -> Iterator[Text]:
    ids = max((len(criterion.id) for criterion in criteria), default=0)
    scores = max((len(points_of(criterion)) for criterion in criteria), default=0)
    titles = [look.text(title_of(criterion)) for criterion in criteria]
    for criterion, title in zip(criteria, titles, strict=True):
        symbol, color = _SYMBOLS[criterion.status]
        passed = criterion.status is Status.PASSED
        line = Text("  ") + look.text(symbol, color) + Text(" ")
        line += Text(criterion.id.ljust(ids), "" if passed else "bold")
        line += Text(f"  {points_of(criterion).rjust(scores)}")
        # Titles stand beside all criteria or, if there is no room, beside none.
        if line.cell_len + 2 + max(other.cell_len for other in titles) <= look.columns:
            line += Text("  ") + Text(title.plain, "dim")
        yield line


def _explanations(result: SubmissionResult, look: Look) -> Iterator[Text]:
    """Yield what was found wrong in each criterion; of those that one mistake explains, in the first alone."""
    from grader.report.terminal.worked import worked_lines  # noqa: PLC0415 - not needed if nothing was lost

    repeated, is_worked_out = repeated_in(result), False
    shown = [criterion for criterion in result.criteria if criterion.id not in repeated]
    for group in lost_alike(shown):
        if group[0].finding is None:
            continue
        yield Text()
        ids = ", ".join(criterion.id for criterion in group)
        _, color = _SYMBOLS[group[0].status]
        names = Text(ids, "bold") + Text(f": {word_of(group[0].status)}", color)
        yield from wrapped(names, look, "  ", first="  ")
        # One example is worked out: the first, on which the others build.
        worked = [] if is_worked_out else worked_lines(group[0].finding, look, look.columns - _INDENT)
        is_worked_out = is_worked_out or bool(worked)
        yield from finding_lines(group[0].finding, look, "    ", worked)


def _paragraphs(message: str, look: Look, indent: str) -> Iterator[Text]:
    for line in look.text(message, keep="\n\t").split("\n", allow_blank=True):
        yield from wrapped(line, look, indent, first=indent)


def _diagnoses(diagnoses: Sequence[Diagnosis], look: Look) -> Iterator[Text]:
    for diagnosis, parts in zip(diagnoses, parts_of_all(diagnoses), strict=True):
        yield Text()
        yield from wrapped(look.text(cause_of(diagnosis), "bold"), look, "    ", first="  ")
        labels = look.text(translated("Your code:"), "red"), look.text(translated("It should be:"), "green")
        column = max(map(cell_len, map(str, labels))) + 1
        for label, formula in zip(labels, (parts.seen, parts.due), strict=True):
            label.pad_right(column - label.cell_len)
            for i, statement in enumerate(formula.split("; ") if formula else ()):
                line = (Text(" " * column) if i else label) + look.text(statement)
                yield from wrapped(line, look, " " * (column + 4), first="    ")
        if said := "\n\n".join(filter(None, (parts.certain, parts.text))):
            yield from _paragraphs(said, look, "    ")
        yield from _code(parts, look)
        for change in diagnosis.repair.splitlines():
            yield from wrapped(look.text(change, "dim", keep="\t"), look, "      ", first="    ")
        if diagnosis.criteria:
            lost = f"{translated('Lost by this:')} {', '.join(diagnosis.criteria)}"
            yield from wrapped(look.text(lost, "dim"), look, "      ", first="    ")


def _code(parts: Parts, look: Look) -> Iterator[Text]:
    """Yield the lines around a mistake, each cut to fit: in code, breaks mislead."""
    if parts.lines:
        yield look.text(f"    {translated('In {file}:').format(file=parts.file)}")
    width = max((len(str(line.number)) for line in parts.lines), default=0)
    for line in parts.lines:
        sign, style = (">", "bold red") if line.is_marked else (" ", "dim")
        shown = look.text(f"    {sign} {line.number:>{width}}  {line.text}", style)
        shown.truncate(look.columns, overflow="ellipsis" if look.encoding.startswith("utf") else "crop")
        yield shown


def _output(output: str, look: Look) -> Iterator[Text]:
    lines = first_lines(output, _OUTPUT_LINES)
    if lines:
        yield Text()
        yield look.text(f"  {translated('It printed, while it was loaded:')}", "bold")
    for line in lines:
        yield from wrapped(look.text(line, "dim", keep="\t"), look, "      ", first="    ")


def _closing(report: Report, look: Look) -> Iterator[Text]:
    if len(report.submissions) > 1:
        yield from _summary(report.submissions, look)
        yield Text()
    for note in _notes(report):
        yield from wrapped(look.text(note, "dim"), look, "  ")


def _summary(results: Sequence[SubmissionResult], look: Look) -> Iterator[Text]:
    names = [look.text(result.id) for result in results]
    scores = max(cell_len(score_of(result)) for result in results)
    longest = max(name.cell_len for name in names)
    width = min(longest, look.columns // 2, look.columns - scores - _LEAST_LOST)
    for result, name in zip(results, names, strict=True):
        name.truncate(width, overflow="crop", pad=True)
        line = name + Text(f"  {score_of(result).rjust(scores)}", _style(result))
        room = max(0, look.columns - line.cell_len)
        lost = look.text(f"  {_lost(result, room - 2)}", "dim")
        lost.truncate(room, overflow="crop")
        yield line + lost
    yield Text()
    yield from wrapped(look.text(tally_of(results), "bold"), look, "  ")


def _lost(result: SubmissionResult, room: int) -> str:
    """Return the criteria that a submission lost, as many as there is room for, or why it has none."""
    if result.status is not SubmissionStatus.GRADED:
        # For a student who handed in nothing, the message says who it is.
        message = message_of(result)
        fits = not handed_in(result) and len(message) <= room
        return message if fits else status_text(result)
    ids = [criterion.id for criterion in lost_of(result)]
    for shown in range(len(ids), 0, -1):
        text = ", ".join(ids[:shown])
        if shown < len(ids):
            text = translated("{names} and {more} more").format(names=text, more=len(ids) - shown)
        if len(text) <= room:
            return text
    return counted("{number} criterion", "{number} criteria", len(ids)) if ids else ""


def _notes(report: Report) -> Iterator[str]:
    """Yield the facts that the scores rest on, a line for each."""
    isolations = Counter(", ".join(result.isolation) for result in report.submissions if result.isolation)
    for isolation, number in isolations.items():
        if len(isolations) == 1:
            yield translated("isolation: {layers}").format(layers=isolation)
        else:
            of_some = counted(
                "isolation: {layers} ({some} of {number} submission)",
                "isolation: {layers} ({some} of {number} submissions)",
                len(report.submissions),
                layers=isolation,
                some=number,
            )
            yield of_some
    if " " in report.kit:
        differing = translated("perceptron-kit {version}: other versions of it may draw other examples")
        yield differing.format(version=report.kit)
    if report.seed:
        yield translated("seed: {number}").format(number=report.seed)


def _style(result: SubmissionResult) -> str:
    if result.score is None:
        return "bold magenta"
    if result.score >= result.max_score:
        return "bold green"
    return "bold" if result.score else "bold red"
