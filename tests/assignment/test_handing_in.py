"""From the release to the score: a student fills in the solution and hands in the folder or the notebook."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from grader.assignment import derive_assignment
from grader.assignment.release import write_release
from grader.grading.local import grade_locally
from grader.languages import LANGUAGES
from grader.report.words import message_of
from grader.resources import solution_path
from grader.settings import Settings

SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
RECORDER = Path(__file__).with_name("drawing_recorder.py")
BODY = r"class {}\(?.*?:\n.*?### BEGIN SOLUTION\n(.*?) *### END SOLUTION"
STUB = r' *# [^\n]*\n *raise NotImplementedError\("{}\.\w+ is not written yet\."\)\n?'


def filled_in(source: str) -> str:
    """Return code of the release with the lines of the solution in place of the stubs."""
    for name in ("Layer", "Perceptron"):
        body = re.search(BODY.format(name), SOLUTION, flags=re.DOTALL)
        assert body is not None
        source = re.sub(STUB.format(name), body[1].replace("\\", r"\\"), source)
    return source


def fill_in(path: Path) -> None:
    """Write the solution into the script or the notebook at ``path``."""
    if path.suffix == ".py":
        path.write_text(filled_in(path.read_text(encoding="utf-8")), encoding="utf-8")
        return
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = filled_in("".join(cell["source"]) + "\n").rstrip("\n")
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["perceptron.py", "perceptron.ipynb"])
def test_the_folder_with_the_solution_filled_in_gets_all_points(
    tmp_path: Path, language: str, name: str
) -> None:
    folder = tmp_path / "alice"
    write_release(folder, derive_assignment(language))
    before = (folder / name).read_bytes()
    fill_in(folder / name)
    assert (folder / name).read_bytes() != before
    archive = shutil.make_archive(str(tmp_path / "alice"), "zip", folder)
    [result] = grade_locally([Path(archive)], Settings())
    assert (result.score, message_of(result)) == (100, "")


def run(folder: Path) -> list[Any]:
    """Run the notebook of a folder in a kernel, as "Run All Cells" does, and return its code cells."""
    notebook = nbformat.read(folder / "perceptron.ipynb", 4)
    client = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}})
    with contextlib.suppress(CellExecutionError):
        client.execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(cell: Any) -> str:
    return "".join(output.text for output in cell.outputs if output.output_type == "stream")


@pytest.fixture
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Return a release in a language, with a matplotlib that says what is drawn."""
    write_release(tmp_path / "release", derive_assignment(request.param))
    (tmp_path / "release/matplotlib").mkdir()
    (tmp_path / "release/matplotlib/__init__.py").touch()
    (tmp_path / "release/matplotlib/pyplot.py").write_bytes(RECORDER.read_bytes())
    return tmp_path / "release"


@pytest.mark.slow
@pytest.mark.parametrize("folder", LANGUAGES, indirect=True)
def test_an_untouched_notebook_stops_at_the_first_task_and_names_it(folder: Path) -> None:
    cells = run(folder)
    count = [cell.execution_count is not None for cell in cells].index(False)
    [error] = [output for output in cells[count - 1].outputs if output.output_type == "error"]
    assert error.evalue == "Layer.backward is not written yet."
    assert {cell.id for cell in cells[:count]} >= {"imports", "plot", "layer"}
    assert {cell.id for cell in cells[count:]} >= {"perceptron", "training"}


@pytest.mark.slow
@pytest.mark.parametrize("folder", LANGUAGES, indirect=True)
def test_a_solved_notebook_runs_to_the_end_and_draws_all_pictures(folder: Path) -> None:
    fill_in(folder / "perceptron.ipynb")
    cells = {cell.id: cell for cell in run(folder)}
    assert all(cell.execution_count for cell in cells.values())
    assert not [o for cell in cells.values() for o in cell.outputs if o.output_type in ("error",)]
    drawn = {name: printed(cell).count("picture") for name, cell in cells.items() if "plot" in name}
    assert drawn == {"plot": 1, "plot-gradients": 1}
    assert printed(cells["training"]).count("picture") == 2
    assert "Loss at epoch 100: " in printed(cells["training"])
