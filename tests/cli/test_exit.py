"""How a command ends if the kit itself is at fault, and what its help needs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.kit import group

DEADLINE = 60
FAILING = """\
import sys
import click
from grader.cli.exit import run_command
from grader.cli.lazy import LateCommand

@click.command(cls=LateCommand)
def command():
    raise {0}

run_command(command, "perceptron-kit")
"""


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-c", code, *arguments]
    return subprocess.run(line, capture_output=True, encoding="utf-8", timeout=DEADLINE, check=False)


@pytest.mark.parametrize(
    "bug", ["ZeroDivisionError", "EOFError", "BrokenPipeError(32, 'Broken pipe')"], ids=lambda bug: bug[:8]
)
def test_a_bug_of_the_kit_has_exit_code_3_and_a_traceback(bug: str) -> None:
    ended = run(FAILING.format(bug))
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith("Traceback")
    last = ended.stderr.splitlines()[-1]
    assert last == "perceptron-kit: this is a bug of the kit, not of a submission; please report it"


def test_ctrl_c_within_a_command_has_exit_code_130() -> None:
    ended = run(FAILING.format("KeyboardInterrupt"))
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "perceptron-kit: interrupted\n")


def test_the_help_lists_every_command_but_those_for_programs() -> None:
    kit = shutil.which("perceptron-kit", path=str(Path(sys.executable).parent))
    assert kit is not None
    help_ = subprocess.run(
        [kit, "--help"], capture_output=True, encoding="utf-8", timeout=DEADLINE, check=True
    ).stdout
    listed = {line.split()[0] for line in help_.partition("Commands:\n")[2].splitlines() if line[2:3].strip()}
    context = group.make_context("perceptron-kit", ["--help-is-not-asked-for"], resilient_parsing=True)
    names = set(group.list_commands(context))
    assert listed & names == names - {"grade-notebook", "run-autograder"}
    assert "docs/usage.md" in help_


def test_without_dask_a_scheduler_is_wrong_usage_with_the_way_to_install_it() -> None:
    code = "import sys; sys.modules['distributed'] = None; from grader.cli.grade import main; main()"
    ended = run(code, "--scheduler", "tcp://localhost:8786", __file__)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "grade: --scheduler needs Dask, which is not installed; in the kit's checkout, run: "
        'uv sync --extra cluster (or: pip install ".[cluster]")\n'
    )
