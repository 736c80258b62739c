"""Reading what a student wrote takes the submission's own time and memory, and nobody else's."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from in_process import grade_entries, grade_paths, read_submissions

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import UnreadableError
from grader.intake import find_submissions
from grader.model import Feedback, Source, Submission, SubmissionStatus
from grader.report.words import message_of
from grader.resources import solution_path
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
CODE = "class Layer: pass\nclass Perceptron: pass\n"
MB = 10**6
PATIENT, LIMITS = Timeouts(60.0, 120.0), Limits()
CHAIN = "x = 0\nif x == -1:\n    pass\n" + "".join(f"elif x == {n}:\n    pass\n" for n in range(1000))
SCORE = Settings(feedback=Feedback.SCORE)


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as started:
        yield started


def cell(source: object, **fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source} | fields


def notebook(*cells: object, **fields: Any) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **fields}).encode()


def source(
    parent: ForkingParent,
    files: dict[str, bytes],
    patience: Timeouts = PATIENT,
    limits: Limits = LIMITS,
) -> Source:
    with closing(Candidate(Submission("a", "a", files), parent, patience, limits)) as candidate:
        return candidate.read()


def problem(parent: ForkingParent, files: dict[str, bytes]) -> str:
    with pytest.raises(UnreadableError) as caught:
        source(parent, files)
    return str(caught.value)


# --- Whatever is in it --------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, 3, 0.5, True, "layer", [], ["layer"], {}, {"layer": [{}]}])
@pytest.mark.parametrize(
    "field", ["locked", "grade", "solution", "grade_id", "cell_type", "nbgrader", "tags"]
)
def test_metadata_may_have_any_type(parent: ForkingParent, field: str, value: object) -> None:
    marks: dict[str, object] = {"locked": True, "grade_id": "layer", field: value}
    metadata = {field: value} if field in ("nbgrader", "tags") else {"nbgrader": marks}
    found = source(parent, {"n.ipynb": notebook(cell("x = 1"), cell(CODE, metadata=metadata))})
    assert [piece.text for piece in found.cells][1:] in ([CODE], [])


@pytest.mark.parametrize("value", [None, 3, "text", ["text"], [3, None], {"a": 1}])
@pytest.mark.parametrize("field", ["source", "cell_type", "metadata", "outputs"])
def test_fields_of_cells_may_have_any_type(parent: ForkingParent, field: str, value: object) -> None:
    found = source(parent, {"n.ipynb": notebook(cell("y = 2") | {field: value}, cell(CODE), value)})
    assert found.cells[-1].text == CODE


@pytest.mark.parametrize("cells", [None, 3, "x", {"a": 1}, [[]], [3]])
def test_a_notebook_without_real_cells_has_no_code(parent: ForkingParent, cells: object) -> None:
    assert "no code" in problem(parent, {"n.ipynb": json.dumps({"cells": cells}).encode()})


def test_half_a_character_is_read_as_an_unknown_one(parent: ForkingParent) -> None:
    found = source(parent, {"n.ipynb": notebook(cell(CODE), cell("face = '\ud83d'"))})
    assert found.cells[1].text == "face = '\ufffd'"


def test_more_cells_than_anybody_writes_are_refused(parent: ForkingParent) -> None:
    assert "30000 code cells" in problem(parent, {"n.ipynb": notebook(*[cell("x")] * 30_001)})


def test_ten_thousand_magics_are_commented_out(parent: ForkingParent) -> None:
    files = {"n.ipynb": notebook(cell("%time x = 1\n" * 10_000), cell(CODE))}
    found = source(parent, files)
    assert found.cells[0].text.count("pass  # set aside: %time x = 1\n") == 10_000


# --- Scripts ---------------------------------------------------------------------------------------------------


def test_magics_in_a_script_are_commented_out_if_it_is_not_python(parent: ForkingParent) -> None:
    found = source(parent, {"a.py": b"!pip install numpy\n%matplotlib inline\n" + CODE.encode()})
    assert found.cells[0].text.splitlines() == [
        "pass  # set aside: !pip install numpy",
        "pass  # set aside: %matplotlib inline",
        *CODE.splitlines(),
    ]


@pytest.mark.parametrize("text", ["x = (7\n% 2)\n", 's = """\n!ls\n"""\n', "  x = 1\n", ">>> x = 1\n"])
def test_other_scripts_stay_as_they_are(parent: ForkingParent, text: str) -> None:
    assert source(parent, {"a.py": text.encode()}).cells[0].text == text


def test_a_thousand_branches_are_read(parent: ForkingParent) -> None:
    files = {"a.py": CODE + CHAIN, "b.py": "import a\n" + CHAIN}
    assert source(parent, {name: text.encode() for name, text in files.items()}).main == "a.py"


def test_imports_are_looked_up_and_not_searched_for(parent: ForkingParent) -> None:
    folder = "/".join("abcdefghijklmnopqrs")
    names = "".join(f"import m{number}\n" for number in range(24_000))
    files = {f"{folder}/main.py": CODE + names + "import helper\n", "helper.py": CODE}
    assert source(parent, {name: text.encode() for name, text in files.items()}).main == f"{folder}/main.py"


@pytest.mark.parametrize(
    ("text", "is_newer"),
    [
        ("type V = int\n", True),
        ("def f[T](x: T): return x\n", True),
        ("class A[T]: pass\n", True),
        ('d = {\'a\': 1}\nprint(f"{d["a"]}")\n', True),
        ("print(f\"{'\\n'.join('ab')}\")\n", True),
        ("def f(:\n", False),
        ("type of V\n", False),
        ("print 'f'\n", False),
    ],
)
def test_code_that_may_be_of_a_newer_python_is_said_to_be(
    parent: ForkingParent, text: str, is_newer: bool
) -> None:
    try:
        compile(text, "a.py", "exec")
    except SyntaxError:
        said = problem(parent, {"a.py": text.encode(), "b.py": b"x = 1\n"})
        assert ("it may be of a newer version" in said) == is_newer
        assert "is not valid Python" in said


# --- Budgets ---------------------------------------------------------------------------------------------------

SLOW = {"n.ipynb": b'{"cells": [' + b"{}," * (6 * MB) + b"{}]}"}


def test_reading_is_stopped_by_the_clock(parent: ForkingParent) -> None:
    with pytest.raises(Ended, match=r"stopped after 0\.2 s") as caught:
        source(parent, SLOW, Timeouts(0.2, 60.0))
    assert caught.value.how is How.TIMEOUT


def test_reading_and_running_have_one_clock(parent: ForkingParent) -> None:
    submission = Submission("a", "a", SLOW)
    with closing(Candidate(submission, parent, Timeouts(0.2, 0.2), Limits())) as candidate:
        with pytest.raises(Ended):
            candidate.read()
        with pytest.raises(Ended, match="had no time left"):
            candidate.load()


def test_reading_is_stopped_by_the_memory_limit(parent: ForkingParent) -> None:
    with pytest.raises(UnreadableError, match="more memory"):
        source(parent, SLOW, limits=Limits(memory=256 * 1024 * 1024))


def test_a_submission_is_read_once_even_if_its_process_dies(parent: ForkingParent) -> None:
    submission = Submission("a", "a", {"a.py": b"import os\nos._exit(1)\nclass Layer: pass\n"})
    with closing(Candidate(submission, parent, Timeouts(), Limits())) as candidate:
        before = candidate.read()
        assert candidate.load().classes == {"Layer"}
        assert candidate.read() is before


def test_a_bomb_costs_the_grader_little_more_than_its_bytes(parent: ForkingParent, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("n.ipynb", SLOW["n.ipynb"])
    tracemalloc.start()
    try:
        (entry,) = read_submissions([path])
        assert isinstance(entry, Submission)
        with pytest.raises(Ended):
            source(parent, dict(entry.files), Timeouts(0.5, 0.5))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * len(SLOW["n.ipynb"])


def test_a_submission_that_cannot_be_read_in_time_costs_nobody_else_anything(tmp_path: Path) -> None:
    for name, content in {"slow.ipynb": SLOW["n.ipynb"], "right.py": SOLUTION.encode()}.items():
        folder = tmp_path / "class" / name.partition(".")[0]
        folder.mkdir(parents=True)
        (folder / name).write_bytes(content)
    settings = Settings(feedback=Feedback.SCORE, memory=256 * 1024 * 1024)
    right, slow = grade_paths([tmp_path / "class"], settings)
    assert right.score == 100.0
    assert (slow.status, slow.score, slow.sha256) == (SubmissionStatus.UNREADABLE, 0.0, "")
    assert "memory" in message_of(slow)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Leyer: pass\n", "is defined; there is Leyer: did you mean Layer?"),
        ("if True:\n    class perceptron:\n        pass\n", "did you mean Perceptron?"),
        ("class Leyer(Base): pass\n", "; there is Leyer: did you mean Layer?; its first error is NameError"),
        ("class Net: pass\n", "no class Layer and no class Perceptron is defined"),
    ],
)
def test_a_class_with_almost_the_right_name_is_asked_about(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "work.py").write_text(source)
    (result,) = grade_paths([tmp_path / "work.py"], SCORE)
    assert (result.status, result.score) == (SubmissionStatus.UNREADABLE, 0.0)
    assert said in message_of(result)
    assert ("did you mean" in message_of(result)) == ("did you mean" in said)


def test_very_many_names_of_classes_cost_the_grader_nothing(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text("class " * 100_000 + "\n" + "class x: pass\n" * 5_000 + " " * 10**6)
    began = time.process_time()
    list(grade_paths([tmp_path / "work.py"], SCORE))
    assert time.process_time() - began < 5.0


def test_blanks_before_a_possible_definition_cost_the_grader_nothing(tmp_path: Path) -> None:
    line = b"x" + b" " * 19_900 + b"class Layer("
    for number in range(6):
        (tmp_path / f"{number}.py").write_bytes(line * 1000)
    began = time.process_time()
    assert len(find_submissions([tmp_path])) == 1
    assert time.process_time() - began < 5.0


def test_several_paths_are_searched_for_classes_up_to_the_limit_of_one(tmp_path: Path) -> None:
    paths = [tmp_path / f"{section}.zip" for section in "abc"]
    for path in paths:
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("ann", "ben", "cat"):
                archive.writestr(f"{name}.py", CODE.encode() + b"#" * 4 * MB)
    told: list[str] = []
    assert len(find_submissions(paths, told.append)) == 3
    assert [line.partition(" ")[0] for line in told] == [str(paths[0])]


# --- What nobody has foreseen ---------------------------------------------------------------------------------


class FailsToBeRead(dict[str, bytes]):
    """Files at which the kit's own code fails."""

    def values(self) -> Any:
        raise ZeroDivisionError("a bug of ours")


def test_a_bug_in_the_kit_leaves_one_ungraded_and_the_others_graded(
    parent: ForkingParent, capfd: pytest.CaptureFixture[str]
) -> None:
    entries = [
        Submission("ada", "ada.py", {"ada.py": SOLUTION.encode()}),
        Submission("ben", "ben.py", FailsToBeRead({"ben.py": b""})),
        Submission("cem", "cem.py", {"cem.py": SOLUTION.encode()}),
    ]
    ada, ben, cem = grade_entries(entries, parent, SCORE)
    assert (ada.score, cem.score) == (100.0, 100.0)
    assert (ben.status, ben.score) == (SubmissionStatus.UNGRADED, None)
    assert "ZeroDivisionError" in message_of(ben)
    told = capfd.readouterr().err
    assert "'ben' could not be graded" in told
    assert "a bug of ours" in told


def test_a_bug_while_reading_leaves_one_ungraded_and_the_others_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from grader.intake import reading

    read_files = reading.read_files

    def failing(found: Any) -> Any:
        if "ben" in found.path:
            raise ZeroDivisionError("a bug of ours")
        return read_files(found)

    for name in ("ada", "ben", "cem"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "work.py").write_text(SOLUTION, encoding="utf-8")
    monkeypatch.setattr(reading, "read_files", failing)
    results = {result.id: result for result in grade_paths([tmp_path / "class"], SCORE)}
    assert {id_: result.score for id_, result in results.items()} == {"ada": 100.0, "ben": None, "cem": 100.0}
    assert "ZeroDivisionError" in message_of(results["ben"])
    assert "a bug of ours" in capfd.readouterr().err


# --- Anything -------------------------------------------------------------------------------------------------

FUZZ = Path(__file__).parents[1] / "fuzz_reading.py"


@pytest.mark.parametrize(
    "counts",
    [(20, 15, 10), pytest.param((4_000, 2_000, 200), marks=pytest.mark.slow)],
    ids=["few", "many"],
)
def test_whatever_is_handed_in_has_one_outcome_within_its_budget(counts: tuple[int, int, int]) -> None:
    options = zip(("--notebooks", "--archives", "--names"), map(str, counts), strict=True)
    command = [sys.executable, str(FUZZ), *(word for option in options for word in option)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
