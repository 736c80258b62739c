"""Fixtures that tests all over the suite may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from chromium import Chromium


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Yield a headless Chromium, which lives no longer than a module: it holds the thread's event loop."""
    from chromium import started

    with started() as running:
        yield running
