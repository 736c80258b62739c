"""What an audit submits to the exam: right solutions, known mistakes, and methods that do nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import grader
from grader.errors import KitError
from grader.model import Submission
from grader.resources import assignment_path, solution_path

__all__ = [
    "REFERENCE",
    "catalogue",
    "delicate",
    "doing_nothing",
    "made_of",
    "right_variants",
    "solutions",
    "variants",
]

_FOLDER = Path(__file__).parent
REFERENCE = "reference"

_FLOAT32 = {
    "dz = da * self.activation.derivative(self.outputs)": (
        "dz = np.float32(da * self.activation.derivative(self.outputs))"
    ),
    "da_prev = self.weights.T @ dz": "da_prev = np.float32(self.weights.T) @ dz",
    "self.weights = self.weights -": "self.weights = np.float32(self.weights) - np.float32(1) *",
    "self.biases = self.biases -": "self.biases = np.float32(self.biases) - np.float32(1) *",
}
_REORDERED = {
    "x, label in zip(training_data, labels, strict=True)": (
        "x, label in [(training_data[i], labels[i]) for i in np.random.permutation(len(labels))]"
    ),
}
_SOLUTION = re.compile(r"### BEGIN SOLUTION\n.*?### END SOLUTION", re.DOTALL)


def made_of(name: str, source: str) -> Submission:
    """Return ``source`` as a submission."""
    return Submission(name, f"{name}.py", {f"{name}.py": source.encode()})


def solutions() -> dict[str, str]:
    """Return the sources of the right solutions by their names, the reference first."""
    own = {
        path.stem: path.read_text(encoding="utf-8") for path in sorted((_FOLDER / "solutions").glob("*.py"))
    }
    return {REFERENCE: _reference(), **own}


def right_variants() -> dict[str, str]:
    """Return the reference in float32, and the reference that shuffles the examples, by their names."""
    return {"float32": changed(_FLOAT32), "reordered": changed(_REORDERED)}


def catalogue() -> dict[str, frozenset[str]]:
    """Return the known mistakes, each with the criteria that it may cost."""
    path = Path(grader.__file__).with_name("misconceptions.toml")
    return {name: frozenset(entry["costs"]) for name, entry in _read(path).items()}


def variants() -> dict[str, str]:
    """Return the reference with each of the known mistakes that ``variants.toml`` has."""
    return {name: changed(changes) for name, changes in _read(_FOLDER / "variants.toml").items()}


def delicate() -> dict[str, str]:
    """Return the reference with each of the mistakes of ``delicate.toml``, which show on some examples only."""
    return {name: changed(changes) for name, changes in _read(_FOLDER / "delicate.toml").items()}


def doing_nothing() -> dict[str, str]:
    """Return solutions that do nothing useful, by their names; the first is the skeleton."""
    skeleton = (assignment_path() / "perceptron.py").read_text(encoding="utf-8")
    bodies = _read(_FOLDER / "nothing.toml").items()
    return {"skeleton": skeleton} | {
        name: _with_bodies(body["backward"], body["fit"]) for name, body in bodies
    }


def _with_bodies(*bodies: str) -> str:
    left = iter(bodies)
    return _SOLUTION.sub(lambda _: next(left), _reference())


def changed(changes: Mapping[str, str]) -> str:
    """Return the reference with texts replaced; raises ``KitError`` if one is not there exactly once."""
    source = _reference()
    for before, after in changes.items():
        if source.count(before) != 1:
            raise KitError(f"the reference solution has {before!r} {source.count(before)} times, not once")
        source = source.replace(before, after)
    return source


def _reference() -> str:
    return (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def _read(path: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))
