"""The visible checks name the step that is wrong, end what never ends, and speak plainly."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from released import SOLUTION, STEPS, TRAINING, not_right, released, run, statuses

from grader.assignment.checks import translations
from grader.exam.questions.cases import LayerParameters, TrainCase
from grader.exam.questions.certificates import falls_in_any_order, is_smooth
from grader.exam.questions.questions import questions
from grader.rubric import default_rubric

TEMPLATES = Path(__file__).parents[2] / "grader/assignment/templates"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return released(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose checks wait less long for a call that never ends."""
    return released(tmp_path_factory.mktemp("hurried"), seconds=1.0)


def checked(folder: Path, source: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "work.py").write_text(source, encoding="utf-8")
    return run(folder, "check.py", "work.py", *options, **environment)


def with_mistake(right: str, wrong: str) -> str:
    assert right in SOLUTION
    return SOLUTION.replace(right, wrong)


# --- The steps ------------------------------------------------------------------------------------------


def test_the_solution_is_right_in_every_step(folder: Path) -> None:
    run = checked(folder, SOLUTION)
    assert (run.returncode, run.stderr) == (0, "")
    assert statuses(run.stdout) == dict.fromkeys(STEPS, "right")
    assert "Hidden criteria remain" in run.stdout


MISTAKES = [
    ("shape", "return da_prev", "return da_prev[:, 0]", "Keep columns as columns"),
    ("dz", "self.activation.derivative(self.outputs)", "1", "Your dz is da itself"),
    ("weights", "dz @ self.inputs.T", "da @ self.inputs.T", "da in place of dz"),
    ("biases", "d_biases = dz", "d_biases = da", "Your d_biases is da"),
    ("da_prev", "return da_prev", "return self.weights.T @ dz", "with the W after the update"),
    ("update", "- learning_rate * d_weights", "+ learning_rate * d_weights", "the wrong sign"),
    ("output_gradient", "(y_hat - y)", "(y - y_hat)", "Your da has the wrong sign"),
    ("backpropagation", "reversed(self.layers)", "self.layers", "on the layers 1, 2, but it should be 2, 1"),
    ("loss", "np.mean(losses)", "np.sum(losses)", "It is the sum of the losses"),
]


@pytest.mark.parametrize(("step", "right", "wrong", "told"), MISTAKES)
def test_a_mistake_is_named_in_its_own_step_and_no_other_is_blamed(
    folder: Path, step: str, right: str, wrong: str, told: str
) -> None:
    run = checked(folder, with_mistake(right, wrong))
    assert run.returncode == 1
    assert not_right(run.stdout) - TRAINING == {step}
    assert told in " ".join(run.stdout.split())
    assert f"Begin with the first that is not: {step}." in " ".join(run.stdout.split())


def test_what_is_not_written_is_said_once_and_stops_there(folder: Path) -> None:
    run_ = run(folder, "check.py", "perceptron.py")
    assert run_.returncode == 1
    assert run_.stdout.count("is not written yet") == 1
    assert statuses(run_.stdout) == {"shape": "wrong"} | dict.fromkeys(STEPS[1:], "waiting")


def test_the_stub_of_nbgrader_is_not_written_yet_either(folder: Path) -> None:
    run = checked(
        folder, with_mistake("        dz = da *", "        raise NotImplementedError()\n        dz = da *")
    )
    assert "Layer.backward is not written yet." in run.stdout


def test_fit_is_checked_without_a_backward(folder: Path) -> None:
    source = with_mistake(
        "        dz = da *",
        '        raise NotImplementedError("Layer.backward is not written yet.")\n        dz = da *',
    )
    found = statuses(checked(folder, source).stdout)
    assert {step for step, status in found.items() if status == "right"} == {
        "output_gradient",
        "backpropagation",
        "loss",
    }


def test_a_wrong_step_is_shown_entry_by_entry(folder: Path) -> None:
    shown = checked(folder, with_mistake("self.weights.T @ dz", "self.weights.T @ da")).stdout
    assert re.search(r"by your code +by finite differences +relative error", shown)
    assert re.search(r"da_prev\[0,0\] +-?\d+\.\d{4} +-?\d+\.\d{4} +\de-\d\d probably wrong", shown)


def test_an_exception_is_shown_with_the_students_own_line(folder: Path) -> None:
    run = checked(folder, with_mistake("dz @ self.inputs.T", "dz @ self.inputs"))
    assert "ValueError" in run.stdout
    assert re.search(r"work\.py, line \d+: d_weights = dz @ self\.inputs", run.stdout)
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("self.weights.T @ dz", "self.weigths.T @ dz", "Did you mean weights?"),
        ("in reversed(self.layers)", "in reversed(perceptron.layers)", "is defined above the classes"),
        ("        dz = da *", "        input()\n        dz = da *", "leave input() out"),
        (
            "= da * self",
            "= da.T @ self",
            "The right shapes in this layer: da, z and dz (2, 1); W and d_weights (2, 1)",
        ),
    ],
)
def test_an_exception_comes_with_what_to_look_at(folder: Path, right: str, wrong: str, hint: str) -> None:
    assert hint in " ".join(checked(folder, with_mistake(right, wrong)).stdout.split())


LATER_LOSS = """\
                    da = layer.backward(da, learning_rate)
                y_hat = self.forward(x).item()
                losses[-1] = -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))
"""


@pytest.mark.parametrize(
    ("right", "wrong", "hint"),
    [
        ("return da_prev", "return dz", "What came back is dz itself."),
        ("            print(f", "        print(f", "Print it at the end of every epoch"),
        (f"{LATER_LOSS.splitlines()[0]}\n", LATER_LOSS, "Take ŷ from the pass that comes before backward."),
    ],
)
def test_a_frequent_mistake_is_told_by_what_it_does(folder: Path, right: str, wrong: str, hint: str) -> None:
    assert hint in " ".join(checked(folder, with_mistake(right, wrong)).stdout.split())


def test_a_class_that_a_syntax_error_hides_is_not_said_to_be_forgotten(folder: Path) -> None:
    run = checked(folder, with_mistake("self.weights.T @ dz", "(self.weights.T @ dz"))
    assert re.search(r"Line \d+ of work\.py is not valid Python", run.stdout)
    assert "There is no class Layer. The line named above is probably the reason" in run.stdout


def test_a_step_that_waits_alone_says_why(folder: Path) -> None:
    run_ = run(folder, "check.py", "perceptron.py", "--step", "da_prev")
    assert statuses(run_.stdout) == {"da_prev": "waiting"}
    assert "waits for an earlier one" in run_.stdout


def test_a_reader_that_stops_early_sees_no_traceback(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-B", "check.py", "perceptron.py"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", 1)
    process.stderr.close()


def test_one_step_can_be_checked_alone(folder: Path) -> None:
    run = checked(folder, with_mistake("np.mean(losses)", "np.sum(losses)"), "--step", "loss")
    assert (run.returncode, statuses(run.stdout)) == (1, {"loss": "wrong"})
    assert checked(folder, SOLUTION, "--step", "dz").returncode == 0


@pytest.mark.parametrize("arguments", [["nothing.py"], ["utils.txt"], ["--step", "everything"]])
def test_wrong_usage_ends_with_2(folder: Path, arguments: list[str]) -> None:
    assert run(folder, "check.py", *arguments).returncode == 2


def test_a_narrow_terminal_without_utf8_is_enough(folder: Path) -> None:
    source = with_mistake("self.weights.T @ dz", "self.weights.T @ da")
    run = checked(folder, source, COLUMNS="50", PYTHONUTF8="0", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert run.stdout.isascii()
    assert "\033" not in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 50, run.stdout
    assert "WRONG da_prev" in run.stdout


def test_saving_the_file_checks_it_again(folder: Path) -> None:
    file = folder / "watched.py"
    file.write_text(with_mistake("np.mean(losses)", "np.sum(losses)"), encoding="utf-8")
    command = [sys.executable, "-B", "check.py", "watched.py", "--watch", "--step", "loss"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, encoding="utf-8") as watching:
        assert watching.stdout is not None
        lines = iter(watching.stdout.readline, "")
        assert any("✗ loss" in line for line in lines)
        assert any("Waiting until you save" in line for line in lines)
        time.sleep(0.1)
        file.write_text(SOLUTION, encoding="utf-8")
        assert any("✓ loss" in line for line in lines)
        watching.kill()


# --- Calls that never end -------------------------------------------------------------------------------

HANGING = {
    "a loop": "while True: pass",
    "a sleep": "import time; time.sleep(1e9)",
    "a loop that catches all": """
            while True:
                try:
                    sum(range(1000))
                except BaseException:
                    pass""",
    "the end of Python": "import os; os._exit(0)",
}


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "hanging", ["the end of Python", *(pytest.param(name, marks=SLOW) for name in list(HANGING)[:3])]
)
def test_a_backward_that_never_ends_is_ended_and_fit_is_checked(hurried: Path, hanging: str) -> None:
    source = with_mistake("        dz = da *", f"        {HANGING[hanging].strip()}\n        dz = da *")
    run = checked(hurried, source)
    assert run.returncode == 1
    assert not_right(run.stdout) == {"shape", "dz", "weights", "biases", "da_prev", "update"} | TRAINING


@pytest.mark.parametrize(
    "hanging", ["a loop that catches all", *(pytest.param(name, marks=SLOW) for name in list(HANGING)[:2])]
)
def test_in_a_kernel_such_a_call_is_ended_too(hurried: Path, hanging: str) -> None:
    source = with_mistake(
        "        mean_losses = []", f"        {HANGING[hanging].strip()}\n        mean_losses = []"
    )
    (hurried / "hangs.py").write_text(source, encoding="utf-8")
    program = ("from checks import check", "from hangs import Layer, Perceptron", "check(Layer, Perceptron)")
    run_ = run(hurried, "-c", "\n".join((*program, "print('goes on')")))
    assert not_right(run_.stdout) == {"output_gradient", "backpropagation", "loss"} | TRAINING
    assert "did not end within 1 seconds" in " ".join(run_.stdout.split())
    assert run_.stdout.endswith("goes on\n"), run_.stderr


@pytest.mark.slow
def test_training_code_that_never_ends_or_ends_python_does_not_hide_the_classes(hurried: Path) -> None:
    for line in ("while True: pass", "import os; os._exit(3)", "input()"):
        run_ = checked(hurried, f"{SOLUTION}\n{line}\n")
        assert run_.returncode == 0, run_.stdout
        assert "work.py" in run_.stdout


# --- What they try --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def modules(folder: Path) -> Iterator[SimpleNamespace]:
    """Return modules of the released folder, imported as students import them."""
    names = ("check", "checks", "utils")
    kept = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in kept:
        del sys.modules[name]
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        wanted = ("carrying", "layers", "networks", "recorders")
        yield SimpleNamespace(
            **{name: import_module(f"checks.{name}") for name in wanted}, utils=import_module("utils")
        )
    for name in [name for name in sys.modules if name.partition(".")[0] in names]:
        del sys.modules[name]
    sys.modules.update(kept)


def test_they_decide_by_the_points_of_the_rubric(modules: Any) -> None:
    points = {id_.removeprefix("backward."): value for id_, value in default_rubric().points.items()}
    used = modules.carrying._POINTS
    assert used == {name: points[name] for name in used}


def test_they_use_other_numbers_than_the_exam(modules: Any) -> None:
    exam = questions(0)
    families = (exam.given, exam.unseen, exam.linear_in_da, exam.linear_in_rate)
    asked = {
        (case.weights, step.inputs, step.da) for family in families for case in family for step in case.steps
    }
    tried = {
        tuple(tuple(array.ravel().tolist()) for array in (case.weights, step.inputs, step.da))
        for case in modules.layers.layer_cases()
        for step in case.steps
    }
    assert len(tried) > 50
    assert not tried & asked
    assert not {tuple(map(tuple, case.rows.tolist())) for case in modules.recorders.fit_cases()} & {
        case.rows for case in exam.fit
    }


def train_case(case: Any, utils: Any) -> TrainCase:
    names = {id(utils.relu): "relu", id(utils.sigmoid): "sigmoid"}
    layers = tuple(
        LayerParameters(
            weights.shape[1],
            weights.shape[0],
            names[id(f)],
            tuple(weights.ravel().tolist()),
            tuple(biases.ravel().tolist()),
        )
        for (weights, biases), f in zip(case.parameters, case.functions, strict=True)
    )
    rows, labels = tuple(map(tuple, case.rows.tolist())), tuple(case.labels.ravel().tolist())
    return TrainCase(layers, rows, labels, case.learning_rate, case.epochs)


def test_every_right_submission_passes_on_their_networks(modules: Any) -> None:
    gradient = [train_case(case, modules.utils) for case in modules.networks.gradient_cases()]
    descents = [train_case(case, modules.utils) for case in modules.networks.descent_cases()]
    assert all(map(is_smooth, gradient))
    assert all(map(falls_in_any_order, descents))
    exam = questions(0)
    assert not {case.layers for case in (*gradient, *descents)} & {
        case.layers for case in (*exam.gradient, *exam.monotone)
    }


# --- Languages ------------------------------------------------------------------------------------------


def sentences() -> set[str]:
    """Return what the checks say in English: the sentences in ``_`` and ``N``."""
    found: set[str] = set()
    for path in (TEMPLATES / "check.py", TEMPLATES / "criteria.py", *(TEMPLATES / "checks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N"):
                [argument] = node.args
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    found.add(argument.value)
    return found


def test_every_sentence_has_its_finnish_form_with_the_same_values() -> None:
    finnish = translations("fi")
    assert finnish.keys() == sentences()
    for english, translated in finnish.items():
        assert sorted(re.findall(r"{\w*}", translated)) == sorted(re.findall(r"{\w*}", english)), english


def test_the_finnish_forms_keep_to_the_terms() -> None:
    text = " ".join(tomllib.loads((TEMPLATES / "fi.toml").read_text(encoding="utf-8")).values()).lower()
    for banned in ("tappio", "pistetulo", "bias-arvo", "leima", "aktivaatiofunktio", "virhefunktio"):
        assert banned not in text


def test_a_finnish_folder_speaks_finnish(tmp_path: Path) -> None:
    folder = released(tmp_path, language="fi")
    run_ = checked(folder, with_mistake("return da_prev", "return self.weights.T @ dz"))
    assert "W on päivityksen jälkeinen" in " ".join(run_.stdout.split())
    english = {line.strip() for line in run_.stdout.splitlines()} & sentences()
    assert english == set()


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="tlh"):
        released(tmp_path, language="tlh")
