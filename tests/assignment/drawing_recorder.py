"""A stand-in for matplotlib.pyplot, which is not installed with the kit: it prints which pictures are drawn."""

from __future__ import annotations

from collections.abc import Callable

_DRAWS = ("scatter", "bar", "plot", "contourf", "set_title")


class Anything:
    """Accepts every call, and has every attribute."""

    def __call__(self, *_arguments: object, **_options: object) -> Anything:
        return self

    def __getattr__(self, name: str) -> Anything:
        return self


class Axes:
    """Says what is drawn into it, with the texts that are drawn."""

    def __getattr__(self, name: str) -> Callable[..., Anything]:
        def draw(*arguments: object, **_options: object) -> Anything:
            if name in _DRAWS:
                print("drew", name, *(text for text in arguments if isinstance(text, str)))
            return Anything()

        return draw


def subplots(rows: int = 1, columns: int = 1, **_options: object) -> tuple[Anything, Axes | list[Axes]]:
    """Begin a picture."""
    print("picture")
    return Anything(), Axes() if rows * columns == 1 else [Axes() for _ in range(columns)]


def show() -> None:
    """Show all pictures."""
    print("show")
