"""The results of an audit as a page, as text and as JSON."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import msgspec
import pytest
from msgspec.structs import replace

from grader.audit.certificate import render_html
from grader.audit.records import (
    Alarm,
    Audit,
    LawStrength,
    MutantResult,
    Sensitivity,
    Trial,
    Unsteady,
    Versions,
)
from grader.audit.summary import render_json, render_terminal
from grader.rubric import default_rubric

KILLED = MutantResult("loops", "backward", "sign", 7, "a < b", "-a", ("backward.dz",), ("dz",))
SAME = replace(KILLED, method="fit", before="<b>", lost=(), broken=(), equivalent=True, cases=10_000)
FOUND = Audit(
    seed=0,
    versions=Versions("1", "3.11", "2.1", "6", "c0de", "ca5e5"),
    criteria=dict(default_rubric().points),
    trials=(
        Trial("right", "reference", 100.0, (), ()),
        Trial("mistake", "loss-sign", 95.0, ("fit.loss",), ("each_epoch_prints_its_mean_loss",)),
    ),
    mutants=(KILLED, KILLED, SAME),
    strengths=(LawStrength("dz", "backward.dz", 2, 2, 2, {"1": 1, "2": 2, "3": 2}),),
    seeds=(0, 1),
    steadied=1,
    unsteady=(),
    alarms=(Alarm("given", 1000, 4, 0, 0.01),),
    sensitivities=(Sensitivity("dz", "backward.dz", 3e-4),),
    faults=(),
)
FAULTY = replace(
    FOUND,
    faults=("The score of <script> depends on the seed.",),
    unsteady=(Unsteady("<script>", {"0": 90.0, "1": 100.0}, ("dz",)),),
)


def test_the_page_holds_all_it_needs() -> None:
    page = render_html(FOUND)
    assert page.isascii()
    assert not re.search(r"<script|<link|<img|\ssrc=|href=|https?://|@import|url\(", page)
    assert "default-src &#39;none&#39;" in page


def test_the_page_has_the_matrix_as_pictures() -> None:
    page = render_html(FOUND)
    assert page.count("<svg") == 2
    assert "backward.dz (2)" in page
    assert page.count('class="lost"') == 1, "mutants that lose the same lie side by side, as one bar"
    assert "Every right solution passes" in page


def test_what_is_wrong_is_said_and_does_nothing() -> None:
    page = render_html(FAULTY)
    assert "the exam is not sound" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_the_text_says_what_was_tried_and_what_is_wrong() -> None:
    text = render_terminal(FOUND)
    assert "3 mutants of 1 right solutions: 2 killed, 1 equivalent, 0 survivors" in text
    assert re.search(r"^dz +2 +2 +2$", text, re.MULTILINE), "two examples kill all that it kills"
    assert "No faults" in text
    assert "The score of <script> depends on the seed." in render_terminal(FAULTY)


def test_the_json_document_has_everything() -> None:
    assert msgspec.convert(json.loads(render_json(FAULTY)), Audit) == FAULTY


@pytest.mark.slow
def test_the_exam_of_the_kit_is_sound() -> None:
    line = [sys.executable, "-m", "grader.cli.kit", "audit", "--format", "json", "--quiet", "--seeds", "1"]
    run = subprocess.run(line, capture_output=True, text=True, check=False, timeout=1800)
    assert run.returncode == 0, run.stderr
    found = msgspec.convert(json.loads(run.stdout), Audit)
    assert len(found.mutants) >= 1000
    assert len({mutant.base for mutant in found.mutants}) == 5
    assert not any(mutant.is_fault for mutant in found.mutants)
    assert all(mutant.cases == 10_000 for mutant in found.mutants if mutant.equivalent)
