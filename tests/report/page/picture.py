"""Take the picture of the class page that the README shows.

Usage: python tests/report/page/picture.py [docs/class-page.png]

Needs Chromium (tests/browser/chromium.py). Run it again after a change to the page or to what reports say.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

TESTS = Path(__file__).parents[2]
PICTURE = TESTS.parent / "docs" / "class-page.png"
CORPORA = TESTS / "submissions"
CLASS = {
    "Ada Virtanen": "right/golf.py",
    "Ben Okafor": "wrong/updated-before-da_prev/in_place.py",
    "Chiara Rossi": "right/professional.py",
    "Daniel Novák": "wrong/loss-sign/no_minus.py",
    "Elif Demir": "wrong/derivative-missing/dz_is_da.py",
    "Finn Larsen": "wrong/da-not-chained/ignored.py",
    "Grace Chen": "right/nb_colab.ipynb",
    "Hugo Martin": "partial/backward_is_empty.py",
    "Inès Dubois": "wrong/updated-before-da_prev/in_place.py",
    "Jonas Weber": "partial/fit_is_empty.py",
    "Keiko Tanaka": "right/beginner_loops.py",
    "Lucía García": "wrong/loss-not-averaged/sum.py",
    "Mika Nieminen": "wrong/derivative-missing/dz_is_da.py",
    "Noor Haddad": "right/scientist.py",
}
SIZE = (1100, 1180)
"""Width and height in CSS pixels."""


def grade_class(folder: Path) -> Path:
    """Write the page of a class made of the corpora into ``folder``, and return its path."""
    for name, source in CLASS.items():
        (folder / "class" / name).mkdir(parents=True)
        shutil.copy(CORPORA / source, folder / "class" / name / f"perceptron{Path(source).suffix}")
    grade = Path(sys.executable).with_name("grade")
    page = folder / "class.html"
    with page.open("wb") as output:
        subprocess.run([grade, "--quiet", "--format", "html", folder / "class"], stdout=output, check=True)
    return page


def main() -> None:
    """Grade the class, and photograph its page."""
    # The folder of tests is not a package; pytest finds it by its setting `pythonpath`.
    sys.path.insert(0, str(TESTS / "browser"))
    from chromium import started

    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURE
    with TemporaryDirectory() as folder, started() as browser:
        page = grade_class(Path(folder))
        with browser.visit(page.as_uri(), size=SIZE) as visit:
            visit.page.screenshot(path=picture)


if __name__ == "__main__":
    main()
