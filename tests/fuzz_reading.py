"""Hands in notebooks and archives that are mutated at random, and counts what becomes of them.

Usage: python tests/fuzz_reading.py [--notebooks 10000] [--archives 5000] [--names 500] [--seed 0]

Each is found and read as in a class. Whatever is in it, it has one outcome: it is read, or refused with a reason,
within its budget. Anything else is shown with its traceback, and ends the run with exit code 1. The same seed makes
the same files.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import random
import sys
import tarfile
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from grader.candidate.client import Candidate, Ended
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UnreadableError
from grader.intake import find_submissions, read_submission
from grader.model import Unreadable
from grader.resources import assignment_path, solution_path

PATIENCE = Timeouts(request=5.0, total=10.0)
SOLUTION = (solution_path() / "perceptron.py").read_bytes()
NOTEBOOK = json.loads((assignment_path() / "perceptron.ipynb").read_text(encoding="utf-8"))
ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**30, "", "layer", "\ud83d", "\0", "%", "!x\\", "a?\n", "%%time\nx", "'''",
    "(" * 300, "\\", "\u2028", "class Layer: pass", [], [[]], ["layer"], {}, {"locked": True}, {"cells": []},
)  # fmt: skip
NAMES = (
    "a.py", "A.PY", "test_a.py", "conftest.py", "__init__.py", "a b.py", "a'\"`$;&|.py", "\u202e.py", "é.py", "..py",
    ".py", "-rf.py", "a\n.py", "a\udcff.py", "x" * 240 + ".py", "n.ipynb", "utils.py", "perceptron.py", "a.zip",
    "a.tar.gz", "submission_metadata.yml", "timestamp.txt", "Al_1_assignsubmission_file_a.py", "al_1_2_a.py", "con.py",
)  # fmt: skip
Case = tuple[str, dict[str, bytes]]
"""What it is called, and the files in a student's folder."""


def mutated(value: Any, rng: random.Random) -> Any:
    """Return a copy of a JSON value in which one part, wherever it lies, is another, missing or doubled."""
    root = [copy.deepcopy(value)]
    place: Any = root
    key: Any = 0
    while isinstance(place[key], dict | list) and place[key] and rng.random() < 0.85:
        place = place[key]
        key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
    change = rng.randrange(5)
    if change == 0 and isinstance(place, list) and place is not root:
        place.append(copy.deepcopy(place[key]))
    elif change == 1 and place is not root:
        del place[key]
    elif change == 2 and isinstance(place[key], str) and place[key]:
        text = place[key]
        at = rng.randrange(len(text))
        place[key] = text[:at] + rng.choice("%!?'\"\\\n\t#([{\0\ud83d") + text[at + rng.randrange(2) :]
    else:
        place[key] = copy.deepcopy(rng.choice(ODD))
    return root[0]


def notebooks(count: int, rng: random.Random) -> Iterator[Case]:
    """Yield notebooks, each mutated a few times, some as bytes too."""
    for number in range(count):
        value = NOTEBOOK
        for _ in range(rng.randrange(1, 6)):
            value = mutated(value, rng)
        content = json.dumps(value).encode()
        yield (
            f"notebook {number}",
            {"perceptron.ipynb": noise(content, rng) if rng.random() < 0.2 else content},
        )


def noise(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few of them changed, cut or doubled."""
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 6)):
        if not changed:
            break
        at = rng.randrange(len(changed))
        match rng.randrange(4):
            case 0:
                changed[at] = rng.randrange(256)
            case 1:
                del changed[at:]
            case 2:
                del changed[at : at + rng.randrange(64)]
            case _:
                changed[at:at] = changed[at : at + rng.randrange(64)]
    return bytes(changed)


def archives(count: int, rng: random.Random) -> Iterator[Case]:
    """Yield archives with bytes changed, of every kind that is read."""
    for number in range(count):
        kind = rng.choice(("zip", "tar", "tar.gz", "tar.bz2", "tar.xz"))
        yield f"archive {number}", {f"work.{kind}": noise(archive(kind, rng), rng)}


def archive(kind: str, rng: random.Random) -> bytes:
    """Return an archive of a few files."""
    files = {rng.choice(NAMES): SOLUTION for _ in range(rng.randrange(1, 4))}
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in files.items():
                packed.writestr(name.encode("utf-8", "replace").decode(), content)
        return buffer.getvalue()
    with tarfile.open(fileobj=buffer, mode=f"w:{kind.partition('.')[2]}") as tar:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def names(count: int, rng: random.Random) -> Iterator[Case]:
    """Yield folders of files whose names a platform may hand out."""
    for number in range(count):
        chosen = rng.sample(NAMES, rng.randrange(1, 5))
        yield f"names {number}", {name: rng.choice((SOLUTION, b"", b"x = 1\n")) for name in chosen}


def outcome(files: dict[str, bytes], parent: ForkingParent) -> str:
    """Return what becomes of a student's folder with these files, beside a right one."""
    with tempfile.TemporaryDirectory() as folder:
        for name, content in {"fuzzed": files, "right": {"perceptron.py": SOLUTION}}.items():
            Path(folder, name).mkdir()
            for file, data in content.items():
                Path(folder, name, file).write_bytes(data)
        entries = {found.id: read_submission(found) for found in find_submissions([Path(folder)])}
        assert {"fuzzed", "right"} == entries.keys(), sorted(entries)
        entry = entries["fuzzed"]
        if isinstance(entry, Unreadable):
            return "refused before the wall"
        with closing(Candidate(entry, parent, PATIENCE, Limits())) as candidate:
            try:
                candidate.read()
            except UnreadableError:
                return "refused behind the wall"
            except Ended as ended:
                return f"ended ({ended.how})"
    return "read"


def fuzz(cases: Iterator[Case], parent: ForkingParent, complain: Callable[[str], None]) -> Counter[str]:
    """Return how often each outcome was seen; ``complain`` is told of all that should not be."""
    seen: Counter[str] = Counter()
    for name, files in cases:
        began = time.monotonic()
        try:
            seen[outcome(files, parent)] += 1
        except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
            complain(f"{name}\n{traceback.format_exc()}")
            seen["FAILED"] += 1
        if (took := time.monotonic() - began) > 2 * PATIENCE.request:
            complain(f"{name} took {took:.1f} s")
            seen["TOO LONG"] += 1
    return seen


def main() -> int:
    """Make and read the files, and print what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--notebooks", type=int, default=10_000)
    parser.add_argument("--archives", type=int, default=5_000)
    parser.add_argument("--names", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    failed = 0
    with ForkingParent() as parent:
        for make, count in (
            (notebooks, options.notebooks),
            (archives, options.archives),
            (names, options.names),
        ):
            rng = random.Random(f"{options.seed} {make.__name__}")
            seen = fuzz(make(count, rng), parent, lambda text: print(text, file=sys.stderr))
            failed += seen["FAILED"] + seen["TOO LONG"]
            print(f"{count} {make.__name__}:", ", ".join(f"{n} {what}" for what, n in sorted(seen.items())))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
