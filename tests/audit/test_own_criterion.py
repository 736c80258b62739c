"""A criterion of one's own is one function and one line in the rubric (docs/audit.md)."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from in_process import grade_paths

from grader.audit.auditing import Plan, audit
from grader.audit.exam import InstalledExam
from grader.audit.faults import fault_of
from grader.audit.judging import judge
from grader.audit.running import Runner
from grader.audit.subjects import REFERENCE, doing_nothing, made_of, solutions
from grader.bundles.autograder_archive import autograder_archive
from grader.cli.kit import group
from grader.errors import UsageError
from grader.model import Status
from grader.rubric import default_rubric, load_rubric
from grader.settings import Settings

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "docs" / "examples"
OWN = "own.one_forward_pass_for_each_step"
SUBMISSIONS = ROOT / "tests" / "submissions"


def test_grading_judges_it_with_the_others() -> None:
    settings = Settings(rubric=load_rubric(EXAMPLE / "rubric.toml"))
    paths = [
        ROOT / "solution" / "perceptron.py",
        SUBMISSIONS / "wrong" / "loss-after-update" / "second_pass.py",
    ]
    right, wrong = grade_paths(paths, settings)
    assert (right.score, right.max_score) == (105.0, 105.0)
    lost = {criterion.id: criterion for criterion in wrong.criteria if criterion.status is not Status.PASSED}
    assert lost.keys() == {"fit.loss", OWN}
    assert lost[OWN].title == "one forward pass for each step"
    finding = lost[OWN].finding
    assert finding is not None
    assert finding.law == "each_step_has_one_forward_pass"


@pytest.mark.slow
def test_the_audit_includes_it() -> None:
    exam = InstalledExam(load_rubric(EXAMPLE / "rubric.toml"))
    with Runner(jobs=1) as runner:
        found = audit(exam, Plan(seeds=(), batches=0, every=2000, cases=200, sample=0, wrong=()), runner)
    assert OWN in found.criteria
    assert "loss-after-update" in {trial.name for trial in found.trials if OWN in trial.lost}
    assert found.faults == ()


def test_the_audit_sees_mistakes_in_tests_that_are_in_no_rubric_yet(tmp_path: Path) -> None:
    text = (EXAMPLE / "test_own.py").read_text(encoding="utf-8")
    condition = "if passes != steps or not steps:"
    assert condition in text
    faults = {}
    for name, other in (("sound", condition), ("fails", "if True:"), ("holds", "if False:")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_own.py").write_text(text.replace(condition, other), encoding="utf-8")
        exam = InstalledExam(default_rubric(), tmp_path / name).load()
        sources = {"right": solutions()[REFERENCE], "nothing": doing_nothing()["skeleton"]}
        faults[name] = {
            kind: fault_of(kind, judge(made_of("one", source), exam, exam.questions(0)), frozenset())
            for kind, source in sources.items()
        }
    assert faults == {
        "sound": {"right": "", "nothing": ""},
        "fails": {"right": f"loses {OWN}", "nothing": ""},
        "holds": {"right": "", "nothing": f"earns {OWN}"},
    }


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("tests.py", b"", "no files test_"),
        ("test_own.py", b"import nosuch", "test_own.py cannot be imported: ModuleNotFoundError"),
        ("test_own.py", b"def (", "test_own.py cannot be imported: SyntaxError"),
        ("test_own.py", b"def test_a(): pass", "no test that names its criterion"),
        ("test_own.py", b"\xff\xfe", "cannot be read"),
        (
            "test_own.py",
            b"import pytest\n@pytest.mark.criterion('mine')\ndef test_a(): pass",
            "names 'mine'; the name of a new criterion begins with own.",
        ),
    ],
)
def test_a_folder_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=re.escape(says)):
        InstalledExam(default_rubric(), tmp_path).load()


def test_its_file_has_to_be_named(tmp_path: Path) -> None:
    rubric = tmp_path / "rubric.toml"
    text = (EXAMPLE / "rubric.toml").read_text()
    rubric.write_text(text.replace('tests = "test_own.py"', ""))
    with pytest.raises(UsageError, match="name its file above"):
        load_rubric(rubric)
    rubric.write_text(text)
    with pytest.raises(UsageError, match="cannot be read beside the rubric"):
        load_rubric(rubric)


def test_gradescope_gets_its_file_and_nbgrader_refuses_it(tmp_path: Path) -> None:
    with ZipFile(BytesIO(autograder_archive({}, EXAMPLE / "rubric.toml"))) as archive:
        assert archive.read("test_own.py") == (EXAMPLE / "test_own.py").read_bytes()
    with pytest.raises(UsageError, match="nbgrader cannot grade"):
        group.main(
            ["nbgrader", str(tmp_path), "--rubric", str(EXAMPLE / "rubric.toml")], standalone_mode=False
        )()
