"""Imports point one way, and heavy packages are loaded only when they are used."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader
from grader.resources import code_paths, solution_path

PACKAGE = Path(grader.__file__).parent
LAYERS = (
    (
        "grader",
        "grader.disclosure",
        "grader.economy",
        "grader.errors",
        "grader.explanations",
        "grader.extraction",
        "grader.failures",
        "grader.files",
        "grader.formulas",
        "grader.languages",
        "grader.memory",
        "grader.messages",
        "grader.model",
        "grader.resources",
        "grader.templating",
        "grader.text",
        "grader.version",
        "grader.zips",
    ),
    ("grader.protocol", "grader.rubric"),
    ("grader.candidate.sandbox",),
    ("grader.assignment", "grader.candidate", "grader.intake", "grader.report"),
    ("grader.settings",),
    ("grader.exam",),
    ("grader.diagnosis",),
    ("grader.doctor", "grader.grading"),
    ("grader.audit", "grader.bundles", "grader.nbgrader", "grader.pages"),
    ("grader.cli", "grader.exam.conftest"),
)
"""The parts of the kit, lowest first. A part may import itself and the layers below it, but neither what lies
above it, nor what stands beside it. The exam's conftest is a command line: that of ``pytest grader/exam``."""
FOUNDATION = LAYERS[0]
"""Single modules that may import each other."""

NO_CODE_OF_OURS = {"solutions", "templates", "_kit"}
SANDBOX = ("grader.candidate.sandbox", "grader.protocol")
MAY_BE_IN_THE_SANDBOX = sys.stdlib_module_names | {"numpy"}


def modules() -> dict[str, Path]:
    """Return the files of the kit by the names of their modules."""
    named = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if not NO_CODE_OF_OURS.intersection(parts):
            named[".".join(("grader", *(part for part in parts if part != "__init__")))] = path
    return named


MODULES = modules()


def part_of(module: str) -> str:
    """Return the part of the kit that a module belongs to: the one with the longest name that fits."""
    parts = [part for layer in LAYERS for part in layer]
    fitting = [
        part for part in parts if module == part or (module.startswith(f"{part}.") and part != "grader")
    ]
    assert fitting, f"{module} belongs to no layer; give it a place in LAYERS"
    return max(fitting, key=len)


def height(part: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if part in layer)


def imported(module: str, source: str, *, is_package: bool) -> Iterator[str]:
    """Yield the full names of everything that a source imports, anywhere and in any form."""
    package = module.split(".") if is_package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                submodule = f"{origin}.{alias.name}"
                yield submodule if submodule in MODULES else origin


def wrong_way(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """Return what a module of the kit imports although it lies above or beside its own part."""
    here = part_of(module)
    targets = [
        name
        for name in imported(module, source, is_package=is_package)
        if name == "grader" or name.startswith("grader.")
    ]
    return [name for name in targets if not may_import(here, part_of(name))]


def may_import(here: str, there: str) -> bool:
    if here == there or (here in FOUNDATION and there in FOUNDATION):
        return True
    return height(there) < height(here)


def strangers(source: str) -> list[str]:
    """Return what a module of the sandbox imports that is not in the sandbox, nor Python's own, nor NumPy."""
    names = imported("grader.candidate.sandbox.start", source, is_package=False)
    return [
        name
        for name in names
        if name.partition(".")[0] not in MAY_BE_IN_THE_SANDBOX and not is_in_the_sandbox(name)
    ]


def is_in_the_sandbox(module: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in SANDBOX)


def test_every_layer_has_modules() -> None:
    parts = {part_of(module) for module in MODULES}
    assert parts == {part for layer in LAYERS for part in layer}


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_downwards(module: str) -> None:
    path = MODULES[module]
    source = path.read_text(encoding="utf-8")
    assert wrong_way(module, source, is_package=path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("grader.exam.laws.fit", "import grader.grading.many", "grader.grading.many"),
        ("grader.candidate.client", "from grader import exam", "grader.exam"),
        ("grader.candidate.client", "from grader.exam.laws import fit", "grader.exam.laws.fit"),
        ("grader.candidate.client", "def f():\n    from ..exam.laws.fit import loss", "grader.exam.laws.fit"),
        ("grader.model", "if TYPE_CHECKING:\n    from .rubric import Rubric", "grader.rubric"),
        ("grader.report.document", "from grader.intake import read", "grader.intake"),
        ("grader.rubric", "from .protocol import frames", "grader.protocol.frames"),
    ],
)
def test_imports_the_other_way_are_found(module: str, source: str, found: str) -> None:
    assert wrong_way(module, source) == [found]


@pytest.mark.parametrize("module", [name for name in MODULES if is_in_the_sandbox(name)])
def test_the_far_side_of_the_wall_needs_only_itself_and_numpy(module: str) -> None:
    assert strangers(MODULES[module].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["import grader.model", "from grader import text", "from .. import reply_checks", "import pytest"],
)
def test_strangers_on_the_far_side_are_found(source: str) -> None:
    assert len(strangers(source)) == 1


def needed_to_examine() -> set[str]:
    """Return the modules that examining imports once the bytes of a submission are there."""
    pending = [
        name
        for name in MODULES
        if name == "grader.grading.batch"
        or part_of(name) in ("grader.exam", "grader.exam.conftest", *SANDBOX)
    ]
    found: set[str] = set()
    while pending:
        name = pending.pop()
        if name in MODULES and name not in found and part_of(name) != "grader.intake":
            found.add(name)
            path = MODULES[name]
            pending += imported(name, path.read_text(encoding="utf-8"), is_package=path.name == "__init__.py")
            pending.append(name.rpartition(".")[0])
    return found


def test_saved_results_depend_on_the_modules_that_grading_needs_and_on_no_others() -> None:
    files = {path for name, path in code_paths() if path.suffix == ".py" and name.startswith("grader/")}
    assert files == {MODULES[name] for name in needed_to_examine()}


def loaded_by(code: str, packages: set[str]) -> set[str]:
    """Return those of ``packages`` that a new interpreter has loaded after ``code``."""
    asked = f"import sys\n{code}\nprint(*({packages!r} & sys.modules.keys()))"
    line = [sys.executable, "-c", asked]
    return set(subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout.split())


def test_reading_the_command_line_imports_nothing_heavy() -> None:
    heavy = {"matplotlib", "nbgrader", "nbformat", "jupytext", "IPython"}
    heavy |= {"numpy", "hypothesis", "pytest", "_pytest", "rich", "jinja2"}
    assert loaded_by("import grader.cli.grade, grader.cli.kit", heavy) == set()


def test_grading_a_right_script_loads_neither_plots_nor_notebooks_nor_hypothesis() -> None:
    code = (
        "from pathlib import Path\n"
        "from grader.grading.local import grade_locally\n"
        "from grader.settings import Settings\n"
        f"[result] = grade_locally([Path({str(solution_path() / 'perceptron.py')!r})], Settings())\n"
        "assert result.score == 100, result"
    )
    packages = {"matplotlib", "nbgrader", "nbformat", "jupytext", "IPython", "hypothesis", "pytest"}
    assert loaded_by(code, packages) == {"pytest"}
