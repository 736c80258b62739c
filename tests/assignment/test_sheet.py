"""The task sheet: the same in both languages, whole in every place, and right in every number."""

from __future__ import annotations

import ast
import json
import re
import runpy
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import grader.assignment
from grader.assignment import derive_assignment
from grader.assignment.sheet import without_scripts, words
from grader.bundles.classroom_template import classroom_files
from grader.languages import ENGLISH, LANGUAGES
from grader.nbgrader.source import derive_source
from grader.protocol.shown_cells import MARKDOWN
from grader.resources import solution_path, utils_path
from grader.rubric import default_rubric, load_rubric

TEMPLATES = Path(grader.assignment.__file__).parent / "templates"
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
SECTIONS = sorted(path.name for path in (TEMPLATES / "en").glob("*.md"))
BANNED = r"tappio|pistetulo|\bneuraaliverk|opetusdata|\bbias(?!-arvot|es)|oppimisaste|aktivaatiofunktio"
"""Words of Finnish that the list of terms has others for."""


files_in = cache(derive_assignment)


def sheet(language: str) -> str:
    return files_in(language)["TASK.md"].decode()


def text_cells(notebook: bytes) -> dict[str, str]:
    cells = json.loads(notebook)["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"}


# --- Two languages --------------------------------------------------------------------------------------


def skeleton_of(text: str) -> dict[str, list[str]]:
    """Return what is the same in every language: levels of headings, formulas, code, tags, columns of tables."""
    code = re.findall(r"`[^`\n]+`", re.sub(r"\{%.*?%\}", "", text))
    return {
        "headings": re.findall(r"^#+(?= )", text, flags=re.MULTILINE),
        "formulas": re.findall(r"\{\{.*?\}\}", text),
        "blocks": re.findall(r"^    .*$", text, flags=re.MULTILINE),
        "tags": re.findall(r"</?\w+>", text),
        "tables": [line.count("|") * "|" for line in text.splitlines() if line.startswith("|")],
        "conditions": sorted(re.findall(r"\{%.*?%\}", text)),
        "pictures": re.findall(r"\]\(.*?\)", text),
        "code": sorted(set(code)),
    }


def numbers_of(text: str) -> set[str]:
    return set(re.findall(r"-?\b\d+(?:\.\d+)?(?:e-\d+)?", text))


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_has_the_same_headings_formulas_code_and_numbers_in_every_language(
    name: str, language: str
) -> None:
    english, other = (
        (TEMPLATES / folder / name).read_text(encoding="utf-8") for folder in (ENGLISH, language)
    )
    ours, theirs = skeleton_of(english), skeleton_of(other)
    for part, expected in ours.items():
        assert (part, theirs[part]) == (part, expected)
    spelled = {"0", "1"}  # Finnish inflects these words in a sentence
    assert numbers_of(other) - spelled == numbers_of(english) - spelled


def test_every_language_has_every_section_and_word() -> None:
    for language in LANGUAGES:
        assert sorted(path.name for path in (TEMPLATES / language).glob("*.md")) == SECTIONS
        for table in ("files", "diagram"):
            assert words(language)[table].keys() == words("en")[table].keys()


def test_no_synonym_of_a_finnish_term_is_used() -> None:
    files = files_in("fi")
    for name in ("TASK.md", "perceptron.ipynb", "utils.py", "diagram.svg"):
        assert re.findall(BANNED, files[name].decode(), flags=re.IGNORECASE) == [], name


def code_of(files: dict[str, bytes], name: str) -> str:
    """Return the syntax of a script, its texts aside: those of utils.py are translated."""
    tree = ast.parse(files[name])
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and name == "utils.py":
            node.value = ""
    return ast.dump(tree)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["perceptron.py", "utils.py"])
def test_the_code_is_the_same_in_every_language(name: str, language: str) -> None:
    assert code_of(files_in(language), name) == code_of(files_in(ENGLISH), name)


def lines_of_code(script: str) -> list[str]:
    return [line for line in script.splitlines() if not line.lstrip().startswith("#")]


@pytest.mark.parametrize("language", OTHERS)
def test_lines_of_code_are_the_same_so_that_grading_knows_an_untouched_file(language: str) -> None:
    english, other = (files_in(each)["perceptron.py"].decode() for each in (ENGLISH, language))
    assert lines_of_code(other) == lines_of_code(english)


@pytest.mark.parametrize("language", OTHERS)
def test_everything_to_be_replaced_by_a_translation_is_in_the_code(language: str) -> None:
    skeleton = files_in(ENGLISH)["perceptron.py"].decode()
    solution = (solution_path() / "perceptron.py").read_text(encoding="utf-8")
    assert [text for text in words(language)["comments"] if text not in skeleton + solution] == []
    utils = utils_path().read_text(encoding="utf-8")
    assert [text for text in words(language)["utils"] if text not in utils] == []


def texts_of(node: ast.AST) -> Iterator[str]:
    yield from (
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value.split()) > 1
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_that_utils_prints_or_draws_is_translated(language: str) -> None:
    tree = ast.parse(utils_path().read_bytes())
    docstrings = {
        node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    translated = " ".join(words(language)["utils"])
    left = [text for text in texts_of(tree) if text not in docstrings and text.strip() not in translated]
    assert left == ["upper right"]  # a place for matplotlib


@pytest.mark.parametrize("language", OTHERS)
def test_every_comment_that_students_read_in_the_skeleton_is_translated(language: str) -> None:
    english, other = (files_in(each)["perceptron.py"].decode() for each in (ENGLISH, language))
    assert set(re.findall(r"# .*", english)).isdisjoint(re.findall(r"# .*", other))


# --- Whole in every place -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_the_course_and_the_template_have_the_whole_sheet(language: str) -> None:
    headings = re.findall(r"^#+ .*$", sheet(language), flags=re.MULTILINE)
    assert len(headings) == 27
    course = derive_source(default_rubric(), language)
    notebooks = (
        files_in(language)["perceptron.ipynb"],
        course["perceptron.ipynb"],
        classroom_files(language)["perceptron.ipynb"],
    )
    for notebook in notebooks:
        text = "\n".join(text_cells(notebook).values())
        assert re.findall(r"^#+ .*$", text, flags=re.MULTILINE) == headings
    assert classroom_files(language)["TASK.md"].decode() == sheet(language)
    assert course["diagram.svg"] == files_in(language)["diagram.svg"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_notebook_has_latex_and_the_sheet_has_none(language: str) -> None:
    files = files_in(language)
    cells = text_cells(files["perceptron.ipynb"])
    assert sum(text.count("$$") for text in cells.values()) == 2 * 13
    assert not re.search(r"\$|\\", files["TASK.md"].decode())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_that_loads_nothing_can_show_the_whole_sheet(language: str) -> None:
    for text in text_cells(files_in(language)["perceptron.ipynb"]).values():
        assert not re.search(r"\$|\\|\]\(", without_scripts(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_cell_is_short_enough_to_be_shown_with_its_layout(language: str) -> None:
    cells = text_cells(files_in(language)["perceptron.ipynb"])
    assert max(map(len, cells.values())) < MARKDOWN


def test_the_sheet_names_only_the_files_to_write_in_that_are_there() -> None:
    for language in LANGUAGES:
        for written_in, missing in (("py", "ipynb"), ("notebook", "perceptron.py")):
            files = derive_assignment(language, written_in=written_in)
            told = files["TASK.md"].decode() + files.get("perceptron.ipynb", b"").decode()
            assert missing not in told, (language, written_in)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_promises_only_what_is_there(language: str) -> None:
    for files in (files_in(language), derive_source(default_rubric(), language)):
        text = files["TASK.md"].decode()
        named = set(re.findall(r"`(\w+\.(?:py|ipynb|md|txt|svg))`", text))
        assert named <= files.keys()
        options = set(re.findall(r"--\w+", text))
        assert options == {"--watch", "--step"}
        assert all(option in files["check.py"].decode() for option in options)


def test_the_points_of_the_sheet_follow_the_rubric(tmp_path: Path) -> None:
    text = (Path(grader.assignment.__file__).parent.parent / "rubric.toml").read_text(encoding="utf-8")
    own = text.replace('"backward.dz" = 15', '"backward.dz" = 17.5\n"own.no_loops" = 3')
    (tmp_path / "rubric.toml").write_text(f'seed = 4711\ntests = "test_own.py"\n{own}', encoding="utf-8")
    (tmp_path / "test_own.py").write_text("# a secret test\n", encoding="utf-8")
    files = derive_assignment("fi", rubric=load_rubric(tmp_path / "rubric.toml"))
    for content in (files["TASK.md"], files["perceptron.ipynb"]):
        assert "| `backward.dz` | 17.5 | dz on da" in content.decode()
        assert "| `own.no_loops` | 3 | no loops |" in content.decode()
        assert "| yhteensä | 105.5 |" in content.decode()
    assert not [name for name, content in files.items() if b"4711" in content or b"secret" in content]


# --- Right in every number ------------------------------------------------------------------------------


def tables(section: str) -> list[dict[str, Any]]:
    """Return the tables of a section with two columns: what is in the second, by the text of the first."""
    found: list[dict[str, Any]] = [{}]
    for line in section.splitlines():
        row = re.fullmatch(r"\| (.+) \| `(.+)` \|", line)
        if row:
            found[-1][row[1]] = ast.literal_eval(row[2])
        elif found[-1]:
            found.append({})
    return found[:-1] if not found[-1] else found


class Square:
    def __call__(self, z: Any) -> Any:
        return z**2

    def derivative(self, z: Any) -> Any:
        return 2 * z


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(utils_path().parent)
        return runpy.run_path(str(solution_path() / "perceptron.py"))


def layer_with(solution: dict[str, Any], weights: Any, biases: Any, activation: Any) -> Any:
    layer = solution["Layer"](np.shape(weights)[1], np.shape(weights)[0], activation)
    layer.weights, layer.biases = np.array(weights, float), np.array(biases, float)
    return layer


def assert_table(seen: dict[str, Any], *expected: Any) -> None:
    """Fail if the values of a table are not the expected ones, in this order, to the digits that are shown."""
    assert len(seen) == len(expected), seen
    for (name, value), other in zip(seen.items(), expected, strict=True):
        assert np.shape(value) == np.shape(other), name
        assert np.allclose(value, other, rtol=0, atol=5e-4), name


def loss_of(y: float, y_hat: float) -> float:
    return float(-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat)))


def finite_difference(function: Any, x: float) -> float:
    return float((function(x + 1e-6) - function(x - 1e-6)) / 2e-6)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_of_the_derivation_are_right(solution: dict[str, Any], language: str) -> None:
    section = text_cells(files_in(language)["perceptron.ipynb"])["derivation"]
    given, forward, dz, d_weights, d_biases, da_prev, output = tables(section)
    layer = layer_with(solution, given["`W`"], given["`b`"], Square())
    weights, biases = layer.weights, layer.biases
    a = layer.forward(np.array(given["`a_prev`"]))
    back = layer.backward(np.array(given["`da`"]), 1.0)
    assert_table(forward, layer.outputs, a)
    assert_table(dz, biases - layer.biases)
    assert_table(d_weights, weights - layer.weights)
    assert_table(d_biases, biases - layer.biases)
    assert_table(da_prev, back)
    assert_table(output, *(finite_difference(lambda output, y=y: loss_of(y, output), 0.8) for y in (1, 0)))
    numbers = {float(number) for number in numbers_of(section)}
    assert numbers < set(range(-10, 20)) | {0.5, 0.8, -0.25, -1.25}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_of_the_example_with_one_neuron_are_right(
    solution: dict[str, Any], language: str
) -> None:
    section = text_cells(files_in(language)["perceptron.ipynb"])["worked-example"]
    given, numbers, *_ = tables(section)
    y = given["`y`"]
    layer = layer_with(solution, given["`W`"], given["`b`"], solution["sigmoid"])
    weights, biases, a_prev = layer.weights, layer.biases, np.array(given["`a_prev`"])
    y_hat = layer.forward(a_prev).item()
    z = layer.outputs
    da = finite_difference(lambda output: loss_of(y, output), y_hat)
    da_prev = layer.backward(np.array([[da]]), 0.5)
    d_weights, d_biases = (weights - layer.weights) / 0.5, (biases - layer.biases) / 0.5
    again = layer.forward(a_prev).item()
    assert_table(
        numbers, z, y_hat, loss_of(y, y_hat), [[da]], d_biases, d_weights, d_biases, da_prev,
        layer.weights, layer.biases, layer.outputs, loss_of(y, again),
    )  # fmt: skip
    by_mistake = np.round(layer.weights.T @ d_biases, 6)
    assert f"`{by_mistake.tolist()}`" in section


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_numbers_of_the_example_with_two_layers_are_right(
    solution: dict[str, Any], language: str
) -> None:
    section = text_cells(files_in(language)["perceptron.ipynb"])["worked-example"]
    _, _, given, forward, output, hidden = tables(section)
    first = layer_with(solution, given["`W1`"], given["`b1`"], solution["relu"])
    last = layer_with(solution, given["`W2`"], given["`b2`"], solution["sigmoid"])
    network, x, y = solution["Perceptron"]([first, last]), np.array(given["`x`"]), given["`y`"]
    before = [first.weights, first.biases, last.weights, last.biases]
    y_hat = network.forward(x).item()
    assert_table(forward, first.outputs, last.inputs, last.outputs, y_hat, loss_of(y, y_hat))
    da2 = np.array([[finite_difference(lambda output: loss_of(y, output), y_hat)]])
    da1 = last.backward(da2, 0.5)
    da0 = first.backward(da1, 0.5)
    after = [first.weights, first.biases, last.weights, last.biases]
    d_weights1, dz1, d_weights2, dz2 = ((old - new) / 0.5 for old, new in zip(before, after, strict=True))
    assert_table(output, da2, dz2, d_weights2, dz2, da1, last.weights, last.biases)
    again = network.forward(x).item()
    assert_table(
        hidden, dz1, d_weights1, dz1, da0, first.weights, first.biases, again, loss_of(y, again)
    )  # fmt: skip
    by_mistake = np.round(last.weights.T @ dz2, 6)
    assert by_mistake.tolist() == [[0.0], [0.5]]
    assert "`[[0], [0.5]]`" in section
    assert not (by_mistake * (np.array(forward["`z1`"]) > 0)).any()


def test_from_zeros_only_the_bias_of_the_output_layer_changes(solution: dict[str, Any]) -> None:
    layers = [layer_with(solution, np.zeros((3, 2)), np.zeros((3, 1)), solution["relu"])]
    layers.append(layer_with(solution, np.zeros((1, 3)), np.zeros((1, 1)), solution["sigmoid"]))
    solution["Perceptron"](layers).fit(np.ones((1, 2)), np.ones((1, 1)), 3, 0.5)
    changed = [bool(np.any(p)) for layer in layers for p in (layer.weights, layer.biases)]
    assert changed == [False, False, False, True]


# --- The diagram ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_diagram_has_every_shape_and_a_dark_side(language: str) -> None:
    content = files_in(language)["diagram.svg"].decode()
    root = ElementTree.fromstring(content)
    texts = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for shape in ("(2, 1)", "(6, 1)", "(1, 1)", "W (6, 2)", "W (6, 6)", "W (1, 6)", "b (6, 1)", "b (1, 1)"):
        assert shape in texts
    for shape in ("(n_inputs, 1)", "(n_neurons, 1)", "(n_neurons, n_inputs)"):
        assert shape in texts
    assert "prefers-color-scheme: dark" in content
    assert set(words(language)["diagram"].values()) >= {texts[0]}


def test_the_steps_of_the_diagram_are_those_of_the_derivation() -> None:
    for language in LANGUAGES:
        step = words(language)["diagram"]["step"]
        drawn = set(re.findall(rf">{step} (\d)<", files_in(language)["diagram.svg"].decode()))
        derived = re.findall(rf"^### {step} (\d):", sheet(language), flags=re.MULTILINE | re.IGNORECASE)
        assert derived == ["1", "2", "3", "4", "5", "6"]
        assert drawn == set(derived) - {"1"}


def test_the_formulas_are_all_used() -> None:
    formulas = tomllib.loads((TEMPLATES / "formulas.toml").read_text(encoding="utf-8"))
    text = "".join((TEMPLATES / "en" / name).read_text(encoding="utf-8") for name in SECTIONS)
    assert {name for name in formulas if f"formula.{name} " in text} == formulas.keys()
