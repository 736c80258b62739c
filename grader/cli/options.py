"""The options that more than one command has."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct, structs

from grader.languages import ENGLISH, LANGUAGES
from grader.model import Feedback

if TYPE_CHECKING:
    from grader.settings import Settings

__all__ = [
    "ExamOptions",
    "Number",
    "WholeNumber",
    "exam_options",
    "feedback_option",
    "isolation_option",
    "language_option",
    "strongest_isolation_option",
]

_MIB = 1024 * 1024


class ExamOptions(Struct, frozen=True):
    """What the caller says about the exam."""

    seed: int | None
    rubric: Path | None
    timeout: float
    total_timeout: float
    memory: int
    """MiB."""

    def settings(self) -> Settings:
        """Return the settings, with the rubric read; raises ``UsageError`` if that is wrong."""
        from grader.rubric import default_rubric, load_rubric  # noqa: PLC0415 - not needed for --help
        from grader.settings import Settings  # noqa: PLC0415

        rubric = default_rubric() if self.rubric is None else load_rubric(self.rubric)
        given = structs.asdict(self) | {"rubric": rubric, "memory": self.memory * _MIB}
        return Settings(**given | {"seed": rubric.seed if self.seed is None else self.seed})


class WholeNumber(click.IntRange):
    """A whole number in a range."""

    name = "whole number"


class Number(click.FloatRange):
    """A finite number in a range."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Refuse NaN and infinity, which a range of click lets through."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{number} is not a finite number", param, ctx)
        return number


_OPTIONS = (
    click.option(
        "--seed",
        type=WholeNumber(0, 2**32 - 1),
        metavar="N",
        help="The seed of the exam's examples; the same seed gives the same examples. Choose one that students do "
        "not know.  [default: the rubric's, else 0]",
    ),
    click.option(
        "--rubric",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Your own points: a TOML file with a number for each criterion under [points], and perhaps a line "
        "seed = N above it.",
    ),
    click.option(
        "--timeout",
        type=Number(0.1, 3600),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="The time limit for one request of the exam; one call may take a fifth of it.",
    ),
    click.option(
        "--total-timeout",
        type=Number(0.1, 24 * 3600),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="The time limit for a whole submission, reading included.",
    ),
    click.option(
        "--memory",
        type=WholeNumber(256, 1024 * 1024),
        default=1024,
        show_default=True,
        metavar="MIB",
        help="The memory limit of a submission.",
    ),
)


def exam_options(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options of the exam, which it receives as one argument ``exam``."""

    @functools.wraps(function)
    def with_exam(
        *,
        seed: int | None,
        rubric: Path | None,
        timeout: float,
        total_timeout: float,
        memory: int,
        **others: Any,
    ) -> int:
        return function(exam=ExamOptions(seed, rubric, timeout, total_timeout, memory), **others)

    decorated: Callable[..., int] = with_exam
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated


feedback_option = click.option(
    "--feedback",
    type=click.Choice([level.value for level in Feedback]),
    default=Feedback.FULL.value,
    show_default=True,
    help="How much students are told. score: the points. verdict: also which criteria were lost. hint: also the name "
    "of each mistake and its formula. full: also the line, and an example in numbers. Less is faster.",
)
language_option = click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default=ENGLISH,
    show_default=True,
    help="The language of everything that students read: English or Finnish.",
)
isolation_option = click.option(
    "--isolation",
    type=click.Choice(["strict", "user", "process"]),
    default="strict",
    show_default=True,
    help="How submissions are isolated. strict: Landlock and seccomp. user: an unprivileged user and seccomp, for "
    "root without Landlock. process: resource limits only, for people you trust.",
)
strongest_isolation_option = click.option(
    "--isolation",
    type=click.Choice(["strongest", "strict", "user", "process"]),
    default="strongest",
    show_default=True,
    help="How submissions are isolated. strongest: strict, or user if strict is not available, but never process, "
    "which stops no attack.",
)
