"""Tell the exercise from the other assignments of a course, by what the students have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from grader.errors import UsageError
from grader.intake.found import name_list
from grader.text import printable

__all__ = ["EXERCISE", "choose_assignment", "is_clear_majority"]

EXERCISE = "perceptron"
"""What the assignment is called, or a part of what it is called."""
_LEAST_SHARED = 3
"""If so many students share an assignment, one that only a single student has is not the class's."""


def is_clear_majority(fitting: int, others: int) -> bool:
    """Tell whether at least two of three fit."""
    return fitting >= 2 * others


def choose_assignment(students: Mapping[str, Iterable[str]], path: str) -> str:
    """Return the only assignment that the students have, or the one that is called like the exercise.

    ``path`` is the path of each assignment, with ``{}`` for its name. Raises ``UsageError`` if several could be meant.
    """
    count = Counter(name for names in students.values() for name in set(names))
    is_shared = max(count.values(), default=0) >= _LEAST_SHARED
    known = sorted(name for name in count if count[name] > 1 or not is_shared)
    called_so = [name for name in known if name.lower() == EXERCISE]
    fitting = called_so or [name for name in known if EXERCISE in name.lower()]
    chosen = known if len(known) == 1 else fitting
    if len(chosen) == 1:
        return chosen[0]
    everywhere = path.replace("{}", "*")
    if not known:
        raise UsageError(f"{everywhere} does not exist: no assignment has been collected")
    example = path.replace("{}", printable((chosen or known)[0]))
    raise UsageError(
        f"{everywhere} are several assignments ({name_list(known)}), and not exactly one of them is called "
        f"{EXERCISE}; name one, as in {example}"
    )
