"""Draws the exam's examples from its seed alone, and shrinks the ones that show a mistake.

Hypothesis mixes constants of whatever modules happen to be loaded into what it draws; ``_Provider`` leaves
them out, so that the same seed gives the same examples in every process.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.strategies import SearchStrategy

__all__ = ["draw", "shrink"]

Example = TypeVar("Example")

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
    """Return ``count`` examples of ``strategy``; raises ``RuntimeError`` where so many cannot be found."""
    examples: list[Example] = []

    def keep(example: Example) -> bool:
        examples.append(example)
        return len(examples) >= count

    try:
        find(strategy, keep, settings=_settings(40 * count, Phase.generate), random=Random(seed))
    except NoSuchExample:
        raise RuntimeError(f"only {len(examples)} of {count} examples could be drawn") from None
    return examples[:count]


def shrink(
    strategy: SearchStrategy[Example], fails: Callable[[Example], bool], count: int, seed: int
) -> Example | None:
    """Return the simplest example of ``strategy`` that ``fails``, or none among ``count`` examples."""
    try:
        return find(
            strategy, fails, settings=_settings(count, Phase.generate, Phase.shrink), random=Random(seed)
        )
    except NoSuchExample:
        return None
