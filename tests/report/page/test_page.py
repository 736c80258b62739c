"""The class page is the same for the same report, in ASCII, and shows what others wrote only as text."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from class_reports import UNGRADED, UNREADABLE, class_of, column, result, said, wrong

from grader.model import (
    CodeValue,
    Diagnosis,
    ExceptionValue,
    Excerpt,
    Finding,
    Message,
    Place,
    PrintedValue,
    Report,
    Status,
    SubmissionResult,
    Value,
)
from grader.report.formats import Options
from grader.report.page import render_html

EVIL = (
    "</title></style></script><script>alert(1)</script><img src=x onerror='alert(2)'>"
    "\"'&lt;{{ 7 * 7 }}\x1b[2J\u202e\udc80"
)


class Elements(HTMLParser):
    """Counts a page's elements, and those of their attributes that could act."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.acting: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.acting += [
            name for name, _ in attrs if name.startswith("on") or name in {"src", "style", "srcdoc"}
        ]


def evil_finding(text: str) -> Finding:
    """Return a finding in which everything that a student can write is ``text``."""
    values: dict[str, Value] = {"a": CodeValue(text), "b": ExceptionValue(text, text)}
    return Finding(text, Message("{text}", {"text": text}), values, values, values, Place(text, 1, text))


def evil(number: int = 0) -> SubmissionResult:
    """Return a submission that is called, printed, raised and did what would act on a page."""
    text = f"{EVIL}{number}"
    lost = (
        wrong("backward.dz", {text: PrintedValue(text)}),
        replace(said("fit.loss", text, Status.ERROR), title=text),
        replace(wrong("training.monotone_loss"), finding=evil_finding(text)),
    )
    graded = result(text, *lost, output=text * 3, path=f"class/{text}", message=text, sha256=text)
    return replace(
        graded,
        isolation=(text,),
        diagnoses=(
            Diagnosis(
                text,
                text,
                (text,),
                3,
                text,
                text,
                Message(text),
                Place(text, 3, text),
                Excerpt(1, (text,)),
                text,
            ),
        ),
    )


def class_of_evil() -> Report:
    return class_of(
        *(evil(i // 2) for i in range(4)),
        replace(UNREADABLE, reasons=(Message.verbatim(EVIL),)),
        replace(UNGRADED, reasons=(Message.verbatim(EVIL),)),
    )


@pytest.mark.parametrize("anonymous", [False, True])
def test_the_page_shows_what_others_wrote_as_text(anonymous: bool) -> None:
    calm = class_of(*(result(f"s{i}") for i in range(6)))
    options = Options(is_anonymous=anonymous)
    found, known = (Elements(render_html(report, options)) for report in (class_of_evil(), calm))
    assert (found.names.count("script"), found.names.count("style"), found.acting) == (1, 1, [])
    assert set(found.names) - set(known.names) <= {
        "pre",
        "h3",
        "article",
        "strong",
        "br",
        "code",
        "dl",
        "dt",
        "dd",
    }


def test_what_others_wrote_is_not_run_as_a_template() -> None:
    page = render_html(class_of_evil(), Options())
    assert "{{ 7 * 7 }}" in page
    assert ";49" not in page


def test_the_page_has_no_control_characters_and_no_direction_overrides() -> None:
    page = render_html(class_of_evil(), Options())
    assert page.isascii()
    assert [character for character in page if not character.isprintable() and character != "\n"] == []
    assert "&#8238;" not in page


def test_the_policy_names_the_only_style_and_script() -> None:
    page = render_html(class_of_evil(), Options())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    for element in ("style", "script"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert f"{element}-src &#39;sha256-{digest}&#39;;" in policy
    assert policy.startswith("default-src &#39;none&#39;;")
    # Before the policy nothing may stand that it would have to bind.
    assert Elements(page[: page.index("Content-Security-Policy")]).names == ["html", "head", "meta"]


def test_the_same_report_gives_the_same_bytes_whatever_the_hash_order_and_the_locale() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); from test_page import class_of_evil\n"
        "from hashlib import sha256; from grader.report.page import render_html\n"
        "from grader.report.formats import Options\n"
        "pages = (render_html(class_of_evil(), Options(is_anonymous=a)) for a in (False, True))\n"
        "print(*(sha256(page.encode()).hexdigest() for page in pages))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, locale, zone in (("0", "C", "UTC"), ("1", "C.UTF-8", "Asia/Tokyo"))
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    "results", [(), (UNGRADED,), (UNREADABLE,), (result("alice"),), (result("alice"), result("bob"))]
)
def test_very_small_classes_have_a_page(results: tuple[SubmissionResult, ...]) -> None:
    page = render_html(class_of(*results), Options())
    assert all(f">{one.id}<" in page for one in results)
    assert page.count("<tbody id=") == len(results)


def test_a_long_output_is_cut() -> None:
    page = render_html(
        class_of(result("alice", wrong("fit.loss"), output="x" * 10_000 + "\n" + "y\n" * 1000)), Options()
    )
    assert page.count("x" * 400) == 1
    assert "[and 961 lines more]" in page
    assert len(page) < 40_000


def test_a_matrix_is_a_table_and_its_wrong_entries_are_marked() -> None:
    seen = column(0.5, 2, -0.0, wrong=(1,))
    page = render_html(class_of(result("alice", wrong("backward.dz", seen))), Options())
    (matrix, due, given) = re.findall(r'<table class="matrix">(.*?)</table>', page, re.DOTALL)
    marked = '<mark><strong>2</strong></mark><span class="hidden"> (differs)</span>'
    assert re.findall("<td>(.*?)</td>", matrix) == ["0.5", marked, "0"]
    assert (re.findall("<td>(.*?)</td>", due), re.findall("<td>(.*?)</td>", given)) == (["0"], ["1"])
    assert "dz = <table" in page
