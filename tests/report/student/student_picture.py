"""Take the picture of a student's page that the docs show.

Usage: python tests/report/student/student_picture.py [docs/student-page.png]

Needs Chromium (tests/browser/chromium.py). Run it again after a change to the page or to what is said of the mistake.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

TESTS = Path(__file__).parents[2]
PICTURE = TESTS.parent / "docs" / "student-page.png"
SUBMISSION = TESTS / "submissions" / "wrong" / "da_prev-from-da" / "dot.py"
NAME = "Ben Okafor"
WIDTH, HEIGHT = 900, 2340
"""In CSS pixels: down to what the network learns."""


def grade_one(folder: Path) -> Path:
    """Write the page of one submission into ``folder``, and return its path."""
    (folder / NAME).mkdir()
    shutil.copy(SUBMISSION, folder / NAME / "perceptron.py")
    grade = Path(sys.executable).with_name("grade")
    page = folder / "student.html"
    with page.open("wb") as output:
        subprocess.run([grade, "--quiet", "--format", "html", folder / NAME], stdout=output, check=True)
    return page


def main() -> None:
    """Grade the submission, and photograph its page."""
    # The folder of tests is not a package; pytest finds it by its setting `pythonpath`.
    sys.path.insert(0, str(TESTS / "browser"))
    from chromium import started

    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with TemporaryDirectory() as folder, started() as browser:
        page = grade_one(Path(folder))
        with browser.visit(page.as_uri(), size=(WIDTH, HEIGHT)) as visit:
            visit.page.screenshot(path=picture)
    print(f"{picture}: {picture.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
