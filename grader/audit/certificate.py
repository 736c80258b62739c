"""Write the results of an audit as one HTML page, to be published beside the exercise.

The page holds all it needs, and needs no script.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from grader.audit.records import Audit, MutantResult
from grader.audit.subjects import catalogue
from grader.audit.summary import needed
from grader.templating import template

__all__ = ["render_html"]

_STYLE = Path(__file__).with_name("certificate.css")
_METHODS = ("backward", "fit")
_LABELS, _ROW, _GAP = 190, 18, 3
"""The width of the labels beside a picture, and the height of a row and of the gap below it."""
_WIDTH = 900
"""The width of a picture."""


@dataclass(frozen=True)
class _Cell:
    """A run of mutants, side by side, that lost one criterion."""

    x: float
    y: float
    width: float
    count: int
    criterion: str


@dataclass(frozen=True)
class _MutantPicture:
    """One column for each mutant of a method, one row for each criterion; what was lost is filled."""

    method: str
    mutants: Sequence[MutantResult]
    criteria: Sequence[str]
    width: int = _WIDTH
    labels: int = _LABELS

    @property
    def height(self) -> int:
        return len(self.rows) * (_ROW + _GAP)

    @property
    def rows(self) -> list[tuple[str, float]]:
        """The criteria and survivors, each with the top of its row."""
        return [(name, number * (_ROW + _GAP)) for number, name in enumerate((*self.criteria, "equivalent"))]

    @property
    def row(self) -> int:
        return _ROW

    @property
    def cells(self) -> Iterator[_Cell]:
        unit = (self.width - self.labels) / max(1, len(self.mutants))
        ordered = sorted(self.mutants, key=self._order)
        for name, y in self.rows:
            start = 0
            for is_lost, run in groupby(ordered, key=lambda one: self._is_in(name, one)):
                count = len(list(run))
                if is_lost:
                    yield _Cell(self.labels + start * unit, y, count * unit, count, name)
                start += count

    def _order(self, mutant: MutantResult) -> tuple[bool, ...]:
        return tuple(not self._is_in(name, mutant) for name, _ in self.rows)

    @staticmethod
    def _is_in(name: str, mutant: MutantResult) -> bool:
        return mutant.equivalent if name == "equivalent" else name in mutant.lost


@dataclass(frozen=True)
class _Mistake:
    """A known mistake as a row of its picture."""

    name: str
    own: tuple[bool, ...]
    """For each criterion, whether the mistake may cost it."""
    lost: tuple[bool, ...]
    fault: str


def render_html(found: Audit) -> str:
    """Return the results as an HTML page in ASCII characters alone."""
    style = _STYLE.read_text(encoding="utf-8")
    criteria = list(found.criteria)
    killed = sum(bool(mutant.broken) for mutant in found.mutants)
    page = template("audit/certificate.html", needed=needed, number=_number).render(
        found=found,
        criteria=criteria,
        style=Markup(style),  # noqa: S704 - the kit's own file
        policy=f"default-src 'none'; style-src {_source(style)}; base-uri 'none'; form-action 'none'",
        pictures=[
            _MutantPicture(method, own, [id_ for id_ in criteria if any(id_ in one.lost for one in own)])
            for method in _METHODS
            if (own := [mutant for mutant in found.mutants if mutant.method == method])
        ],
        mistakes=list(_mistakes(found, criteria)),
        trials={kind: [trial for trial in found.trials if trial.kind == kind] for kind in _KINDS},
        kinds=_KINDS,
        bases=len({mutant.base for mutant in found.mutants}),
        killed=killed,
        equivalent=[mutant for mutant in found.mutants if mutant.equivalent],
        sound=[trial for trial in found.trials if not trial.fault],
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


_KINDS = {
    "right": ("Right solutions", "pass every criterion"),
    "nothing": ("Solutions that do nothing", "earn nothing"),
    "mistake": ("Known mistakes", "cost their own criteria, and those alone"),
    "delicate": ("Mistakes that show on some examples only", "cost the same with every seed"),
}


def _mistakes(found: Audit, criteria: Sequence[str]) -> Iterator[_Mistake]:
    costs = catalogue()
    for trial in found.trials:
        if trial.kind == "mistake":
            yield _Mistake(
                trial.name,
                tuple(id_ in costs.get(trial.name, ()) for id_ in criteria),
                tuple(id_ in trial.lost for id_ in criteria),
                trial.fault,
            )


def _source(text: str) -> str:
    digest = base64.b64encode(sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"


def _number(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")
