"""Grade the same submissions with several interpreters and compare their verdicts, byte for byte.

Usage: python tests/certify_versions.py PYTHON PYTHON… [--each 14] [--timeout 2]

It is not part of the suite: the kit must be installed for every interpreter that you name. From each corpus (right,
wrong, nonsense) it takes some submissions, evenly spread. It compares `score` and `criteria`; the exit code is 1 if
they differ for any submission.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

CORPORA = Path(__file__).parent / "submissions"
EXAMINE = """\
import json, sys
from pathlib import Path
from grader.grading.local import grade_locally
from grader.model import Report
from grader.report.document import document
from grader.settings import Settings
results = grade_locally([Path(sys.argv[1])], Settings(timeout=float(sys.argv[2])))
print(json.dumps(document(Report("", 0, 0.0, tuple(results)))))
"""
VERSIONS = (
    "import sys, numpy, hypothesis;"
    "print('Python', sys.version.split()[0], 'NumPy', numpy.__version__, 'Hypothesis', hypothesis.__version__)"
)

Verdicts = Mapping[str, str]
"""Score and criteria as JSON, by the name of the submission."""


def main() -> int:
    """Grade with every interpreter, print how the verdicts compare, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pythons", nargs="+", metavar="PYTHON", help="an interpreter that has the kit")
    parser.add_argument("--each", type=int, default=14, help="submissions of each corpus")
    parser.add_argument("--timeout", type=float, default=2.0, help="seconds for one request")
    arguments = parser.parse_args()
    if len(arguments.pythons) < 2:
        parser.error("name at least two interpreters")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        gather(folder, arguments.each)
        verdicts = {python: graded(python, folder, arguments.timeout) for python in arguments.pythons}
    first, *others = verdicts.values()
    differing = [name for name in first if any(other.get(name) != first[name] for other in others)]
    missing = {name for other in others for name in other.keys() ^ first.keys()}
    for name in differing:
        show(name, verdicts)
    print(f"{len(first)} submissions, {len(verdicts)} interpreters: {len(first) - len(differing)} identical")
    print(f"{len(differing)} differ: {', '.join(differing)}" if differing else "none differs")
    return 1 if differing or missing or not first else 0


def gather(folder: Path, each: int) -> None:
    """Copy some submissions of every corpus, each into a folder of its own that is named for it."""
    for pattern in ("right/*", "wrong/*/*", "nonsense/*"):
        found = sorted(
            path for path in CORPORA.glob(pattern) if path.suffix != ".md" and path.name[0] not in "._"
        )
        chosen = [found[number * len(found) // each] for number in range(min(each, len(found)))]
        for path in chosen:
            target = folder / "--".join(path.relative_to(CORPORA).with_suffix("").parts)
            if path.is_dir():
                shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.mkdir()
                shutil.copy(path, target)


def graded(python: str, folder: Path, timeout: float) -> Verdicts:
    """Return the verdicts of one interpreter, and print what it is and how long it took."""
    versions = subprocess.run(
        [python, "-c", VERSIONS], capture_output=True, text=True, check=True
    ).stdout.strip()
    line = [python, "-c", EXAMINE, str(folder), str(timeout)]
    started = time.monotonic()
    # Not from the checkout: the kit that is installed is the one to be compared.
    document = json.loads(subprocess.run(line, stdout=subprocess.PIPE, check=True, cwd=folder).stdout)
    scores = [submission["score"] for submission in document["submissions"]]
    print(f"{python}: {versions}", end="; ")
    print(f"{len(scores)} graded in {time.monotonic() - started:.0f} s, scores add up to {sum(scores):g}")
    return {
        submission["id"]: json.dumps([submission["score"], submission["criteria"]])
        for submission in document["submissions"]
    }


def show(name: str, verdicts: Mapping[str, Verdicts]) -> None:
    """Print the verdicts of the interpreters on the first criterion on which they differ."""
    print(f"\n{name}")
    criteria = [json.loads(found.get(name, "[null, []]"))[1] for found in verdicts.values()]
    for said in zip(*criteria, strict=False):
        if any(other != said[0] for other in said):
            print_each(list(verdicts), said)
            return


def print_each(pythons: Sequence[str], said: Sequence[object]) -> None:
    for python, criterion in zip(pythons, said, strict=True):
        print(f"  {python}: {json.dumps(criterion, ensure_ascii=False)}")


if __name__ == "__main__":
    sys.exit(main())
