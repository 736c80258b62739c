"""A submission pays for what it does itself, and never for what somebody else does to its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from candidates import LAYER, backward, candidate_of

from grader.candidate.client import Candidate, Ended, How
from grader.candidate.clock import FairClock
from grader.candidate.launcher import ForkingParent, Limits, Timeouts
from grader.errors import DisturbedError
from grader.model import Submission

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and seccomp")

FROM_OUTSIDE = [signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM]
ANSWERS = LAYER.format(returned="da")
SLEEPS = "import time\n" + LAYER.format(returned="time.sleep(0.5) or da")
BURNS = """
import time
def burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until: pass
    return 0.0
"""
COMPETITORS = 4


@pytest.fixture
def parent() -> Iterator[ForkingParent]:
    with ForkingParent() as parent:
        yield parent


def descendants(root: int) -> list[int]:
    below = [
        int(pid) for path in Path(f"/proc/{root}/task").glob("*/children") for pid in path.read_text().split()
    ]
    return below + [pid for child in below for pid in descendants(child)]


def process_of(_candidate: Candidate) -> int:
    """Return the process of the candidate: the last one that was forked, whatever else other tests have left."""
    return max(reversed(descendants(os.getpid())), key=started_at)


def started_at(process: int) -> int:
    """Return when a process was started, in ticks since the system was."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])


@contextmanager
def one_crowded_processor() -> Iterator[None]:
    """Have all processes started from here on share one processor with some that never rest."""
    everything = os.sched_getaffinity(0)
    with ExitStack() as stack:
        os.sched_setaffinity(0, {min(everything)})
        stack.callback(os.sched_setaffinity, 0, everything)
        for _ in range(COMPETITORS):
            process = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(process.kill)
        yield


@pytest.mark.parametrize("number", FROM_OUTSIDE)
def test_a_process_killed_from_outside_decides_nothing(parent: ForkingParent, number: signal.Signals) -> None:
    with closing(candidate_of(parent, ANSWERS)) as candidate:
        candidate.load()
        os.kill(process_of(candidate), number)
        for _ in range(2):
            with pytest.raises(DisturbedError, match=number.name):
                candidate.ask(backward(1.0))
    with closing(candidate_of(parent, ANSWERS)) as candidate:
        (reply,) = candidate.ask(backward(1.0))
        assert reply.raised is None


def parent_of(process: int) -> int:
    (line,) = (
        line for line in Path(f"/proc/{process}/status").read_text().splitlines() if line.startswith("PPid:")
    )
    return int(line.split()[1])


def test_a_forking_parent_that_is_killed_decides_nothing(parent: ForkingParent) -> None:
    with closing(candidate_of(parent, ANSWERS)) as candidate:
        candidate.load()
        process = process_of(candidate)
        os.kill(parent_of(process), signal.SIGKILL)
        until = time.monotonic() + 60.0
        while Path(f"/proc/{process}").exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        with pytest.raises(DisturbedError):
            candidate.ask(backward(1.0))
    with closing(candidate_of(parent, ANSWERS)) as candidate:
        assert candidate.load().classes == {"Layer"}


@pytest.mark.parametrize(
    "number", [*FROM_OUTSIDE, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU]
)
def test_a_submission_cannot_pretend_that_somebody_else_killed_it(
    parent: ForkingParent, number: signal.Signals
) -> None:
    text = (
        f"import os, signal\nsignal.raise_signal({int(number)})\nos.kill(os.getpid(), {int(number)})\n"
        + ANSWERS
    )
    with closing(candidate_of(parent, text)) as candidate:
        raised = [event.raised for event in candidate.load().skipped]
        assert [event and event.type for event in raised] == ["PermissionError"] * 2


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        ("os.abort()", "SIGABRT"),
        ("os._exit(3)", "exit code 3"),
        ("os.closerange(0, 100) or time.sleep(60)", "closed"),
        ("signal.signal(signal.SIGXCPU, signal.SIG_IGN) or any(iter(int, 1))", "processor time"),
    ],
)
def test_a_submission_that_ends_itself_pays_for_it(parent: ForkingParent, returned: str, says: str) -> None:
    text = "import os, signal, time\n" + LAYER.format(returned=returned)
    submission = Submission("work", "work.py", {"work.py": text.encode()})
    with closing(Candidate(submission, parent, Timeouts(50.0), Limits(cpu=2))) as candidate:
        with pytest.raises(Ended, match=says) as caught:
            candidate.ask(backward(1.0))
        assert caught.value.how is How.DIED


def test_a_process_that_is_stopped_for_longer_than_the_timeout_answers(parent: ForkingParent) -> None:
    with closing(candidate_of(parent, SLEEPS, timeout=1.0)) as candidate:
        candidate.load()
        process = process_of(candidate)
        os.kill(process, signal.SIGSTOP)
        threading.Timer(3.0, os.kill, (process, signal.SIGCONT)).start()
        (reply,) = candidate.ask(backward(1.0))
        assert reply.raised is None


def test_a_process_that_is_stopped_for_good_decides_nothing(parent: ForkingParent) -> None:
    submission = Submission("work", "work.py", {"work.py": ANSWERS.encode()})
    with closing(Candidate(submission, parent, Timeouts(0.3, total=0.3), Limits())) as candidate:
        candidate.load()
        os.kill(process_of(candidate), signal.SIGSTOP)
        with pytest.raises(DisturbedError, match="kept from running"):
            candidate.ask(backward(1.0))


def test_a_look_that_comes_too_late_costs_no_time() -> None:
    def oversleep(_seconds: float) -> bool:
        time.sleep(2.0)
        return True

    clock = FairClock(limit=1.0)
    clock.wait(oversleep, deadline=clock.now() + 1.0)
    assert clock.now() < 1.0


def test_sleep_counts() -> None:
    def sleep(seconds: float) -> bool:
        time.sleep(seconds)
        return False

    clock = FairClock(limit=1.0)
    with pytest.raises(TimeoutError):
        clock.wait(sleep, deadline=clock.now() + 0.5)


def test_other_processes_take_no_time_from_a_method() -> None:
    text = BURNS + LAYER.format(returned="burn(0.6) + da")
    with (
        one_crowded_processor(),
        ForkingParent() as parent,
        closing(candidate_of(parent, text, timeout=1.0)) as candidate,
    ):
        (reply,) = candidate.ask(backward(1.0))
        assert reply.raised is None


def test_other_processes_take_no_time_from_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.candidate.client.LOADING_SECONDS", 1.0)
    text = BURNS + "burn(0.6)\nprint('done')\n" + ANSWERS
    with (
        one_crowded_processor(),
        ForkingParent() as parent,
        closing(candidate_of(parent, text)) as candidate,
    ):
        loaded = candidate.load()
    assert (loaded.output, loaded.skipped) == ("done\n", ())


def test_time_after_hanging_up_counts(parent: ForkingParent) -> None:
    text = "import os\n" + "os.closerange(0, 100) or any(iter(int, 1))\n" * 20 + ANSWERS
    submission = Submission("work", "work.py", {"work.py": text.encode()})
    with (
        closing(Candidate(submission, parent, Timeouts(1.0, total=4.0), Limits())) as candidate,
        pytest.raises(Ended, match="no time left of its 4 s"),
    ):
        candidate.load()
