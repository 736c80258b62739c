"""The options that more than one command has: how submissions are examined."""

from __future__ import annotations

import math
from pathlib import Path

import click

__all__ = [
    "finite",
    "memory_option",
    "rubric_option",
    "seed_option",
    "timeout_option",
    "total_timeout_option",
]


def finite(_context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse NaN and infinity, which a range of click lets through."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number of use here", param=parameter)
    return value


seed_option = click.option(
    "--seed",
    type=click.IntRange(0, 2**32 - 1),
    metavar="N",
    help="What the exam's examples are drawn from; the same seed gives the same examples. Choose one that students do "
    "not know.  [default: the rubric's, else 0]",
)
rubric_option = click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Your own points, in a TOML file with a number for each criterion under [points]; a line seed = N above it "
    "keeps a seed of your own.",
)
timeout_option = click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    callback=finite,
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest that a submission may take for one request of the exam; a fifth of it for one case.",
)
total_timeout_option = click.option(
    "--total-timeout",
    type=click.FloatRange(0.1, 24 * 3600),
    callback=finite,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="The longest that a submission may take in all.",
)
memory_option = click.option(
    "--memory",
    type=click.IntRange(256, 1024 * 1024),
    default=1024,
    show_default=True,
    metavar="MIB",
    help="The most memory that a submission may use.",
)
