"""What the tests of pages share: a headless Chromium, and what a page did while it was looked at."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

__all__ = ["DESKTOP", "PHONE", "Chromium", "Visit", "chromium_path", "started"]

DESKTOP, PHONE = (1280, 900), (360, 740)
"""Widths and heights of windows, in CSS pixels."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    # Nothing but this machine has a name: a page that wants more fails, and the browser itself asks nobody.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1",
)


@dataclass
class Visit:
    """A page in a window of its own, and what it has done since it was opened."""

    page: Page
    requests: list[str] = field(default_factory=list)
    """The addresses that were asked for, the page's own first."""
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings on the console, and exceptions that nothing caught."""

    def violations(self) -> list[str]:
        """Return what axe finds wrong with the page as it now is, a line for each element."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{violation['id']}: {violation['help']} ({node['html'][:200]})"
            for violation in found
            for node in violation["nodes"]
        ]


@dataclass(frozen=True)
class Chromium:
    """A running browser without a screen."""

    browser: Browser

    @contextmanager
    def visit(
        self,
        address: str,
        *,
        size: tuple[int, int] = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        media: Literal["screen", "print"] = "screen",
        javascript: bool = True,
    ) -> Iterator[Visit]:
        """Open ``address`` in a fresh profile, in a window of ``size``; close it at the end."""
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            java_script_enabled=javascript,
        )
        try:
            yield self._opened(context, address, media)
        finally:
            context.close()

    def _opened(self, context: BrowserContext, address: str, media: Literal["screen", "print"]) -> Visit:
        visit = Visit(context.new_page())

        def asked(request: Request) -> None:
            visit.requests.append(request.url)

        def said(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                visit.complaints.append(f"{message.type}: {message.text}")

        def raised(error: Exception) -> None:
            visit.complaints.append(f"exception: {error}")

        visit.page.on("request", asked)
        visit.page.on("console", said)
        visit.page.on("pageerror", raised)
        visit.page.emulate_media(media=media)
        visit.page.goto(address)
        return visit


def chromium_path() -> str | None:
    """Return where Chromium is installed, if it is; ``CHROMIUM`` in the environment has the first word."""
    names = (os.environ.get("CHROMIUM"), *_NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextmanager
def started() -> Iterator[Chromium]:
    """Start Chromium and stop it at the end; where there is none, skip, or fail if ``CI`` is set."""
    path = chromium_path()
    if path is None:
        reason = (
            "no Chromium was found; install it (Debian: apt-get install chromium) or set CHROMIUM to its path"
        )
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    # As root Chromium's own sandbox cannot start.
    sandbox = os.geteuid() != 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS, chromium_sandbox=sandbox)
        try:
            yield Chromium(browser)
        finally:
            browser.close()
