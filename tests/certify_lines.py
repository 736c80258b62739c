"""Try the lines of mistakes on mutants of right submissions, and print how often the changed line is named.

Usage: python tests/certify_lines.py [--count 300] [--seed 1] [--jobs 2] [--aside] [--only TEXT] [--verbose]

A mutant is a right submission with one small change (tests/diagnosis/mutants.py). Those that lose no points are left
out. ``--aside`` tries five other right submissions. A line is *named* if it is the changed one, or next to a statement
that is gone. Another line is *raised* if it says where an exception was raised, and no repair was found. It is *equal*
if its repair makes the exam pass, else *other*. The seconds are those of processors, for the search alone.

It exits with 1 if fewer than 90 % of the changed lines are named, or more than 1 % are other lines, or if the search
takes longer than it may.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent / "diagnosis"))

from mutants import Mutant, mutants

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.diagnosis import diagnose as diagnosing
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.places import with_lines
from grader.exam.examination import Examination
from grader.exam.questions.questions import questions
from grader.model import Diagnosis, Feedback, Submission

RIGHT = Path(__file__).parent / "submissions" / "right"
BASES = (
    "beginner_loops.py",
    "copy_paste.py",
    "dataclasses.py",
    "functional.py",
    "helpers_and_own_utils",
    "linked_list.py",
    "matlab_style.py",
    "nb_colab.ipynb",
    "oop_heavy.py",
    "scientist.py",
)
"""Ten right submissions that are unlike each other."""
ASIDE = ("francais_script.py", "nb_lab_async.ipynb", "threads.py", "tqdm_bars.py", "typed_project")
NAMED, OTHER, MEDIAN, WORST = 0.90, 0.01, 0.8, 4.0
"""The least share of changed lines that are named, the largest one of other lines, and the most seconds."""
PATIENCE = Timeouts(60.0, 600.0)
"""How long a submission may take, so that a busy machine does not decide."""
VERDICTS = ("named", "none", "raised", "equal", "other")
CRITERIA = ("backward", "fit", "train")


@dataclass(frozen=True, eq=False)
class Part:
    """A text of a right submission that can be changed: a file, or a cell of a notebook."""

    files: Mapping[str, bytes]
    file: str
    label: str
    """As places have it."""
    cell: int | None
    text: str

    @property
    def has_methods(self) -> bool:
        """Whether there is something to change: magic lines have no syntax tree."""
        return self.cell is None or self.text.startswith(("class ", "def "))

    def changed(self, text: str) -> Submission:
        """Return the submission with another text in this place."""
        content = text.encode()
        if self.cell is not None:
            notebook = json.loads(self.files[self.file])
            notebook["cells"][self.cell]["source"] = text
            content = json.dumps(notebook).encode()
        return Submission("work", "work", {**self.files, self.file: content})


@dataclass(frozen=True)
class Trial:
    """A mutant, and what came of it."""

    base: str
    mutant: Mutant
    loses: bool
    verdict: str = "equal"
    """``named``, ``none``, ``raised``, ``other`` or ``equal``."""
    told: str = ""
    seconds: float = 0.0


def files_of(base: str) -> dict[str, bytes]:
    """Return the files of a right submission."""
    path = RIGHT / base
    paths, root = ([path], path.parent) if path.is_file() else (sorted(path.rglob("*.py")), path)
    return {str(each.relative_to(root)): each.read_bytes() for each in paths if each.name != "utils.py"}


def parts_of(files: Mapping[str, bytes]) -> list[Part]:
    """Return the texts of a submission that can be changed."""
    found = []
    for file, content in files.items():
        if file.endswith(".py"):
            found.append(Part(files, file, file, None, content.decode()))
            continue
        number = 0
        for cell, each in enumerate(json.loads(content)["cells"]):
            if each["cell_type"] == "code":
                number += 1
                text = "".join(each["source"])
                found.append(Part(files, file, f"{file}, cell {number}", cell, text))
    return found


def trials_of(base: str, count: int, seed: int) -> Iterator[tuple[Part, Mutant]]:
    """Yield ``count`` mutants of a submission, about as many of each of its texts as these are long."""
    parts = [part for part in parts_of(files_of(base)) if part.has_methods]
    every = [
        (number / len(part.text), part, mutant)
        for part in parts
        for number, mutant in enumerate(mutants(part.label, part.text, count, seed))
    ]
    yield from ((part, mutant) for _, part, mutant in sorted(every, key=itemgetter(0))[:count])


def tried(base: str, part: Part, mutant: Mutant) -> Trial:
    """Search the lines of one mutant."""
    with ForkingParent() as parent, closing(_candidate(part.changed(mutant.text), parent)) as candidate:
        examined = Examination(candidate, questions(0), Feedback.FULL)
        # No simplest case is searched, since nobody reads it.
        examined.searches = False
        lost = _lost(examined)
        if not lost:
            return Trial(base, mutant, loses=False)
        # As in grading, so that the same edits are tried.
        examined.hurry()
        with _timed() as clock:
            try:
                found = diagnosing.diagnose(examined, lost)
            except Exception as error:  # noqa: BLE001 - as in grading, which tells the rest
                return Trial(base, mutant, True, "none", f"no diagnosis: {error!r}", sum(clock))
        seconds = sum(clock)
        candidate.close()
        verdict = _verdict(part, mutant, found, parent)
    told = "; ".join(f"{each.id}: {_told(each)}" for each in found)
    return Trial(base, mutant, True, verdict, told, seconds)


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Collect the seconds of each search for lines in this context."""
    seconds: list[float] = []

    def timed(*arguments: Any) -> list[Diagnosis]:
        before = _seconds()
        found = with_lines(*arguments)
        seconds.append(_seconds() - before)
        return found

    with patch.object(diagnosing, "with_lines", timed):
        yield seconds


def _told(diagnosis: Diagnosis) -> str:
    place = diagnosis.place
    return "no line" if place is None else f"line {place.line}\n{diagnosis.repair}".replace("\n", "\n      ")


def _candidate(submission: Submission, parent: ForkingParent) -> Candidate:
    return Candidate(submission, parent, PATIENCE, Limits())


def _lost(examined: Examination) -> list[str]:
    if not examined.loaded.classes:
        return []
    return [criterion for of in CRITERIA for criterion in sorted(lost_in(examined, of))]


def _verdict(part: Part, mutant: Mutant, found: Sequence[Diagnosis], parent: ForkingParent) -> str:
    told = [each for each in found if each.place is not None]
    if not told:
        return "none"
    if all(each.place.file == part.label and each.place.line in mutant.lines for each in told if each.place):
        return "named"
    if not all(each.repair for each in told):
        return "raised"
    repaired = part.changed(mutant.text)
    for each in told:
        repaired = _repaired(repaired, each)
    with closing(_candidate(repaired, parent)) as candidate:
        return "other" if _lost(Examination(candidate, questions(0), Feedback.HINT)) else "equal"


def _repaired(submission: Submission, diagnosis: Diagnosis) -> Submission:
    """Return a submission with the lines of a repair changed, as far as they are in the file once."""
    assert diagnosis.place is not None
    (part,) = (each for each in parts_of(submission.files) if each.label == diagnosis.place.file)
    text = part.text
    for old, new in re.findall(r"((?:^- ?.*\n?)+)((?:^\+ ?.*\n?)*)", diagnosis.repair, re.MULTILINE):
        before, after = ("".join(line[2:] + "\n" for line in each.splitlines()) for each in (old, new))
        if text.count(before) == 1:
            text = text.replace(before, after)
    if (added := re.sub(r"^\+ ", "", diagnosis.repair, flags=re.MULTILINE)) and "- " not in diagnosis.repair[
        :2
    ]:
        lines = text.splitlines(keepends=True)
        text = "".join([*lines[: diagnosis.place.line - 1], added + "\n", *lines[diagnosis.place.line - 1 :]])
    return part.changed(text)


def _seconds() -> float:
    """Return the processor time that this process and its descendants have used so far, in seconds."""
    ticks = os.sysconf("SC_CLK_TCK")
    stats = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        stats[int(path.parent.name)] = int(fields[1]), sum(map(int, fields[11:15])) / ticks
    mine, total = {os.getpid()}, process_time()
    for pid in sorted(stats):
        above, used = stats[pid]
        if above in mine:
            mine.add(pid)
            total += used
    return total


def table(trials: Sequence[Trial]) -> str:
    """Return how many lines are named, a line for each submission and for each kind of change."""
    lines = []
    for title, group in (("submission", "base"), ("change", "kind")):
        counts: dict[str, Counter[str]] = {}
        for trial in trials:
            key = trial.base if group == "base" else trial.mutant.kind
            counts.setdefault(key, Counter())[trial.verdict] += 1
        lines.append(f"{title:<30}" + "".join(f"{verdict:>7}" for verdict in VERDICTS))
        for key, count in sorted(counts.items()):
            lines.append(f"{key:<30}" + "".join(f"{count[verdict]:>7}" for verdict in VERDICTS))
    return "\n".join(lines)


def main() -> int:
    """Try the mutants, print the tables, and return 1 if the lines are not good enough."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--aside", action="store_true", help="other right submissions")
    parser.add_argument("--only", default="", help="only mutants whose names hold this text")
    parser.add_argument("--verbose", action="store_true", help="list what is not named")
    options = parser.parse_args()
    bases = ASIDE if options.aside else BASES
    chosen = [
        (base, *each)
        for base in bases
        for each in trials_of(base, options.count // len(bases), options.seed)
        if re.search(options.only, each[1].name)
    ]
    with ProcessPoolExecutor(options.jobs) as pool:
        trials = []
        for trial in pool.map(tried, *zip(*chosen, strict=True)):
            if trial.loses:
                trials.append(trial)
            if options.verbose and trial.loses and trial.verdict != "named":
                print(f"{trial.verdict} {trial.mutant.name} {trial.mutant.kind} {sorted(trial.mutant.lines)}")
                print(f"  {trial.told}", flush=True)
    count = Counter(trial.verdict for trial in trials)
    seconds = sorted(trial.seconds for trial in trials)
    print(table(trials))
    shares = ", ".join(f"{verdict} {count[verdict] / len(trials):.1%}" for verdict in VERDICTS)
    print(f"{len(chosen)} mutants, {len(trials)} lose points: {shares}")
    print(f"{median(seconds):.2f} s at the median, {seconds[-1]:.2f} s at worst")
    is_good = count["named"] >= NAMED * len(trials) and count["other"] <= OTHER * len(trials)
    return int(not is_good or median(seconds) > MEDIAN or seconds[-1] > WORST)


if __name__ == "__main__":
    sys.exit(main())
