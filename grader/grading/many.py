"""Grade a class: in batches, several at a time, and each result as soon as it is there."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from operator import itemgetter
from typing import Protocol

from msgspec import Struct

from grader.errors import KitError, WorkerDiedError
from grader.failures import ungraded_by
from grader.grading.cache import Cache
from grader.grading.progress import Progress
from grader.grading.results import ungraded_result, unreadable_result
from grader.model import Message, Submission, SubmissionResult, SubmissionStatus, Unreadable
from grader.settings import Settings

__all__ = ["Class", "Workers", "grade_many"]

_LARGEST_BATCH = 16
"""Submissions in one batch: they are lost if a process dies, and wait if one of them hangs."""
_HEAVY = 4 * 1000 * 1000
"""Bytes of submissions that fill a batch: all batches in flight are held in memory."""
_SHARES = 2
"""Batches for each job into which the rest of the class is divided, so that all jobs end at about the same time."""
_AHEAD = 1024
"""How many results may wait for an earlier one, whose submission hangs."""
_DEATHS_TOGETHER, _DEATHS_ALONE = 2, 1
"""The deaths of its process after which a batch is split, and a single submission is put off to the end."""
_LAST_ATTEMPTS = 2
"""Attempts at the end, while nothing else is graded, before a submission is ungraded."""


class Class(Protocol):
    """The entries of a class; each one is read when it is asked for."""

    def __len__(self) -> int: ...

    def __getitem__(self, place: int, /) -> Submission | Unreadable: ...

    def is_slow(self, place: int) -> bool:
        """Tell whether the entry at ``place`` is slow to read."""


class Workers(Protocol):
    """What grades batches, here or elsewhere."""

    @property
    def jobs(self) -> int:
        """How many batches are graded at a time."""

    @property
    def in_flight(self) -> int:
        """How many batches may be submitted before the first of them is done."""

    def submit(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        """Start to grade ``submissions``, and return their results as a future."""

    def slow_down(self, *, is_alone: bool) -> None:
        """Use fewer jobs if memory has just run out; one, if it ever did and the next batch ``is_alone``."""


def grade_many(
    entries: Class, settings: Settings, workers: Workers, progress: Progress, cache: Cache | None = None
) -> Iterator[SubmissionResult]:
    """Yield the result of every entry, in order.

    Each entry is read once, when its turn comes; slow ones come after their neighbours, so that nobody waits for
    them. If a process dies or our own code fails, the batch is tried again, and then each submission alone. Those that
    are still ungraded are graded again when nothing else is. Each result is saved in ``cache`` as soon as it is there,
    and results in the cache are not made again. Raises the kit's own errors.
    """
    progress.begin(len(entries))
    run = _Run(entries, settings, workers, progress, cache)
    try:
        for place in range(len(entries)):
            yield run.result(place)
    finally:
        run.cancel()


class _Batch(Struct, frozen=True):
    """Some submissions, their places among the entries, and how many processes died of them."""

    places: tuple[int, ...]
    submissions: tuple[Submission, ...]
    deaths: int = 0
    last_attempts: int = 0

    def after_a_death(self) -> list[_Batch]:
        """Return what to try next; nothing if that is over."""
        if self.last_attempts:
            return []
        deaths = self.deaths + 1
        if deaths < (_DEATHS_ALONE if len(self.places) == 1 else _DEATHS_TOGETHER):
            return [_Batch(self.places, self.submissions, deaths)]
        return self.each_alone()

    def each_alone(self) -> list[_Batch]:
        """Return a batch for each of the submissions; nothing if there is only one."""
        if len(self.places) == 1:
            return []
        return [_Batch((p,), (s,)) for p, s in zip(self.places, self.submissions, strict=True)]


class _Run:
    """What is left to grade, what is being graded, and the results that nobody has asked for yet."""

    def __init__(
        self,
        entries: Class,
        settings: Settings,
        workers: Workers,
        progress: Progress,
        cache: Cache | None,
    ) -> None:
        self._entries, self._settings = entries, settings
        self._workers, self._progress, self._cache = workers, progress, cache
        self._running: dict[Future[list[SubmissionResult]], _Batch] = {}
        self._results: dict[int, SubmissionResult] = {}
        self._again: deque[_Batch] = deque()
        self._put_off: deque[_Batch] = deque()
        self._left = len(entries)
        self._fresh = _slow_last(entries)
        self._next = next(self._fresh, None)

    def result(self, place: int) -> SubmissionResult:
        """Return the result of the entry at ``place``; until it is there, submit batches and take in results."""
        while place not in self._results:
            batch = self._next_batch(place)
            if batch is not None:
                self._running[self._workers.submit(batch.submissions)] = batch
            elif place not in self._results:
                wait(self._running, return_when=FIRST_COMPLETED)
            for future in [future for future in self._running if future.done()]:
                if not self._take(self._running.pop(future), future):
                    self._workers.slow_down(is_alone=False)
        return self._results.pop(place)

    def cancel(self) -> None:
        """Give up what is being graded."""
        for future in self._running:
            future.cancel()

    def _next_batch(self, wanted: int) -> _Batch | None:
        """Return what to grade next; ``None`` if there is nothing, or too much in flight."""
        batch = None
        if len(self._running) < self._workers.in_flight:
            batch = self._again.popleft() if self._again else self._fresh_batch(wanted)
        if batch is None and not self._running and self._put_off and wanted not in self._results:
            self._workers.slow_down(is_alone=True)
            return self._put_off.popleft()
        return batch

    def _fresh_batch(self, wanted: int) -> _Batch | None:
        """Return the next entries that need grading, but none too far ahead of the place that is ``wanted``."""
        chosen: dict[int, Submission] = {}
        size = max(1, min(_LARGEST_BATCH, self._left // (_SHARES * self._workers.jobs)))
        weight, is_slow = 0, False
        while self._next is not None and len(chosen) < size and weight < _HEAVY and not is_slow:
            place, is_slow = self._next
            if place >= wanted + _AHEAD:
                break
            entry = self._entries[place]
            if not self._is_settled(place, entry) and isinstance(entry, Submission):
                chosen[place] = entry
                weight += sum(map(len, entry.files.values()))
            self._next = next(self._fresh, None)
            self._left -= 1
        return _Batch(tuple(chosen), tuple(chosen.values())) if chosen else None

    def _is_settled(self, place: int, entry: Submission | Unreadable) -> bool:
        """Tell whether an entry needs no grading: it cannot be read, or the cache has its result."""
        if isinstance(entry, Unreadable):
            result = unreadable_result(entry, self._settings)
            is_cached = self._cache is not None and self._cache.has(result)
            self._add(place, entry, result, is_cached=is_cached)
            return True
        found = None if self._cache is None else self._cache.find(entry, self._settings)
        if found is not None:
            self._add(place, entry, found, is_cached=True)
        return found is not None

    def _take(self, batch: _Batch, future: Future[list[SubmissionResult]]) -> bool:
        """Take in the results of ``batch``, or have it tried again; tell whether nothing got in the way."""
        try:
            results = future.result()
        except (KitError, CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are graded
            is_death = isinstance(error, WorkerDiedError)
            if again := batch.after_a_death() if is_death else batch.each_alone():
                self._again.extend(again)
                return False
            (only,) = batch.submissions
            reason = Message.verbatim(str(error) if is_death else ungraded_by(error, only.id))
            results = [ungraded_result(only, self._settings, reason)]
        is_fine = True
        for place, submission, result in zip(batch.places, batch.submissions, results, strict=True):
            if result.status is SubmissionStatus.UNGRADED and batch.last_attempts < _LAST_ATTEMPTS:
                self._put_off.append(_Batch((place,), (submission,), last_attempts=batch.last_attempts + 1))
                is_fine = False
            else:
                self._add(place, submission, result)
        return is_fine

    def _add(
        self,
        place: int,
        entry: Submission | Unreadable,
        result: SubmissionResult,
        *,
        is_cached: bool = False,
    ) -> None:
        if self._cache is not None and not is_cached:
            self._cache.save(entry, self._settings, result)
        self._results[place] = result
        self._progress.take(result, is_cached=is_cached)


def _slow_last(entries: Class) -> Iterator[tuple[int, bool]]:
    """Yield the places in the order in which they are read, and whether they are slow: in each stretch, those last."""
    for start in range(0, len(entries), _AHEAD):
        stretch = [
            (place, entries.is_slow(place)) for place in range(start, min(len(entries), start + _AHEAD))
        ]
        yield from sorted(stretch, key=itemgetter(1))
