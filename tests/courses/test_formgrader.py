"""In a real browser, nbgrader's formgrader grades through us, and shows our feedback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from courses import Course, filled, made
from hostile_notebooks import ELSEWHERE, PASTED, PICTURE, PLANTED_PAGE, everything_planted, with_pictures

if TYPE_CHECKING:
    from chromium import Chromium
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

STARTING_SECONDS = 180
GIVEN_BY_HAND = "7"


@dataclass(frozen=True)
class Formgrader:
    """A running server with the formgrader of a course, and a browser."""

    address: str
    course: Course
    chromium: Chromium

    def autograde(self, page: Page, student: str) -> None:
        """Grade a submission by the button on the page of submissions."""
        page.goto(f"{self.address}/formgrader/manage_submissions/perceptron")
        row = page.locator("tbody tr", has_text=student)
        row.locator(".autograde a").click()
        page.get_by_text("Successfully autograded").wait_for()

    def open_submission(self, page: Page, student: str) -> None:
        """Open the notebook that a student handed in, as a grader would."""
        from nbgrader.api import Gradebook

        with Gradebook(self.course.database) as gradebook:
            submission = gradebook.find_submission_notebook("perceptron", "perceptron", student).id
        page.goto(f"{self.address}/formgrader/gradebook/perceptron/perceptron")
        page.locator(f"a[href$='{submission}']").first.click()
        page.wait_for_load_state("networkidle")


@pytest.fixture(scope="module")
def formgrader(tmp_path_factory: pytest.TempPathFactory, chromium: Chromium) -> Iterator[Formgrader]:
    folder = tmp_path_factory.mktemp("courses")
    course = made(folder / "course")
    course.hand_in("ann", filled(course.released, [("self.weights.T @ dz", "self.weights.T @ da")]))
    course.hand_in("bob", filled(course.released))
    course.hand_in("eve", everything_planted(course.released), {"planted.html": PLANTED_PAGE})
    course.hand_in("joe", with_pictures(course.released))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        *(str(Path(sys.executable).with_name("jupyter")), "server", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={course.folder}"),
        *("--IdentityProvider.token=", "--ServerApp.password="),
    ]
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            command,
            cwd=course.folder,
            env=os.environ | own | {"HOME": str(folder), "PATH": path},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(f"{address}/api/status", server, folder / "server.log")
        yield Formgrader(address, course, chromium)
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTING_SECONDS
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address)
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"the server does not answer:\n{log.read_text()}")


def test_a_submission_is_graded_and_has_our_feedback_in_it(formgrader: Formgrader, tmp_path: Path) -> None:
    with formgrader.chromium.visit(f"{formgrader.address}/formgrader/manage_assignments") as visit:
        page = visit.page
        page.locator("tbody tr", has_text="perceptron").first.wait_for()
        for student in ("ann", "bob"):
            formgrader.autograde(page, student)
        assert sum(points or 0 for points in formgrader.course.points("bob").values()) == 100.0
        formgrader.open_submission(page, "ann")
        feedback = page.locator(".perceptron-kit", has_text="backward.da_prev").first
        feedback.scroll_into_view_if_needed()
        assert feedback.is_visible()
        assert "The gradient returned is not Wᵀ · dz" in feedback.inner_text()
        assert page.locator("#backward-da_prev").input_value() in {"", "0"}
        comment = page.locator("#layer-comment").get_attribute("placeholder")
        assert "da_prev uses da where dz belongs" in (comment or "")
        page.screenshot(path=tmp_path / "submission.png", full_page=True)


def test_a_score_given_by_hand_survives_autograding_again(formgrader: Formgrader) -> None:
    with formgrader.chromium.visit(f"{formgrader.address}/formgrader/manage_assignments") as visit:
        page = visit.page
        formgrader.autograde(page, "ann")
        formgrader.open_submission(page, "ann")
        score = page.locator("#backward-da_prev")
        score.fill(GIVEN_BY_HAND)
        score.press("Tab")
        page.locator(".score-saved").first.wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        formgrader.autograde(page, "ann")
        formgrader.open_submission(page, "ann")
        assert page.locator("#backward-da_prev").input_value() == GIVEN_BY_HAND
    assert formgrader.course.points("ann")["backward.da_prev"] == 0.0


def test_a_grader_sees_pictures_and_nothing_that_a_student_planted_is_loaded_or_run(
    formgrader: Formgrader,
) -> None:
    with formgrader.chromium.visit(f"{formgrader.address}/formgrader/manage_assignments") as visit:
        page = visit.page
        for student in ("eve", "joe"):
            formgrader.autograde(page, student)
        formgrader.open_submission(page, "eve")
        links = page.locator("#notebook-container a[href]").evaluate_all("all => all.map(each => each.href)")
        here = page.url
        formgrader.open_submission(page, "joe")
        pictures = page.locator(".text_cell_render img").evaluate_all("all => all.map(each => each.src)")
        assert [request for request in visit.requests if "planted" in request.rpartition("/")[2]] == []
        assert [complaint for complaint in visit.complaints if "planted" in complaint] == []
    assert [link for link in links if not link.startswith((f"{here}#", "https://", ELSEWHERE))] == []
    given = [picture for picture in pictures if picture.endswith("/diagram.svg")]
    assert len(given) == 1
    assert set(pictures) - set(given) == {f"data:image/png;base64,{PICTURE}"}
    assert len(pictures) == len(PASTED) + len(given)
