"""Fill the kit's Jinja templates: pages, comments and cells in HTML, Markdown, scripts and YAML.

There is one environment for all of them. Templates are named by their path within ``grader/``. In those whose name
ends in ``.html`` or ``.html.jinja``, every value is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.languages import plural, translated
from grader.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from jinja2.nodes import EvalContext

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
        pass_eval_context,
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
    # Templates call these as _(…), ngettext(…) and {% trans %}. The extension's own would fill in any value as it is.
    environment.newstyle_gettext = True  # type: ignore[attr-defined]
    environment.globals |= {"gettext": pass_eval_context(_gettext), "ngettext": pass_eval_context(_ngettext)}
    return environment


def _gettext(context: EvalContext, text: str, **values: object) -> str:
    return _filled_in(translated(text), values, context)


def _ngettext(context: EvalContext, one: str, many: str, number: int, **values: object) -> str:
    return _filled_in(plural(one, many, number), {"num": number, **values}, context)


def _filled_in(text: str, values: Mapping[str, object], context: EvalContext) -> str:
    """Return ``text`` with harmless values; as markup where values are escaped."""
    from markupsafe import Markup  # noqa: PLC0415 - comes with Jinja

    harmless = {name: _harmless(value) for name, value in values.items()}
    # Templates and catalogues are ours; Markup escapes the values.
    return (Markup(text) if context.autoescape else text) % harmless  # noqa: S704


def _harmless(value: Any) -> Any:
    """Return what an expression gives without characters that act; markup of the kit's own stays."""
    return printable(value, keep="\n\t") if type(value) is str else value
