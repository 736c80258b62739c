"""The report for a person at a terminal: what every submission earned, and what was wrong, on which numbers.

Everything becomes lines of styled text, which are never read as markup. What a submission wrote is made
harmless first; so nothing in it acts on the terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.report.charset import spelled
from grader.report.numbers import mark_of, points_of
from grader.report.words import STATUS_WORDS
from grader.text import printable

__all__ = ["Look", "render_closing", "render_submission", "render_terminal"]

_LEAST_WIDTH, _LARGEST_WIDTH = 40, 100
"""Columns: narrower, words are broken; wider, lines are hard to read."""
_OUTPUT_LINES, _OUTPUT_COLUMNS = 8, 400

_SYMBOLS = {
    Status.PASSED: ("✓", "green"),
    Status.FAILED: ("✗", "red"),
    Status.ERROR: ("✗", "red"),
    Status.TIMEOUT: ("✗", "red"),
    Status.SKIPPED: ("–", "dim"),
}
_NO_CRITERIA = {
    SubmissionStatus.UNREADABLE: "It cannot be examined:",
    SubmissionStatus.UNGRADED: "It has no mark, through no fault of its own:",
}
_LABELS = {"Seen": "red", "Should be": "green"}


@dataclass(frozen=True)
class Look:
    """What a terminal can show."""

    width: int = 80
    """Columns."""
    color: bool = False
    encoding: str = "utf-8"
    breaks_paths: bool = True
    """Whether a path that is too long is broken; a program that reads the report needs it whole."""

    @cached_property
    def columns(self) -> int:
        """The columns that a report fills at most."""
        return max(_LEAST_WIDTH, min(self.width, _LARGEST_WIDTH))

    @cached_property
    def console(self) -> Console:
        """What text is measured and wrapped with."""
        return Console(file=StringIO(), width=self.columns)

    def text(self, words: str, style: str = "", *, keep: str = "") -> Text:
        """Return ``words``, whoever wrote them, as text that cannot act; ``keep`` may have line ends and tabs."""
        harmless = printable(words, keep=keep).expandtabs(8)
        return Text(spelled(harmless, self.encoding), style)


def render_terminal(report: Report, look: Look) -> str:
    """Return the whole report: every submission, and what holds for all of them."""
    parts = [render_submission(result, look) for result in report.submissions]
    return "".join([*parts, render_closing(report, look)])


def render_submission(result: SubmissionResult, look: Look) -> str:
    """Return a submission's mark, a line for each criterion, what was wrong, and an empty line at the end."""
    return _written(_submission(result, look), look)


def render_closing(report: Report, look: Look) -> str:
    """Return the marks of several submissions side by side, how they were isolated, and an unusual seed."""
    return _written(_closing(report, look), look)


def _submission(result: SubmissionResult, look: Look) -> Iterator[Text]:
    heading = look.text(result.id, "bold") + Text("  ") + Text(mark_of(result), _style(result))
    path = look.text(result.path, "dim")
    if look.breaks_paths or heading.cell_len + 2 + path.cell_len <= look.columns:
        yield from _wrapped(heading + Text("  ") + path, look, "  ")
    else:
        yield from _wrapped(heading, look, "  ")
        yield Text("  ") + path
    if result.status is not SubmissionStatus.GRADED:
        yield from _paragraphs(f"{_NO_CRITERIA[result.status]} {result.message}", look, "  ")
    else:
        if result.message:
            yield from _paragraphs(result.message, look, "  ")
        yield Text()
        yield from _score_card(result.criteria, look)
        yield from _explanations(result.criteria, look)
        yield from _diagnoses(result, look)
        if any(criterion.status is not Status.PASSED for criterion in result.criteria):
            yield from _output(result.output, look)
    yield Text()


def _score_card(criteria: Sequence[CriterionResult], look: Look) -> Iterator[Text]:
    ids = max((len(criterion.id) for criterion in criteria), default=0)
    marks = max((len(points_of(criterion)) for criterion in criteria), default=0)
    titles = [look.text(criterion.title) for criterion in criteria]
    for criterion, title in zip(criteria, titles, strict=True):
        symbol, color = _SYMBOLS[criterion.status]
        passed = criterion.status is Status.PASSED
        line = Text("  ") + look.text(symbol, color) + Text(" ")
        line += Text(criterion.id.ljust(ids), "" if passed else "bold")
        line += Text(f"  {points_of(criterion).rjust(marks)}")
        # Titles stand beside all criteria or, where there is no room, beside none.
        if line.cell_len + 2 + max(other.cell_len for other in titles) <= look.columns:
            line += Text("  ") + Text(title.plain, "dim")
        yield line


def _explanations(criteria: Iterable[CriterionResult], look: Look) -> Iterator[Text]:
    """Yield what was wrong, once for all criteria that failed in the same way."""
    groups: dict[tuple[Status, str], list[str]] = {}
    for criterion in criteria:
        if criterion.status is not Status.PASSED and criterion.max_points > 0:
            groups.setdefault((criterion.status, criterion.message), []).append(criterion.id)
    for (status, message), ids in groups.items():
        yield Text()
        names = Text(", ".join(ids), "bold") + Text(f": {STATUS_WORDS[status]}", _SYMBOLS[status][1])
        yield from _wrapped(names, look, "  ", first="  ")
        yield from _paragraphs(message, look, "    ")


def _paragraphs(message: str, look: Look, indent: str) -> Iterator[Text]:
    """Yield the lines of a message; its facts (``  name = value``) share lines where they are short."""
    facts: list[Text] = []
    for line in look.text(message, keep="\n\t").split("\n", allow_blank=True):
        if line.plain.startswith("  ") and " = " in line.plain:
            facts.append(line[2:])
            continue
        yield from _side_by_side(facts, look, indent + "  ")
        facts = []
        yield from _labelled(line, look, indent)
    yield from _side_by_side(facts, look, indent + "  ")


def _labelled(line: Text, look: Look, indent: str) -> Iterator[Text]:
    """Yield a line of a message, what stands before its values (``Seen:``, ``Should be …:``) coloured."""
    label, _, values = line.plain.partition(": ")
    style = next(
        (style for name, style in _LABELS.items() if label == name or label.startswith(f"{name} (")), None
    )
    if style is None or not values:
        yield from _wrapped(line, look, indent, first=indent)
    else:
        column = len("Should be: ")
        whole = Text(f"{label}: ".ljust(column), style) + Text(values)
        yield from _wrapped(whole, look, indent + " " * column, first=indent)


def _side_by_side(facts: Iterable[Text], look: Look, indent: str) -> Iterator[Text]:
    row = Text()
    for fact in facts:
        if row and len(indent) + row.cell_len + 3 + fact.cell_len > look.columns:
            yield from _wrapped(row, look, indent + "  ", first=indent)
            row = Text()
        row = row + Text("   ") + fact if row else fact
    if row:
        yield from _wrapped(row, look, indent + "  ", first=indent)


def _diagnoses(result: SubmissionResult, look: Look) -> Iterator[Text]:
    for diagnosis in result.diagnoses:
        yield Text()
        where = diagnosis.method if diagnosis.line is None else f"{diagnosis.method}, line {diagnosis.line}"
        yield from _wrapped(Text(f"Likely cause, in {where}:", "bold"), look, "  ", first="  ")
        yield from _paragraphs(diagnosis.message, look, "    ")


def _output(output: str, look: Look) -> Iterator[Text]:
    lines = output.rstrip("\n").split("\n") if output.strip() else []
    if not lines:
        return
    yield Text()
    yield Text("  It printed, while it was loaded:", "bold")
    for line in lines[:_OUTPUT_LINES]:
        shown = line if len(line) <= _OUTPUT_COLUMNS else f"{line[:_OUTPUT_COLUMNS]} [cut]"
        yield from _wrapped(look.text(shown, "dim", keep="\t"), look, "      ", first="    ")
    if len(lines) > _OUTPUT_LINES:
        yield Text(f"    [and {len(lines) - _OUTPUT_LINES} lines more]", "dim")


def _closing(report: Report, look: Look) -> Iterator[Text]:
    if len(report.submissions) > 1:
        yield from _summary(report.submissions, look)
        yield Text()
    for note in _notes(report):
        yield from _wrapped(look.text(note, "dim"), look, "  ")


def _summary(results: Sequence[SubmissionResult], look: Look) -> Iterator[Text]:
    names = [look.text(result.id) for result in results]
    width = min(max(name.cell_len for name in names), look.columns // 2)
    marks = max(cell_len(mark_of(result)) for result in results)
    for result, name in zip(results, names, strict=True):
        name.truncate(width, overflow="crop", pad=True)
        line = name + Text(f"  {mark_of(result).rjust(marks)}", _style(result))
        room = max(0, look.columns - line.cell_len)
        lost = look.text(f"  {_lost(result, room - 2)}", "dim")
        lost.truncate(room, overflow="crop")
        yield line + lost
    yield Text()
    counts = Counter(str(result.status) for result in results)
    tally = ", ".join(f"{counts[status]} {status}" for status in SubmissionStatus if counts[status])
    yield from _wrapped(look.text(f"{len(results)} submissions: {tally}", "bold"), look, "  ")


def _lost(result: SubmissionResult, room: int) -> str:
    """Return the criteria that a submission lost, as many as there is room for, or why it has none."""
    if result.status is not SubmissionStatus.GRADED:
        # Who handed in nothing has no path; the message says who it is.
        return str(result.status) if result.path else result.message
    ids = [criterion.id for criterion in result.criteria if criterion.status is not Status.PASSED]
    for shown in range(len(ids), 0, -1):
        more = f" and {len(ids) - shown} more" if shown < len(ids) else ""
        if len(text := ", ".join(ids[:shown]) + more) <= room:
            return text
    return f"{len(ids)} criteria" if ids else ""


def _notes(report: Report) -> Iterator[str]:
    """Yield the facts that the marks rest on, a line for each."""
    isolations = Counter(", ".join(result.isolation) for result in report.submissions if result.isolation)
    for isolation, number in isolations.items():
        which = "" if len(isolations) == 1 else f" ({number} of {len(report.submissions)} submissions)"
        yield f"isolation: {isolation}{which}"
    if " " in report.kit:
        yield f"perceptron-kit {report.kit}: scores may differ from those of other machines"
    if report.seed:
        yield f"seed: {report.seed}"


def _style(result: SubmissionResult) -> str:
    if result.score is None:
        return "bold magenta"
    if result.score >= result.max_score:
        return "bold green"
    return "bold" if result.score else "bold red"


def _wrapped(text: Text, look: Look, rest: str, *, first: str = "") -> Iterator[Text]:
    """Yield ``text`` in lines that fit, the first after ``first``, the others after ``rest``."""
    start = text.wrap(look.console, look.columns - len(first))[0]
    yield Text(first) + start
    remaining = text[len(start) :]
    remaining = remaining[len(remaining) - len(remaining.plain.lstrip()) :]
    if remaining:
        for line in remaining.wrap(look.console, look.columns - len(rest)):
            yield Text(rest) + line


def _written(lines: Iterable[Text], look: Look) -> str:
    """Return the lines as the characters to send, with escape sequences for colours where they are wanted."""
    file = StringIO()
    console = Console(
        file=file,
        width=look.columns,
        force_terminal=look.color,
        color_system="standard" if look.color else None,
        no_color=False,
        legacy_windows=False,
    )
    for line in lines:
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False)
    return file.getvalue()
