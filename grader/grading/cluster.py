"""Grade a class on the workers of a Dask cluster that is already running."""

from __future__ import annotations

import logging
import pickle
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import UngradedError, UsageError, WorkerDiedError
from grader.grading.cache import Cache
from grader.grading.many import grade_many
from grader.grading.pool import WorkerPool
from grader.grading.progress import Progress
from grader.grading.worker import grade_in_worker
from grader.intake import Entries, find_submissions
from grader.model import Submission, SubmissionResult
from grader.settings import Settings
from grader.version import code_digest, hypothesis_version, kit_version

try:
    from distributed import Client, KilledWorker, get_worker
except ImportError:
    raise UsageError(
        "--scheduler needs Dask, which is not installed; in the kit's checkout, run: uv sync --extra cluster "
        '(or: pip install ".[cluster]")'
    ) from None

__all__ = ["grade_on_cluster", "grade_on_worker"]

_CONNECTING = 5.0
"""Seconds for the scheduler to answer, and then for it to have a worker."""
_DESERTED = 60.0
"""Seconds without a worker that is fit, after which grading is given up."""
_TICK = 1.0
"""Seconds between two looks at the workers."""
_lock = threading.Lock()


def grade_on_cluster(
    paths: Sequence[Path],
    settings: Settings,
    address: str,
    progress: Progress,
    cache: Cache | None = None,
    roster: Path | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every submission in ``paths``, in order, graded by the workers of a Dask scheduler.

    Raises ``UsageError`` if the scheduler does not answer or has no workers, or a path cannot be read at all,
    and ``UngradedError`` if no worker is fit: has this kit and isolates submissions as ``settings`` demand.
    """
    with _connected(address) as client:
        entries = Entries(find_submissions(paths, progress.say, roster))
        settings = settings.for_submissions(len(entries))
        with _Cluster(client, settings, progress).running() as cluster:
            yield from grade_many(entries, settings, cluster, progress, cache)


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    # Dask's own warnings would be printed besides our error messages.
    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_CONNECTING, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        what = str(error).splitlines()[0] if isinstance(error, ValueError) else "nobody answers"
        raise UsageError(
            f"there is no Dask scheduler at {address} ({what}); start one with: dask scheduler --port 8786"
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=_CONNECTING)  # type: ignore[no-untyped-call]


class _UnfitError(Exception):
    """A worker cannot grade as this machine would; the text says why."""


class _Cluster:
    """Sends each worker as many batches at a time as it has threads.

    It chooses the worker for each batch, so that it knows which one is unfit or has died.
    """

    def __init__(self, client: Any, settings: Settings, progress: Progress) -> None:
        self._client, self._settings, self._progress = client, settings, progress
        self._task = _task(kit_version(), code_digest(), hypothesis_version())
        self._changed = threading.Condition()
        self._workers: dict[str, int] = {}
        self._looked = 0.0
        self._busy: Counter[str] = Counter()
        self._unfit: dict[str, str] = {}
        self._proven: set[str] = set()
        self._is_over = False

    @contextmanager
    def running(self) -> Iterator[_Cluster]:
        """Wait for workers; at the end of the block, stop waiting for their answers."""
        address = self._client.scheduler.address
        try:
            self._client.wait_for_workers(1, timeout=_CONNECTING)
        except TimeoutError:
            raise UsageError(
                f"the Dask scheduler at {address} has no workers; start some with: dask worker {address}"
            ) from None
        self.jobs = sum(self._present().values())
        self.in_flight = 2 * self.jobs
        self._threads = ThreadPoolExecutor(self.in_flight)
        try:
            yield self
        finally:
            self._is_over = True
            self._threads.shutdown(cancel_futures=True)

    def submit(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        return self._threads.submit(self._grade, submissions)

    def slow_down(self, *, is_alone: bool) -> None:
        """Do nothing: each worker has its own memory, and a batch that it lost is tried again."""

    def _grade(self, submissions: Sequence[Submission]) -> list[SubmissionResult]:
        request = pickle.dumps((list(submissions), self._settings))
        while True:
            worker = self._free_worker()
            try:
                return self._graded_by(worker, request)
            except _UnfitError as error:
                self._exclude(worker, str(error))
            finally:
                with self._changed:
                    self._busy[worker] -= 1
                    self._changed.notify()

    def _free_worker(self) -> str:
        """Wait until a worker that may be fit has nothing to do, and take it."""
        until = time.monotonic() + (0 if self._unfit and not self._proven else _DESERTED)
        with self._changed:
            while not self._is_over:
                fit = {worker: n for worker, n in self._present().items() if worker not in self._unfit}
                for worker, threads in fit.items():
                    if self._busy[worker] < threads:
                        self._busy[worker] += 1
                        return worker
                if fit:
                    until = time.monotonic() + _DESERTED
                elif time.monotonic() > until:
                    why = "; ".join(f"{worker}: {reason}" for worker, reason in sorted(self._unfit.items()))
                    raise UngradedError(
                        f"no worker of the cluster can grade submissions ({why or 'none is left'})"
                    )
                self._changed.wait(_TICK)
        raise CancelledError

    def _graded_by(self, worker: str, request: bytes) -> list[SubmissionResult]:
        future = self._client.submit(self._task, request, workers=[worker], pure=False)
        try:
            answer: list[SubmissionResult] | str = self._answer(future, worker)
        except (CancelledError, UngradedError, WorkerDiedError):
            raise
        except Exception as error:
            if worker in self._proven:
                raise
            raise _UnfitError(f"it failed to answer ({type(error).__name__})") from error
        finally:
            future.release()
        if isinstance(answer, str):
            raise _UnfitError(answer)
        self._proven.add(worker)
        return answer

    def _answer(self, future: Any, worker: str) -> Any:
        while not self._is_over:
            try:
                return future.result(_TICK)
            except TimeoutError:
                with self._changed:
                    if worker not in self._present():
                        raise WorkerDiedError(f"the worker {worker} went away") from None
            except KilledWorker:
                raise WorkerDiedError(f"the worker {worker} died") from None
            except CancelledError:
                raise UngradedError("the connection to the Dask scheduler was lost") from None
        raise CancelledError

    def _present(self) -> dict[str, int]:
        """Return the number of threads of each worker that there is, as of a moment ago."""
        if time.monotonic() - self._looked > _TICK:
            with suppress(OSError, RuntimeError):
                workers = self._client.scheduler_info(n_workers=-1)["workers"]
                self._workers = {worker: about["nthreads"] for worker, about in sorted(workers.items())}
            self._looked = time.monotonic()
        return self._workers

    def _exclude(self, worker: str, reason: str) -> None:
        with self._changed:
            is_new = worker not in self._unfit
            self._unfit[worker] = reason
        if is_new:
            self._progress.say(f"the worker {worker} is not used: {reason}")


def _task(kit: str, code: str, hypothesis: str) -> Callable[[bytes], list[SubmissionResult] | str]:
    """Return what a worker does with a request: it returns the results, or why it is unfit.

    The function is sent by value, so that a worker without the kit can say so.
    """

    def grade(request: bytes) -> list[SubmissionResult] | str:  # noqa: PLR0911 - one for each reason
        other = f"its perceptron-kit {kit} has other code; install the same one"
        try:
            from grader import version  # noqa: PLC0415 - the worker's own
        except ImportError:
            return f"perceptron-kit is not installed there; install version {kit}"
        if (there := version.kit_version()) != kit:
            return f"it has perceptron-kit {there}, and {kit} is needed"
        try:
            if version.code_digest() != code:
                return other
            if (there := version.hypothesis_version()) != hypothesis:
                return f"it has Hypothesis {there}, and {hypothesis} is needed"
            from grader.errors import UngradedError  # noqa: PLC0415
            from grader.grading.cluster import grade_on_worker  # noqa: PLC0415
        except (ImportError, AttributeError):
            return other
        try:
            return grade_on_worker(request)
        except UngradedError as error:
            return str(error)

    return grade


def grade_on_worker(request: bytes) -> list[SubmissionResult]:
    """Grade the submissions of a request in a process of its own; this runs on a worker of the cluster.

    A worker runs calls in threads of one process, and a pytest session needs a process for itself. Raises
    ``UngradedError`` if submissions cannot be isolated.
    """
    submissions, settings = pickle.loads(request)  # noqa: S301 - the scheduler's clients are trusted
    with _lock:
        pool = _pool()
    return pool.submit(grade_in_worker, submissions, settings).result()


@cache
def _pool() -> WorkerPool:
    """Return the processes of this worker, one for each of its threads; they stop with it."""
    return WorkerPool(get_worker().state.nthreads)
