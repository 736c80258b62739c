"""Equal answers are judged once, and no student is shown another's code."""

from __future__ import annotations

import pytest
from in_process import grade_entries

from grader.candidate.client import Candidate
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.exam.examination import Examination
from grader.exam.questions.questions import questions
from grader.model import Feedback, Status, Submission
from grader.resources import solution_path
from grader.settings import Settings

LINE = "dz = da * self.activation.derivative(self.outputs)"
SOLUTION = (solution_path() / "perceptron.py").read_text(encoding="utf-8")


def submission(id_: str, text: str) -> Submission:
    return Submission(id_, f"{id_}.py", {"perceptron.py": text.encode()})


@pytest.mark.parametrize("feedback", Feedback)
def test_each_student_is_shown_their_own_line(feedback: Feedback) -> None:
    lines = {"ada": "dz = 1 / 0", "ben": "raise ZeroDivisionError", "cem": "1 % 0"}
    assert LINE in SOLUTION
    entries = [submission(id_, SOLUTION.replace(LINE, line)) for id_, line in lines.items()]
    settings = Settings(feedback=feedback)
    with ForkingParent() as parent:
        results = list(grade_entries(entries, parent, settings))
    for result in results:
        (dz,) = [criterion for criterion in result.criteria if criterion.id == "backward.dz"]
        assert dz.status is Status.ERROR
        place = dz.finding and dz.finding.place
        assert (place and place.source) == (lines[result.id] if feedback is Feedback.FULL else None)
        assert result.score == 25.0


def test_answers_that_are_the_same_are_judged_once() -> None:
    exam = questions(0)
    texts = [SOLUTION, f"# mine\n{SOLUTION}", SOLUTION.replace(LINE, f"dz = {LINE[5:]} * 1")]
    with ForkingParent() as parent:
        answers = []
        for entry in (submission(str(number), text) for number, text in enumerate(texts)):
            candidate = Candidate(entry, parent, Timeouts(), Limits())
            answers.append(Examination(candidate, exam, Feedback.SCORE).backward)
            candidate.close()
    assert [each is answers[0] for each in answers] == [True, True, True]
