"""Students' pages work in a browser, for real submissions: no request, no script, nothing that a reader cannot read."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from chromium import DESKTOP, PHONE, Chromium
from msgspec import structs
from student_results import CLASS, RESULT

from grader.report.student import render_student

CORPORA = Path(__file__).parents[2] / "submissions"
CLASS_OF = {
    "alice": "right/golf.py",
    "bob": "wrong/da_prev-from-da/da.py",
    "dave": "hostile/inject_html.py",
    "erin": "hostile/inject_piled_characters.py",
    "frank": "hostile/inject_megabyte_lines.py",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a class of submissions from the corpora, one that cannot be read, and one made by hand."""
    folder = tmp_path_factory.mktemp("class")
    for name, source in CLASS_OF.items():
        (folder / "class" / name).mkdir(parents=True)
        path = CORPORA / source
        shutil.copy(min(path.glob("*.py")) if path.is_dir() else path, folder / "class" / name)
    (folder / "class" / "heidi").mkdir()
    (folder / "class" / "heidi" / "work.py").write_text("class Layer(:\n", encoding="utf-8")
    grade = Path(sys.executable).with_name("grade")
    line: list[str | Path] = [
        grade,
        "--quiet",
        "--format",
        "csv",
        "--pages",
        folder / "pages",
        folder / "class",
    ]
    ended = subprocess.run(line, capture_output=True, timeout=240, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")
    (folder / "pages" / "by_hand.html").write_text(render_student(RESULT, CLASS), encoding="ascii")
    return folder / "pages"


@pytest.mark.parametrize(("scheme", "size"), [("light", PHONE), ("dark", DESKTOP)])
@pytest.mark.parametrize("name", [*CLASS_OF, "heidi", "index", "by_hand"])
def test_everybody_can_read_it_and_it_asks_for_nothing(
    chromium: Chromium, pages: Path, name: str, scheme: Literal["light", "dark"], size: tuple[int, int]
) -> None:
    address = (pages / f"{name}.html").as_uri()
    with chromium.visit(address, size=size, scheme=scheme) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert visit.violations() == []
        assert (visit.requests, visit.complaints) == ([address], [])
        # Nothing sticks out of the window, however long a line that was printed or written.
        assert visit.page.evaluate("document.documentElement.scrollWidth") == size[0]


def test_what_was_printed_is_text(chromium: Chromium, pages: Path) -> None:
    with chromium.visit((pages / "dave.html").as_uri()) as visit:
        assert "<script>" in visit.page.locator("main").inner_text()
        assert visit.page.locator("script, img, iframe, object, embed, link").count() == 0


@pytest.mark.parametrize("policy", [True, False])
def test_injected_markup_could_not_do_anything(chromium: Chromium, tmp_path: Path, policy: bool) -> None:
    markup = (
        "<main><p id='in'>in</p><script>document.title = 'run'</script><style>#in { position: fixed }</style>"
    )
    text = render_student(RESULT, CLASS).replace("<main>", markup)
    broken = tmp_path / "broken.html"
    broken.write_text(text if policy else text.replace("Content-Security-Policy", "x"), encoding="ascii")
    with chromium.visit(broken.as_uri()) as visit:
        place = visit.page.locator("#in").evaluate("(one) => getComputedStyle(one).position")
        # Without the policy all of it would work: the test can fail.
        assert (visit.page.title() == "alice: 15 / 30", place == "static") == (policy, policy)


def test_it_works_without_scripts(chromium: Chromium, pages: Path) -> None:
    with chromium.visit((pages / "by_hand.html").as_uri(), javascript=False) as visit:
        assert visit.page.get_by_text("Work it out on paper").is_visible()
        assert visit.page.locator("mark", has_text="dz = da").is_visible()


def test_matrices_are_drawn_as_matrices(chromium: Chromium, pages: Path) -> None:
    with chromium.visit((pages / "by_hand.html").as_uri()) as visit:
        cells = visit.page.locator("mtable", has=visit.page.locator("mtr:nth-child(2)")).first.locator("mtd")
        upper, lower = (cell.bounding_box() for cell in cells.all()[:2])
        assert upper is not None
        assert lower is not None
        assert lower["y"] >= upper["y"] + upper["height"] - 1
        assert lower["x"] == pytest.approx(upper["x"], abs=1)


def test_a_screen_reader_hears_what_the_pictures_show(chromium: Chromium, pages: Path) -> None:
    with chromium.visit((pages / "by_hand.html").as_uri()) as visit:
        curve = "Your mean loss goes from 1.00 to 0.25. The reference falls from 1.00 to 0.10 in 2 epochs."
        assert visit.page.get_by_role("img", name=curve).count() == 1
        plane = "Your network gets 0 of 2 training examples right; the reference gets 2 of 2 right."
        assert visit.page.get_by_role("img", name=plane).count() == 1
        assert visit.page.get_by_role("row", name="failed 0 / 10").count() == 1


def test_printed_pages_are_white_and_hide_nothing(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    both = structs.replace(RESULT.diagnoses[0], criteria=("backward.da_prev", "fit.loss"))
    path.write_text(render_student(replace(RESULT, diagnoses=(both,)), CLASS), encoding="ascii")
    with chromium.visit(path.as_uri(), scheme="dark", media="print") as visit:
        ink = visit.page.locator("body").evaluate("(body) => getComputedStyle(body).color")
        assert ink == "rgb(28, 33, 39)"
        closed = visit.page.locator("details:not([open])")
        assert closed.count() == 1
        assert closed.get_by_text("fit raised ValueError.").is_visible()


def test_the_index_leads_to_the_pages(chromium: Chromium, pages: Path) -> None:
    with chromium.visit((pages / "index.html").as_uri()) as visit:
        assert visit.page.locator("tbody th").all_inner_texts() == [*CLASS_OF, "heidi"]
        visit.page.get_by_role("link", name="bob").click()
        assert visit.page.locator("h1").inner_text() == "bob"
