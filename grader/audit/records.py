"""What an audit found, as records; the JSON document is made of them."""

from __future__ import annotations

from msgspec import Struct

__all__ = [
    "Alarm",
    "Audit",
    "KindOfTrial",
    "LawStrength",
    "MutantResult",
    "Sensitivity",
    "Trial",
    "Unsteady",
    "Versions",
]

KindOfTrial = str
"""``right``, ``nothing``, ``mistake`` (of the catalogue) or ``delicate``."""


class Trial(Struct, frozen=True):
    """A submission that was made to try the exam, and the exam's verdict."""

    kind: KindOfTrial
    name: str
    score: float
    lost: tuple[str, ...]
    """The criteria that it lost."""
    broken: tuple[str, ...]
    """The laws that it broke."""
    fault: str = ""
    """Why this is not the verdict that it should be; empty if it is."""


class MutantResult(Struct, frozen=True):
    """A mutant, and what killed it."""

    base: str
    method: str
    operator: str
    line: int
    before: str
    after: str
    lost: tuple[str, ...]
    broken: tuple[str, ...]
    """The laws that killed it. Those of whole networks were asked only if no other did."""
    equivalent: bool = False
    """Whether it survived, and did the same as its right solution in ``cases`` drawn cases."""
    cases: int = 0
    in_its_order: bool = False
    """Whether the right solution was given the examples in the order that the mutant takes them in."""

    @property
    def is_fault(self) -> bool:
        """Whether it survived without being equivalent."""
        return not self.broken and not self.equivalent

    @property
    def title(self) -> str:
        """The change in one line."""
        return f"{self.base}, line {self.line}: {self.before} → {self.after}"


class LawStrength(Struct, frozen=True):
    """How much of the work one law does."""

    law: str
    criterion: str
    kills: int
    """Mutants and known mistakes that break it."""
    alone: int
    """Those of them that break no other law."""
    alone_in_criterion: int
    """Those that no law of another criterion sees."""
    examples: dict[str, int]
    """Of a sample of its mutants, how many it kills with so many of its examples."""


class Unsteady(Struct, frozen=True):
    """A submission whose score depends on the seed."""

    name: str
    scores: dict[str, float]
    """By the seed."""
    laws: tuple[str, ...]
    """The laws that are broken with some seeds and not with others."""


class Alarm(Struct, frozen=True):
    """How right solutions fared in a law, on many drawn examples."""

    family: str
    examples: int
    """Of each of the solutions."""
    solutions: int
    failures: int
    largest_error: float | None
    """As a fraction of the tolerance; ``None`` if the law has none."""

    @property
    def bound(self) -> float:
        """The rate of false alarms that the examples rule out with 95 % confidence, by the rule of three."""
        return 3.0 / self.examples


class Sensitivity(Struct, frozen=True):
    """The smallest error of a gradient that a criterion notices."""

    wrong: str
    """What is wrong by a factor of 1 ± ε."""
    criterion: str
    smallest: float | None
    """The smallest ε that is caught; ``None`` if none is."""


class Versions(Struct, frozen=True):
    """What the results hold for."""

    kit: str
    python: str
    numpy: str
    hypothesis: str
    code: str
    """The digest of all code and data that scores depend on."""
    cases: str
    """The digest of the examples of the audited seed."""


class Audit(Struct, frozen=True):
    """The results of an audit."""

    seed: int
    versions: Versions
    criteria: dict[str, float]
    """The criteria and their points."""
    trials: tuple[Trial, ...]
    mutants: tuple[MutantResult, ...]
    strengths: tuple[LawStrength, ...]
    seeds: tuple[int, ...]
    """The seeds that scores were compared over."""
    steadied: int
    """How many submissions were graded with all of them."""
    unsteady: tuple[Unsteady, ...]
    alarms: tuple[Alarm, ...]
    sensitivities: tuple[Sensitivity, ...]
    faults: tuple[str, ...]
    """What is wrong with the exam, one sentence each; none if it is sound."""
