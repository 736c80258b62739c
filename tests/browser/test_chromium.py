"""The tests of pages would notice what they are there to notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from chromium import PHONE, Chromium, started

SOUND = "<!doctype html><html lang='en'><title>t</title><main><h1>Marks</h1>{}</main></html>"


@pytest.fixture
def address(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return where a sound page lies, with the parameter's text in it."""
    page = tmp_path / "page.html"
    page.write_text(SOUND.format(request.param), encoding="utf-8")
    return page.as_uri()


def of(text: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", [text], indirect=True)


@of("<p>All is well.</p>")
def test_a_sound_page_is_sound(chromium: Chromium, address: str) -> None:
    with chromium.visit(address) as visit:
        assert (visit.requests, visit.complaints, visit.violations()) == ([address], [], [])


@of("<img src='http://localhost:9/a.png' alt='a'>")
def test_requests_and_their_failures_are_noticed(chromium: Chromium, address: str) -> None:
    with chromium.visit(address) as visit:
        assert visit.requests == [address, "http://localhost:9/a.png"]
        assert "ERR_" in visit.complaints[0]


@of("<script>console.error('oh'); throw new Error('ah')</script>")
def test_errors_of_scripts_are_noticed(chromium: Chromium, address: str) -> None:
    with chromium.visit(address) as visit:
        assert [line.partition(":")[0] for line in visit.complaints] == ["error", "exception"]


@of("<script>console.error('oh')</script>")
def test_scripts_can_be_switched_off(chromium: Chromium, address: str) -> None:
    with chromium.visit(address, javascript=False) as visit:
        assert visit.complaints == []


@of("<img src='data:,'>")
def test_what_a_screen_reader_cannot_read_is_noticed(chromium: Chromium, address: str) -> None:
    with chromium.visit(address) as visit:
        assert [line.partition(":")[0] for line in visit.violations()] == ["image-alt"]


@of("<style>@media (prefers-color-scheme: dark) { p { color: #eee } }</style><p>Pale on white.</p>")
def test_contrast_is_that_of_the_scheme(chromium: Chromium, address: str) -> None:
    with chromium.visit(address) as light, chromium.visit(address, scheme="dark") as dark:
        assert light.violations() == []
        assert [line.partition(":")[0] for line in dark.violations()] == ["color-contrast"]


@of("<p>All is well.</p>")
def test_a_window_has_the_size_that_was_asked_for(chromium: Chromium, address: str) -> None:
    with chromium.visit(address, size=PHONE) as visit:
        assert visit.page.evaluate("[innerWidth, innerHeight]") == list(PHONE)


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_without_a_browser_only_ci_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="no Chromium was found"), started():
        pass
