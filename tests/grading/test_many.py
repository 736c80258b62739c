"""A class has the same results however it is divided among processes, and whatever happens to them."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from classrooms import children, eventually, right, wrong
from in_process import grade_entries

from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError, WorkerDiedError
from grader.grading.cache import Cache
from grader.grading.many import grade_many
from grader.grading.pool import WorkerPool
from grader.grading.progress import Progress
from grader.grading.results import ungraded_result
from grader.grading.worker import grade_in_worker
from grader.model import Feedback, Message, Submission, SubmissionResult, SubmissionStatus, Unreadable
from grader.report.words import message_of
from grader.settings import Settings

SCORE = Settings(feedback=Feedback.SCORE)


def submission(id_: str, text: str) -> Submission:
    return Submission(id_, f"{id_}.py", {"work.py": text.encode()})


ENTRIES: list[Submission | Unreadable] = [
    submission("a", right()),
    Unreadable("b", "b.pdf", "", Message("it is no code")),
    submission("c", wrong()),
    submission("d", "x = 1"),
    *(submission(f"e{number}", right() + f"\nprint({number})") for number in range(5)),
]


class Observed(Progress):
    """Counts what it is told."""

    def __init__(self) -> None:
        self.count = 0
        self.fresh: list[str] = []
        self.cached: list[str] = []

    def begin(self, count: int) -> None:
        self.count = count

    def take(self, result: SubmissionResult, *, is_cached: bool) -> None:
        (self.cached if is_cached else self.fresh).append(result.id)


class Listed(list[Submission | Unreadable]):
    """Entries that are in memory, some of which are slow to read."""

    slow: frozenset[str] = frozenset()

    def is_slow(self, place: int) -> bool:
        return self[place].id in self.slow


Submit = Callable[[Sequence[Submission]], Future[list[SubmissionResult]]]


class Called:
    """Workers that make a call."""

    def __init__(self, submit: Submit, jobs: int, in_flight: int | None = None) -> None:
        self.submit = submit
        self.jobs, self.in_flight = jobs, in_flight or 2 * jobs
        self.slowed: list[bool] = []

    def slow_down(self, *, is_alone: bool) -> None:
        self.slowed.append(is_alone)


def grade(
    entries: Sequence[Submission | Unreadable],
    submit: Submit,
    jobs: int,
    progress: Progress | None = None,
    cache: Cache | None = None,
    settings: Settings = SCORE,
) -> Iterator[SubmissionResult]:
    return grade_many(Listed(entries), settings, Called(submit, jobs), progress or Progress(), cache)


@pytest.fixture(scope="module")
def expected() -> list[SubmissionResult]:
    with ForkingParent() as parent:
        return grade_entries(ENTRIES, parent, Settings())


class Done:
    """Grades nothing, and remembers who was to be graded; processes die of some."""

    def __init__(self, deadly: Sequence[str] = (), deaths: int = 1000) -> None:
        self.asked: list[list[str]] = []
        self._deadly, self._deaths = deadly, deaths

    def __call__(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        self.asked.append([s.id for s in submissions])
        future: Future[list[SubmissionResult]] = Future()
        if self._deaths and any(s.id in self._deadly for s in submissions):
            self._deaths -= 1
            future.set_exception(WorkerDiedError("a process of the grader died by signal 9"))
        else:
            future.set_result([result(s.id) for s in submissions])
        return future


def result(id_: str) -> SubmissionResult:
    return SubmissionResult(id_, f"{id_}.py", "", SubmissionStatus.GRADED, 100.0, 100.0)


def many(count: int) -> list[Submission]:
    return [submission(f"s{number:03}", str(number)) for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 3])
def test_processes_of_their_own_give_the_same_results(expected: list[SubmissionResult], jobs: int) -> None:
    with WorkerPool(jobs) as pool:

        def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
            return pool.submit(grade_in_worker, submissions, Settings())

        assert list(grade(ENTRIES, submit, jobs, settings=Settings())) == expected


def test_any_executor_will_do(expected: list[SubmissionResult]) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
            return pool.submit(grade_in_worker, submissions, Settings())

        assert list(grade(ENTRIES, submit, 1, settings=Settings())) == expected


@pytest.mark.parametrize(("count", "jobs"), [(1, 1), (7, 2), (100, 2), (100, 64), (500, 1)])
def test_every_submission_is_graded_once_and_results_come_in_order(count: int, jobs: int) -> None:
    done, observed = Done(), Observed()
    results = list(grade(many(count), done, jobs, observed))
    assert [r.id for r in results] == [s.id for s in many(count)]
    assert sorted(id_ for batch in done.asked for id_ in batch) == [s.id for s in many(count)]
    assert observed.count == len(observed.fresh) == count
    assert max(map(len, done.asked)) <= 16


def test_batches_become_smaller_towards_the_end() -> None:
    done = Done()
    list(grade(many(100), done, 2))
    sizes = [len(ids) for ids in done.asked]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (16, 1)


def test_a_batch_holds_no_more_than_one_large_submission() -> None:
    done = Done()
    large = [Submission(f"s{n:03}", "", {"a.py": bytes(20_000_000 if n < 10 else 1000)}) for n in range(100)]
    list(grade(large, done, 2))
    assert [len(ids) for ids in done.asked][:10] == [1] * 10
    assert max(map(len, done.asked)) == 16


def test_few_batches_are_in_flight_at_a_time() -> None:
    asked: list[Future[list[SubmissionResult]]] = []

    def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        open_ones = [future for future in asked if not future.done()]
        assert len(open_ones) < 4
        future: Future[list[SubmissionResult]] = threads.submit(lambda: [result(s.id) for s in submissions])
        asked.append(future)
        return future

    with ThreadPoolExecutor(2) as threads:
        assert len(list(grade(many(400), submit, 2))) == 400


def test_few_results_wait_for_one_that_hangs() -> None:
    first: Future[list[SubmissionResult]] = Future()
    asked = 0

    def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        nonlocal asked
        asked += len(submissions)
        if submissions[0].id == "s000":
            return first
        done: Future[list[SubmissionResult]] = Future()
        done.set_result([result(s.id) for s in submissions])
        return done

    results = grade(many(3000), submit, 2)
    threading.Timer(0.5, lambda: first.set_result([result(s.id) for s in many(16)])).start()
    assert next(results).id == "s000"
    assert 1024 - 16 <= asked <= 1024
    assert len(list(results)) == 2999


def test_a_batch_whose_process_dies_is_tried_again() -> None:
    done = Done(deadly=["s005"], deaths=1)
    results = list(grade(many(40), done, 1))
    assert [r.status for r in results] == [SubmissionStatus.GRADED] * 40


def test_a_submission_that_kills_its_process_every_time_is_ungraded_alone() -> None:
    done = Done(deadly=["s005"])
    results = list(grade(many(40), done, 1))
    assert [r.id for r in results if r.status is not SubmissionStatus.GRADED] == ["s005"]
    (lost,) = [r for r in results if r.id == "s005"]
    assert (lost.status, lost.score) == (SubmissionStatus.UNGRADED, None)
    assert "died by signal 9" in message_of(lost)
    assert sum("s005" in batch for batch in done.asked) == 5


def test_cached_results_are_not_made_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert len(list(grade([ENTRIES[0], *many(5)], Done(), 2, cache=cache))) == 6
    again, observed = Done(), Observed()
    changed = [*many(4), submission("s004", "changed"), submission("new", "1")]
    results = list(grade(changed, again, 2, observed, cache))
    assert [r.id for r in results] == ["s000", "s001", "s002", "s003", "s004", "new"]
    assert again.asked == [["s004"], ["new"]]
    assert (observed.cached, sorted(observed.fresh)) == (["s000", "s001", "s002", "s003"], ["new", "s004"])


def test_ungraded_submissions_are_graded_again_while_nothing_else_is() -> None:
    done = Done()
    attempts: list[bool] = []

    def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        if [s.id for s in submissions] == ["s001"]:
            attempts.append(len(done.asked) == 39)
            if len(attempts) < 3:
                future: Future[list[SubmissionResult]] = Future()
                future.set_result([ungraded_result(submissions[0], SCORE, Message("there was no memory"))])
                return future
        return done(submissions)

    workers = Called(submit, 40)
    results = list(grade_many(Listed(many(40)), SCORE, workers, Progress()))
    assert [r.status for r in results] == [SubmissionStatus.GRADED] * 40
    assert attempts == [False, True, True]
    assert workers.slowed == [False, True, False, True]


def test_regrading_grades_everything_and_saves_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path, reuses=False)
    for _ in range(2):
        done = Done()
        list(grade(many(3), done, 1, cache=cache))
        assert len(done.asked) == 3


def test_the_next_run_tries_ungraded_submissions_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    list(grade(many(3), Done(deadly=["s001"]), 1, cache=cache))
    done = Done()
    results = list(grade(many(3), done, 1, cache=cache))
    assert done.asked == [["s001"]]
    assert [r.score for r in results] == [100.0] * 3


def test_what_is_done_is_saved_if_grading_cannot_go_on(tmp_path: Path) -> None:
    def submit(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        future: Future[list[SubmissionResult]] = Future()
        if submissions[0].id == "s002":
            future.set_exception(UngradedError("there is no Landlock"))
        else:
            future.set_result([result(s.id) for s in submissions])
        return future

    with pytest.raises(UngradedError, match="no Landlock"):
        list(grade(many(4), submit, 1, cache=Cache(tmp_path)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s000.json", "s001.json"]


def test_score_feedback_has_the_verdicts_of_the_full_one_and_no_findings(
    expected: list[SubmissionResult],
) -> None:
    with ForkingParent() as parent:
        brief = grade_entries(ENTRIES, parent, SCORE)
    for full, short in zip(expected, brief, strict=True):
        assert (short.score, short.status, message_of(short)) == (full.score, full.status, message_of(full))
        assert [(c.id, c.status, c.points) for c in short.criteria] == [
            (c.id, c.status, c.points) for c in full.criteria
        ]
        assert {c.finding for c in short.criteria} <= {None}
        assert short.diagnoses == ()
    assert any(c.finding for c in expected[2].criteria)


def workers() -> dict[int, str]:
    """Return the worker processes of this process."""
    return {pid: line for pid, line in children(os.getpid()).items() if "grader.grading.pool" in line}


class TestWorkers:
    @pytest.fixture
    def pool(self) -> Iterator[WorkerPool]:
        with WorkerPool(2) as pool:
            yield pool

    def test_a_call_has_its_result_or_its_exception(self, pool: WorkerPool) -> None:
        assert pool.submit(sum, [1, 2, 3]).result() == 6
        with pytest.raises(ValueError, match="invalid literal"):
            pool.submit(int, "x").result()
        with pytest.raises(ValueError, match="invalid literal") as raised:
            pool.submit(int, "x").result()
        assert "In a process of its own" in raised.value.__notes__[0]

    def test_a_process_that_dies_costs_its_own_call_alone(self, pool: WorkerPool) -> None:
        slow = pool.submit(signal.sigtimedwait, [], 1.0)
        with pytest.raises(WorkerDiedError, match="by signal 9"):
            pool.submit(os.kill, 0, signal.SIGKILL).result()
        assert slow.result() is None
        assert pool.submit(sum, [1, 2]).result() == 3

    def test_cancelling_stops_the_processes_at_once(self) -> None:
        pool = WorkerPool(1)
        pool.submit(sum, [1]).result()
        endless = pool.submit(signal.sigtimedwait, [], 600.0)
        pool.shutdown(cancel_futures=True)
        assert isinstance(endless.exception(), WorkerDiedError)
        assert workers() == {}

    def test_a_pool_that_shrinks_uses_fewer_processes(self, pool: WorkerPool) -> None:
        calls = [pool.submit(sum, [number]) for number in range(20)]
        pool.shrink(1)
        assert [call.result() for call in calls] == list(range(20))
        pool.submit(sum, [1]).result()
        eventually(lambda: len(workers()) == 1)

    def test_prints_of_a_call_do_not_reach_its_caller(self, pool: WorkerPool) -> None:
        assert pool.submit(print, json.dumps([1])).result() is None


def test_slow_entries_do_not_delay_the_others() -> None:
    done, observed = Done(), Observed()
    entries = Listed(many(40))
    entries.slow = frozenset(f"s{number:03}" for number in range(10))
    results = grade_many(entries, SCORE, Called(done, 2), observed)
    assert [result.id for result in results] == [entry.id for entry in entries]
    assert set(observed.fresh[:30]) == {entry.id for entry in entries} - entries.slow


def test_with_one_in_flight_a_result_is_shown_before_the_next_submission_is_read() -> None:
    done = Done()
    results = grade_many(Listed(many(3)), SCORE, Called(done, 1, in_flight=1), Progress())
    assert next(results).id == "s000"
    assert done.asked == [["s000"]]
    assert [result.id for result in results] == ["s001", "s002"]
