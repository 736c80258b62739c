"""Fills the templates of the files in bundles."""

from __future__ import annotations

import json
import shlex
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["rendered"]


def rendered(template: str, **values: object) -> str:
    """Return the ``template`` with ``values`` in it.

    Its filter ``shell`` makes one word of a shell's line of a text, and ``quoted`` a string of YAML.
    """
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.bundles"),
        autoescape=False,  # noqa: S701 - scripts, YAML and Markdown, whose values are quoted by the filters
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # JSON is YAML, and GitHub reads an expression in nothing of ours.
    environment.filters |= {"shell": shlex.quote, "quoted": lambda text: json.dumps(text, ensure_ascii=False)}
    return environment
