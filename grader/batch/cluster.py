"""Examines a class on the workers of a Dask cluster that is there already."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from grader.batch.engine import Observer, examine_class
from grader.batch.errors import WorkerDiedError
from grader.errors import UngradedError, UsageError
from grader.examiner import Settings, located_entries
from grader.model import Submission, SubmissionResult
from grader.version import code_digest, kit_version

try:
    from distributed import Client, KilledWorker
except ImportError:
    raise UsageError(
        "--scheduler needs Dask, which is not installed; install perceptron-kit[cluster] and try again"
    ) from None

if TYPE_CHECKING:
    from grader.batch.records import Keeper

__all__ = ["examine_on_cluster"]

_PATIENCE = 5.0
"""Seconds for the scheduler to answer, and then for it to have a worker."""
_CHECKING = 60.0
"""Seconds for a worker to try out whether it is fit."""
_DESERTED = 60.0
"""Seconds without a worker that is fit, after which none is waited for."""
_TICK = 1.0
"""Seconds between two looks at the workers."""


def examine_on_cluster(
    paths: Sequence[Path],
    settings: Settings,
    address: str,
    observer: Observer,
    keeper: Keeper | None = None,
    notice: Callable[[str], None] = lambda _text: None,
    roster: Path | None = None,
) -> Iterator[SubmissionResult]:
    """Yield the result of every submission in ``paths``, in order, examined by the workers of a Dask scheduler.

    Raises ``UsageError`` if the scheduler does not answer or has no workers, or a path cannot be read at all,
    and ``UngradedError`` if no worker is fit: has this kit and isolates submissions as ``settings`` demand.
    """
    with _connected(address) as client:
        entries = located_entries(paths, notice, roster)
        with _Crew(client, settings, notice) as crew:
            yield from examine_class(
                entries, settings, crew.examine, crew.size, observer, keeper, is_slow=entries.is_slow
            )


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    # What goes wrong is said in our own words.
    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        what = str(error).splitlines()[0] if isinstance(error, ValueError) else "nobody answers"
        raise UsageError(
            f"there is no Dask scheduler at {address} ({what}); start one with: dask scheduler --port 8786"
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=_PATIENCE)  # type: ignore[no-untyped-call]


class _Crew:
    """The workers that are fit to examine submissions; each is given as many batches at a time as it has threads.

    Which worker a batch goes to is decided here, so that it is known which one it was when it dies.
    """

    def __init__(self, client: Any, settings: Settings, notice: Callable[[str], None]) -> None:
        self._client, self._settings, self._notice = client, settings, notice
        self._idle: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._alive: dict[str, int] = {}
        self._unfit: dict[str, str] = {}
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        """Wait for workers, and find out which are fit."""
        address = self._client.scheduler.address
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            raise UsageError(
                f"the Dask scheduler at {address} has no workers; start some with: dask worker {address}"
            ) from None
        self._look()
        if not self.size:
            raise self._deserted()
        self._threads = ThreadPoolExecutor(2 * self.size)
        self._watch = threading.Thread(target=self._keep_looking, daemon=True)
        self._watch.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_error: object) -> None:
        """Wait for nobody any longer."""
        self._ended.set()
        self._threads.shutdown(cancel_futures=True)
        self._watch.join()

    @property
    def size(self) -> int:
        """The number of batches that are examined at a time."""
        return sum(self._alive.values())

    def examine(self, submissions: Sequence[Submission]) -> Future[list[SubmissionResult]]:
        """Have ``submissions`` examined by a worker that is fit."""
        return self._threads.submit(self._examine, submissions)

    def _examine(self, submissions: Sequence[Submission]) -> list[SubmissionResult]:
        from grader.batch.remote import examine_remotely, pack, unpack  # noqa: PLC0415 - imports Dask

        worker = self._next_worker()
        request = pack(submissions, self._settings)
        future = self._client.submit(examine_remotely, request, workers=[worker], pure=False)
        try:
            return unpack(self._answer(future, worker))
        except UngradedError as error:
            # It was fit once, and another may be still.
            self._exclude(worker, str(error))
            raise WorkerDiedError(f"the worker {worker} cannot isolate submissions any longer") from None
        finally:
            future.release()
            if worker in self._alive:
                self._idle.put(worker)

    def _next_worker(self) -> str:
        until = time.monotonic() + _DESERTED
        while not self._ended.is_set():
            try:
                worker = self._idle.get(timeout=_TICK)
            except queue.Empty:
                if self._alive:
                    until = time.monotonic() + _DESERTED
                elif time.monotonic() > until:
                    raise self._deserted() from None
                continue
            if worker in self._alive:
                return worker
        raise CancelledError

    def _answer(self, future: Any, worker: str) -> bytes:
        while not self._ended.is_set():
            try:
                answer: bytes = future.result(_TICK)
            except TimeoutError:
                if worker not in self._alive:
                    future.cancel()
                    raise WorkerDiedError(f"the worker {worker} went away") from None
            except KilledWorker:
                raise WorkerDiedError(f"the worker {worker} died") from None
            except CancelledError:
                raise UngradedError("the connection to the Dask scheduler was lost") from None
            else:
                return answer
        future.cancel()
        raise CancelledError

    def _keep_looking(self) -> None:
        while not self._ended.wait(_TICK):
            self._look()

    def _look(self) -> None:
        """Find out which workers there are, and whether new ones are fit."""
        try:
            there = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, RuntimeError):
            return
        for worker in set(self._alive) - set(there):
            del self._alive[worker]
        for worker in sorted(set(there) - set(self._alive) - set(self._unfit)):
            reason = self._unfitness(worker)
            if reason is None:
                self._alive[worker] = there[worker]["nthreads"]
                for _ in range(self._alive[worker]):
                    self._idle.put(worker)
            else:
                self._exclude(worker, reason)

    def _unfitness(self, worker: str) -> str | None:
        check = _checker(kit_version(), code_digest(), str(self._settings.isolation))
        try:
            reason: str | None = self._client.submit(check, workers=[worker], pure=False).result(_CHECKING)
        except Exception as error:  # noqa: BLE001 - a worker may fail in any way, and the others go on
            return f"it failed to answer ({type(error).__name__})"
        return reason

    def _exclude(self, worker: str, reason: str) -> None:
        self._alive.pop(worker, None)
        if worker not in self._unfit:
            self._unfit[worker] = reason
            self._notice(f"the worker {worker} is given nothing to do: {reason}")

    def _deserted(self) -> UngradedError:
        why = "; ".join(f"{worker}: {reason}" for worker, reason in sorted(self._unfit.items()))
        return UngradedError(f"no worker of the cluster can examine submissions ({why or 'none is left'})")


def _checker(kit: str, code: str, isolation: str) -> Callable[[], str | None]:
    """Return a function that says why a worker is unfit; it is sent as it is, and needs no kit to be there."""

    def unfitness() -> str | None:
        try:
            from grader.version import kit_version as kit_there  # noqa: PLC0415 - the worker's own
        except ImportError:
            return f"perceptron-kit is not installed there; install version {kit}"
        if kit_there() != kit:
            return f"it has perceptron-kit {kit_there()}, and {kit} is needed"
        try:
            from grader.batch.remote import unfitness_for  # noqa: PLC0415
            from grader.version import code_digest as code_there  # noqa: PLC0415
        except ImportError:
            return f"its perceptron-kit {kit} has other code; install the same one"
        if code_there() != code:
            return f"its perceptron-kit {kit} has other code; install the same one"
        reason: str | None = unfitness_for(isolation)
        return reason

    return unfitness
