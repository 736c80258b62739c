"""The command ``perceptron-kit``: everything but grading."""

from __future__ import annotations

import click

from grader.cli.exit import run_command
from grader.cli.lazy import LazyGroup
from grader.cli.streams import write_out

__all__ = ["group", "main"]

_MODULES = {
    "audit": ("grader.cli.commands.audit", "Show that the exam passes right solutions and stops wrong ones."),
    "classroom": ("grader.cli.commands.classroom", "Make the template of a GitHub Classroom assignment."),
    "compare": ("grader.cli.commands.compare", "Compare the scores of two runs of grade."),
    "doctor": ("grader.cli.commands.doctor", "Check the isolation of this machine by attacking it."),
    "generate-assignment": (
        "grader.cli.commands.generate_assignment",
        "Derive what students receive from the reference solution.",
    ),
    "gradescope": ("grader.cli.commands.gradescope", "Make the autograder that Gradescope runs."),
    "nbgrader": ("grader.cli.commands.nbgrader", "Add the exercise to an nbgrader course."),
    "release": ("grader.cli.commands.release", "Write what students receive, as a folder or an archive."),
    # These are run by other programs.
    "grade-notebook": ("grader.cli.commands.grade_notebook", ""),
    "run-autograder": ("grader.cli.commands.run_autograder", ""),
}


@click.group(
    cls=LazyGroup,
    modules=_MODULES,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    epilog="The documentation is in docs/ of the kit; begin with docs/usage.md.",
)
@click.version_option(package_name="perceptron-kit", prog_name="perceptron-kit")
@click.pass_context
def group(context: click.Context) -> int:
    """Manage the exercise "train a multilayer perceptron from scratch"; the command grade grades it."""
    if context.invoked_subcommand is None:
        write_out(context.get_help() + "\n")
    return 0


def main() -> None:
    """Run ``perceptron-kit`` and end the process with its exit code."""
    run_command(group, "perceptron-kit")


if __name__ == "__main__":
    main()
