"""Translate what students read: English is the source, every other language is a gettext catalogue in ``locale/``.

`speaking` sets the language for a ``with`` block. Only the functions that write a report, a page or a cell open one, so
results hold no translated text, and no language outlasts a report. English loads nothing.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

__all__ = [
    "DOMAIN",
    "ENGLISH",
    "LANGUAGES",
    "LOCALE",
    "counted",
    "current_language",
    "plural",
    "speaking",
    "translated",
]

ENGLISH = "en"
LANGUAGES = (ENGLISH, "fi")
"""The languages of reports, as in BCP 47."""
LOCALE = Path(__file__).with_name("locale")
"""The folder of the catalogues."""
DOMAIN = "perceptron-kit"

_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(language: str) -> Generator[None, None, None]:
    """Translate into ``language``, one of `LANGUAGES`, within the block; never leave the block by a ``yield``.

    Raises ``OSError`` if the language has no catalogue.
    """
    if language != ENGLISH:
        _catalogue(language)
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> str:
    """Return the language of the block that is running; English outside of all."""
    return _language.get()


def marked(text: str) -> str:
    """Return ``text``; it is translated where it is shown, and here translators find it."""
    return text


def translated(text: str) -> str:
    """Return an English ``text`` in the current language; as it is if the catalogue does not have it."""
    language = _language.get()
    # The empty text stands for the catalogue's header.
    return text if language == ENGLISH or not text else _catalogue(language).gettext(text)


def plural(one: str, many: str, number: int) -> str:
    """Return the form for ``number`` of a text in the current language, by its rule of plurals."""
    language = _language.get()
    if language == ENGLISH:
        return one if number == 1 else many
    return _catalogue(language).ngettext(one, many, number)


def counted(one: str, many: str, number: int, **values: str | int) -> str:
    """Return what `plural` does, with ``{number}`` and the other ``values`` filled in."""
    return plural(one, many, number).format(number=number, **values)


@cache
def _catalogue(language: str) -> NullTranslations:
    from gettext import translation  # noqa: PLC0415 - English needs none

    return translation(DOMAIN, LOCALE, [language])
