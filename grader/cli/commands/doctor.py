"""``perceptron-kit doctor``."""

from __future__ import annotations

import sys

import click

from grader.candidate.isolation import Isolation
from grader.cli.lazy import LateCommand
from grader.cli.options import isolation_option
from grader.cli.streams import write_out
from grader.doctor.attacks import attempts
from grader.doctor.isolations import isolations_with_faults, layers_of
from grader.report.terminal.attacks import render_attempt, render_kinds, render_layers, render_verdict

__all__ = ["command"]


@click.command(cls=LateCommand)
@isolation_option
def command(isolation: str) -> int:
    """Say what isolation this machine offers, and attack it from inside, as a hostile submission would.

    The exit code is 0 if every attack was stopped, 1 if one was not, and 3 if the isolation is not available here.
    """
    encoding = sys.stdout.encoding
    write_out(render_kinds({str(kind): lacks for kind, lacks in isolations_with_faults().items()}, encoding))
    write_out(render_layers(layers_of(Isolation(isolation)), encoding))
    made = []
    for attempt in attempts(Isolation(isolation)):
        made.append(attempt)
        write_out(render_attempt(attempt.title, attempt.stopped_by, attempt.got, encoding))
    succeeded = sum(attempt.stopped_by is None for attempt in made)
    write_out(render_verdict(len(made), succeeded))
    return 1 if succeeded else 0
