"""Lines are found by repair: the right line, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from mutants import mutants

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.candidate.reply_checks import edits_reply, outcomes_reply
from grader.diagnosis.lines import places
from grader.diagnosis.lines.judging import lost_in
from grader.diagnosis.lines.places import with_lines
from grader.exam.examination import Examination
from grader.exam.questions.questions import questions
from grader.model import Diagnosis, Feedback, Message, Place, Submission
from grader.protocol.frames import ProtocolError

SUBMISSIONS = Path(__file__).parents[1] / "submissions"
METHODS = {"backward": "Layer.backward", "fit": "Perceptron.fit"}
RIGHT = (SUBMISSIONS / "right" / "deutsch.py").read_text(encoding="utf-8")
SCIENTIST = (SUBMISSIONS / "right" / "scientist.py").read_text(encoding="utf-8")
BASE = (SUBMISSIONS / "wrong" / "gradient-ascent" / "biases.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as running:
        yield running


@contextmanager
def examination(parent: ForkingParent, text: str) -> Iterator[Examination]:
    submission = Submission("work", "work.py", {"work.py": text.encode()})
    with closing(Candidate(submission, parent, Timeouts(), Limits())) as candidate:
        examined = Examination(candidate, questions(0), Feedback.FULL)
        assert examined.loaded.classes
        yield examined


def found(parent: ForkingParent, text: str, id_: str = "unknown") -> list[Diagnosis]:
    """Return a diagnosis of each method that lost criteria, with its line."""
    with examination(parent, text) as examined:
        everything = examined.with_answers(
            examined.backward, examined.fit, examined.gradient_checks, examined.descents
        )
        lost = {of: sorted(lost_in(everything, of)) for of in ("backward", "fit", "train")}
        diagnoses = [Diagnosis(id_, METHODS[of], tuple(lost[of])) for of in METHODS if lost[of]]
        return with_lines(examined, diagnoses, [name for names in lost.values() for name in names])


@pytest.mark.parametrize(
    ("submission", "source"),
    [
        ("gradient-ascent/biases.py", "self.biases = self.biases + learning_rate * d_biases"),
        ("updated-before-da_prev/last_line.py", "da_prev = self.weights.T @ dz"),
        ("derivative-missing/dz_is_da.py", "dz = da"),
        ("da_prev-from-da/da.py", "da_prev = self.weights.T @ da"),
        ("biases-gradient-from-da/da.py", "d_biases = da"),
        ("loss-sign/no_minus.py", "total += (y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))"),
        ("epochs-ignored/at_most_ten.py", "for epoch in range(1, min(epochs, 10) + 1):"),
        ("da_prev-not-returned/kept_in_attribute.py", "self.grad_in = grad_in"),
        ("loss-not-averaged/sum.py", 'print(f"Loss at epoch {epoch}: {total:.3f}")'),
        ("gradient-ascent/both.py", "self.weights += learning_rate * np.outer(delta, self.inputs)"),
        ("learning-rate-ignored/both.py", "self.weights -= np.outer(delta, self.inputs)"),
        ("activation-hard-coded/relu.py", "dz = da * (self.outputs > 0)"),
        ("da_prev-elementwise/plain_product.py", "grad_in = self.weights * delta"),
        ("examples-skipped/first.py", "for x, y in zip(training_data[1:], labels[1:]):"),
    ],
)
def test_the_line_of_a_known_mistake_is_found(parent: ForkingParent, submission: str, source: str) -> None:
    text = (SUBMISSIONS / "wrong" / submission).read_text(encoding="utf-8")
    (diagnosis,) = found(parent, text, submission.partition("/")[0])
    assert diagnosis.place is not None
    assert diagnosis.place.source == source
    assert diagnosis.excerpt is not None
    line = diagnosis.excerpt.lines[diagnosis.place.line - diagnosis.excerpt.first]
    assert line.strip() == source


def test_the_changed_line_of_mutants_is_named_and_no_other(parent: ForkingParent) -> None:
    named, other, losing = 0, [], 0
    for mutant in mutants("scientist", SCIENTIST, 12, seed=2):
        diagnoses = found(parent, mutant.text)
        losing += bool(diagnoses)
        places = [diagnosis.place.line for diagnosis in diagnoses if diagnosis.place is not None]
        named += bool(places) and set(places) <= mutant.lines
        other += [mutant.name for line in places if line not in mutant.lines]
    assert losing > 4
    assert not other
    assert named >= 0.8 * losing


def test_two_mistakes_have_a_line_each(parent: ForkingParent) -> None:
    text = BASE.replace("dz = da * ", "dz = ").replace("self.activation.derivative", "da * self.activation")
    with examination(parent, text) as examined:
        ascent = Diagnosis("gradient-ascent", "Layer.backward", ("backward.update",))
        missing = Diagnosis("activation-instead-of-derivative", "Layer.backward", ("backward.dz",))
        lost = ("backward.dz", "backward.update", "training.gradient_check", "training.monotone_loss")
        lines = [each.place.source for each in with_lines(examined, [missing, ascent], lost) if each.place]
    assert lines == [
        "dz = da * self.activation(self.outputs)",
        "self.biases = self.biases + learning_rate * d_biases",
    ]


def test_a_mistake_in_an_update_is_not_put_on_the_line_of_dz(parent: ForkingParent) -> None:
    start = BASE.index("        dz = da * ")
    body = """\
        dz = da * self.activation.derivative(self.activation(self.outputs))
        da_prev = self.weights.T @ da
        self.weights -= dz @ self.inputs.T
        self.biases -= learning_rate * dz
        return da_prev
"""
    text = BASE[:start] + body + "\n\n" + BASE[BASE.index("class Perceptron") :]
    with examination(parent, text) as examined:
        ignored = Diagnosis("learning-rate-ignored", "Layer.backward", ("backward.update",))
        lost = ("backward.dz", "backward.da_prev", "backward.update", "training.gradient_check")
        (diagnosis,) = with_lines(examined, [ignored], lost)
    assert diagnosis.place is not None
    assert diagnosis.place.source == "self.weights -= dz @ self.inputs.T"


def test_what_is_returned_may_be_computed_earlier(parent: ForkingParent) -> None:
    start = BASE.index("        dz = da * ")
    body = """\
        dz = da * self.activation.derivative(self.outputs)
        self.weights = self.weights - learning_rate * dz @ self.inputs.T
        self.biases = self.biases - learning_rate * dz
        return self.weights.T @ dz
"""
    text = BASE[:start] + body + "\n\n" + BASE[BASE.index("class Perceptron") :]
    (diagnosis,) = found(parent, text, "updated-before-da_prev")
    assert diagnosis.place is not None
    assert diagnosis.place.source == "return self.weights.T @ dz"


def test_the_line_of_a_repair_is_named_instead_of_that_of_an_exception(parent: ForkingParent) -> None:
    text = BASE.replace("biases + learning", "biases - learning").replace("dz = da *", "dz = da @")
    raised = Place("work.py", 23, "da_prev = self.weights.T @ dz")
    with examination(parent, text) as examined:
        crash = Diagnosis("shapes-do-not-fit", "Layer.backward", ("backward.shape",), place=raised)
        lost = sorted(lost_in(examined, "backward"))
        (diagnosis,) = with_lines(examined, [crash], lost)
    assert diagnosis.place is not None
    assert diagnosis.place.source == "dz = da @ self.activation.derivative(self.outputs)"


def test_the_line_of_an_exception_is_kept_if_there_is_no_repair(parent: ForkingParent) -> None:
    place = Place("work.py", 3, "import numpy as np")
    text = re.sub(r"        dz = da .*\n", "        dz = da.nothing(self).at.all + 17\n", BASE)
    with examination(parent, text) as examined:
        known = Diagnosis("unknown", "Layer.backward", ("backward.shape",), place=place)
        assert with_lines(examined, [known], ("backward.shape",)) == [known]


@pytest.mark.parametrize(
    ("statement", "id_", "line"),
    [
        (
            "        self.biases = self.biases + learning_rate * d_biases\n",
            "biases-not-updated",
            "self.weights = ",
        ),
        (
            "        self.weights = self.weights - learning_rate * d_weights\n",
            "weights-not-updated",
            "self.biases = ",
        ),
    ],
)
def test_a_missing_statement_is_named_by_the_line_beside_it(
    parent: ForkingParent, statement: str, id_: str, line: str
) -> None:
    assert BASE.count(statement) == 1
    text = BASE.replace(statement, "").replace("biases + learning", "biases - learning")
    (diagnosis,) = found(parent, text, id_)
    assert diagnosis.place is not None
    assert diagnosis.place.source.startswith(line)
    assert diagnosis.repair.startswith("+ ")


def after_an_exception(parent: ForkingParent, base: str, statement: str, name: str) -> tuple[str, str]:
    """Return the line and the repair of a method that raises because ``statement``, which gives ``name``, is gone."""
    source = (SUBMISSIONS / "right" / base).read_text(encoding="utf-8")
    assert source.count(statement) == 1
    text = source.replace(statement, "")
    says = Message("{name} is used here before it has a value.", {"name": name})
    raised = Place("work.py", 1, "the line that raised")
    with examination(parent, text) as examined:
        lost = sorted(lost_in(examined, "fit"))
        assert lost
        crash = Diagnosis("unknown", "Perceptron.fit", tuple(lost), says=says, place=raised)
        (diagnosis,) = with_lines(examined, [crash], lost)
    assert diagnosis.place is not None
    return diagnosis.place.source, diagnosis.repair


def test_a_name_without_a_value_is_named_before_the_first_line_that_needs_it(parent: ForkingParent) -> None:
    line, repair = after_an_exception(parent, "beginner_loops.py", "            loss_sum = 0.0\n", "loss_sum")
    assert line == "for i in range(len(training_data)):"
    assert repair == "+             loss_sum = 0.0"


def test_a_name_that_has_a_value_in_one_branch_only_is_named_in_the_other(parent: ForkingParent) -> None:
    statement = "                    loss = -math.log(p)\n"
    line, repair = after_an_exception(parent, "beginner_loops.py", statement, "loss")
    assert line == "d = -1 / p"
    assert repair == "+                     loss = -math.log(p)"


def test_parameters_that_are_never_stored_are_named_by_the_line_beside(parent: ForkingParent) -> None:
    source = (SUBMISSIONS / "right" / "beginner_loops.py").read_text(encoding="utf-8")
    statement = "        self.biases = np.array(new_b)\n"
    assert source.count(statement) == 1
    (diagnosis,) = found(parent, source.replace(statement, ""), "biases-not-updated")
    assert diagnosis.place is not None
    assert diagnosis.place.source == "self.weights = np.array(new_w)"
    assert diagnosis.repair == "+" + " " + statement.rstrip()


def test_a_mistake_in_forward_has_a_line(parent: ForkingParent) -> None:
    text = BASE.replace("biases + learning", "biases - learning").replace(
        "return self.activation(self.outputs)", "return self.activation(-self.outputs)"
    )
    with examination(parent, text) as examined:
        lost = sorted(lost_in(examined, "train"))
        wrong = Diagnosis("forward-wrong", "Layer.forward", tuple(lost))
        (diagnosis,) = with_lines(examined, [wrong], lost)
    assert lost
    assert diagnosis.place is not None
    assert diagnosis.place.source == "return self.activation(-self.outputs)"


def test_no_line_is_named_if_no_small_edit_repairs_a_method(parent: ForkingParent) -> None:
    start, end = RIGHT.index("    def backward"), RIGHT.index("class Perceptron")
    text = RIGHT[:start] + "    def backward(self, da, learning_rate):\n        return da\n\n\n" + RIGHT[end:]
    assert [diagnosis.place for diagnosis in found(parent, text)] == [None]


def test_a_search_ends_after_a_number_of_lines(
    parent: ForkingParent, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the limit, it has one, as the first test says.
    monkeypatch.setattr(places, "LINES", 100)
    (diagnosis,) = found(parent, BASE, "gradient-ascent")
    assert diagnosis.place is None


@pytest.mark.slow
def test_more_edits_than_a_reply_can_hold_leave_room_for_the_likely_ones(parent: ForkingParent) -> None:
    source = (SUBMISSIONS / "right" / "beginner_loops.py").read_text(encoding="utf-8")
    text, count = re.subn(
        r"return self.activation\(self.outputs\)", "return self.activation(self.weights)", source
    )
    assert count == 1
    with examination(parent, text) as examined:
        lost = sorted(lost_in(examined, "train"))
        (diagnosis,) = with_lines(examined, [Diagnosis("forward-wrong", "Layer.forward", tuple(lost))], lost)
    assert diagnosis.place is not None
    assert diagnosis.place.source == "return self.activation(self.weights)"


def test_an_edit_that_never_ends_does_not_hide_the_repair(parent: ForkingParent) -> None:
    loop = "        i = 0\n        while i < 1:\n            i = i + 1\n        return da_prev"
    (diagnosis,) = found(parent, BASE.replace("        return da_prev", loop))
    assert diagnosis.place is not None
    assert diagnosis.place.source == "self.biases = self.biases + learning_rate * d_biases"


def test_the_repair_is_a_diff_in_the_formatting_of_the_student(parent: ForkingParent) -> None:
    text = BASE.replace(
        "self.biases + learning_rate * d_biases", "self.biases+learning_rate *d_biases  # step"
    )
    (diagnosis,) = found(parent, text, "gradient-ascent")
    assert diagnosis.repair.splitlines() == [
        "-         self.biases = self.biases+learning_rate *d_biases  # step",
        "+         self.biases = self.biases-learning_rate *d_biases  # step",
    ]


@pytest.mark.parametrize(
    "edit",
    [
        ["operator", "work.py", 0, 1, "-", "other"],
        ["operator\n", "work.py", 0, 1, "-", 1, "other"],
        ["operator", "work.py", -1, 1, "-", 1, "other"],
        ["operator", "work.py", 0, 1, "-" * 100_000, 1, "other"],
        ["operator", "work.py", 0, 1, "-", 10**9, "other"],
    ],
)
def test_edits_that_cannot_be_are_refused(edit: list[object]) -> None:
    with pytest.raises(ProtocolError):
        edits_reply({"edits": [edit]})


@pytest.mark.parametrize("outcomes", [[0], [0, 2], [0, -2], [1, 1], ["0", 0], None])
def test_outcomes_that_belong_to_no_trial_are_refused(outcomes: object) -> None:
    with pytest.raises(ProtocolError):
        outcomes_reply({"outcomes": outcomes, "lines": 0}, 2)


@pytest.mark.parametrize("lines", [-1, 0.5, "1", None])
def test_numbers_of_lines_that_cannot_be_are_refused(lines: object) -> None:
    with pytest.raises(ProtocolError):
        outcomes_reply({"outcomes": [0, 0], "lines": lines}, 2)
