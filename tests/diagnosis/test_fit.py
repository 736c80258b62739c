"""Mistakes in ``Perceptron.fit`` are named by what ``fit`` did, alone and together, in any style."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fit_mistakes import KNOWN, UNKNOWN, Variant
from fit_styles import STYLES, program
from in_process import grade_paths

import grader
from grader.model import Diagnosis, Feedback
from grader.settings import Settings

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
CATALOGUE = tomllib.loads(Path(grader.__file__).with_name("misconceptions.toml").read_text(encoding="utf-8"))
FIT = "Perceptron.fit"

ALONE = {"no-backpropagation", "loss-not-printed", "loss-printed-per-example", "labels-shadowed"}
"""Mistakes that hide others of the same method."""
HIDDEN = (
    # The formula of a loss that is overwritten has no effect.
    {"loss-after-update", "loss-sign", "loss-one-sided", "loss-wrong-formula", "prediction-clipped"},
    {"loss-last-example", "loss-not-reset", "loss-not-averaged", "loss-after-update"},
    # One epoch, or one line, shows nothing of earlier epochs.
    {"epochs-ignored", "loss-not-reset", "loss-printed-seldom"},
    {"backward-once-per-epoch", "batch-training"},
)
"""Sets of mistakes of which one may hide another."""


SKIPS = {"loop": "x, y in zip(training_data[1:], labels[1:])"}
SHADOWS = {
    "loop": "training_data, labels in zip(training_data, labels)",
    "example": "x, y = training_data, labels.item()",
}
WALK = "for layer in reversed(self.layers):\n    da = layer.backward(da, learning_rate)"
BATCH = {"begin": "das = []", "walk": "das.append(da)", "end": f"mean = total / N\nda = np.mean(das)\n{WALK}"}
ONCE = {"walk": "pass", "end": f"mean = total / N\n{WALK}"}
RESCALED = {"da": "learning_rate * (y_hat - y) / (y_hat * (1 - y_hat))"}
CLIPPED = {"forward": "np.clip(self.forward(x).item(), 0.05, 0.95)"}
SELDOM = {"print": 'if epoch % 10 == 0:\n    print(f"Loss at epoch {epoch}: {mean:.3f}")'}
ONLY_LAST = {"print": 'if epoch == epochs:\n    print(f"Loss at epoch {epoch}: {mean:.3f}")'}
NOT_RESET = {"begin": "total = locals().get('kept', 0.0)", "end": "kept = total; mean = total / N"}
AFTER = {"add": "pass", "after": "p = self.forward(x).item()\ntotal -= np.log(p if y == 1 else 1 - p)"}
REVERSED_LABELS = {"before": "N = len(training_data)\nlabels = labels[::-1]"}
CENTRED = {"before": "N = len(training_data)\ntraining_data = training_data - training_data.mean(axis=0)"}
THREE = {"loop": "x, y in zip(training_data[:3], labels[:3])"}
SILENT = {"print": "pass"}
RANDOM_HALF = {
    "begin": "order = np.random.permutation(N)[: N // 2]",
    "loop": "x, y in zip(training_data[order], labels[order])",
    "end": "mean = total / len(order)",
}
PERMUTED = {"loop": "x, y in zip(training_data[np.random.permutation(N)], labels)"}
PERMUTED_LABELS = {"begin": "labels = labels[np.random.permutation(N)]"}
EVERY_SECOND = {
    "loop": "x, y in zip(training_data[::2], labels[::2])",
    "end": "mean = total / len(labels[::2])",
}
AT_ONCE = {
    "loop": "x, y in [(training_data, labels)]",
    "example": "pass",
    "forward": "self.forward(x)",
    "add": "total = loss.sum()",
}
SQUARED = {"loss": "(y - y_hat) ** 2"}
SHUFFLED = {"begin": "order = np.random.permutation(N)"}
TOGETHER: dict[str, tuple[dict[str, str], ...]] = {
    "batch-training + output-gradient-rescaled": (BATCH, RESCALED),
    "batch-training + prediction-clipped": (BATCH, CLIPPED),
    "batch-training + examples-skipped": (BATCH, SKIPS),
    "batch-training + examples-skipped + output-gradient-rescaled": (BATCH, SKIPS, RESCALED),
    "batch-training + labels-misaligned": (BATCH, REVERSED_LABELS),
    "batch-training + labels-misaligned + output-gradient-rescaled": (BATCH, REVERSED_LABELS, RESCALED),
    "data-changed + examples-skipped + loss-not-printed": (CENTRED, THREE, SILENT),
    "examples-skipped + loss-printed-seldom": (RANDOM_HALF, SELDOM),
    "backward-once-per-epoch + examples-skipped": (ONCE, SKIPS),
    "labels-shadowed": (
        SHUFFLED,
        SHADOWS | {"loop": "training_data, labels in zip(training_data[order], labels[order])"},
    ),
    "labels-shadowed + loss-printed-seldom": (SHADOWS, ONLY_LAST),
    "labels-shadowed + no-backpropagation": (SHADOWS, {"walk": "pass"}),
    "labels-misaligned + labels-shadowed": (SHADOWS, REVERSED_LABELS),
    "loss-after-update + loss-not-reset + loss-printed-seldom": (AFTER, NOT_RESET, SELDOM),
    "labels-misaligned + no-backpropagation": (REVERSED_LABELS, {"walk": "pass"}),
    "output-gradient-is-loss + prediction-clipped": (CLIPPED, {"da": "total"}),
    "labels-misaligned + prediction-clipped": (
        PERMUTED,
        {"da": "(y_hat - y) / (y_hat * (1 - y_hat) + 1e-5)"},
    ),
    "epochs-ignored + examples-skipped": ({"epochs": "range(1, 2)"}, EVERY_SECOND),
    "batch-training + labels-misaligned + loss-wrong-formula": (AT_ONCE, PERMUTED_LABELS, SQUARED),
    "batch-training + epochs-ignored + prediction-clipped": (
        {
            "epochs": "range(1, epochs)",
            "begin": "das = []",
            "da": "-(y / (y_hat + 1e-3)) + (1 - y) / (1 - y_hat + 1e-3)",
            "walk": "das.append(da)",
            "end": "mean = total / N\nda = np.sum(das)\n"
            "for layer in reversed(self.layers):\n    da = layer.backward(da, learning_rate)",
        },
    ),
    "labels-misaligned + loss-after-update": (
        REVERSED_LABELS,
        {
            "end": "mean = 0.0\nfor x, y in zip(training_data, labels):\n    p = self.forward(x).item()\n"
            "    mean -= np.log(p if y[0] == 1 else 1 - p) / N"
        },
    ),
    "loss-not-reset + output-gradient-is-loss": (NOT_RESET, {"da": "total / N"}),
    "data-changed + examples-skipped": ({"forward": "self.forward(x / 8).item()"}, SKIPS),
}
"""Mistakes of which one changes how the others show."""


def named(folder: Path, texts: dict[str, str]) -> dict[str, list[Diagnosis]]:
    """Return what is diagnosed in ``fit`` in each of the submissions."""
    for name, text in texts.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return diagnosed(folder / f"{name}.py" for name in texts)


def diagnosed(paths: Iterable[Path]) -> dict[str, list[Diagnosis]]:
    results = grade_paths(sorted(paths), replace(Settings(), feedback=Feedback.HINT))
    return {
        Path(result.path).stem: [each for each in result.diagnoses if each.method == FIT]
        for result in results
    }


def ids(diagnoses: Sequence[Diagnosis]) -> list[str]:
    return [diagnosis.id for diagnosis in diagnoses]


def together(count: int, size: int, seed: int) -> dict[str, tuple[Variant, ...]]:
    """Return ``count`` sets of ``size`` variants that can stand together in one submission."""
    draw = random.Random(seed)
    found: dict[str, tuple[Variant, ...]] = {}
    while len(found) < count:
        style = draw.choice(list(STYLES))
        chosen = draw.sample([each for each in KNOWN if each.style == style], size)
        if _can_stand_together(chosen):
            found[f"set_{len(found)}"] = tuple(chosen)
    return found


_NEEDS_ONE_EXAMPLE = re.compile(r"grad \+ layer|errors\[k\] = .*\.item\(\)")


def _can_stand_together(chosen: Sequence[Variant]) -> bool:
    mistakes = {each.mistake for each in chosen}
    parts = [part for each in chosen for part in each.parts]
    texts = [part for each in chosen for part in each.parts.values()]
    # They raise an exception before anything is printed.
    is_whole = any(text.startswith(("x, t = data, ", "x, t = data.T", "x, t = data[k:")) for text in texts)
    raises = any("grad +=" in text or (is_whole and _NEEDS_ONE_EXAMPLE.search(text)) for text in texts)
    # The sum of all da / N is their mean, which is a batch without another mistake.
    is_mean = any("np.sum(das)" in each.parts.get("end", "") for each in chosen) and any(
        each.parts.get("da", "").endswith("/ N") for each in chosen
    )
    return (
        len(mistakes) == len(chosen)
        and len({*parts}) == len(parts)
        and not raises
        and not is_mean
        and not mistakes & ALONE
        and all(len(mistakes & each) < 2 for each in HIDDEN)
    )


@pytest.mark.parametrize(
    "style", [pytest.param(style, marks=pytest.mark.slow if style == "zip" else []) for style in STYLES]
)
def test_one_mistake_is_named(tmp_path: Path, style: str) -> None:
    variants = {f"single_{i}": each for i, each in enumerate(KNOWN) if each.style == style}
    seen = named(tmp_path, {name: program(style, each.parts) for name, each in variants.items()})
    wrong = {
        name: (each, ids(seen[name])) for name, each in variants.items() if ids(seen[name]) != [each.mistake]
    }
    assert not wrong


def test_a_mistake_outside_the_catalogue_gets_no_name(tmp_path: Path) -> None:
    texts = {f"other_{i}": program(each.style, each.parts) for i, each in enumerate(UNKNOWN)}
    assert {
        name: ids(each) for name, each in named(tmp_path, texts).items() if {*ids(each)} - {"unknown"}
    } == {}


def test_mistakes_that_change_how_others_show_are_all_named(tmp_path: Path) -> None:
    texts = {f"set_{i}": program("zip", *parts) for i, parts in enumerate(TOGETHER.values())}
    seen = [" + ".join(sorted(ids(each))) for _, each in sorted(named(tmp_path, texts).items(), key=_number)]
    assert seen == list(TOGETHER)


def test_an_exception_in_the_second_epoch_alone_proves_no_shadowed_name(tmp_path: Path) -> None:
    other = "history = np.zeros(1) if epoch == 1 else history\nhistory[epoch - 1] = mean"
    texts = {
        "index": program("zip", {"begin": "if epoch > 1:\n    np.zeros(3)[7]"}),
        "history": program("zip", {"end": f"mean = total / N\n{other}"}),
        "none": program("zip", {"begin": "if epoch > 1:\n    list(None)"}),
    }
    assert set().union(*map(ids, named(tmp_path, texts).values())) <= {"unknown"}


def _number(pair: tuple[str, list[Diagnosis]]) -> int:
    return int(pair[0].removeprefix("set_"))


@pytest.mark.slow
@pytest.mark.parametrize(("count", "size"), [(40, 2), (20, 3)])
def test_mistakes_that_stand_together_are_all_named(tmp_path: Path, count: int, size: int) -> None:
    sets = together(count, size, seed=size)
    texts = {name: program(each[0].style, *(one.parts for one in each)) for name, each in sets.items()}
    seen = {name: {*ids(each)} for name, each in named(tmp_path, texts).items()}
    due = {name: {one.mistake for one in each} for name, each in sets.items()}
    assert {name: seen[name] - due[name] for name in due if seen[name] - due[name] - {"unknown"}} == {}
    missing = {name: (sets[name], seen[name]) for name in due if due[name] != seen[name]}
    assert len(missing) <= 0.05 * count, missing


def test_a_right_fit_gets_no_name(tmp_path: Path) -> None:
    assert not any(named(tmp_path, {style: program(style) for style in STYLES}).values())


@pytest.mark.parametrize("entry", sorted(name for name, each in CATALOGUE.items() if each["method"] == FIT))
def test_a_submission_of_the_corpus_is_named_as_its_folder(entry: str) -> None:
    paths = [path for path in (SUBMISSIONS / "wrong" / entry).iterdir() if path.suffix == ".py"]
    # It clips ŷ, which has an entry of its own.
    paths = [path for path in paths if path.name != "clipped_far.py"]
    assert {name: ids(each) for name, each in diagnosed(paths).items() if ids(each) != [entry]} == {}
