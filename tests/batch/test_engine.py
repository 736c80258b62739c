"""A class has the same results however it is divided among processes, and whatever becomes of these."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from classrooms import right, wrong

from grader.batch.engine import examine_class
from grader.batch.errors import WorkerDiedError
from grader.batch.records import Keeper, Records
from grader.batch.work import examine_batch
from grader.batch.workers import WorkerPool
from grader.candidate.launcher import ForkingParent
from grader.errors import UngradedError
from grader.examiner import Settings, examine_entries, ungraded
from grader.model import Feedback, Submission, SubmissionResult, SubmissionStatus, Unreadable

SCORE = Settings(feedback=Feedback.SCORE)


def submission(id_: str, text: str) -> Submission:
    return Submission(id_, f"{id_}.py", {"work.py": text.encode()})


ENTRIES: list[Submission | Unreadable] = [
    submission("a", right()),
    Unreadable("b", "b.pdf", "", "it is no code"),
    submission("c", wrong()),
    submission("d", "x = 1"),
    *(submission(f"e{number}", right() + f"\nprint({number})") for number in range(5)),
]


class Observed:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.count = 0
        self.fresh: list[str] = []
        self.kept: list[str] = []

    def begin(self, count: int) -> None:
        self.count = count

    def take(self, result: SubmissionResult, *, was_kept: bool) -> None:
        (self.kept if was_kept else self.fresh).append(result.id)


@pytest.fixture(scope="module")
def expected() -> list[SubmissionResult]:
    with ForkingParent() as parent:
        return list(examine_entries(ENTRIES, parent, Settings()))


class Done:
    """Examines nothing, and says who was to be examined; processes die of some."""

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

        def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
            return pool.submit(examine_batch, submissions, Settings())

        assert list(examine_class(ENTRIES, Settings(), examine, jobs, Observed())) == expected


def test_any_executor_will_do(expected: list[SubmissionResult]) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:

        def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
            return pool.submit(examine_batch, submissions, Settings())

        assert list(examine_class(ENTRIES, Settings(), examine, 1, Observed())) == expected


@pytest.mark.parametrize(("count", "jobs"), [(1, 1), (7, 2), (100, 2), (100, 64), (500, 1)])
def test_every_submission_is_asked_for_once_and_results_come_in_order(count: int, jobs: int) -> None:
    done, observed = Done(), Observed()
    results = list(examine_class(many(count), SCORE, done, jobs, observed))
    assert [r.id for r in results] == [s.id for s in many(count)]
    assert sorted(id_ for batch in done.asked for id_ in batch) == [s.id for s in many(count)]
    assert observed.count == len(observed.fresh) == count
    assert max(map(len, done.asked)) <= 16


def test_batches_become_smaller_towards_the_end() -> None:
    done = Done()
    list(examine_class(many(100), SCORE, done, 2, Observed()))
    sizes = [len(ids) for ids in done.asked]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (16, 1)


def test_a_batch_holds_no_more_than_one_large_submission() -> None:
    done = Done()
    large = [Submission(f"s{n:03}", "", {"a.py": bytes(20_000_000 if n < 10 else 1000)}) for n in range(100)]
    list(examine_class(large, SCORE, done, 2, Observed()))
    assert [len(ids) for ids in done.asked][:10] == [1] * 10
    assert max(map(len, done.asked)) == 16


def test_few_batches_are_on_their_way_at_a_time() -> None:
    asked: list[Future[list[SubmissionResult]]] = []

    def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        open_ones = [future for future in asked if not future.done()]
        assert len(open_ones) < 4
        future: Future[list[SubmissionResult]] = threads.submit(lambda: [result(s.id) for s in submissions])
        asked.append(future)
        return future

    with ThreadPoolExecutor(2) as threads:
        assert len(list(examine_class(many(400), SCORE, examine, 2, Observed()))) == 400


def test_results_that_wait_for_one_that_hangs_are_bounded() -> None:
    first: Future[list[SubmissionResult]] = Future()
    asked = 0

    def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        nonlocal asked
        asked += len(submissions)
        if submissions[0].id == "s000":
            return first
        done: Future[list[SubmissionResult]] = Future()
        done.set_result([result(s.id) for s in submissions])
        return done

    results = examine_class(many(3000), SCORE, examine, 2, Observed())
    threading.Timer(0.5, lambda: first.set_result([result(s.id) for s in many(16)])).start()
    assert next(results).id == "s000"
    assert 1024 - 16 <= asked <= 1024
    assert len(list(results)) == 2999


def test_a_batch_whose_process_dies_is_tried_again() -> None:
    done = Done(deadly=["s005"], deaths=1)
    results = list(examine_class(many(40), SCORE, done, 1, Observed()))
    assert [r.status for r in results] == [SubmissionStatus.GRADED] * 40


def test_a_submission_that_kills_its_process_every_time_is_ungraded_alone() -> None:
    done = Done(deadly=["s005"])
    results = list(examine_class(many(40), SCORE, done, 1, Observed()))
    assert [r.id for r in results if r.status is not SubmissionStatus.GRADED] == ["s005"]
    (lost,) = [r for r in results if r.id == "s005"]
    assert (lost.status, lost.score) == (SubmissionStatus.UNGRADED, None)
    assert "died by signal 9" in lost.message
    assert sum("s005" in batch for batch in done.asked) == 5


def test_what_is_kept_is_not_examined_again(tmp_path: Path) -> None:
    keeper = Keeper(Records(tmp_path))
    assert len(list(examine_class([ENTRIES[0], *many(5)], SCORE, Done(), 2, Observed(), keeper))) == 6
    again, observed = Done(), Observed()
    changed = [*many(4), submission("s004", "changed"), submission("new", "1")]
    results = list(examine_class(changed, SCORE, again, 2, observed, keeper))
    assert [r.id for r in results] == ["s000", "s001", "s002", "s003", "s004", "new"]
    assert again.asked == [["s004"], ["new"]]
    assert (observed.kept, sorted(observed.fresh)) == (["s000", "s001", "s002", "s003"], ["new", "s004"])


def test_what_is_ungraded_is_examined_again_while_nothing_else_is() -> None:
    done = Done()
    attempts: list[bool] = []

    def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        if [s.id for s in submissions] == ["s001"]:
            attempts.append(len(done.asked) == 39)
            if len(attempts) < 3:
                future: Future[list[SubmissionResult]] = Future()
                future.set_result([ungraded(submissions[0], SCORE, "there was no memory")])
                return future
        return done(submissions)

    lowered: list[tuple[int, bool]] = []

    def lower(jobs: int, is_alone: bool) -> int:
        lowered.append((jobs, is_alone))
        return 1

    entries = many(40)
    results = list(examine_class(entries, SCORE, examine, 40, Observed(), lower=lower))
    assert [r.status for r in results] == [SubmissionStatus.GRADED] * 40
    assert attempts == [False, True, True]
    assert lowered[:2] == [(40, False), (1, True)]


def test_regrading_examines_everything_and_keeps_it(tmp_path: Path) -> None:
    keeper = Keeper(Records(tmp_path), reuses=False)
    for _ in range(2):
        done = Done()
        list(examine_class(many(3), SCORE, done, 1, Observed(), keeper))
        assert len(done.asked) == 3


def test_what_has_no_mark_is_tried_again_by_the_next_run(tmp_path: Path) -> None:
    keeper = Keeper(Records(tmp_path))
    list(examine_class(many(3), SCORE, Done(deadly=["s001"]), 1, Observed(), keeper))
    done = Done()
    results = list(examine_class(many(3), SCORE, done, 1, Observed(), keeper))
    assert done.asked == [["s001"]]
    assert [r.score for r in results] == [100.0] * 3


def test_what_is_done_is_kept_when_the_examination_cannot_go_on(tmp_path: Path) -> None:
    records = Records(tmp_path)

    def examine(submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        future: Future[list[SubmissionResult]] = Future()
        if submissions[0].id == "s002":
            future.set_exception(UngradedError("there is no Landlock"))
        else:
            future.set_result([result(s.id) for s in submissions])
        return future

    with pytest.raises(UngradedError, match="no Landlock"):
        list(examine_class(many(4), SCORE, examine, 1, Observed(), Keeper(records)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s000.json", "s001.json"]


def test_score_feedback_has_the_verdicts_of_the_full_one_and_no_numbers(
    expected: list[SubmissionResult],
) -> None:
    with ForkingParent() as parent:
        brief = list(examine_entries(ENTRIES, parent, SCORE))
    for full, short in zip(expected, brief, strict=True):
        assert (short.score, short.status, short.message) == (full.score, full.status, full.message)
        assert [(c.id, c.status, c.points) for c in short.criteria] == [
            (c.id, c.status, c.points) for c in full.criteria
        ]
        findings = [c.finding for c in short.criteria if c.finding is not None]
        assert not any(f.seen or f.due or f.facts or f.place for f in findings)
    assert any(c.finding for c in brief[2].criteria)


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

    def test_cancelling_ends_the_processes_at_once(self) -> None:
        pool = WorkerPool(1)
        pool.submit(sum, [1]).result()
        endless = pool.submit(signal.sigtimedwait, [], 600.0)
        pool.shutdown(cancel_futures=True)
        assert isinstance(endless.exception(), WorkerDiedError)
        assert pool.process_ids == []

    def test_a_pool_that_shrinks_goes_on_with_fewer_processes(self, pool: WorkerPool) -> None:
        calls = [pool.submit(sum, [number]) for number in range(20)]
        pool.shrink(1)
        assert [call.result() for call in calls] == list(range(20))
        pool.submit(sum, [1]).result()
        assert len(pool.process_ids) == 1

    def test_prints_of_a_call_do_not_reach_its_caller(self, pool: WorkerPool) -> None:
        assert pool.submit(print, json.dumps([1])).result() is None


def test_what_is_slow_to_read_holds_up_nobody() -> None:
    done, observed = Done(), Observed()
    entries = many(40)
    slow = {f"s{number:03}" for number in range(10)}
    results = examine_class(
        entries, SCORE, done, 2, observed, is_slow=lambda place: entries[place].id in slow
    )
    assert [result.id for result in results] == [entry.id for entry in entries]
    assert set(observed.fresh[:30]) == {entry.id for entry in entries} - slow


def test_what_is_examined_at_once_is_shown_before_the_next_one_is_begun() -> None:
    done = Done()
    results = examine_class(many(3), SCORE, done, 1, Observed(), at_once=True)
    assert next(results).id == "s000"
    assert done.asked == [["s000"]]
    assert [result.id for result in results] == ["s001", "s002"]
