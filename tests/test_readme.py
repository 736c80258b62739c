"""What the README shows is what a user sees."""

from __future__ import annotations

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from grader.report.formats import FORMATS
from grader.rubric import default_rubric

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GRADE = Path(sys.executable).parent / "grade"


def test_the_transcript_is_real() -> None:
    shown = re.search(r"^    \$ grade (\S+)\n((?:(?:    .*)?\n)+)", README, re.MULTILINE)
    assert shown is not None
    run = subprocess.run([GRADE, shown[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    # Which layers are up is the machine's affair.
    there, here = (text.partition("\nisolation: ")[0] for text in (textwrap.dedent(shown[2]), run.stdout))
    assert there.strip() == here.strip()


@pytest.mark.parametrize("criterion", default_rubric().points)
def test_every_criterion_has_its_section(criterion: str) -> None:
    points = f"{default_rubric().points[criterion]:g} points."
    assert re.search(rf"^### {re.escape(criterion)}\n\n{points}", README, re.MULTILINE)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_in_the_table(name: str) -> None:
    assert re.search(rf"^\| (?:`\w+`, )*`{name}`(?:, `\w+`)* \|", README, re.MULTILINE)
