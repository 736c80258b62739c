"""A roster adds students who handed in nothing, and names strangers; a broken one is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import read_submissions

from grader.errors import UsageError
from grader.intake import find_submissions
from grader.model import Message, Submission, Unreadable

CODE = "class Layer: pass\nclass Perceptron: pass\n"
MOODLE = "_assignsubmission_file_"


def class_of(path: Path, *names: str) -> Path:
    for name in names:
        (path / "class" / name).mkdir(parents=True)
        (path / "class" / name / "work.py").write_text(CODE)
    return path / "class"


def roster(path: Path, text: str | bytes) -> Path:
    file = path / "roster.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def ids(folder: Path, listed: Path) -> dict[str, bool]:
    """Return who is in the report, in order, and whether they handed something in."""
    return {
        entry.id: isinstance(entry, Submission)
        for entry in read_submissions([folder], lambda _text: None, listed)
    }


def told(folder: Path, listed: Path) -> list[str]:
    lines: list[str] = []
    find_submissions([folder], lines.append, listed)
    return lines


def complaint(folder: Path, listed: Path) -> str:
    with pytest.raises(UsageError) as raised:
        find_submissions([folder], lambda _text: None, listed)
    return str(raised.value)


def test_students_who_handed_in_nothing_come_last(tmp_path: Path) -> None:
    folder = class_of(tmp_path, "alice", "carol")
    entries = read_submissions(
        [folder],
        lambda _text: None,
        roster(tmp_path, "id,section\ndora,1\ncarol,1\nbob,2\nalice,2\n"),
    )
    assert [entry.id for entry in entries] == ["alice", "carol", "dora", "bob"]
    assert entries[2] == Unreadable("dora", "", "", Message("nothing was handed in"))
    assert told(folder, tmp_path / "roster.csv") == []


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("alice", "ID\nalice\nbob\n", "bob"),
        ("alice", "id\r\nalice\r\n\r\nbob\r\n", "bob"),
        ("alice", "id\ralice\rbob\r", "bob"),
        ("alice", b"\xef\xbb\xbfid;name\nalice;Al\nbob;Bo\n", "bob"),
        ("alice", "name\tid\nAl\talice\nBo\tbob\n", "bob"),
        ("alice", '"Full name","Username"\n"Liddell, Alice",alice\n"O\'Brien, Bo",bob\n', "bob"),
        ("alice", "id,,\nalice,,\nbob,,\n", "bob"),
        ("alice", "id,name\nalice\nbob\n", "bob"),
        ("ALICE", "id\nalice\nbob\n", "bob"),
        ("Zoe\u0308", "id\nZo\u00eb\nbob\n", "bob"),
        ("al@x.org", "Email address,First name\nal@x.org,Al\nbo@x.org,Bo\n", "bo@x.org"),
        # Canvas's gradebook: by the number, and by the name; those who are missing go by what the others went by.
        (
            "liddellalice_12",
            "Student,ID,SIS User ID,SIS Login ID,Section,HW (1)\n    Points Possible,,,,,100\n"
            '"Liddell, Alice",12,,al,A,\n"Ng, Bo",13,,bo,A,\n"Student, Test",99,,t,A,\n',
            "13",
        ),
        (
            "al",
            'Student,ID,SIS User ID,SIS Login ID,Section\n"Liddell, Alice",12,,al,A\n"Ng, Bo",13,,bo,A\n',
            "bo",
        ),
        # Moodle's grading worksheet and its list of participants.
        (
            f"Al Ng_12{MOODLE}",
            "Identifier,Full name\nParticipant 12,Al Ng\nParticipant 13,Bo Ng\n",
            "Participant 13",
        ),
        (
            f"Al Ng_12{MOODLE}",
            "First name,Last name,Email address\nAl,Ng,al@x.org\nBo,Ng,bo@x.org\n",
            "bo@x.org",
        ),
        # GitHub Classroom's: who has not linked an account has another name.
        ("alice", "identifier,github_username,name\ns1,alice,Al\ns2,,Bo\n", "s2"),
    ],
)
def test_students_are_found_by_what_their_platform_calls_them(
    tmp_path: Path, name: str, text: str | bytes, missing: str
) -> None:
    listed = roster(tmp_path, text)
    if name.startswith("liddell"):
        (tmp_path / "class").mkdir()
        (tmp_path / "class" / f"{name}_4401_work.py").write_text(CODE)
    else:
        class_of(tmp_path, name)
    (_, handed_in), (other, handed_in_too) = ids(tmp_path / "class", listed).items()
    assert (handed_in, other, handed_in_too) == (True, missing, False)
    assert told(tmp_path / "class", listed) == []


def test_what_the_roster_knows_is_added(tmp_path: Path) -> None:
    listed = roster(tmp_path, "id,email,name\nal,al@x.org,Al\nbo,bo@x.org,Bo\n")
    first, second = read_submissions([class_of(tmp_path, "al")], lambda _text: None, listed)
    assert (first.aliases, second.aliases) == (("al@x.org",), ("bo@x.org",))


def test_strangers_are_named_with_missing_students_of_a_similar_name(tmp_path: Path) -> None:
    folder = class_of(tmp_path, "alice", "bob", "carroll", "mallory")
    listed = roster(tmp_path, "id\nalice\nbob\ncarrol\ndora\n")
    assert told(folder, listed) == [
        f"not in the roster {listed}: carroll (is it carrol, who handed in nothing?), mallory"
    ]
    assert ids(folder, listed) == {
        "alice": True,
        "bob": True,
        "carroll": True,
        "mallory": True,
        "carrol": False,
        "dora": False,
    }


@pytest.mark.parametrize(
    ("header", "row", "who"),
    [
        ("Identifier,Full name", "Participant 50999,Some Names", "Participant 50999 (Some Names)"),
        ("Username,Full name", "snames,Some Names", "snames (Some Names)"),
    ],
)
def test_a_number_after_a_name_does_not_hide_a_similar_name(
    tmp_path: Path, header: str, row: str, who: str
) -> None:
    folder = class_of(tmp_path, f"Al Ng_12{MOODLE}", f"Some Name_50121{MOODLE}")
    listed = roster(tmp_path, f"{header}\nParticipant 12,Al Ng\n{row}\n")
    assert told(folder, listed) == [
        f"not in the roster {listed}: Some Name_50121 (is it {who}, who handed in nothing?)"
    ]


def test_very_many_strangers_fit_a_line(tmp_path: Path) -> None:
    folder = class_of(tmp_path, "alice", *(f"x{number:03}" for number in range(300)))
    (line,) = told(folder, roster(tmp_path, "id\nalice\n"))
    assert line.endswith("x007 and 292 more")


def test_a_name_that_two_students_have_matches_nobody(tmp_path: Path) -> None:
    folder = class_of(tmp_path, f"Al Ng_12{MOODLE}", f"Bo Ng_13{MOODLE}")
    listed = roster(tmp_path, "id,Full name\ns1,Al Ng\ns2,Al Ng\ns3,Bo Ng\n")
    assert told(folder, listed)[0].startswith(f"not in the roster {listed}: Al Ng_12")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "only an empty line; call one of its columns id, or SIS Login ID"),
        ("name,mark\nAl,1\n", "only name, mark; call one of its columns id"),
        ("alice\nbob\n", "only alice; call one of its columns id"),
        ("id\n", "has no students"),
        ("id\nalice\n\nbob\nAlice\n", "has Alice twice, in lines 2 and 5"),
        ("id,name\nalice,Al\nbob,Bo,extra\n", "line 3 of the roster"),
        ("id,name\nalice,Al\n,Bo\n", "line 3 of the roster"),
        ('id\nalice\n"bob\n', "is not CSV"),
        (b"id\nalice\nbj\xf6rn\n", "not UTF-8 text (line 3)"),
        ("id\nx\ny\n", "none of alice is in the roster"),
    ],
)
def test_a_roster_that_cannot_be_used_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in complaint(class_of(tmp_path, "alice"), roster(tmp_path, text))


def test_a_folder_is_not_a_roster(tmp_path: Path) -> None:
    assert "not a regular file" in complaint(class_of(tmp_path, "alice"), tmp_path)


def test_two_submissions_of_one_student_are_an_error_that_names_both(tmp_path: Path) -> None:
    said = complaint(class_of(tmp_path, "al", "al@x.org"), roster(tmp_path, "id,email\nal,al@x.org\n"))
    assert "al and al@x.org are both al in line 2" in said


@pytest.mark.parametrize("name", ["Al Ng", "al"])
def test_a_student_who_takes_anothers_name_is_a_stranger(tmp_path: Path, name: str) -> None:
    folder = class_of(tmp_path, f"Al Ng_12{MOODLE}", f"{name}_13{MOODLE}")
    listed = roster(
        tmp_path, "Identifier,Username,Full name\nParticipant 12,al,Al Ng\nParticipant 14,bo,Bo\n"
    )
    assert ids(folder, listed) == {"Al Ng_12": True, f"{name}_13": True, "Participant 14": False}
    assert told(folder, listed)[0].startswith(f"not in the roster {listed}: {name}_13")


@pytest.mark.parametrize("name", ["Al Ng", "al"])
def test_a_student_who_takes_anothers_name_stops_nobody(tmp_path: Path, name: str) -> None:
    folder = class_of(tmp_path, f"Al Ng_12{MOODLE}", f"Bo_14{MOODLE}", f"{name}_13{MOODLE}")
    listed = roster(tmp_path, "Username,Full name\nal,Al Ng\nbo,Bo\n")
    assert ids(folder, listed) == {"Al Ng_12": True, "Bo_14": True, f"{name}_13": True, "al": False}
    (said,) = told(folder, listed)
    assert "Al Ng_12" in said
    assert f"{name}_13" in said
