"""Derive the visible checks: the programs that students run at home, in their language.

The programs in ``templates/`` mark each sentence as ``_("...")``. A translation is a file ``templates/LANGUAGE.toml``
with the English sentences and theirs; it is written into ``checks/words.py``. Plots have the same stubs, and numbers
the same tolerance, as in grading.
"""

from __future__ import annotations

import pprint
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from grader.candidate.sandbox.runtime import stub_modules
from grader.languages import ENGLISH, LANGUAGES
from grader.resources import exam_path

__all__ = ["check_files", "template", "translations"]

_TEMPLATES = Path(__file__).parent / "templates"
_NAMES = ("check.py", "pytest.ini", "test_perceptron.py")
_PACKAGE = "checks"
_COPIED = {"stand_ins.py": Path(stub_modules.__file__), "tolerance.py": exam_path() / "laws/tolerance.py"}
"""Modules of grading that students have too, by their names there."""
_NO_TRANSLATIONS = "TRANSLATIONS: dict[str, str] = {}"


def check_files(language: str) -> dict[str, bytes]:
    """Return the files of the visible checks by their names, with sentences in ``language``."""
    modules = sorted(path.name for path in (_TEMPLATES / _PACKAGE).glob("*.py"))
    files = {name: template(name) for name in (*_NAMES, *(f"{_PACKAGE}/{module}" for module in modules))}
    texts = {name: _with_translations(text, language).encode() for name, text in files.items()}
    copied = {f"{_PACKAGE}/{name}": path.read_bytes() for name, path in _COPIED.items()}
    return {**texts, **copied}


def template(name: str) -> str:
    """Return the text of a file in ``templates/``."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


@cache
def translations(language: str) -> Mapping[str, str]:
    """Return the sentences of the checks in ``language`` by the English ones; none for English.

    Raises ``KeyError`` if there is no such language.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == ENGLISH:
        return {}
    found: dict[str, str] = tomllib.loads(template(f"{language}.toml"))
    return found


def _with_translations(text: str, language: str) -> str:
    if not (table := translations(language)):
        return text
    return text.replace(
        _NO_TRANSLATIONS, f"TRANSLATIONS: dict[str, str] = {pprint.pformat(dict(table), width=100)}"
    )
