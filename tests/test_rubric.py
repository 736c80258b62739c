"""What a rubric contains, and what an instructor is told about a wrong one."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

import grader
from grader.errors import UsageError
from grader.rubric import Rubric, default_rubric, load_rubric

DEFAULT = Path(grader.__file__).parent / "rubric.toml"
TEXT = DEFAULT.read_text(encoding="utf-8")
LINES = TEXT.splitlines()
DZ_LINE = LINES.index('"backward.dz" = 15') + 1
POINTS_LINE = LINES.index("[points]") + 1

Refused = Callable[[str | bytes], str]


@pytest.fixture
def refused(tmp_path: Path) -> Refused:
    """Return a function that loads a rubric of this text and gives the message that refuses it."""

    def message(content: str | bytes) -> str:
        path = tmp_path / "exam.toml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(UsageError) as caught:
            load_rubric(path)
        text = str(caught.value)
        assert "\n" not in text
        assert text.startswith(str(path))
        return text.removeprefix(str(path))

    return message


def load(folder: Path, text: str) -> Rubric:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load_rubric(path)


def with_dz(value: str) -> str:
    return TEXT.replace('"backward.dz" = 15', f'"backward.dz" = {value}')


def test_the_default_points_are_those_of_the_exercise() -> None:
    assert list(default_rubric().points.items()) == [
        ("backward.shape", 5),
        ("backward.dz", 15),
        ("backward.weights", 10),
        ("backward.biases", 5),
        ("backward.da_prev", 15),
        ("backward.update", 10),
        ("fit.output_gradient", 10),
        ("fit.backpropagation", 10),
        ("fit.loss", 5),
        ("training.gradient_check", 5),
        ("training.monotone_loss", 10),
    ]
    assert default_rubric().max_score == 100


def test_every_criterion_has_a_title_of_one_short_line() -> None:
    titles = [default_rubric().title(criterion) for criterion in default_rubric().points]
    assert all(0 < len(title) <= 42 and title.isprintable() for title in titles)
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    "text",
    [
        "[points]\n" + "\n".join(reversed(LINES[POINTS_LINE:])),
        TEXT.replace('"', ""),
        TEXT.replace('"', "'").replace("[points]", "['points']"),
        "points = {" + ", ".join(LINES[POINTS_LINE:]) + "}",
        re.sub(r'(?m)^"', 'points."', TEXT.replace("[points]", "")),
        "\ufeff" + TEXT.replace("\n", "\r\n"),
    ],
    ids=[
        "other order",
        "bare dots",
        "single quotes",
        "inline table",
        "dotted keys",
        "byte order mark and CRLF",
    ],
)
def test_points_may_be_written_in_any_form_and_order(tmp_path: Path, text: str) -> None:
    rubric = load(tmp_path, text)
    assert list(rubric.points.items()) == list(default_rubric().points.items())


@pytest.mark.parametrize(
    ("points", "total"), [("0", 85), ("2.5", 87.5), ("0.1", 85.1), ("1_000", 1085), ("-0", 85)]
)
def test_an_instructors_points_count(tmp_path: Path, points: str, total: float) -> None:
    assert load(tmp_path, with_dz(points)).max_score == total


def test_a_rubric_may_have_a_seed_of_its_own(tmp_path: Path) -> None:
    assert load(tmp_path, f"seed = 12345\n{TEXT}") == Rubric(default_rubric().points, 12345)
    assert default_rubric().seed == 0


@pytest.mark.parametrize("seed", ["-1", "4294967296", "1.5", "true", "'1'", "[1]"])
def test_a_wrong_seed_is_refused_with_its_line(refused: Refused, seed: str) -> None:
    assert refused(f"\nseed = {seed}\n{TEXT}") == (
        ", line 2: the seed must be a whole number from 0 to 4294967295"
    )


def test_a_seed_among_the_points_is_refused_with_the_right_place(refused: Refused) -> None:
    assert refused(f"{TEXT}seed = 5\n") == (
        f", line {len(LINES) + 1}: the seed is not a criterion; move it above [points]"
    )


def test_a_score_is_a_sum_without_rounding_errors() -> None:
    tenths = Rubric({str(i): 0.1 for i in range(3)})
    thirds = Rubric({str(i): 33.3333 for i in range(3)})
    assert (tenths.score("012"), tenths.score("0"), tenths.score("")) == (0.3, 0.1, 0)
    assert thirds.max_score == 100


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("points = {\n", ", line 1: not TOML: "),
        (
            TEXT + "\nbackward",
            f", line {len(LINES) + 2}: not TOML: Expected '=' after a key in a key/value pair",
        ),
        (with_dz(""), f", line {DZ_LINE}: not TOML: Invalid value"),
        (TEXT + '"backward.dz" = 3\n', f", line {len(LINES) + 1}: not TOML: Cannot overwrite a value"),
        (with_dz('"""'), f", line {len(LINES)}: not TOML: "),
        ("a = " + "[" * 5000, ", line 1: not TOML: "),
        ("a = " + "9" * 5000, ", line 1: not TOML: "),
    ],
    ids=["open", "half a line", "no value", "twice", "open text", "deep", "long number"],
)
def test_text_that_is_not_toml_is_refused_with_its_line(refused: Refused, content: str, message: str) -> None:
    assert refused(content).startswith(message)


def test_an_unknown_criterion_is_refused_with_the_nearest_name(refused: Refused) -> None:
    text = TEXT + '"backward.da-prev" = 5\n'
    expected = (
        f", line {len(LINES) + 1}: 'backward.da-prev' is not a criterion; did you mean 'backward.da_prev'?"
    )
    assert refused(text) == expected


def test_an_unknown_criterion_near_to_nothing_is_refused_with_all_names(refused: Refused) -> None:
    message = refused(TEXT + "xyzzy = 5\n")
    assert "'xyzzy' is not a criterion; the criteria are backward.shape, " in message
    assert message.endswith("training.monotone_loss")


@pytest.mark.parametrize("points", ["-1", "-0.001", "nan", "-nan", "inf", "1e400", "1000001", "9" * 400])
def test_points_out_of_range_are_refused(refused: Refused, points: str) -> None:
    assert (
        refused(with_dz(points))
        == f", line {DZ_LINE}: the points of backward.dz must be a number from 0 to 1000000"
    )


@pytest.mark.parametrize("points", ["true", '"15"', "[15]", '"""\n15\n"""', "[\n15,\n]", "2020-01-01"])
def test_points_that_are_not_a_number_are_refused(refused: Refused, points: str) -> None:
    assert refused(with_dz(points)) == (
        f", line {DZ_LINE}: the points of backward.dz must be a number, such as 5 or 2.5"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("points = {" + ", ".join(LINES[POINTS_LINE:]).replace("15", "-1") + "}", 1),
        (
            TEXT.replace('"', "").replace("backward.dz = 15", "# backward.dz = 5\nbackward . dz=-1"),
            DZ_LINE + 1,
        ),
        (TEXT.replace('"backward.dz" = 15\n', "") + "\n[points.backward]\ndz = -1", len(LINES) + 2),
        ("points.'backward.dz' = -1", 1),
    ],
    ids=["inline table", "bare dots", "table of its own", "dotted key"],
)
def test_the_line_is_right_for_every_form_of_a_key(refused: Refused, text: str, line: int) -> None:
    assert refused(text) == f", line {line}: the points of backward.dz must be a number from 0 to 1000000"


def test_missing_points_are_named(refused: Refused) -> None:
    text = "\n".join(line for line in LINES if "dz" not in line and "loss" not in line)
    missing = "backward.dz, fit.loss, training.monotone_loss"
    assert refused(text) == (
        f", line {POINTS_LINE}: [points] has no points for {missing}; give it 0 to leave it out of the score"
    )


@pytest.mark.parametrize("text", ["", "# nothing\n", "points = 5", "[[points]]", "points = []"])
def test_a_rubric_without_the_table_is_refused(refused: Refused, text: str) -> None:
    assert refused(text).startswith(", line 1: there is no table [points]")


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [(TEXT + "\n[titles]\n", len(LINES) + 2, "titles"), ("name = 'exam'\n" + TEXT, 1, "name")],
)
def test_an_unknown_table_or_key_is_refused(refused: Refused, text: str, line: int, name: str) -> None:
    assert refused(text) == (
        f", line {line}: '{name}' is unknown; a rubric has one table, [points], and may have a seed and tests above it"
    )


def test_a_table_within_points_is_refused(refused: Refused) -> None:
    assert f", line {len(LINES) + 1}: 'extra' is not a criterion" in refused(TEXT + "[points.extra]\n")


def test_a_criterion_with_a_quoted_and_a_bare_name_is_refused(refused: Refused) -> None:
    message = refused(TEXT + "backward.dz = 3\n")
    assert message == f", line {len(LINES) + 1}: backward.dz is there twice; remove one"


def test_points_that_add_up_to_0_are_refused(refused: Refused) -> None:
    message = refused(re.sub(r"= \d+", "= 0", TEXT))
    assert message == f", line {POINTS_LINE}: the points add up to 0; at least one criterion needs points"


def test_bytes_that_are_not_utf8_are_refused_with_their_line(refused: Refused) -> None:
    message = refused(TEXT.encode() + "# Übung\n".encode("latin-1"))
    assert message == f", line {len(LINES) + 1}: not UTF-8 text; save the rubric as UTF-8"


def test_a_file_too_large_is_refused(refused: Refused) -> None:
    assert refused(TEXT + "#" * 2**16) == ": too large for a rubric, which has at most 16 KiB"


@pytest.mark.parametrize(
    ("name", "why"),
    [("absent.toml", os.strerror(2)), ("", os.strerror(21)), ("file/inside", os.strerror(20))],
)
def test_a_path_that_is_not_a_file_is_refused(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=re.escape(f"{tmp_path / name}: the rubric cannot be read ({why})")):
        load_rubric(tmp_path / name)


def test_the_titles_and_the_points_have_the_same_criteria() -> None:
    titles = tomllib.loads(DEFAULT.with_name("criteria.toml").read_text(encoding="utf-8"))
    assert titles.keys() == default_rubric().points.keys()
