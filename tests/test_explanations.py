"""What students read about each mistake is there, short, plain, and gives nothing away."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import textstat
from babel.messages.pofile import read_po

import grader
from grader.explanations import Explanation, explanation
from grader.report.terminal.charset import spelled

ROOT = Path(__file__).parent.parent
SCRIPTS = Path(sys.executable).parent
PACKAGE = Path(grader.__file__).parent
CATALOGUE = tomllib.loads((PACKAGE / "misconceptions.toml").read_text(encoding="utf-8"))
WITHOUT_ENTRY = ("not-written", "unknown")
"""What is explained although it is no mistake of the catalogue."""
NAMES = sorted(tomllib.loads((PACKAGE / "explanations.toml").read_text(encoding="utf-8")))

FEWEST, MOST = 80, 160
"""Words of a whole diagnosis."""
FORMULAS = (
    "Your code: da_prev = Wᵀ · da\nIt should be: da_prev = Wᵀ · dz, with W as it was in the forward pass"
)
"""As long as formulas get."""
GRADE = 9.0
"""The reading level, in years of school."""
LONGEST_SENTENCE = 28

SIGN = re.compile(r"\w*[_′ᵀŷ⊙]\w*(?:\(z\))?|self\.\w+|f\(z\)|\b(?:dz|da|[Ll]earning rate|1e-7)\b|[=·−⊙]")
"""Names and signs of the task sheet; each is as easy to read as a letter."""
CODE = re.compile(
    r"[-+*/]=|@|\*|\.T\b|\bnp\.|\bself\.\w+\s*=|\.item|\.copy|\breversed\b|\bzip\b|\breturn\b|\bprint\(|\w\[|:\.3f|`"
)
"""What only a repaired line would need."""
NEVER_SAID = re.compile(
    r"\b(marks?|grad(?:er|ing)|exam|probes?|hidden|sandbox|catalogue|mend|stand-in|patience|passed over"
    r"|you (?:forgot|should have)|careless(?:ly)?|obvious(?:ly)?|simply|just use|stupid"
    r"|alternative(?:ly)?|another way|instead of this|you (?:can|could) also|better to)\b",
    re.IGNORECASE,
)
"""Words of the kit's own parts, words that blame, and words that begin another approach."""


def words(text: str) -> int:
    return len(text.split())


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", text)


@pytest.mark.parametrize("mistake", [*CATALOGUE, *WITHOUT_ENTRY])
def test_every_known_mistake_is_explained(mistake: str) -> None:
    assert explanation(mistake) != Explanation(mistake, "")


@pytest.mark.parametrize("mistake", NAMES)
def test_only_known_mistakes_are_explained(mistake: str) -> None:
    assert mistake in {*CATALOGUE, *WITHOUT_ENTRY}


@pytest.mark.parametrize("mistake", NAMES)
def test_a_whole_diagnosis_is_neither_short_nor_long(mistake: str) -> None:
    said = " ".join(explanation(mistake))
    assert words(said) >= FEWEST
    assert words(said) + words(FORMULAS) <= MOST


@pytest.mark.parametrize("mistake", NAMES)
def test_a_ninth_grader_can_read_it(mistake: str) -> None:
    said = explanation(mistake)
    assert textstat.flesch_kincaid_grade(SIGN.sub("x", f"{said.title}. {said.text}")) <= GRADE
    assert [long for long in sentences(said.text) if words(long) > LONGEST_SENTENCE] == []


@pytest.mark.parametrize("mistake", NAMES)
def test_a_title_goes_on_after_the_line(mistake: str) -> None:
    title = explanation(mistake).title
    assert title[0].islower() or title.startswith("ŷ")
    assert title[-1] not in ".?!:"
    assert words(title) <= 14


@pytest.mark.parametrize("mistake", NAMES)
def test_the_text_holds_no_repaired_code(mistake: str) -> None:
    assert CODE.findall(" ".join(explanation(mistake))) == []


@pytest.mark.parametrize("mistake", NAMES)
def test_the_text_blames_nobody_and_speaks_of_nothing_but_the_task(mistake: str) -> None:
    assert NEVER_SAID.findall(" ".join(explanation(mistake))) == []


@pytest.mark.parametrize("mistake", NAMES)
def test_the_text_ends_with_what_to_look_at(mistake: str) -> None:
    last = explanation(mistake).text.split("\n\n")[-1]
    assert re.search(
        r"\b(look|print|take|compare|read|write|call|try|go|work|train|count|sketch)\b", last, re.I
    )


@pytest.mark.parametrize("mistake", NAMES)
def test_every_sign_has_a_spelling_in_ascii(mistake: str) -> None:
    assert "\\" not in spelled(" ".join(explanation(mistake)), "ascii")


def test_no_two_mistakes_share_a_title() -> None:
    titles = [explanation(mistake).title for mistake in NAMES]
    assert len(titles) == len(set(titles))


def test_babel_extracts_every_title_and_text(tmp_path: Path) -> None:
    file = tmp_path / "messages.pot"
    mapping = ROOT / "pyproject.toml"
    subprocess.run([SCRIPTS / "pybabel", "-q", "extract", "-F", mapping, "-o", file, PACKAGE], check=True)
    with file.open("rb") as template:
        extracted = {message.id for message in read_po(template)}
    assert {part for mistake in NAMES for part in explanation(mistake)} <= extracted
