"""What is said of mistakes in ``Layer.backward``: each by its name, alone and together, and nothing that is not so."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

import pytest
from backward_behaviour import can_be_told_apart, together
from backward_sources import ALONE, IN_PLACE, LOOPS, SHEET, STYLES, Mistake, written
from in_process import grade_entries, grade_paths

import grader
from grader.candidate.launcher import ForkingParent
from grader.messages import message_text
from grader.model import Diagnosis, Feedback, Submission, SubmissionResult
from grader.settings import Settings

CORPORA = Path(__file__).parents[1] / "submissions"
CATALOGUE = tomllib.loads(Path(grader.__file__).with_name("misconceptions.toml").read_text(encoding="utf-8"))
SETTINGS = Settings(feedback=Feedback.HINT, timeout=2.0)
METHOD = "Layer.backward"
UNKNOWN, NOT_WRITTEN = "unknown", "not-written"

WRONG = [
    path
    for entry in sorted((CORPORA / "wrong").iterdir())
    if CATALOGUE.get(entry.name, {}).get("method") == METHOD
    for path in sorted(entry.iterdir())
    if not path.name.startswith(("_", "."))
]
SHOWS_NOTHING = (
    *(
        "all_moved_by_a_constant",
        "backward_ignores_da",
        "last_bias_moved_right_fit",
        "moved_along_cumsum",
        "pass",
    ),
    *(
        "moved_by_1e-12",
        "ones",
        "one_weight_moved",
        "random_seeded",
        "return_none",
        "returns_da",
        "returns_inputs",
    ),
    *("scaled_beyond_measure", "skeleton", "weight_decay", "weights_zeroed", "zeros"),
)
"""Submissions of ``nonsense/`` whose ``backward`` computes no gradient that deserves a name."""

MOMENTUM = "self.v = 0.5 * getattr(self, 'v', 0) + dW\nself.weights -= learning_rate * self.v"
FALLING_RATE = """\
self.t = getattr(self, 't', 0) + 1
learning_rate = learning_rate / (1 + 0.1 * self.t)
dz = da * self.activation.derivative(self.outputs)"""
"""Codes of mistakes that stand beside several others."""
MANY = ((2, 30), (3, 15))
"""How many mistakes at once, and how many submissions with so many."""

Diagnosed = Callable[[Sequence[str]], list[list[Diagnosis]]]


def diagnoses(result: SubmissionResult) -> list[Diagnosis]:
    return [each for each in result.diagnoses if each.method == METHOD]


def names(result: SubmissionResult) -> set[str]:
    return {each.id for each in diagnoses(result)}


@pytest.fixture(scope="module")
def graded() -> Callable[[Sequence[str]], list[SubmissionResult]]:
    """Grade submissions, of which each is one source text."""

    def grade(sources: Sequence[str]) -> list[SubmissionResult]:
        submissions = [
            Submission(f"s{i}", f"s{i}", {"perceptron.py": text.encode()}) for i, text in enumerate(sources)
        ]
        with ForkingParent(SETTINGS.isolation) as parent:
            return grade_entries(submissions, parent, SETTINGS)

    return grade


Graded = Callable[[Sequence[str]], list[SubmissionResult]]


def several(count: int, how_many: int, seed: int) -> list[tuple[str, tuple[Mistake, ...]]]:
    """Return styles, each with some mistakes at once."""
    random = Random(seed)
    found: list[tuple[str, tuple[Mistake, ...]]] = []
    while len(found) < how_many:
        mistakes = tuple(random.sample(list(ALONE), count))
        style = random.choice(list(STYLES))
        if can_be_told_apart(style, mistakes):
            found.append((style, mistakes))
    return found


def missed(results: Iterable[SubmissionResult], expected: Iterable[Collection[str]]) -> Mapping[str, object]:
    """Return what was not named exactly, with what was said instead."""
    return {
        f"{i}: {sorted(due)}": [(each.id, each.seen) for each in diagnoses(result)]
        for i, (result, due) in enumerate(zip(results, expected, strict=True))
        if names(result) != set(due)
    }


@pytest.mark.slow
class TestCorpora:
    def test_every_known_mistake_is_named_as_its_folder_and_nothing_else_is(self, graded: Graded) -> None:
        files = [path for path in WRONG if path.suffix == ".py"]
        results = graded([path.read_text(encoding="utf-8") for path in files])
        named = {
            str(path): {each.id for each in result.diagnoses}
            for path, result in zip(files, results, strict=True)
        }
        assert named == {str(path): {path.parent.name} for path in files}

    def test_a_right_submission_has_no_mistake(self) -> None:
        results = grade_paths(sorted((CORPORA / "right").glob("[a-g]*.py")), SETTINGS)
        assert missed(results, [set[str]()] * len(results)) == {}

    def test_what_computes_no_gradient_is_given_no_name(self) -> None:
        results = grade_paths([CORPORA / "nonsense" / f"{name}.py" for name in SHOWS_NOTHING], SETTINGS)
        named = {name: names(result) for name, result in zip(SHOWS_NOTHING, results, strict=True)}
        unwritten = {"pass", "return_none", "skeleton"}
        assert named == {name: {NOT_WRITTEN if name in unwritten else UNKNOWN} for name in SHOWS_NOTHING}


class TestStyles:
    @pytest.mark.slow
    @pytest.mark.parametrize("style", ["sheet", "in place"])
    def test_a_mistake_is_named_in_every_style(self, graded: Graded, style: str) -> None:
        results = graded([written(STYLES[style], change) for _, change in ALONE])
        assert missed(results, [{name} for name, _ in ALONE]) == {}

    @pytest.mark.parametrize(
        ("count", "how_many"), [(2, 10), (3, 5), *(pytest.param(*n, marks=pytest.mark.slow) for n in MANY)]
    )
    def test_several_mistakes_are_nearly_always_all_named(
        self, graded: Graded, count: int, how_many: int
    ) -> None:
        chosen = several(count, how_many, seed=count)
        results = graded([written(STYLES[style], *(change for _, change in m)) for style, m in chosen])
        expected = [together(mistakes) for _, mistakes in chosen]
        wrong = [names(result) - due - {UNKNOWN} for result, due in zip(results, expected, strict=True)]
        assert not set().union(*wrong)
        left = missed(results, expected)
        assert len(left) <= max(1, how_many // 20), left

    @pytest.mark.parametrize(
        ("due", "change"),
        [
            (
                {"gradient-rescaled", "gradient-clipped"},
                {
                    "dz": "dz = 0.5 * da * self.activation.derivative(self.outputs)",
                    "dw": "dW = np.clip(dz @ self.inputs.T, -1, 1)",
                },
            ),
            (
                {"weights-gradient-transposed", "momentum"},
                {
                    "dw": "dW = np.outer(self.inputs, dz)",
                    "w": "self.v = 0.7 * getattr(self, 'v', 0) + dW\nself.weights -= learning_rate * self.v",
                },
            ),
            (
                {"gradient-clipped", "weights-gradient-from-outputs"},
                {
                    "dz": "dz = np.clip(da * self.activation.derivative(self.outputs), -0.5, 0.5)",
                    "dw": "dW = dz @ self.outputs.T",
                },
            ),
            (
                {"weights-overwritten", "inputs-missing"},
                {
                    "dw": "dW = np.repeat(dz, self.inputs.size, axis=1)",
                    "w": "self.weights = -learning_rate * dW",
                },
            ),
            (
                {"adaptive-rate", "gradient-rescaled"},
                {
                    "dz": FALLING_RATE,
                    "db": "db = dz / self.inputs.size",
                },
            ),
            (
                {"gradient-clipped", "momentum"},
                {
                    "dw": "dW = np.clip(dz @ self.inputs.T, -0.7, 0.7)",
                    "w": MOMENTUM,
                },
            ),
            (
                {"gradient-clipped", "adaptive-rate"},
                {
                    "dw": "dW = np.clip(dz @ self.inputs.T, -1, 1)",
                    "w": """\
self.s = getattr(self, 's', 0) + dW ** 2
self.weights = self.weights - learning_rate * dW / np.sqrt(self.s + 1e-6)""",
                },
            ),
            (
                {"adaptive-rate", "momentum"},
                {
                    "dz": FALLING_RATE,
                    "w": MOMENTUM,
                },
            ),
            (
                {"inputs-not-transposed", "momentum"},
                {
                    "dw": "dW = np.dot(dz, self.inputs)",
                    "w": MOMENTUM,
                },
            ),
            (
                {"gradient-rescaled", "learning-rate-ignored"},
                {
                    "dz": "dz = 0.5 * da * self.activation.derivative(self.outputs)",
                    "b": "self.biases -= db",
                },
            ),
            (
                {"gradient-rescaled", "learning-rate-ignored", "wrong-gradient-returned"},
                {
                    "dz": "dz = da * self.activation.derivative(self.outputs) / da.shape[0]",
                    "b": "self.biases -= db",
                    "return": "return dz",
                },
            ),
            (
                {"gradient-clipped", "weights-overwritten"},
                {"db": "db = np.clip(dz, -1, 1)", "b": "self.biases = db"},
            ),
            (
                {"gradient-accumulated", "wrong-gradient-returned"},
                {
                    "dw": "self.dW = getattr(self, 'dW', 0) + dz @ self.inputs.T\ndW = self.dW",
                    "return": "return dW",
                },
            ),
            (
                {"da_prev-elementwise", "gradient-accumulated"},
                {
                    "back": "da_prev = np.sum(self.weights * dz)",
                    "return": "self.sum = getattr(self, 'sum', 0) + da_prev\nreturn self.sum",
                },
            ),
            (
                {"updated-before-da_prev", "weights-not-transposed"},
                {"late": "da_prev = np.matmul(self.weights, dz)"},
            ),
            (
                {"learning-rate-ignored", "momentum"},
                {
                    "w": "self.v = 0.9 * getattr(self, 'v', 0) + dW\nself.weights -= self.v",
                    "b": "self.u = 0.9 * getattr(self, 'u', 0) + db\nself.biases -= self.u",
                },
            ),
            (
                {"biases-not-updated", "weights-gradient-from-outputs"},
                {
                    "dw": LOOPS["dw"].replace("self.inputs", "self.outputs"),
                    "b": "",
                },
            ),
            (
                {"derivative-at-inputs", "gradient-ascent"},
                {
                    "dz": """\
g = self.activation.derivative(self.inputs)
dz = np.array([[da[i, 0] * g[i, 0]] for i in range(len(da))])""",
                    "w": "self.weights = self.weights + learning_rate * dW",
                },
            ),
            (
                {"updated-before-da_prev", "weights-gradient-transposed"},
                {"dw": "dW = np.outer(self.inputs, dz)", "late": "da_prev = self.weights.T @ dz"},
            ),
            (
                {"biases-gradient-reduced", "weights-not-transposed"},
                {
                    "db": "db = np.mean(dz)",
                    "back": """\
if self.weights.shape[1] != len(dz):
    raise ValueError("these matrices do not fit")
da_prev = self.weights @ dz""",
                },
            ),
            (
                {"gradient-accumulated", "weights-not-transposed"},
                {
                    "back": "da_prev = np.dot(self.weights, dz)",
                    "return": "self.sum = getattr(self, 'sum', 0) + da_prev\nreturn self.sum",
                },
            ),
            (
                {"dz-added", "gradient-clipped"},
                {"dz": "dz = np.clip(da, -1, 1) + self.activation.derivative(self.outputs)"},
            ),
            (
                {"inputs-missing", "wrong-gradient-returned"},
                {"dw": "dW = np.repeat(dz, self.inputs.size, axis=1)", "return": "return dW"},
            ),
            (
                {"inputs-not-transposed", "parameters-not-updated"},
                {"dw": "dW = self.inputs * dz", "w": "", "b": ""},
            ),
            (
                {"derivative-at-inputs", "wrong-gradient-returned"},
                {
                    "dz": "dz = da * self.activation.derivative(self.inputs)",
                    "return": "return da_prev, dW, db",
                },
            ),
            (
                {"da_prev-elementwise", "gradient-shape-lost"},
                {"back": "da_prev = self.weights.T * dz.T", "return": "return da_prev[:, 0]"},
            ),
        ],
        ids=lambda value: " + ".join(sorted(value)) if isinstance(value, set) else "",
    )
    def test_what_changes_one_result_twice_is_named_twice(
        self, graded: Graded, due: set[str], change: Mapping[str, str]
    ) -> None:
        (result,) = graded([written(SHEET, change)])
        assert names(result) - {UNKNOWN, "shapes-do-not-fit"} == due

    def test_what_raises_and_is_not_used_is_named(self, graded: Graded) -> None:
        back, dw = {"back": "da_prev = np.dot(self.weights, dz)"}, {"dw": "dW = dz @ self.inputs"}
        results = graded([written(SHEET, back, {"return": "return dz"}), written(SHEET, dw, {"w": ""})])
        returned = {"weights-not-transposed", "wrong-gradient-returned"}
        assert missed(results, [returned, {"inputs-not-transposed", "weights-not-updated"}]) == {}

    def test_numbers_in_float32_are_recognised(self, graded: Graded) -> None:
        dz = "dz = (da * self.activation.derivative(self.outputs)).astype(np.float32)"
        late = {"dz": dz, "late": "da_prev = self.weights.T @ dz"}
        missing = {"dz": "dz = da.astype(np.float32)", "return": "return da_prev.astype(np.float32)"}
        results = graded([written(IN_PLACE, late), written(SHEET, missing)])
        assert missed(results, [{"updated-before-da_prev"}, {"derivative-missing"}]) == {}


class TestWhatIsUnknown:
    ODD_DZ: Mapping[str, str] = {"dz": "dz = da / (0.1 + self.activation.derivative(self.outputs) ** 2)"}

    @pytest.mark.slow
    def test_mistakes_that_are_in_no_catalogue_get_no_name(self, graded: Graded) -> None:
        changes = (
            self.ODD_DZ,
            {"w": "self.weights = self.weights - learning_rate * (dW + 0.01 * self.weights)"},
            {"db": "db = np.sum(dz, axis=1)"},
            {"return": "return da_prev + 0.1"},
            {"dw": "dW = dz @ self.inputs.T / np.linalg.norm(dz @ self.inputs.T)"},
            {"back": "da_prev = -self.weights.T @ dz"},
            {"w": "self.weights = self.weights - dW / (1 + learning_rate)"},
            {"dz": "dz = np.tanh(da) * self.activation.derivative(self.outputs) ** 2"},
            {"dw": "dW = dz @ (self.inputs ** 2).T"},
            {"dw": "dW = np.abs(dz) @ self.inputs.T"},
            {"db": "db = dz * self.biases"},
            {"back": "da_prev = np.linalg.pinv(self.weights) @ dz"},
        )
        results = graded([written(style, change) for change in changes for style in (SHEET, IN_PLACE)])
        assert set().union(*map(names, results)) <= {UNKNOWN, "shapes-do-not-fit"}
        assert all(map(names, results))

    def test_an_exception_of_other_operands_is_no_mistake_that_raises_the_same(self, graded: Graded) -> None:
        stray = {"dw": "np.dot(self.outputs, self.inputs)\ndW = dz @ self.inputs.T"}
        flat = {"dz": "dz = (da * self.activation.derivative(self.outputs)).ravel()"}
        for result in graded([written(SHEET, stray), written(SHEET, flat)]):
            assert {each.id for each in result.diagnoses} <= {UNKNOWN, "shapes-do-not-fit"}

    @pytest.mark.parametrize(
        "dz",
        [
            "if self.inputs.size > 1:\n    raise NotImplementedError('later')",
            "assert self.inputs.size == 1",
            "if self.weights.shape[0] != self.weights.shape[1]:\n    raise ValueError('not square')",
        ],
    )
    @pytest.mark.parametrize(
        ("known", "change"),
        [
            (set[str](), {}),
            ({"da_prev-not-returned"}, {"return": ""}),
            ({"wrong-gradient-returned"}, {"return": "return da_prev, dW"}),
            ({"updated-before-da_prev"}, {"late": "da_prev = self.weights.T @ dz"}),
        ],
    )
    def test_sizes_that_are_refused_on_purpose_are_no_mistake_in_a_formula(
        self, graded: Graded, dz: str, known: set[str], change: Mapping[str, str]
    ) -> None:
        refusing = {"dz": f"{dz}\ndz = da * self.activation.derivative(self.outputs)"}
        (result,) = graded([written(SHEET, refusing, change)])
        assert names(result) - {UNKNOWN} <= known
        assert not any("W · dz" in each.seen for each in diagnoses(result))

    def test_what_is_certain_is_said(self, graded: Graded) -> None:
        (result,) = graded([written(LOOPS, self.ODD_DZ)])
        (found,) = diagnoses(result)
        assert found.says is not None
        text = message_text(found.says)
        assert "d_weights, d_biases, da_prev" in text
        assert "neither da ⊙ f′(z)" in text

    def test_a_known_mistake_beside_an_unknown_dz_is_named(self, graded: Graded) -> None:
        late = {**self.ODD_DZ, "late": "da_prev = self.weights.T @ dz"}
        (result,) = graded([written(SHEET, late)])
        assert names(result) == {"updated-before-da_prev", UNKNOWN}

    def test_a_method_that_is_not_written_is_called_so(self, graded: Graded) -> None:
        (result,) = graded([written({"raise": "raise NotImplementedError", "late": ""})])
        (found,) = diagnoses(result)
        assert (found.id, found.says is not None) == (NOT_WRITTEN, True)


def test_a_diagnosis_has_both_formulas_and_at_least_three_cases(graded: Graded) -> None:
    (result,) = graded([written(SHEET, {"late": "da_prev = self.weights.T @ dz"})])
    (found,) = diagnoses(result)
    assert (found.seen, found.due) == (
        "da_prev = Wᵀ · dz, with W after the update",
        "da_prev = Wᵀ · dz, with W as it was in the forward pass",
    )
    assert found.criteria == ("backward.da_prev",)
    assert found.cases >= 3
