"""Show the layers of an isolation and the outcome of each attack on it, for ``perceptron-kit doctor``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import wrap

from grader.report.terminal.charset import spelled
from grader.text import printable

__all__ = ["render_attempt", "render_kinds", "render_layers", "render_verdict"]

_LAYERS = Path(__file__).with_name("layers.toml")
_TITLE_WIDTH = 52
_GOT_WIDTH = 60
_WIDTH, _INDENT = 88, " " * 6


def render_kinds(missing: Mapping[str, str | None], encoding: str) -> str:
    """Return a line for every kind of isolation: whether this machine has it, or what is missing."""
    lines = ["Isolation on this machine:", ""]
    for kind, lacks in missing.items():
        lines.append(f"  {'–' if lacks else '✓'} --isolation {kind}")
        lines += wrap(lacks, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT) if lacks else []
    return spelled("\n".join([*lines, "", ""]), encoding)


def render_layers(up: Sequence[str], encoding: str) -> str:
    """Return a line for every layer: whether it is active, and what it does. Then the heading of the attacks.

    ``up`` has the kind of isolation and then its layers, as a report has them.
    """
    details = {layer.partition(":")[0]: layer for layer in up[1:]}
    lines = [f"Layers of --isolation {up[0]}:", ""]
    for name, purpose in tomllib.loads(_LAYERS.read_text(encoding="utf-8")).items():
        sign = "✓" if name in details else "–"
        lines.append(f"  {sign} {name.ljust(13)} {purpose}")
        if ":" in details.get(name, ""):
            lines.append(f"    {'':13} here: {details[name]}")
    return spelled("\n".join([*lines, "", "Attacks from inside:", "", ""]), encoding)


def render_attempt(title: str, stopped_by: str | None, got: str, encoding: str) -> str:
    """Return a line that says what stopped an attack, or what it ``got``."""
    if stopped_by is None:
        line = f"  ✗ {title.ljust(_TITLE_WIDTH)} NOT STOPPED: {printable(got)[:_GOT_WIDTH]}"
    else:
        line = f"  ✓ {title.ljust(_TITLE_WIDTH)} {printable(stopped_by)}"
    return spelled(line, encoding) + "\n"


def render_verdict(attacks: int, succeeded: int) -> str:
    """Return how many of the attacks were stopped."""
    if succeeded:
        return (
            f"\n{succeeded} of {attacks} attacks were not stopped: do not grade untrusted submissions here.\n"
        )
    return f"\nAll {attacks} attacks were stopped.\n"
