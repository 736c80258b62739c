"""A forking parent has one candidate at a time, and ends silently if the grader is gone."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import numpy
import pytest

from grader.candidate import sandbox
from grader.candidate.launcher import ForkingParent, Limits
from grader.resources import utils_path


def test_a_second_candidate_beside_the_first_is_refused() -> None:
    with ForkingParent() as parent:
        first = parent.spawn(Limits())
        with pytest.raises(RuntimeError, match="one candidate at a time"):
            parent.spawn(Limits())
        first.close()
        parent.end()
        parent.spawn(Limits()).close()
        parent.end()


def test_closing_again_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parent = ForkingParent()
    assert [*tmp_path.iterdir()]
    parent.close()
    parent.close()
    assert not [*tmp_path.iterdir()]


def test_a_grader_that_is_gone_before_the_answer_is_not_an_error(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    settings = {
        "isolation": "process",
        "numpy": str(Path(numpy.__file__).parent),
        "utils": str(utils_path()),
        "hidden": [],
        "folder": str(tmp_path),
    }
    with theirs:
        process = subprocess.Popen(
            [
                sys.executable,
                *("-S", "-s", "-P", "-B"),
                str(Path(sandbox.__file__).parent / "start.py"),
                str(theirs.fileno()),
            ],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[theirs.fileno()],
        )
    with ours:
        ours.sendall(b'{"op": "end", "hung_up": false}')
    # It starts only now, when nobody waits for the answer.
    _, said = process.communicate(json.dumps(settings).encode(), timeout=60)
    assert (process.returncode, said) == (0, b"")
