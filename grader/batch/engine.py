"""Examines the submissions of a class: in batches, several at a time, keeping what is done."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol

from grader.batch.errors import WorkerDiedError
from grader.errors import KitError
from grader.examiner import Settings, unforeseen, ungraded, unreadable
from grader.model import Submission, SubmissionResult, SubmissionStatus, Unreadable

if TYPE_CHECKING:
    from grader.batch.records import Keeper

__all__ = ["Examine", "Lower", "Observer", "examine_class"]

_LARGEST_BATCH = 16
"""Submissions in one batch: what is lost if a process dies, and what waits if one of them hangs."""
_HEAVY = 4 * 1000 * 1000
"""Bytes of submissions from which on a batch is full: all batches that are on their way are held in memory."""
_SHARES = 2
"""A batch is one of so many equal shares of what is left for each process, so that all end at about the same time."""
_AHEAD = 1024
"""How many results may wait for an earlier one, whose submission hangs."""
_DEATHS_TOGETHER, _DEATHS_ALONE = 2, 1
"""After so many deaths of its process a batch is split, and a submission alone is put off to the end."""
_LAST_ATTEMPTS = 2
"""How often a submission is examined at the end, while no other is, before it is ungraded."""

IsSlow = Callable[[int], bool]
"""Tells whether the entry at a place is slow to read."""
Lower = Callable[[int, bool], int]
"""Is given a number of batches, and whether one is to be examined alone; returns a number that is not larger."""
Examine = Callable[[Sequence[Submission]], Future[list[SubmissionResult]]]
"""Has some submissions examined elsewhere, as an executor has a call made."""


class Observer(Protocol):
    """Follows an examination."""

    def begin(self, count: int) -> None:
        """Note that there are ``count`` submissions."""

    def take(self, result: SubmissionResult, *, was_kept: bool) -> None:
        """Note a result, in whatever order they come; ``was_kept`` if it is that of an earlier run."""


def examine_class(
    entries: Sequence[Submission | Unreadable],
    settings: Settings,
    examine: Examine,
    jobs: int,
    observer: Observer,
    keeper: Keeper | None = None,
    lower: Lower = lambda jobs, _alone: jobs,
    *,
    is_slow: IsSlow = lambda _place: False,
    at_once: bool = False,
) -> Iterator[SubmissionResult]:
    """Yield the result of every entry, in order; ``examine`` does ``jobs`` batches at a time.

    Each entry is asked for once, when its turn comes; those that are slow to read (``is_slow``) after their neighbours,
    so that they hold up nobody. If ``examine`` has done its work when it returns, ``at_once``, nothing is begun before
    what came before it was taken in.

    A batch whose process dies, or at which our own code fails, is tried again, in the end each submission alone. What
    is ungraded then, for this or another reason, is examined again when nothing else is. The kit's own errors are
    raised, and what is done by then has been kept. ``lower`` is asked how many batches to do at a time from now on,
    once something got in the way.
    """
    observer.begin(len(entries))
    run = _Run(entries, settings, jobs, observer, keeper, is_slow)
    running: dict[Future[list[SubmissionResult]], _Batch] = {}
    try:
        for place in range(len(entries)):
            while not run.has(place):
                has_room = len(running) < (1 if at_once else 2 * jobs)
                if has_room and (batch := run.next_batch(place)) is not None:
                    running[examine(batch.submissions)] = batch
                elif not running and (batch := run.next_put_off()) is not None:
                    jobs = lower(jobs, True)
                    running[examine(batch.submissions)] = batch
                elif not run.has(place):
                    wait(running, return_when=FIRST_COMPLETED)
                for future in [future for future in running if future.done()]:
                    if not run.take(running.pop(future), future):
                        jobs = lower(jobs, False)
            yield run.pop(place)
    finally:
        for future in running:
            future.cancel()


@dataclass(frozen=True)
class _Batch:
    """Some submissions, their places among the entries, and how many processes died of them."""

    places: tuple[int, ...]
    submissions: tuple[Submission, ...]
    deaths: int = 0
    last_attempts: int = 0

    def after_a_death(self) -> list[_Batch]:
        """Return what to try next; nothing if it is to be put off."""
        if self.last_attempts:
            return []
        deaths = self.deaths + 1
        if deaths < (_DEATHS_ALONE if len(self.places) == 1 else _DEATHS_TOGETHER):
            return [_Batch(self.places, self.submissions, deaths)]
        if len(self.places) == 1:
            return []
        return self.each_alone()

    def each_alone(self) -> list[_Batch]:
        """Return a batch for each of the submissions."""
        return [_Batch((p,), (s,)) for p, s in zip(self.places, self.submissions, strict=True)]


class _Run:
    """What is left to do, and the results that are there and were not asked for yet."""

    def __init__(
        self,
        entries: Sequence[Submission | Unreadable],
        settings: Settings,
        jobs: int,
        observer: Observer,
        keeper: Keeper | None,
        is_slow: IsSlow,
    ) -> None:
        self._entries, self._settings, self._observer, self._keeper = entries, settings, observer, keeper
        self._jobs = jobs
        self._results: dict[int, SubmissionResult] = {}
        self._again: deque[_Batch] = deque()
        self._put_off: deque[_Batch] = deque()
        self._left = len(entries)
        self._fresh = _in_turn(len(entries), is_slow)
        self._next = next(self._fresh, None)

    def has(self, place: int) -> bool:
        return place in self._results

    def pop(self, place: int) -> SubmissionResult:
        return self._results.pop(place)

    def next_batch(self, wanted: int) -> _Batch | None:
        """Return what to examine next; ``None`` at the end, or if it is too far from the place that is ``wanted``."""
        if self._again:
            return self._again.popleft()
        chosen: dict[int, Submission] = {}
        size = max(1, min(_LARGEST_BATCH, self._left // (_SHARES * self._jobs)))
        weight = 0
        while len(chosen) < size and weight < _HEAVY:
            if self._next is None or (place := self._next[0]) >= wanted + _AHEAD:
                break
            is_slow = self._next[1]
            entry = self._entries[place]
            if isinstance(entry, Unreadable):
                self._add_unreadable(place, entry)
            elif (kept := self._kept(entry)) is not None:
                self._results[place] = kept
                self._observer.take(kept, was_kept=True)
            else:
                chosen[place] = entry
                weight += sum(map(len, entry.files.values()))
            self._next = next(self._fresh, None)
            self._left -= 1
            if is_slow:
                break
        return _Batch(tuple(chosen), tuple(chosen.values())) if chosen else None

    def next_put_off(self) -> _Batch | None:
        """Return what to examine while nothing else is."""
        return self._put_off.popleft() if self._put_off else None

    def take(self, batch: _Batch, future: Future[list[SubmissionResult]]) -> bool:
        """Take in the results of ``batch``, or have it tried again; tell whether nothing got in the way."""
        try:
            results = future.result()
        except WorkerDiedError as error:
            again = batch.after_a_death()
            self._again.extend(again)
            if again:
                return False
            results = [ungraded(batch.submissions[0], self._settings, str(error))]
        except (KitError, CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are examined
            if len(batch.submissions) > 1:
                self._again.extend(batch.each_alone())
                return False
            (only,) = batch.submissions
            results = [ungraded(only, self._settings, unforeseen(only.id, error))]
        is_fine = True
        for place, submission, result in zip(batch.places, batch.submissions, results, strict=True):
            if result.status is SubmissionStatus.UNGRADED and batch.last_attempts < _LAST_ATTEMPTS:
                self._put_off.append(_Batch((place,), (submission,), last_attempts=batch.last_attempts + 1))
                is_fine = False
            else:
                self._add(place, submission, result)
        return is_fine

    def _kept(self, submission: Submission) -> SubmissionResult | None:
        return None if self._keeper is None else self._keeper.find(submission, self._settings)

    def _add_unreadable(self, place: int, entry: Unreadable) -> None:
        result = unreadable(entry, self._settings)
        if self._keeper is None or not self._keeper.holds(entry, result):
            self._add(place, entry, result)
            return
        self._results[place] = result
        self._observer.take(result, was_kept=True)

    def _add(self, place: int, entry: Submission | Unreadable, result: SubmissionResult) -> None:
        if self._keeper is not None:
            self._keeper.keep(entry, self._settings, result)
        self._results[place] = result
        self._observer.take(result, was_kept=False)


def _in_turn(count: int, is_slow: IsSlow) -> Iterator[tuple[int, bool]]:
    """Yield the places in the order in which they are read, and whether they are slow: in each stretch, those last."""
    for start in range(0, count, _AHEAD):
        stretch = [(place, is_slow(place)) for place in range(start, min(count, start + _AHEAD))]
        yield from sorted(stretch, key=itemgetter(1))
