"""Draw examples from a seed alone, and shrink those that show a mistake.

Hypothesis mixes constants of whatever modules happen to be loaded into what it draws; ``_Provider`` leaves
them out, so that the same seed gives the same examples in every process.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any, Generic, TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import SearchStrategy

__all__ = ["draw", "fill", "shrink"]

Example = TypeVar("Example")
Kind = TypeVar("Kind")
Material = TypeVar("Material")

_BACKEND = "perceptron-kit"


class _Provider(HypothesisProvider):
    """Draws every choice from the seeded generator, and nothing from the modules that are loaded."""

    def _maybe_draw_constant(self, *_args: Any, **_kwargs: Any) -> None:
        return None

    def draw_bytes(self, min_size: int = 0, max_size: int = 2**16) -> bytes:
        """Return random bytes; all that the exam draws have a fixed length."""
        if min_size != max_size or self._random is None:
            return super().draw_bytes(min_size, max_size)
        return self._random.randbytes(min_size)


AVAILABLE_PROVIDERS[_BACKEND] = _Provider


@dataclass(frozen=True)
class _Unprinted(Generic[Example]):
    """Keeps Hypothesis from printing a long example."""

    example: Example

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text("an example")


def _random(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same examples for everybody, not secrets


def _settings(max_examples: int, *phases: Phase) -> settings:
    return settings(
        backend=_BACKEND,
        database=None,
        deadline=None,
        derandomize=False,
        max_examples=max_examples,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )


def draw(strategy: SearchStrategy[Example], count: int, seed: int) -> list[Example]:
    """Return the first ``count`` examples of ``strategy``; raises ``RuntimeError`` if so many cannot be found."""
    examples: list[Example] = []

    def keep(example: Example) -> bool:
        # Hypothesis runs what it has found once more.
        if len(examples) < count:
            examples.append(example)
        return len(examples) >= count

    _collect(strategy, keep, 40 * count, seed)
    return examples


def fill(
    strategy: SearchStrategy[tuple[Material, ...]],
    kinds: Sequence[Kind],
    make: Callable[[Material, Kind], Example | None],
    seed: int,
) -> list[Example]:
    """Return an example of each of ``kinds``, made of the first drawn material that can be used.

    Raises ``RuntimeError`` if no material can be used for one of them.
    """
    made: list[Example | None] = [None] * len(kinds)

    def keep(materials: tuple[Material, ...]) -> bool:
        for material in materials:
            for i, kind in enumerate(kinds):
                if made[i] is None and (example := make(material, kind)) is not None:
                    made[i] = example
                    break
        return None not in made

    _collect(strategy, keep, 40 * len(kinds), seed)
    return [example for example in made if example is not None]


def _collect(
    strategy: SearchStrategy[Example], keep: Callable[[Example], bool], attempts: int, seed: int
) -> None:
    """Hand examples of ``strategy`` to ``keep`` until it returns true.

    Hypothesis tries the simplest example of all before it draws one: all its numbers are of one kind, which
    hides mistakes, so the first example is skipped.
    """
    number = itertools.count()
    try:
        find(
            strategy.map(_Unprinted),
            lambda drawn: next(number) > 0 and keep(drawn.example),
            settings=_settings(attempts, Phase.generate),
            random=_random(seed),
        )
    except NoSuchExample:
        raise RuntimeError(f"{attempts} attempts were not enough to draw the exam's examples") from None


def shrink(
    strategy: SearchStrategy[Example], fails: Callable[[Example], bool], count: int, seed: int
) -> Example | None:
    """Return the simplest example of ``strategy`` that ``fails``, or ``None`` if none of ``count`` does."""
    try:
        with _no_constants():
            return find(
                strategy, fails, settings=_settings(count, Phase.generate, Phase.shrink), random=_random(seed)
            )
    except NoSuchExample:
        return None


@contextmanager
def _no_constants() -> Generator[None, None, None]:
    """Have Hypothesis's own provider draw as ours does: it takes over when an example is shrunk.

    With the constants, it would also write them to the current folder.
    """
    name = _Provider._maybe_draw_constant.__name__
    before = getattr(HypothesisProvider, name)
    setattr(HypothesisProvider, name, _Provider._maybe_draw_constant)
    try:
        yield
    finally:
        setattr(HypothesisProvider, name, before)
