"""Whatever students hand in to a real course, nbgrader's gradebook agrees with ``grade``."""

from __future__ import annotations

import ast
import copy
import csv
import json
from typing import Any

import pytest
from courses import Course, Notebook, code_cell, filled, made, run
from nbgrader.api import Gradebook

pytestmark = pytest.mark.slow

FULL = 100.0
CONFIGURATION = """
c = get_config()
c.SandboxGrade.request_timeout = 1.0
c.LateSubmissionPlugin.penalty_method = "zero"
"""
NEW_POINTS = 1000


def cell_of(notebook: Notebook, name: str) -> dict[str, Any]:
    """Return the cell of a notebook that nbgrader calls ``name``."""
    found: dict[str, Any]
    (found,) = (cell for cell in notebook["cells"] if metadata_of(cell).get("grade_id") == name)
    return found


def metadata_of(cell: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return described


# --- What students do to notebooks ----------------------------------------------------------------------


def graded_cells_deleted(notebook: Notebook) -> None:
    notebook["cells"] = [cell for cell in notebook["cells"] if not metadata_of(cell).get("grade")]


def every_cell_twice(notebook: Notebook) -> None:
    notebook["cells"] = [copy.deepcopy(cell) for cell in notebook["cells"] for _ in range(2)]


def solution_cells_retyped(notebook: Notebook) -> None:
    for name in ("layer", "perceptron"):
        cell = cell_of(notebook, name)
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


def graded_cells_first(notebook: Notebook) -> None:
    notebook["cells"].sort(key=lambda cell: not metadata_of(cell).get("grade", False))


def metadata_of_the_wrong_type(notebook: Notebook) -> None:
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"]["nbgrader"] = ["broken", None, {"grade_id": 7}, {"grade": "yes", "locked": 3}][
            number % 4
        ]


def metadata_of_the_future(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        metadata_of(cell).update(schema_version=99, extra="x")


def tags_that_no_file_can_hold(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"]["tags"] = ["\ud800"]


def no_metadata_at_all(notebook: Notebook) -> None:
    notebook["metadata"] = {}
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def a_graded_cell_too_many(notebook: Notebook) -> None:
    described = {**metadata_of(cell_of(notebook, "backward-dz")), "grade_id": "bonus", "points": NEW_POINTS}
    notebook["cells"].append(code_cell("1000", nbgrader=described))


def work_in_cells_of_their_own(notebook: Notebook) -> None:
    cell = cell_of(notebook, "layer")
    cell["source"] = "from mine import half\n\n" + cell["source"].replace(
        "da_prev = ", "da_prev = half * 2 * "
    )
    notebook["cells"].insert(0, code_cell("%matplotlib inline\nprint('a helper cell')"))


MANGLED = [
    graded_cells_deleted,
    every_cell_twice,
    solution_cells_retyped,
    graded_cells_first,
    metadata_of_the_wrong_type,
    metadata_of_the_future,
    tags_that_no_file_can_hold,
    no_metadata_at_all,
    a_graded_cell_too_many,
]

# --- What students do to get points they have not earned ------------------------------------------------

SPY = """
import os, pathlib
def found():
    for path in ({course!r} + "/gradebook.db", {course!r} + "/source/perceptron/perceptron.ipynb",
                 {course!r} + "/submitted/right/perceptron/perceptron.ipynb", "../../../gradebook.db",
                 "../../right/perceptron/perceptron.ipynb", "../../../source/perceptron/perceptron.ipynb"):
        try:
            yield path, open(path, "rb").read(20)
        except OSError as error:
            yield path, type(error).__name__
        try:
            open(path, "ab").write(b"spoilt")
            yield path, "written"
        except OSError as error:
            yield path, type(error).__name__
print("SPY", list(found()))
"""

CHEATS = {
    "replaces": "import criteria\ncriteria.grade = lambda criterion: None",
    "silences": "get_ipython().showtraceback = lambda *arguments, **keywords: None",
    "transforms": "get_ipython().input_transformers_post.append(lambda lines: [])",
    "kills": "import os\nos._exit(0)",
}


def saved_outputs(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        if metadata_of(cell).get("grade"):
            metadata_of(cell)["points"] = NEW_POINTS
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "data": {"text/plain": "15"},
                    "metadata": {},
                    "execution_count": 1,
                }
            ]


# --- The class ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course made by nbgrader itself, in which a class has handed in and has been autograded."""
    folder = tmp_path_factory.mktemp("courses") / "course"
    run("nbgrader", "quickstart", folder.name, folder=folder.parent)
    course = made(folder)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    with Gradebook(course.database) as gradebook:
        gradebook.update_or_create_assignment("perceptron", duedate="2026-02-01")
    hand_in_everything(course)
    course.run("nbgrader", "autograde", "perceptron")
    return course


def hand_in_everything(course: Course) -> None:
    released = course.released
    course.hand_in("right", filled(released))
    course.hand_in("skeleton", released)
    late = course.hand_in("late", filled(released))
    (late / "timestamp.txt").write_text("2026-02-02 00:00:00 UTC")
    course.hand_in("wrong", filled(released, [("self.weights.T @ dz", "self.weights.T @ da")]))
    course.hand_in("hangs", filled(released, [("dz = da", "while True: pass\n        dz = da")]))
    course.hand_in("no-python", filled(released, [("def fit(", "def fit((")]))
    course.hand_in("no-cells", {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    course.hand_in("empty", b"")
    course.hand_in("broken", json.dumps(filled(released)).encode()[:-900])
    for mangle in MANGLED:
        for student, notebook in (
            (mangle.__name__, filled(released)),
            (f"skeleton-{mangle.__name__}", released),
        ):
            mangled = copy.deepcopy(notebook)
            mangle(mangled)
            course.hand_in(student, mangled)
    helpers = filled(released)
    work_in_cells_of_their_own(helpers)
    course.hand_in("helpers", helpers, {"mine.py": "half = 0.5\n"})
    planted = {
        f"{name}.py": "raise SystemExit\n" for name in ("utils", "numpy", "grader", "criteria", "json")
    }
    course.hand_in("planted", filled(released), planted)
    for name, source in CHEATS.items():
        course.hand_in(name, with_cell(released, source))
    course.hand_in("spies", with_cell(released, SPY.format(course=str(course.folder))))
    forged = copy.deepcopy(released)
    saved_outputs(forged)
    course.hand_in("forges", forged)
    links = course.hand_in("links", released)
    (links / "perceptron.ipynb").unlink()
    (links / "perceptron.ipynb").symlink_to(course.folder / "source/perceptron/perceptron.ipynb")
    (links / "mine.txt").symlink_to(course.folder / "gradebook.db")


def with_cell(notebook: Notebook, source: str) -> Notebook:
    whole = copy.deepcopy(notebook)
    whole["cells"].insert(1, code_cell(source))
    return whole


STUDENTS_AT_ZERO = [
    "skeleton", "no-cells", "empty", "broken", *CHEATS, "spies", "forges", "links",
    *(f"skeleton-{mangle.__name__}" for mangle in MANGLED),
]  # fmt: skip


# --- Points ---------------------------------------------------------------------------------------------


def test_the_gradebook_says_what_grade_says(course: Course) -> None:
    report = json.loads(course.run("grade", "--format", "json", "--timeout", "1", "submitted").stdout)
    by_grade = {
        entry["id"]: {criterion["id"]: criterion["points"] for criterion in entry["criteria"]}
        for entry in report["submissions"]
    }
    assert len(by_grade) == len(list((course.folder / "submitted").iterdir()))
    assert {student: course.points(student) for student in by_grade} == by_grade


@pytest.mark.parametrize("student", ["right", "helpers", "planted", *(mangle.__name__ for mangle in MANGLED)])
def test_right_work_gets_all_points_whatever_the_state_of_the_notebook(course: Course, student: str) -> None:
    assert sum(points or 0 for points in course.points(student).values()) == FULL


@pytest.mark.parametrize("student", STUDENTS_AT_ZERO)
def test_no_work_gets_no_points_whatever_the_notebook_does(course: Course, student: str) -> None:
    assert set(course.points(student).values()) == {0.0}


def test_a_mistake_costs_its_criteria(course: Course) -> None:
    lost = {criterion for criterion, points in course.points("wrong").items() if points == 0}
    assert lost == {"backward.da_prev", "training.gradient_check"}
    assert course.points("hangs")["fit.loss"] == 5.0


def test_nothing_needs_manual_grading(course: Course) -> None:
    students = [path.name for path in (course.folder / "submitted").iterdir()]
    assert [student for student in students if course.needs_a_person(student)] == []


def test_nothing_of_the_course_was_read_or_written(course: Course) -> None:
    report = json.loads(course.run("grade", "--format", "json", "submitted/spies/perceptron").stdout)
    seen = report["submissions"][0]["output"]
    assert "SPY" in seen
    got = {result for _, result in ast.literal_eval(seen[seen.index("[") : seen.rindex("]") + 1])}
    assert got <= {"PermissionError", "FileNotFoundError"}
    for path in course.folder.rglob("*"):
        assert path.is_symlink() or not path.is_file() or not path.read_bytes().endswith(b"spoilt"), path
    assert not (course.folder / "autograded/links/perceptron/mine.txt").exists()


def test_no_kernel_is_started(course: Course) -> None:
    log = course.run("nbgrader", "autograde", "perceptron", "--student=kills", "--force").stderr
    assert "kernel" not in log.lower().replace("kernelspec", "")


def test_late_work_gets_its_points_and_the_penalty(course: Course) -> None:
    assert sum(points or 0 for points in course.points("late").values()) == FULL
    with Gradebook(course.database) as gradebook:
        submission = gradebook.find_submission("perceptron", "late")
        assert submission.total_seconds_late == 24 * 60 * 60
        assert submission.notebooks[0].late_submission_penalty == FULL


def test_what_a_person_wrote_survives_another_run(course: Course) -> None:
    with Gradebook(course.database) as gradebook:
        gradebook.find_grade("backward-da_prev", "perceptron", "perceptron", "wrong").manual_score = 7.0
        gradebook.find_comment("layer", "perceptron", "perceptron", "wrong").manual_comment = "Nearly."
        gradebook.db.commit()
    course.run("nbgrader", "autograde", "perceptron", "--student=wrong", "--force")
    with Gradebook(course.database) as gradebook:
        grade = gradebook.find_grade("backward-da_prev", "perceptron", "perceptron", "wrong")
        assert (grade.score, grade.auto_score, grade.needs_manual_grade) == (7.0, 0.0, True)
        assert gradebook.find_comment("layer", "perceptron", "perceptron", "wrong").comment == "Nearly."
        grade.manual_score, grade.needs_manual_grade = None, False
        gradebook.find_comment("layer", "perceptron", "perceptron", "wrong").manual_comment = None
        gradebook.db.commit()


def test_saved_outputs_are_never_graded(course: Course) -> None:
    course.run("nbgrader", "autograde", "perceptron", "--student=forges", "--force", "--no-execute")
    assert set(course.points("forges").values()) == {0.0}


# --- Feedback -------------------------------------------------------------------------------------------


def outputs_of(course: Course, student: str, cell: str) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = cell_of(course.autograded(student), cell)["outputs"]
    return outputs


def test_each_cell_says_what_was_wrong_and_then_its_points(course: Course) -> None:
    shown, earned = outputs_of(course, "wrong", "backward-da_prev")
    assert shown["output_type"] == "display_data"
    assert "The gradient returned is not Wᵀ · dz" in "".join(shown["data"]["text/html"])
    assert "Should be" in "".join(shown["data"]["text/plain"])
    assert (earned["output_type"], "".join(earned["data"]["text/plain"])) == ("execute_result", "0.0")
    _, earned = outputs_of(course, "wrong", "backward-dz")
    assert "".join(earned["data"]["text/plain"]) == "15.0"


def test_comments_name_what_failed_beside_the_work(course: Course) -> None:
    comment = course.comment("wrong", "layer") or ""
    assert comment.startswith("- ")
    assert "da_prev" in comment
    assert course.comment("right", "layer") is None
    assert course.comment("skeleton", "layer") == "No response."
    assert "JSON is broken" in (course.comment("broken", "perceptron") or "")


def test_feedback_can_be_generated_for_everybody(course: Course) -> None:
    course.run("nbgrader", "generate_feedback", "perceptron")
    pages = {path.parts[-3]: path for path in course.folder.glob("feedback/*/perceptron/perceptron.html")}
    assert set(pages) == {path.name for path in (course.folder / "submitted").iterdir()}
    page = pages["wrong"].read_text(encoding="utf-8")
    assert "The gradient returned is not Wᵀ · dz" in page
    assert "def test_" not in page
    for student in STUDENTS_AT_ZERO:
        text = pages[student].read_text(encoding="utf-8")
        assert not any(line in text for line in ("self.weights.T @ dz", "np.mean(losses)")), student


def test_export_has_the_scores(course: Course) -> None:
    course.run("nbgrader", "export", "--to=grades.csv")
    with (course.folder / "grades.csv").open(newline="") as file:
        scores = {
            row["student_id"]: float(row["score"])
            for row in csv.DictReader(file)
            if row["assignment"] == "perceptron"
        }
    assert scores["right"] == FULL
    assert scores["wrong"] == 80.0
    assert scores["forges"] == 0.0
