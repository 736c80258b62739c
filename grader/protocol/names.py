"""The names that the exercise gives to files, classes and modules."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["CLASSES", "METHODS", "UTILS", "is_test", "misspelt_class", "module_of"]

CLASSES = ("Layer", "Perceptron")
"""The classes that a submission defines."""
METHODS = ("Layer.backward", "Perceptron.fit")
"""The methods that students write, one in each of the classes."""
UTILS = "utils.py"
"""The file that students receive, and that the grader has its own copy of."""
_TEST = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|conftest)\.py$")
_ALIKE = 0.75
"""How similar two names must be, by difflib's ratio, for one to count as a misspelling of the other."""


def is_test(path: str) -> bool:
    """Tell whether a path with ``/`` names a file with tests."""
    return _TEST.search(path) is not None


def module_of(name: str, main: str) -> tuple[str, bool, str] | None:
    """Return the module in a file, as the folder of ``main`` sees it; ``None`` if it cannot be imported.

    Returns its dotted name, whether it is a package, and the file's path from that folder.
    """
    folder, path = PurePosixPath(main).parent, PurePosixPath(name)
    if name == main or path.suffix != ".py" or path.name == UTILS or not path.is_relative_to(folder):
        return None
    relative = path.relative_to(folder)
    is_package = relative.name == "__init__.py"
    parts = relative.parent.parts if is_package else (*relative.parent.parts, relative.stem)
    if not parts or not all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        return None
    return ".".join(parts), is_package, str(relative)


def misspelt_class(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the one of ``names`` that looks like a misspelt class, and that class; ``None`` if there is none."""
    from difflib import get_close_matches  # noqa: PLC0415 - only if there is no class

    known = sorted(set(names))
    for wanted in CLASSES:
        if alike := get_close_matches(wanted, known, n=1, cutoff=_ALIKE):
            return alike[0], wanted
    return None
