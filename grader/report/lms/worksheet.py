"""Fill the table that a learning platform exports with scores, so that it can be uploaded again.

Everything else stays as the platform wrote it: columns and their order, the delimiter, the ends of lines, the byte
order mark, and all other cells.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from io import StringIO

from grader.errors import UsageError
from grader.model import Report, SubmissionResult
from grader.report.csv_table import BYTE_ORDER_MARK
from grader.report.formats import Notice, Options
from grader.report.words import points_text, score_of
from grader.text import printable

__all__ = [
    "Key",
    "Sheet",
    "assigned",
    "decimal_of",
    "folded",
    "is_canvas_gradebook",
    "is_moodle_worksheet",
    "read_sheet",
    "same_name",
    "say_replaced",
    "say_scaled",
    "scaled_score",
]

_DELIMITERS = (",", ";", "\t")
_CENT = Decimal("0.01")
_PARTICIPANT = re.compile(r"\D+\d+")

Row = list[str]


@dataclass(frozen=True)
class Sheet:
    """A table as it was exported: its first row, the other rows, and how it is written."""

    name: str
    header: Row
    rows: list[Row]
    delimiter: str
    line_end: str
    byte_order_mark: bool

    def cell(self, row: Row, column: int | None) -> str:
        """Return a cell without blanks around it; empty if the row or the table has no such column."""
        return row[column].strip() if column is not None and column < len(row) else ""

    def written(self, rows: Sequence[Row], *, byte_order_mark: bool) -> str:
        """Return the table with ``rows`` under its header."""
        file = StringIO()
        writer = csv.writer(file, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerows([self.header, *rows])
        return (BYTE_ORDER_MARK if byte_order_mark else "") + file.getvalue()


@dataclass(frozen=True)
class Key:
    """Something that the platform knows students by, as it is written in a row and in a submission's ids."""

    name: str
    of_row: Callable[[Row], str]
    of_submission: Callable[[str], str]
    """Makes an id of the submission comparable; returns an empty string if it cannot be this key."""


def read_sheet(options: Options, needed: str) -> Sheet:
    """Return the table of the template.

    Raises ``UsageError`` if there is none, or if it is not a table in UTF-8; ``needed`` says what it should be.
    """
    template = options.template
    if template is None:
        raise UsageError(f"this format needs --template FILE: {needed}")
    try:
        text = template.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{template.name} is not UTF-8 text; it should be {needed}, as downloaded") from None
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    # A worksheet may hold what students typed in, of any length.
    limit = csv.field_size_limit(len(text) + 1)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(
            f"{template.name} is not a table of values ({error}); it should be {needed}"
        ) from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        raise UsageError(f"{template.name} is empty; it should be {needed}")
    return Sheet(
        template.name,
        rows[0],
        rows[1:],
        delimiter,
        "\r\n" if first.endswith("\r") else "\n",
        template.content.startswith(BYTE_ORDER_MARK.encode()),
    )


def is_canvas_gradebook(sheet: Sheet) -> bool:
    """Tell by the header whether this is the gradebook that Canvas exports."""
    header = [title.strip() for title in sheet.header]
    return "ID" in header and "Section" in header and header[0] in {"Student", "LastName"}


def is_moodle_worksheet(sheet: Sheet) -> bool:
    """Tell by its first column, with identifiers such as ``Participant 12``, whether this is Moodle's worksheet."""
    return bool(sheet.rows) and all(_PARTICIPANT.fullmatch(sheet.cell(row, 0)) for row in sheet.rows)


def folded(text: str) -> str:
    """Return ``text`` as it is compared: without regard to case, blanks, or how accents are encoded."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def same_name(name: str) -> str:
    """Return a person's name as it is compared: ``Doe, Jane`` as ``jane doe``, underscores as blanks."""
    last, comma, first = name.replace("_", " ").partition(",")
    return folded(f"{first} {last}" if comma else last)


def assigned(
    report: Report,
    rows: Mapping[int, Row],
    identifiers: Sequence[Key],
    name: Key,
    sheet: Sheet,
    notice: Notice,
) -> dict[int, SubmissionResult]:
    """Return the results that have a score, by the numbers of their ``rows``, from 0.

    A submission belongs to the row whose ``identifiers`` hold its id or an alias, else to the one with that ``name``.
    If several rows fit a submission, or several submissions a row, nothing is assigned. ``notice`` is told of each
    score that is in no row.
    """
    by_identifier, by_name = _rows_by(identifiers, rows), _rows_by([name], rows)
    claims: dict[int, list[SubmissionResult]] = {}
    for result in report.submissions:
        who = printable(result.id)
        if result.score is None:
            notice(f"{who} has no score; nothing is changed for it in {sheet.name}")
            continue
        found = sorted(by_identifier(result) or by_name(result))
        if len(found) == 1:
            claims.setdefault(found[0], []).append(result)
        elif found:
            where = " and ".join(str(row + 2) for row in found)
            notice(
                f"{who} fits rows {where} of {sheet.name}; its score is in none of them: {score_of(result)}"
            )
        else:
            tried = ", ".join(key.name for key in (*identifiers, name))
            notice(
                f"{who} is not in {sheet.name} (tried: {tried}); its score is in no row: {score_of(result)}"
            )
    return {row: results[0] for row, results in claims.items() if _alone(row, results, sheet, notice)}


def decimal_of(cell: str) -> Decimal | None:
    """Return the number in a cell, with a decimal point or comma; ``None`` if it is not a number."""
    text = cell.strip()
    try:
        value = Decimal(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def scaled_score(result: SubmissionResult, out_of: str) -> str:
    """Return the score for a cell, scaled from the points of the rubric to ``out_of`` if these differ.

    It has at most two decimals, after a comma if ``out_of`` has one.
    """
    maximum = decimal_of(out_of)
    score = Decimal(points_text(result.score or 0))
    if maximum is not None:
        score = score * maximum / Decimal(points_text(result.max_score))
    text = f"{score.quantize(_CENT, ROUND_HALF_UP):f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if "," in out_of and "." not in out_of else text


def say_replaced(result: SubmissionResult, old: str, new: str, sheet: Sheet, notice: Notice) -> None:
    """Say that a score in the template is replaced by another."""
    if old.strip() and decimal_of(old) != decimal_of(new):
        notice(f"{printable(result.id)}: {printable(old)} in {sheet.name} is replaced by {new}")


def say_scaled(report: Report, maxima: Iterable[Decimal], what: str, notice: Notice) -> None:
    """Say that scores were scaled to the template's ``maxima``, if they were; ``what`` says what these are."""
    ours = Decimal(points_text(report.max_score))
    for maximum in sorted({maximum for maximum in maxima if maximum != ours}):
        notice(f"scores out of {ours} are scaled to {maximum.normalize():f}, the {what}")


def _rows_by(keys: Sequence[Key], rows: Mapping[int, Row]) -> Callable[[SubmissionResult], set[int]]:
    """Return a function that finds the rows of a submission by any of ``keys``."""
    index: dict[tuple[str, str], set[int]] = {}
    for key in keys:
        for position, row in rows.items():
            if value := key.of_row(row):
                index.setdefault((key.name, value), set()).add(position)

    def found(result: SubmissionResult) -> set[int]:
        values = (
            (key.name, key.of_submission(name)) for key in keys for name in (result.id, *result.aliases)
        )
        return set().union(*(index.get(value, set()) for value in values))

    return found


def _alone(row: int, results: Sequence[SubmissionResult], sheet: Sheet, notice: Notice) -> bool:
    if len(results) == 1:
        return True
    names = ", ".join(f"{printable(result.id)} ({score_of(result)})" for result in results)
    notice(f"row {row + 2} of {sheet.name} fits several submissions, and has none of their scores: {names}")
    return False
