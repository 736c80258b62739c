"""The report for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.model import CriterionResult, Report, Status, SubmissionResult, SubmissionStatus
from grader.text import printable

__all__ = ["render", "summary"]

_SYMBOLS = {
    Status.PASSED: ("✓", "+", "green"),
    Status.FAILED: ("✗", "x", "red"),
    Status.ERROR: ("✗", "x", "red"),
    Status.TIMEOUT: ("✗", "x", "red"),
    Status.SKIPPED: ("–", "-", "dim"),
}
_WORDS = {Status.ERROR: "error", Status.TIMEOUT: "time-out", Status.SKIPPED: "not judged"}
_PLAIN = str.maketrans(
    {
        "⊙": "*",
        "·": ".",
        "ᵀ": "^T",
        "′": "'",
        "−": "-",
        "ŷ": "y^",
        "←": "<-",
        "→": "->",
        "“": '"',
        "”": '"',
        "–": "-",
    }
)
"""Formula signs for terminals that have ASCII alone."""


def render(result: SubmissionResult, console: Console) -> None:
    """Print one submission's mark, and a line for each criterion with its points."""
    heading = Text(f"{_shown(result.id, console)}  ", style="bold")
    heading.append(_mark(result), style=_colour(result))
    if result.path != result.id:
        heading.append(f"  {_shown(result.path, console)}", style="dim")
    console.print(heading)
    if result.message:
        label = {
            SubmissionStatus.UNREADABLE: "This submission cannot be examined: ",
            SubmissionStatus.UNGRADED: "This submission has no mark, through no fault of its own: ",
        }.get(result.status, "")
        console.print(Padding(Text(label + _shown(result.message, console), style="yellow"), (0, 0, 0, 2)))
    if result.status is SubmissionStatus.GRADED:
        for part in _criteria(result.criteria, console):
            console.print(part)
        isolation = ", ".join(result.isolation) or "none"
        console.print(Padding(Text(f"isolation: {isolation}", style="dim"), (0, 0, 0, 2)))
    console.print()


def summary(report: Report, console: Console) -> None:
    """Print the marks of several submissions as a table."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("submission", overflow="fold")
    table.add_column("mark", justify="right")
    for result in report.submissions:
        table.add_row(Text(_shown(result.id, console)), Text(_mark(result), style=_colour(result)))
    console.print(table)


def _criteria(criteria: Sequence[CriterionResult], console: Console) -> Iterator[RenderableType]:
    width = max(len(criterion.id) for criterion in criteria)
    for criterion in criteria:
        symbol, plain, colour = _SYMBOLS[criterion.status]
        line = Table.grid(padding=(0, 1), expand=False)
        line.add_column(width=3, justify="right")
        line.add_column(width=width)
        line.add_column(width=9, justify="right")
        line.add_column(overflow="fold")
        line.add_row(
            Text(_signs(symbol, plain, console), style=colour),
            Text(criterion.id, style="bold" if criterion.status is not Status.PASSED else ""),
            Text(f"{_points(criterion.points)} / {_points(criterion.max_points)}"),
            Text(_shown(criterion.title, console), style="dim"),
        )
        yield line
        if criterion.status is not Status.PASSED and criterion.message:
            yield Padding(_explanation(criterion, console), (0, 0, 1, 6))


def _explanation(criterion: CriterionResult, console: Console) -> Group:
    word = _WORDS.get(criterion.status)
    lines = []
    for number, line in enumerate(_shown(criterion.message, console).splitlines()):
        text = Text(f"{word}: ", style="bold yellow") if word and number == 0 else Text()
        label, separator, rest = line.partition(": ")
        if separator and label in ("Seen", "Should be"):
            text.append(f"{label + ':':<11}", style="bold red" if label == "Seen" else "bold green").append(
                rest
            )
        else:
            text.append(line, style="dim" if line.startswith("  ") else "")
        lines.append(text)
    return Group(*lines)


def _mark(result: SubmissionResult) -> str:
    score = "no mark" if result.score is None else _points(result.score)
    return f"{score} / {_points(result.max_score)}"


def _points(points: float) -> str:
    return f"{points:.3f}".rstrip("0").rstrip(".")


def _colour(result: SubmissionResult) -> str:
    if result.score is None:
        return "bold magenta"
    return (
        "bold green"
        if result.score >= result.max_score
        else "bold red"
        if result.score == 0
        else "bold yellow"
    )


def _shown(text: str, console: Console) -> str:
    """Return ``text`` without anything that acts, and in ASCII where the terminal has no more."""
    harmless = printable(text)
    if _is_plain(console):
        return harmless.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")
    return harmless


def _signs(sign: str, plain: str, console: Console) -> str:
    return plain if _is_plain(console) else sign


def _is_plain(console: Console) -> bool:
    return not console.encoding.lower().startswith("utf")
