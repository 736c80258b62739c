"""The visible checks: what `python check.py`, `pytest` and the cells of the notebook run.

Each step is one quantity of the task sheet. The checks are a window on grading, which tries many more cases. There is
nothing to change here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from checks.session import ALL_STEPS, STEPS, Session, needed_stages
from checks.table import Style, table_lines

__all__ = ["check", "check_backward", "check_fit"]


def check_backward(layer_class: Any) -> None:
    """Check the first task, and print a table."""
    _print_table(layer_class, None, STEPS["backward"])


def check_fit(layer_class: Any, perceptron_class: Any) -> None:
    """Check the second task and both together, and print a table."""
    _print_table(layer_class, perceptron_class, (*STEPS["fit"], *STEPS["training"]))


def check(layer_class: Any, perceptron_class: Any) -> None:
    """Check all steps, and print a table."""
    _print_table(layer_class, perceptron_class, ALL_STEPS)


def _print_table(layer_class: Any, perceptron_class: Any, steps: Sequence[str]) -> None:
    session = Session(layer_class, perceptron_class)
    outcomes = [each for stage in needed_stages(steps) for each in session.outcomes(stage)]
    print("\n".join(table_lines([each for each in outcomes if each.step in steps], Style(80))))
