"""A pool of processes that stop with their owner; if one dies, the others go on.

The pool of ``concurrent.futures`` gives up all its processes if one dies, and leaves them behind if its owner is
killed. That of ``loky`` makes new ones, but fails all calls that are in flight.
"""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from grader.economy import ONE_THREAD, collect_garbage_rarely
from grader.errors import WorkerDiedError
from grader.failures import not_started

__all__ = ["WorkerPool"]

P = ParamSpec("P")
T = TypeVar("T")

_STARTS, _BETWEEN_STARTS = 6, 0.5
"""Attempts to start a process, and the seconds between them, in which disk or memory may become free."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_BEFORE_THEIR_OWNER = "500"
"""If memory runs out, the kernel kills a worker rather than the process that has the results."""


class WorkerPool(Executor):
    """Makes calls in ``count`` processes; each one is started when it is first needed.

    A call whose process dies raises ``WorkerDiedError``; the next one gets a new process. The processes stop
    when the pool is shut down and when its owner dies, whatever they are doing, and leave no files behind.
    """

    def __init__(self, count: int) -> None:
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="worker")
        self._idle: queue.SimpleQueue[_Worker | None] = queue.SimpleQueue()
        self._running: set[_Worker] = set()
        self._lock = threading.Lock()
        self._is_open = True
        self._count, self._too_many = count, 0
        for _ in range(count):
            self._idle.put(None)

    def shrink(self, count: int) -> None:
        """Use at most ``count`` processes from now on; the others finish what they are doing first."""
        with self._lock:
            self._too_many += max(0, self._count - count)
            self._count = min(self._count, count)
        with contextlib.suppress(queue.Empty):
            while self._too_many:
                self._give_back(self._idle.get_nowait())

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call ``fn`` in one of the processes; it, its arguments and its result must be picklable."""
        return self._threads.submit(self._call, partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Stop the processes: after the calls that were made, or at once if these are cancelled."""
        if cancel_futures:
            self._stop_all()
        self._threads.shutdown(wait, cancel_futures=cancel_futures)
        self._stop_all()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the processes, at once if something was raised."""
        self.shutdown(cancel_futures=kind is not None)

    def _call(self, call: Callable[[], T]) -> T:
        worker = self._idle.get()
        try:
            worker = worker or self._started()
            answer = worker.answer(call)
        except WorkerDiedError:
            if worker is not None:
                self._stop(worker)
            self._give_back(None)
            raise
        except BaseException:
            self._give_back(worker)
            raise
        self._give_back(worker)
        return answer

    def _started(self) -> _Worker:
        for _ in range(_STARTS - 1):
            try:
                return self._start()
            except OSError:
                time.sleep(_BETWEEN_STARTS)
        try:
            return self._start()
        except OSError as error:
            raise WorkerDiedError(
                f"a process of the grader cannot be started: {not_started(error)}"
            ) from None

    def _start(self) -> _Worker:
        with self._lock:
            if not self._is_open:
                raise WorkerDiedError("the pool was shut down")
            worker = _Worker()
            self._running.add(worker)
        return worker

    def _give_back(self, worker: _Worker | None) -> None:
        with self._lock:
            is_too_many, self._too_many = self._too_many > 0, max(0, self._too_many - 1)
        if not is_too_many:
            self._idle.put(worker)
        elif worker is not None:
            self._stop(worker)

    def _stop(self, worker: _Worker) -> None:
        worker.stop()
        with self._lock:
            self._running.discard(worker)

    def _stop_all(self) -> None:
        with self._lock:
            self._is_open = False
            running = list(self._running)
        for worker in running:
            self._stop(worker)


class _Worker:
    """One process, in which one call is made at a time."""

    def __init__(self) -> None:
        self._folder = tempfile.mkdtemp(prefix="perceptron-kit-")
        try:
            self._start(*Pipe())
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def _start(self, ours: Connection, theirs: Connection) -> None:
        self._connection = ours
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), self._folder],
                env=os.environ | ONE_THREAD,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Ctrl-C is for the owner, which then stops this process.
                start_new_session=True,
            )

    def answer(self, call: Callable[[], T]) -> T:
        try:
            self._connection.send(call)
            succeeded, answer = self._connection.recv()
        except (EOFError, OSError):
            raise WorkerDiedError(
                f"a process of the grader died {self._how_it_ended()}; is there enough memory?"
            ) from None
        if succeeded:
            result: T = answer
            return result
        raise answer

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _how_it_ended(self) -> str:
        try:
            status = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "or was cut off"
        return f"by signal {-status}" if status < 0 else f"with exit code {status}"


def main() -> None:
    """Answer the calls of the process that has started this one, and stop with it."""
    connection = Connection(int(sys.argv[1]))
    folder = tempfile.tempdir = sys.argv[2]
    collect_garbage_rarely()
    with contextlib.suppress(OSError):
        _OOM_SCORE.write_text(_BEFORE_THEIR_OWNER)
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(connection, requests, folder), daemon=True).start()
    while True:
        connection.send(_answer(requests.get()))


def _listen(connection: Connection, requests: queue.SimpleQueue[Any], folder: str) -> None:
    """Receive calls, and stop this process as soon as its owner has gone."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            requests.put(connection.recv())
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def _answer(call: Callable[[], object]) -> tuple[bool, object]:
    try:
        return True, call()
    except Exception as error:  # noqa: BLE001 - the caller raises it again
        error.add_note(f"In a process of its own:\n{traceback.format_exc()}")
        return False, error.with_traceback(None)


if __name__ == "__main__":
    main()
