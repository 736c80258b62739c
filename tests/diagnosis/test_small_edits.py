"""Which small edits of a function are tried, by the texts that they give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from grader.candidate.sandbox.runtime.repair.edits import edits_of
from grader.candidate.sandbox.runtime.repair.formulas import Formula
from grader.candidate.sandbox.runtime.repair.roles import Roles
from grader.candidate.sandbox.runtime.repair.units import units_of

NUMBERS = dict.fromkeys(("loss", "total", "n", "p"), "number")
ARRAYS = dict.fromkeys(("da", "dz", "inputs", "self.weights", "self.inputs", "self.outputs"), "ndarray")


def edited(text: str, formula: Formula | None = None, types: Mapping[str, str] = NUMBERS) -> Iterator[str]:
    """Yield what becomes of the functions in ``text`` with each edit; of those of one formula if there is one."""
    for unit in units_of("work.py", text):
        for edit in edits_of(unit, types, Roles(unit), [] if formula is None else [formula]):
            if formula is None or edit.kind == formula.kind:
                yield text[: edit.start] + edit.text + text[edit.end :]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "    if p:\n        a = 1\n    else:\n        a = 2\n        return a\n",
            "    if p:\n        a = 1\n    else:\n        a = 2\n    return a\n",
        ),
        ("    while n == 0:\n        pass\n", "    while n >= 0:\n        pass\n"),
        ("    n = len(p)\n    return n\n", "    n = len(p) - 1\n    return n\n"),
        ("    n += p[0]\n    return n * p[1]\n", "    n += p[0] * p[1]\n    return n * p[1]\n"),
        (
            "    return n * log(p) + (1 - n)\n",
            "    return n * log(p) + ((1 - n) * log(1 - p))\n",
        ),
        ('    print("Loss at epoch " + str(n))\n', '    print("Loss at epoch " + ": " + str(n))\n'),
        ('    print("Loss at epoch %d: %.2f" % (n, p))\n', '    print("Loss at epoch %d: %.3f" % (n, p))\n'),
        ('    print(f"Loss at epoch {n:03d}: {p}")\n', '    print(f"Loss at epoch {n}: {p}")\n'),
    ],
)
def test_an_edit_gives_the_right_text(wrong: str, right: str) -> None:
    head = "def fit(p, n):\n"
    assert head + right in set(edited(head + wrong))


def test_a_sum_is_added_to_in_the_loop() -> None:
    text = "def fit(p):\n    total = 0\n    for n in p:\n        loss = n\n    print(total)\n"
    added = set(edited(text, Formula("sum", "{total} += {sum}", ("gap",))))
    assert text.replace("loss = n\n", "loss = n\n        total += loss\n") in added
    assert not any("loss += " in each for each in added)


def test_a_value_is_given_before_the_first_line_that_reads_it_or_soon_before() -> None:
    text = "def backward(da):\n    a = 1\n    b = 2\n    c = 3\n    dz = 4\n    return da_prev\n\n    return da_prev\n"
    formula = Formula("assigned", "da_prev = {array}", ("gap",))
    added = [each.splitlines() for each in edited(text, formula, ARRAYS)]
    lines = {each.index("    da_prev = da") for each in added if "    da_prev = da" in each}
    assert lines == {2, 3, 4, 5}


def test_what_a_layer_keeps_is_stored_where_forward_does_not_store_it() -> None:
    text = (
        "class Layer:\n    def forward(self, inputs):\n        return self.activation(self.outputs)\n"
        "    def backward(self, da):\n        self.weights = self.weights - da @ self.inputs.T\n"
    )
    formula = Formula("stored", "{stored} = {given}", ("gap",))
    first = text.splitlines()[:2]
    stored = {
        each.splitlines()[2].strip()
        for each in edited(text, formula, ARRAYS)
        if each.splitlines()[:2] == first and " = inputs" in each.splitlines()[2]
    }
    assert stored == {"self.outputs = inputs", "self.inputs = inputs"}


def test_what_forward_keeps_for_backward_may_hold_a_mistake_of_backward() -> None:
    text = (
        "class Layer:\n    def forward(self, inputs):\n        self.outputs = self.weights @ inputs\n"
        "        self.slope = self.activation(self.outputs)\n        return self.activation(self.outputs)\n"
    )
    (unit,) = units_of("work.py", text)
    assert [Roles(unit).of_line(line) for line in (3, 4, 5)] == ["forward", "shared", "forward"]
