"""The points of the criteria: the default ones, or an instructor's own."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from grader.errors import UsageError

__all__ = ["OWN", "Rubric", "default_rubric", "load_rubric"]

_FOLDER = Path(__file__).parent
_LARGEST_FILE = 16 * 1024
OWN = "own."
"""How the names of an instructor's own criteria begin."""
_OWN_NAME = re.compile(r"own\.[a-z][a-z0-9_]{0,41}")
_LARGEST = 1e6
_LARGEST_SEED = 2**32 - 1

Key = tuple[str, ...]


@dataclass(frozen=True)
class Rubric:
    """The points of every criterion, in the order of the exam, and what its examples are drawn from."""

    points: Mapping[str, float]
    seed: int = 0
    tests: Mapping[str, str] = field(default_factory=dict)
    """The instructor's own tests, as the texts of files by their names."""

    @property
    def max_score(self) -> float:
        """The sum of all points."""
        return self.score(self.points)

    def score(self, earned: Iterable[str]) -> float:
        """Return the sum of the points of the criteria ``earned``, rounded to a thousandth."""
        return round(math.fsum(self.points[id_] for id_ in earned), 3)

    def title(self, criterion: str) -> str:
        """Return in a line what a criterion asks for; for an instructor's own, its name in words."""
        return _titles().get(criterion) or criterion.removeprefix(OWN).replace("_", " ")


@cache
def default_rubric() -> Rubric:
    """Return the points that come with the kit."""
    return load_rubric(_FOLDER / "rubric.toml")


def load_rubric(path: Path) -> Rubric:
    """Return the rubric in the TOML file at ``path``: points for every criterion in ``[points]``, perhaps a ``seed``.

    ``tests`` may name a file with the instructor's own tests, beside the rubric.

    Raises ``UsageError``, one line with the file and the line in it, if the file, a number or the seed is wrong.
    """
    file = _File(path, _text_of(path))
    table = file.table()
    for name in table:
        if name not in {"points", "seed", "tests"}:
            what = f"'{name}' is unknown; a rubric has one table, [points], and may have a seed and tests above it"
            raise file.wrong((name,), what)
    seed = table.get("seed", Rubric.seed)
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= _LARGEST_SEED:
        raise file.wrong(("seed",), f"the seed must be a whole number from 0 to {_LARGEST_SEED}")
    rubric = Rubric(_points(file, table.get("points")), seed, _tests(file, table.get("tests")))
    own = next((criterion for criterion in rubric.points if criterion.startswith(OWN)), None)
    if own is not None and not rubric.tests:
        what = f'{own} is a criterion of your own, so name its file above [points]: tests = "test_own.py"'
        raise file.wrong(("points",), what)
    if rubric.max_score == 0:
        raise file.wrong(("points",), "the points add up to 0; at least one criterion needs points")
    return rubric


@cache
def _titles() -> Mapping[str, str]:
    return tomllib.loads((_FOLDER / "criteria.toml").read_text(encoding="utf-8"))


def _points(file: _File, table: object) -> Mapping[str, float]:
    """Return the points of all criteria, in the order of the exam."""
    if not isinstance(table, dict):
        what = "there is no table [points]; copy the kit's rubric.toml and change its numbers"
        raise file.wrong(("points",), what)
    points: dict[str, float] = {}
    for key, value in _entries(table, ("points",)):
        criterion = ".".join(key[1:])
        if (mistake := _mistake(criterion, value)) is not None:
            raise file.wrong(key, mistake)
        if criterion in points:
            raise file.wrong(key, f"{criterion} is there twice; remove one")
        points[criterion] = float(value)
    if missing := [criterion for criterion in _titles() if criterion not in points]:
        what = f"[points] has no points for {', '.join(missing)}; give it 0 to leave it out of the score"
        raise file.wrong(("points",), what)
    own = [criterion for criterion in points if criterion not in _titles()]
    return {criterion: points[criterion] for criterion in (*_titles(), *own)}


def _tests(file: _File, name: object) -> Mapping[str, str]:
    """Return the text of the instructor's own tests, by the name of their file."""
    if name is None:
        return {}
    if not isinstance(name, str) or re.fullmatch(r"test_\w+\.py", name) is None:
        raise file.wrong(
            ("tests",), "tests must be the name of a file beside the rubric, such as 'test_own.py'"
        )
    try:
        return {name: file.path.with_name(name).read_text(encoding="utf-8")}
    except (OSError, UnicodeDecodeError) as error:
        raise file.wrong(("tests",), f"{name} cannot be read beside the rubric ({error})") from None


def _entries(table: Mapping[str, Any], above: Key) -> Iterator[tuple[Key, Any]]:
    """Yield every value and its key; an unquoted dot in a criterion's name makes a table of its own."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _entries(value, (*above, name))
        else:
            yield (*above, name), value


def _mistake(criterion: str, points: object) -> str | None:
    """Return what is wrong with the points of a criterion; ``None`` if nothing is."""
    if criterion == "seed":
        return "the seed is not a criterion; move it above [points]"
    if criterion not in _titles() and _OWN_NAME.fullmatch(criterion) is None:
        from difflib import get_close_matches  # noqa: PLC0415 - not needed for a right rubric

        near = get_close_matches(criterion, _titles(), 1)
        hint = f"did you mean '{near[0]}'?" if near else f"the criteria are {', '.join(_titles())}"
        return f"'{criterion}' is not a criterion; {hint}"
    if isinstance(points, bool) or not isinstance(points, int | float):
        return f"the points of {criterion} must be a number, such as 5 or 2.5"
    if not 0 <= points <= _LARGEST:
        return f"the points of {criterion} must be a number from 0 to {_LARGEST:.0f}"
    return None


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"{path}: the rubric cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST_FILE:
        raise UsageError(f"{path}: too large for a rubric, which has at most {_LARGEST_FILE // 1024} KiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: not UTF-8 text; save the rubric as UTF-8") from None


class _File(NamedTuple):
    """The text of a rubric, and where it came from."""

    path: Path
    text: str

    def table(self) -> dict[str, Any]:
        """Return what the text says; raises ``UsageError`` if it is not TOML."""
        try:
            return tomllib.loads(self.text)
        # A number of 5,000 digits is a plain ValueError, brackets 1,000 deep are a RecursionError.
        except (ValueError, RecursionError) as error:
            what, _, place = str(error).partition(" (at ")
            at_end = place.startswith("end of document")
            line = re.match(r"line (\d+)", place)
            number = self.text.rstrip().count("\n") + 1 if at_end else int(line[1]) if line else 1
            raise self._error(number, f"not TOML: {what.splitlines()[0]}") from None

    def wrong(self, key: Key, what: str) -> UsageError:
        """Return an error about ``key``, with the line at which it is first set; 1 if it is never set."""
        return self._error(self._line_of(key), what)

    def _error(self, line: int, what: str) -> UsageError:
        return UsageError(f"{self.path}, line {line}: {what}")

    def _line_of(self, key: Key) -> int:
        # A key may be written in many ways, and tomllib does not tell where. Its line begins where the longest text
        # that can be parsed without it ends.
        lines = self.text.split("\n")
        parsed = 0
        for number in range(1, len(lines) + 1):
            try:
                table: object = tomllib.loads("\n".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                continue
            for name in key:
                table = table.get(name) if isinstance(table, dict) else None
            if table is not None:
                return parsed + 1
            parsed = number
        return 1
