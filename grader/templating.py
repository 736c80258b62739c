"""Fill the kit's Jinja templates: pages, comments and cells in HTML, Markdown, scripts and YAML.

There is one environment for all of them. Templates are named by their path within ``grader/``. In those whose name
ends in ``.html`` or ``.html.jinja``, every value is escaped.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.languages import plural, translated
from grader.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = ["template"]


def template(name: str, **functions: Callable[..., object]) -> Template:
    """Return the template at the path ``name`` within the package; it and what it includes can call ``functions``.

    Control characters in values are written as escapes; line ends and tabs stay. A missing value is an error. The
    template's own texts are in the current language.
    """
    return _environment().get_template(name, globals=functions)


@cache
def _environment() -> Environment:
    from jinja2 import (  # noqa: PLC0415 - slow to import
        Environment,
        FileSystemLoader,
        StrictUndefined,
        select_autoescape,
    )

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html", "html.jinja"]),
        undefined=StrictUndefined,
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds these; templates call them as _(…), ngettext(…) and {% trans %}.
    environment.install_gettext_callables(translated, plural, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _harmless(value: Any) -> Any:
    """Return what an expression gives without characters that act; markup of the kit's own stays."""
    return printable(value, keep="\n\t") if type(value) is str else value
