"""The class page groups submissions by mistake, and shows the code of each behind its row."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from class_reports import (
    CLIPPED,
    MISSING,
    UNGRADED,
    UNKNOWN,
    UNREADABLE,
    at_line,
    class_of,
    diagnosed,
    result,
)
from msgspec import structs

from grader.explanations import explanation
from grader.model import Feedback, SubmissionResult
from grader.report.formats import Options
from grader.report.page import render_html
from grader.report.page.causes import causes_in

if TYPE_CHECKING:
    from chromium import Chromium, Visit

EVIL = "</pre><script>document.title = 'run'</script>"
CODE = ("def backward(self, da, learning_rate):", "    dz = da  # by carol", "    return dz")
CLASS = (
    diagnosed("alice", CLIPPED, UNKNOWN),
    diagnosed("bob", MISSING),
    diagnosed("carol", at_line(MISSING, 20, *CODE)),
    diagnosed("dave", at_line(structs.replace(CLIPPED, seen=EVIL), 20, EVIL, EVIL, EVIL)),
    diagnosed("erin", MISSING),
    result("frank"),
    UNREADABLE,
    UNGRADED,
)
ROWS = "#submissions > tbody:not([hidden]) > tr:first-child > th > bdi"


def members_of(*results: SubmissionResult) -> list[tuple[str, tuple[int, ...]]]:
    found = causes_in(results)
    return [(cause.title, cause.members) for cause in (*found.known, *found.unknown)]


def test_the_most_frequent_mistake_comes_first_and_what_is_unknown_last() -> None:
    titles = [members for _, members in members_of(*CLASS)]
    assert titles == [(1, 2, 4), (0, 3), (0,)]


def test_a_mistake_made_twice_by_one_counts_once() -> None:
    ((_, members),) = members_of(diagnosed("alice", MISSING, MISSING))
    assert members == (0,)


def test_every_form_of_a_mistake_is_named() -> None:
    (cause,) = causes_in(
        [diagnosed("a", MISSING), diagnosed("b", structs.replace(MISSING, seen="dz = 1"))]
    ).known
    assert [seen for seen, _ in cause.formulas] == ["dz = 1", "dz = da"]


@pytest.mark.parametrize("level", [Feedback.SCORE, Feedback.VERDICT])
def test_without_names_of_mistakes_there_is_no_such_section(level: Feedback) -> None:
    page = render_html(replace(class_of(*CLASS), feedback=level), Options())
    assert "What went wrong" not in page


def test_an_anonymous_page_names_nobody_in_code_and_links_to_no_page() -> None:
    options = Options(is_anonymous=True, links={one.id: f"{one.id}.html" for one in CLASS})
    page = render_html(class_of(*CLASS), options)
    assert "by carol" not in page
    assert "carol.html" not in page
    assert "# by" in page


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "index.html"
    links = {"carol": "pages/carol.html", "dave": "javascript:alert(1)"}
    path.write_text(render_html(class_of(*CLASS), Options(links=links)), encoding="ascii")
    return path


def shown(visit: Visit) -> list[str]:
    return visit.page.locator(ROWS).all_inner_texts()


def test_each_mistake_has_its_count_and_leads_to_who_made_it(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        first = visit.page.locator(".causes tbody tr").first
        assert first.locator(".share").inner_text() == "3"
        assert first.locator("a").all_inner_texts() == ["bob", "carol", "erin"]
        first.get_by_role("link", name="carol").click()
        assert visit.page.locator("#submissions tbody:target bdi").first.inner_text() == "carol"


def test_the_line_is_marked_in_the_code_behind_a_row(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        body = visit.page.locator("#submissions tbody", has=visit.page.get_by_role("rowheader", name="carol"))
        body.locator("summary").click()
        lines = body.locator("pre.lines").inner_text().splitlines()
        assert [line.split(maxsplit=1)[0] for line in lines] == ["19", "20", "21"]
        assert body.locator("mark").first.inner_text().split(maxsplit=1) == ["20", "dz = da  # by carol"]


def test_code_is_text(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        assert visit.page.title() == f"Scores of {len(CLASS)} submissions"
        assert visit.page.locator("script").count() == 1
        assert visit.complaints == []


def test_a_filter_shows_who_made_a_mistake_and_links_lead_out_of_it(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        box = visit.page.get_by_role("searchbox", name="Show only")
        box.fill(explanation(CLIPPED.id).title.upper())
        assert shown(visit) == ["alice", "dave"]
        assert visit.page.locator("output").inner_text() == "2 of 8"
        assert visit.violations() == []
        box.fill("carol backward.dz")
        assert shown(visit) == ["carol"]
        visit.page.locator(".causes").get_by_role("link", name="bob").click()
        assert len(shown(visit)) == len(CLASS)


def test_without_javascript_there_is_no_filter_and_all_rows(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri(), javascript=False) as visit:
        assert visit.page.get_by_role("searchbox").count() == 0
        assert len(shown(visit)) == len(CLASS)


def test_the_strip_says_what_each_sign_is(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        assert visit.page.locator(".heads b").all_inner_texts() == ["backward", "fit", "training"]
        tips = visit.page.locator("#submissions tbody .strip i").evaluate_all(
            "all => all.map((one) => one.title)"
        )
        assert tips[0] == "backward.dz: failed"


def test_a_students_page_is_linked_as_a_file(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        links = visit.page.locator("#submissions a.page").evaluate_all("all => all.map((one) => one.href)")
        assert re.fullmatch("file:.*/pages/carol.html", links[0])
        assert links[1].startswith("file:")
