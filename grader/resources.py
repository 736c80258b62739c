"""Where the kit keeps what students are given and what it is derived from.

In a checkout these lie beside the package; a wheel carries them inside it, under ``grader/_kit``.
"""

from collections.abc import Iterator
from pathlib import Path

__all__ = [
    "assignment_path",
    "checkout_path",
    "code_paths",
    "exam_path",
    "hidden_paths",
    "misconceptions_path",
    "solution_path",
    "utils_path",
]

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_kit"
_CODE = {".py", ".toml", ".bpf", ".json"}


def checkout_path() -> Path | None:
    """Return the folder of the checkout that the kit runs from; none where it was installed from a wheel."""
    return None if _INSTALLED.is_dir() else _PACKAGE.parent


def utils_path() -> Path:
    """Return the file ``utils.py`` that is given to students."""
    return _root() / "utils.py"


def solution_path() -> Path:
    """Return the folder of the reference solution."""
    return _root() / "solution"


def assignment_path() -> Path:
    """Return the folder that a student receives."""
    return _root() / "assignment"


def misconceptions_path() -> Path:
    """Return the catalogue of the mistakes that students are known to make, with what each may cost."""
    return _PACKAGE / "misconceptions.toml"


def exam_path() -> Path:
    """Return the folder of the exam."""
    return _PACKAGE / "exam"


def hidden_paths() -> list[Path]:
    """Return the folders that no submission may read: the kit's own, with all that lies in them."""
    return [_PACKAGE, _root()]


def code_paths() -> Iterator[tuple[str, Path]]:
    """Yield the files that a mark is computed by, each with the same name wherever the kit is installed."""
    for path in sorted(_PACKAGE.rglob("*")):
        name = path.relative_to(_PACKAGE)
        if path.is_file() and path.suffix in _CODE and name.parts[0] != _INSTALLED.name:
            yield f"grader/{name.as_posix()}", path
    yield "utils.py", utils_path()


def _root() -> Path:
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
