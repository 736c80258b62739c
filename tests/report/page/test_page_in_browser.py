"""The class page works in a browser, for a real class from the corpora of submissions."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal

import pytest
from chromium import DESKTOP, PHONE, Chromium, Visit
from class_reports import ONE, UNGRADED, UNREADABLE, class_of, column, printed_loss, result, said, wrong

from grader.report.formats import Options
from grader.report.page import STYLE, render_html

CORPORA = Path(__file__).parents[2] / "submissions"
EVIL_NAME = "<img src=x onerror=alert(1)>"
CLASS = {
    "alice": "right/golf.py",
    "bob": "wrong/loss-sign",
    "carol": "wrong/updated-before-da_prev/in_place.py",
    "dave": "hostile/inject_html.py",
    "erin": "hostile/inject_piled_characters.py",
    "frank": "hostile/inject_megabyte_lines.py",
    "grace": "nonsense/nothing_where_unsure.py",
    EVIL_NAME: "hostile/inject_bidi_overrides.py",
}
SCORES = "#submissions > tbody > tr:first-child > td:nth-child(2)"
NAMES = "#submissions tbody th"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of submissions from the corpora, and one that cannot be read."""
    folder = tmp_path_factory.mktemp("class")
    for name, source in CLASS.items():
        (folder / name).mkdir()
        path = CORPORA / source
        shutil.copy(min(path.glob("*.py")) if path.is_dir() else path, folder / name)
    (folder / "heidi").mkdir()
    (folder / "heidi" / "work.py").write_text("class Layer(:\n", encoding="utf-8")
    return folder


def graded(folder: Path, *options: str) -> str:
    """Return the page that the command makes of the class."""
    grade = shutil.which("grade", path=str(Path(sys.executable).parent))
    assert grade is not None
    line = [grade, "--format", "html", *options, str(folder)]
    ended = subprocess.run(line, capture_output=True, encoding="ascii", timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


@pytest.fixture(scope="module")
def page(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "class.html"
    path.write_text(graded(folder), encoding="ascii")
    return path


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with everything on it that a page can have."""
    numbers = [*range(8), 8, 8]
    lost = [
        (wrong("backward.dz", column(n + 0.5, 1, wrong=(0,))), wrong("fit.loss", printed_loss(n + 0.5)))
        for n in numbers
    ]
    results = [result(f"s{i}", *both) for i, both in enumerate(lost)]
    some = [
        result("twin", sha256="same"),
        result("other twin", sha256="same", output="hello"),
        result("carol"),
    ]
    path = tmp_path_factory.mktemp("mixed") / "class.html"
    path.write_text(render_html(class_of(*results, *some, UNREADABLE, UNGRADED), Options()), encoding="ascii")
    return path


def open_all(visit: Visit) -> None:
    visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def names(visit: Visit) -> list[str]:
    return visit.page.locator(NAMES).all_inner_texts()


def test_the_page_requests_nothing_and_logs_no_errors(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        open_all(visit)
        visit.page.get_by_role("button", name="Score").click()
        assert (visit.requests, visit.complaints) == ([page.as_uri()], [])


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["page", "mixed"])
def test_everybody_can_read_it(
    chromium: Chromium,
    request: pytest.FixtureRequest,
    which: str,
    scheme: Literal["light", "dark"],
    size: tuple[int, int],
) -> None:
    with chromium.visit(request.getfixturevalue(which).as_uri(), size=size, scheme=scheme) as visit:
        open_all(visit)
        assert visit.violations() == []
        # Nothing sticks out of the window, however long a line that was printed.
        assert visit.page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_names_and_what_was_printed_are_text(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        open_all(visit)
        assert EVIL_NAME in names(visit)
        printed = visit.page.locator("#submissions pre").all_inner_texts()
        assert any("<script>" in text for text in printed)
        assert visit.page.locator("script").count() == 1
        assert visit.page.locator("img, iframe, object, embed, link").count() == 0


def test_sorting_a_large_class_reads_each_name_once(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "class.html"
    report = class_of(*(result(f"s{n * 7 % 300}") for n in range(300)))
    path.write_text(render_html(report, Options()), encoding="ascii")
    with chromium.visit(path.as_uri()) as visit:
        visit.page.evaluate("""() => {
            window.looks = window.comparisons = 0;
            const { get } = Object.getOwnPropertyDescriptor(HTMLElement.prototype, "dataset");
            Object.defineProperty(HTMLElement.prototype, "dataset", { get() { looks += 1; return get.call(this); } });
            const compare = String.prototype.localeCompare;
            String.prototype.localeCompare = function (...all) { comparisons += 1; return compare.apply(this, all); };
        }""")
        visit.page.get_by_role("button", name="Submission").click()
        assert names(visit) == [f"s{n}" for n in range(300)]
        # One more for the header; a comparison without a collator takes longer than all else.
        assert visit.page.evaluate("[looks, comparisons]") == [301, 0]


@pytest.fixture
def outside() -> Iterator[tuple[str, list[str]]]:
    """A server that a page must not ask, and what it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("policy", [True, False])
def test_injected_markup_could_not_do_anything(
    chromium: Chromium, page: Path, tmp_path: Path, outside: tuple[str, list[str]], policy: bool
) -> None:
    server, asked = outside
    markup = (
        f"<p id='in'>in</p><script>document.title = 'run'</script><style>#in {{ position: fixed }}</style>"
        f"<img src='{server}/img' alt='' onerror='document.title = 1'>"
        f"<script src='{server}/js'></script><link rel='stylesheet' href='{server}/css'>"
    )
    text = page.read_text(encoding="ascii").replace("<main>", f"<main>{markup}")
    broken = tmp_path / "broken.html"
    broken.write_text(text if policy else text.replace("Content-Security-Policy", "x"), encoding="ascii")
    with chromium.visit(broken.as_uri()) as visit:
        place = visit.page.locator("#in").evaluate("(one) => getComputedStyle(one).position")
        # Without the policy all of it would work: the test can fail.
        assert (visit.page.title().startswith("Scores of"), place == "static", asked == []) == (policy,) * 3


def test_sorting_by_pointer(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        header = visit.page.get_by_role("columnheader", name="Score of 100")
        assert header.get_attribute("aria-sort") == "none"
        header.get_by_role("button").click()
        up = [float(score) for score in visit.page.locator(SCORES).all_inner_texts()[:-1]]
        assert (header.get_attribute("aria-sort"), up) == ("ascending", sorted(up))
        assert names(visit)[-1] == UNGRADED.id
        header.get_by_role("button").click()
        down = [float(score) for score in visit.page.locator(SCORES).all_inner_texts()[:-1]]
        assert (header.get_attribute("aria-sort"), down) == ("descending", sorted(up, reverse=True))
        assert names(visit)[-1] == UNGRADED.id


def test_sorting_by_keyboard(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        visit.page.get_by_role("button", name="Score of 100").focus()
        visit.page.keyboard.press("Shift+Tab")
        visit.page.keyboard.press("Enter")
        assert names(visit) == sorted(names(visit))
        visit.page.keyboard.press("Space")
        assert names(visit) == sorted(names(visit), reverse=True)
        states = visit.page.locator("#submissions thead th").evaluate_all(
            "(all) => all.map((one) => one.ariaSort)"
        )
        assert states == ["descending", "none", "none", "none"]


def test_a_submission_stays_together_when_it_is_sorted(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        visit.page.get_by_role("button", name="Submission").click()
        for body in visit.page.locator("#submissions > tbody").all():
            name = body.locator("th").inner_text()
            assert body.locator("summary").inner_text().startswith(f"{name}:")


def test_numbers_in_names_sort_as_numbers(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "class.html"
    report = class_of(*(result(name) for name in ("Submission 10", "Submission 9", "Submission 1")))
    path.write_text(render_html(report, Options()), encoding="ascii")
    with chromium.visit(path.as_uri()) as visit:
        visit.page.get_by_role("button", name="Submission").click()
        assert names(visit) == ["Submission 1", "Submission 9", "Submission 10"]


def test_details_open_by_keyboard_and_pointer(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri()) as visit:
        body = visit.page.locator("#submissions tbody", has=visit.page.get_by_role("rowheader", name="carol"))
        told = body.get_by_text("The gradient returned is not Wᵀ · dz")
        assert not told.is_visible()
        body.locator("summary").press("Enter")
        assert told.is_visible()
        assert body.locator(".seen", has_text="da_prev =").first.is_visible()
        assert body.get_by_text("learning_rate = 0.5").first.is_visible()
        body.locator("summary").click()
        assert not told.is_visible()


def test_without_javascript_all_but_sorting_works(chromium: Chromium, page: Path) -> None:
    with chromium.visit(page.as_uri(), javascript=False) as visit:
        assert len(names(visit)) == len(CLASS) + 1
        assert visit.page.get_by_role("button").count() == 0
        body = visit.page.locator("#submissions tbody", has=visit.page.get_by_role("rowheader", name="bob"))
        body.locator("summary").click()
        assert body.get_by_text("Should be").first.is_visible()


def test_a_screen_reader_hears_the_distribution_and_the_rows(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        heard = re.compile("Histogram of 14 scores.* 10 from 40 to under 50; 3 from 90 to 100")
        assert visit.page.get_by_role("img", name=heard).count() == 1
        assert visit.page.get_by_role("row", name="s3 40 2 of 4 graded").count() == 1
        assert visit.page.get_by_role("row", name="una 0 0 of 4 unreadable").count() == 1
        assert visit.page.get_by_role("row", name="ugo none ungraded").count() == 1


def test_agreement_is_a_question_with_links_to_both(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        questions = visit.page.locator("article h3").all_inner_texts()
        assert questions == [
            "The same file from twin and other twin: did they hand it in together, or share it?",
            "The same wrong numbers in s8 and s9: did they work together?",
        ]
        assert (
            "2 of 13 submissions have exactly the same numbers in backward"
            in visit.page.locator("article").nth(1).inner_text()
        )
        visit.page.get_by_role("link", name="s9").click()
        assert visit.page.locator("#submissions tbody:target th").inner_text() == "s9"


def test_printed_pages_are_white_in_dark_mode_too(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri(), scheme="dark", media="print") as visit:
        visit.page.locator("#submissions summary").first.evaluate(
            "(one) => { one.parentElement.open = true; }"
        )
        ink = visit.page.locator("body").evaluate("(body) => getComputedStyle(body).color")
        assert max(map(int, re.findall(r"\d+", ink))) < 64
        assert not visit.page.get_by_role("navigation").is_visible()
        assert visit.page.locator(".told").first.is_visible()
        assert visit.violations() == []
        assert visit.page.pdf(format="A4").startswith(b"%PDF")


def test_the_anonymous_page_does_not_show_any_name(folder: Path) -> None:
    page = graded(folder, "--anonymous")
    assert [name for name in (*CLASS, "heidi", folder.name, "work.py", "in_place") if name in page] == []
    assert page.count('<tbody id="s') == len(CLASS) + 1


def test_a_class_of_600_has_a_page_of_a_few_megabytes(chromium: Chromium, tmp_path: Path) -> None:
    long = "\n".join(["dz should be da ⊙ f′(z)."] * 20)
    results = [
        result(f"s{i}", said("backward.dz", f"{i} {long}"), said("fit.loss", str(i))) for i in range(600)
    ]
    path = tmp_path / "class.html"
    path.write_text(render_html(class_of(*results), Options()), encoding="ascii")
    assert path.stat().st_size < 4_000_000
    with chromium.visit(path.as_uri()) as visit:
        visit.page.get_by_role("button", name="Submission").click()
        visit.page.get_by_role("button", name="Submission").click()
        assert names(visit)[0] == "s599"


def test_rows_of_a_large_class_are_laid_out_when_they_are_in_sight(
    chromium: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "class.html"
    report = class_of(*(result(f"s{n}", wrong("backward.dz", ONE)) for n in range(2000)))
    path.write_text(render_html(report, Options()), encoding="ascii")
    seen = "(one) => one.checkVisibility({ contentVisibilityAuto: true })"
    with chromium.visit(path.as_uri()) as visit:
        last = visit.page.locator("#submissions > tbody > tr > th").last
        assert not last.evaluate(seen)
        visit.page.evaluate("() => { location.hash = '#s2000'; }")
        last.wait_for()
        visit.page.wait_for_function(f"({seen})(document.querySelector(':target th'))")
        box = last.bounding_box()
        assert box is not None
        assert 0 < box["y"] < DESKTOP[1]


def test_a_row_that_moves_is_not_compared_with_all_others() -> None:
    # A browser that knows such a rule looks at every row before the one that moves.
    on_screen, _, _ = STYLE.partition("@media print")
    assert ":has(" not in on_screen


def test_the_rows_are_still_a_table_for_a_screen_reader(chromium: Chromium, mixed: Path) -> None:
    with chromium.visit(mixed.as_uri()) as visit:
        devtools = visit.page.context.new_cdp_session(visit.page)
        nodes = devtools.send("Accessibility.getFullAXTree")["nodes"]
        roles = Counter(node["role"]["value"] for node in nodes if not node["ignored"])
        assert roles["row"] >= 2 * visit.page.locator("#submissions > tbody").count()
        assert roles["columnheader"] >= visit.page.locator("#submissions > thead th").count()
        assert roles["rowheader"] >= visit.page.locator("#submissions > tbody th").count()
