"""What the README and the docs show is what a user sees: transcripts, commands, options, links.

``python tests/test_docs.py`` writes the README's transcript anew.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from grader.cli.grade import command as grade_command
from grader.report.formats import FORMATS
from grader.rubric import default_rubric

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
SCRIPTS = Path(sys.executable).parent
SOLUTION = ROOT / "solution" / "perceptron.py"
TEMPLATES = Path(__file__).parent / "report" / "templates"

ELSEWHERE = {
    "python": "installs, or takes minutes; .ci/run starts from an empty environment",
    "python3": "makes an environment, as .ci/run does",
    "uv": ".ci/run",
    "pipx": "installs",
    ".ci/run": "runs the whole suite",
    "pytest": "tests/exam/test_by_hand.py",
    "nbgrader": "tests/courses",
    "cd": "goes with nbgrader",
    "dask": "tests/grading/test_cluster.py",
    "gh": "needs GitHub",
    "PYTHONPATH=tests/courses": "a benchmark",
}
"""Commands that this file does not run, by their first word: where they are run, or why they are not."""


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands() -> Iterator[tuple[str, str]]:
    """Yield the page and the text of each indented command of the docs, comments and prompts aside."""
    for page in PAGES:
        for line in text_of(page).splitlines():
            word = line.split(maxsplit=1)[0] if line.strip() else ""
            if line.startswith("    ") and (word in ("grade", "perceptron-kit") or word in ELSEWHERE):
                yield page.name, line.partition("  #")[0].strip()


PLACEHOLDERS = ("HOST", "[OPTIONS]")
RUN = [
    pytest.param(line, id=f"{page}: {line}")
    for page, line in commands()
    if line.split()[0] not in ELSEWHERE and not any(word in line for word in PLACEHOLDERS)
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files that the commands of the docs name."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "clones" / "perceptron-cat" / ".git").mkdir(parents=True)
    for place in (
        "alice",
        "submissions/alice",
        "submissions/bob",
        "autograder/submission",
        "clones/perceptron-cat",
        "",
    ):
        (folder / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(SOLUTION, folder / place / "perceptron.py")
    shutil.copy(ROOT / "tests/submissions/right/nb_colab.ipynb", folder / "alice.ipynb")
    shutil.make_archive(str(folder / "bob"), "zip", folder / "alice")
    shutil.make_archive(str(folder / "submissions"), "zip", folder / "submissions")
    for template in TEMPLATES.glob("*.csv"):
        shutil.copy(template, folder)
    (folder / "class.csv").write_text("id\nalice\nbob\n")
    (folder / "classroom_roster.csv").write_text("identifier,github_username\nCat,cat\n")
    (folder / "rubric.toml").write_bytes((ROOT / "grader" / "rubric.toml").read_bytes())
    for name in ("results", "results-before"):
        subprocess.run([SCRIPTS / "grade", "--quiet", "--out", name, "submissions"], cwd=folder, check=True)
    (folder / "tests").symlink_to(ROOT / "tests")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("line", RUN)
def test_every_command_works(line: str, desk: Path) -> None:
    said, _, into = line.partition(" > ")
    name, *arguments = shlex.split(said.removeprefix("$ "))
    here = [word.replace("/autograder", str(desk / "autograder")) for word in arguments]
    run = subprocess.run([SCRIPTS / name, *here], cwd=desk, capture_output=True, check=False, timeout=300)
    assert run.returncode in ((0, 1) if arguments[0] in ("compare", "doctor") else (0,)), run.stderr.decode()
    assert b"Traceback" not in run.stderr
    assert not into or run.stdout


TRANSCRIPT = re.compile(r"^    \$ grade (\S+)\n((?:(?:    .*)?\n)+?)    …\n", re.MULTILINE)
"""The command, and the beginning of what it prints."""
SHOWN = 18
"""Lines of the report that the README shows."""


def report_of(path: str) -> str:
    """Return what ``grade`` prints about a submission."""
    return subprocess.run(
        [SCRIPTS / "grade", path], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_the_transcript_is_real() -> None:
    shown = TRANSCRIPT.search(text_of(ROOT / "README.md"))
    assert shown is not None
    assert report_of(shown[1]).startswith(textwrap.dedent(shown[2]))


def renew() -> None:
    """Write the transcript of the README anew."""
    readme = ROOT / "README.md"

    def renewed(shown: re.Match[str]) -> str:
        lines = report_of(shown[1]).splitlines(keepends=True)[:SHOWN]
        return textwrap.indent(f"$ grade {shown[1]}\n{''.join(lines)}…\n", "    ")

    readme.write_text(TRANSCRIPT.sub(renewed, text_of(readme)), encoding="utf-8")


@pytest.mark.parametrize("criterion", default_rubric().points)
def test_every_criterion_has_its_section(criterion: str) -> None:
    points = f"{default_rubric().points[criterion]:g} points."
    section = rf"^## {re.escape(criterion)}\n\n{points}"
    assert re.search(section, text_of(ROOT / "docs" / "criteria.md"), re.MULTILINE)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_in_the_table(name: str) -> None:
    row = rf"^\| (?:`\w+`, )*`{name}`(?:, `\w+`)* \|"
    assert re.search(row, text_of(ROOT / "docs" / "platforms.md"), re.MULTILINE)


OPTIONS = [
    option.opts[0]
    for option in grade_command.params
    if isinstance(option, click.Option) and option.name not in ("version", "help")
]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_option_is_in_the_table(option: str) -> None:
    assert re.search(rf"^\| `{option}\b", text_of(ROOT / "docs" / "usage.md"), re.MULTILINE)


LINKS = [
    (page, target)
    for page in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(page))
    if "://" not in target
]


@pytest.mark.parametrize(("page", "target"), LINKS, ids=lambda value: getattr(value, "name", value))
def test_every_link_and_anchor_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    assert not anchor or anchor in anchors(there)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


NAMED = sorted(
    {
        (page.name, path)
        for page in PAGES
        for path in re.findall(r"`((?:grader|tests|docs|solution|assignment)/[\w./-]*)`", text_of(page))
    }
)


@pytest.mark.parametrize(("page", "path"), NAMED)
def test_every_path_that_is_named_exists(page: str, path: str) -> None:
    assert (ROOT / path).exists(), f"{page} names {path}"


def test_every_fast_test_is_there(pytestconfig: pytest.Config) -> None:
    conftest = pytestconfig.pluginmanager.getplugin(str(ROOT / "tests" / "conftest.py"))
    paths = [ROOT / "tests" / beginning.partition("::")[0] for beginning in conftest.FAST]
    assert [path for path in paths if not path.exists()] == []


def test_the_readme_is_a_front_door() -> None:
    assert len(text_of(ROOT / "README.md").splitlines()) <= 130
    linked = {target.partition("#")[0] for page, target in LINKS if page.name == "README.md"}
    pages = {f"docs/{page.name}" for page in PAGES if page.parent.name == "docs"}
    further = {
        ("CONTRIBUTING.md", "docs/extending.md"),
        ("usage.md", "pressure.md"),
        ("criteria.md", "feedback.md"),
    }
    assert further <= {(page.name, target) for page, target in LINKS}
    assert pages - linked <= {f"docs/{Path(target).name}" for _, target in further}


if __name__ == "__main__":
    renew()
