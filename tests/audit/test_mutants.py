"""Mutants are many, distinct and small; those that do the same are told from those that do not."""

from __future__ import annotations

import ast

import pytest

from grader.audit.equivalence import equivalence
from grader.audit.mutations import Mutant, mutants
from grader.audit.subjects import REFERENCE, catalogue, delicate, made_of, solutions, variants
from grader.errors import KitError

SOLUTIONS = solutions()
MUTANTS = {base: mutants(base, source) for base, source in SOLUTIONS.items()}


def mutant(base: str, before: str, after: str) -> Mutant:
    return next(one for one in MUTANTS[base] if (one.before, one.after) == (before, after))


def test_there_are_more_than_a_thousand_of_five_solutions() -> None:
    assert len(MUTANTS) == 5
    assert sum(map(len, MUTANTS.values())) >= 1000


@pytest.mark.parametrize("base", SOLUTIONS)
def test_no_two_have_the_same_code_and_none_has_the_solutions(base: str) -> None:
    codes = {ast.dump(ast.parse(one.source)) for one in MUTANTS[base]}
    assert len(codes) == len(MUTANTS[base])
    assert ast.dump(ast.parse(ast.unparse(ast.parse(SOLUTIONS[base])))) not in codes


@pytest.mark.parametrize("base", SOLUTIONS)
def test_only_the_methods_of_students_are_changed(base: str) -> None:
    def given(source: str) -> list[str]:
        functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
        return [ast.unparse(one) for one in functions if one.name in ("__init__", "forward")]

    assert all(given(one.source) == given(SOLUTIONS[base]) for one in MUTANTS[base])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("self.weights.T @ dz", "self.weights.T * dz"),
        ("self.weights.T @ dz", "dz @ self.weights.T"),
        ("self.inputs.T", "self.inputs"),
        ("self.weights - learning_rate * d_weights", "self.weights + learning_rate * d_weights"),
        ("reversed(self.layers)", "self.layers"),
        ("np.mean(losses)", "np.sum(losses)"),
        ("da = layer.backward(da, learning_rate)", "nothing"),
        ("':.3f'", "':.2f'"),
    ],
)
def test_mistakes_of_students_are_among_them(before: str, after: str) -> None:
    if before.startswith("'"):
        assert any(".2f" in one.source and ".2f" not in SOLUTIONS[REFERENCE] for one in MUTANTS[REFERENCE])
    else:
        assert mutant(REFERENCE, before, after)


def test_every_known_mistake_has_a_variant() -> None:
    assert variants().keys() == catalogue().keys()
    assert not variants().keys() & delicate().keys()


def test_a_change_has_to_fit_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.audit.subjects._reference", lambda: "pass")
    with pytest.raises(KitError, match="0 times, not once"):
        variants()


def test_a_mutant_that_does_the_same_is_equivalent() -> None:
    base = made_of(REFERENCE, SOLUTIONS[REFERENCE])
    same = mutant(REFERENCE, "dz @ self.inputs.T", "dz * self.inputs.T")
    other = mutant(REFERENCE, "self.weights.T @ dz", "dz")
    first, second = equivalence(base, [made_of("m", one.source) for one in (same, other)], "backward", 200)
    assert (first.is_equivalent, first.cases) == (True, 200)
    assert (second.is_equivalent, second.cases) == (False, 0)


def test_another_order_of_the_examples_is_equivalent_and_other_examples_are_not() -> None:
    base = made_of("in_place", SOLUTIONS["in_place"])
    reversed_, skipping = (
        next(
            one
            for one in MUTANTS["in_place"]
            if one.before == "for x, y in zip(training_data, labels.ravel()):" and one.after.endswith(end)
        )
        for end in ("[::-1]:", "[1:]:")
    )
    both = [made_of("m", one.source) for one in (reversed_, skipping)]
    first, second = equivalence(base, both, "fit", 200)
    assert (first.is_equivalent, first.in_its_order) == (True, True)
    assert not second.is_equivalent
