"""Find the kit's own files: what students receive, and what it is derived from.

In a checkout these lie beside the package; a wheel carries them inside it, under ``grader/_kit``.
"""

from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "assignment_path",
    "code_paths",
    "exam_path",
    "hidden_paths",
    "skeleton_paths",
    "solution_path",
    "utils_path",
]

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_kit"
_CODE = {".py", ".toml", ".bpf", ".json"}
_SCORING = (
    "__init__.py",
    "candidate",
    "criteria.toml",
    "diagnosis",
    "disclosure.py",
    "economy.py",
    "errors.py",
    "exam",
    "failures.py",
    "files.py",
    "formulas.py",
    "grading/__init__.py",
    "grading/batch.py",
    "grading/outcomes.py",
    "grading/progress.py",
    "grading/results.py",
    "grading/session.py",
    "languages.py",
    "memory.py",
    "messages.py",
    "model.py",
    "protocol",
    "resources.py",
    "rubric.py",
    "rubric.toml",
    "settings.py",
    "text.py",
    "version.py",
)
"""The files that grading imports and reads once it has the bytes of a submission; folders with everything in them."""


def utils_path() -> Path:
    """Return the file ``utils.py`` that is given to students."""
    return _root() / "utils.py"


def solution_path() -> Path:
    """Return the folder of the reference solution."""
    return _root() / "solution"


def assignment_path() -> Path:
    """Return the folder that a student receives."""
    return _root() / "assignment"


def exam_path() -> Path:
    """Return the folder of the exam."""
    return _PACKAGE / "exam"


def hidden_paths() -> list[Path]:
    """Return the folders that no submission may read: the kit's own, with everything in them."""
    return [_PACKAGE, _root()]


def skeleton_paths() -> list[Path]:
    """Return the files that students receive to write their code into."""
    return [
        path for path in sorted(assignment_path().glob("perceptron.*")) if path.suffix in (".py", ".ipynb")
    ]


def code_paths() -> Iterator[tuple[str, Path]]:
    """Yield the files that a score depends on, each with the same name wherever the kit is installed."""
    for part in _SCORING:
        path = _PACKAGE / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in _CODE:
                yield f"grader/{file.relative_to(_PACKAGE).as_posix()}", file
    yield "utils.py", utils_path()
    for file in skeleton_paths():
        yield f"assignment/{file.name}", file


def _root() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
