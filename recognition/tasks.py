"""Long work outside of a page: it shows its progress, can be cancelled, and goes on when the page is closed."""

import logging
import threading
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass
from typing import Literal

from recognition.errors import CancelledError, RecognitionError

log = logging.getLogger(__name__)

Report = Callable[[float, str], None]
"""Called by the work with the share that is done, 0 to 1, and what it is doing. Raises CancelledError to stop it."""


@dataclass(frozen=True)
class TaskState:
    """Where a task stands. `result` is what the work returned, `error` a sentence for the person."""

    status: Literal["running", "done", "failed", "cancelled"]
    fraction: float = 0.0
    text: str = ""
    error: str | None = None
    result: object = None

    @property
    def running(self) -> bool:
        return self.status == "running"


class Task:
    """One piece of work in a thread of its own."""

    def __init__(self, name: str, work: Callable[[Report], object]) -> None:
        self._future: futures.Future[object] = futures.Future()
        self._progress = (0.0, "")
        self._cancelled = threading.Event()
        # Not an executor's thread, which the interpreter waits for. See docs/decisions.md, "Threads of background tasks".
        threading.Thread(target=self._run, args=(work,), name=f"task-{name}", daemon=True).start()

    @property
    def state(self) -> TaskState:
        done = self._future.done()
        fraction, text = self._progress
        if not done:
            return TaskState("running", fraction, text)
        error = self._future.exception()
        if error is None:
            return TaskState("done", 1.0, text, result=self._future.result())
        if isinstance(error, CancelledError):
            return TaskState("cancelled", fraction, text)
        known = isinstance(error, RecognitionError)
        return TaskState("failed", fraction, text, str(error) if known else "Something unexpected went wrong; see the log.")

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._cancelled.set()

    def wait(self, timeout: float | None = None) -> TaskState:
        """Wait for the end, at most `timeout` seconds."""
        futures.wait([self._future], timeout)
        return self.state

    def _run(self, work: Callable[[Report], object]) -> None:
        try:
            self._future.set_result(work(self._report))
        except RecognitionError as error:
            # Without its frames, which would keep the work's pictures in memory.
            self._future.set_exception(error.with_traceback(None))
        except Exception as error:  # the thread's outermost frame: nobody else would see it
            log.exception("a background task failed")
            self._future.set_exception(error.with_traceback(None))

    def _report(self, fraction: float, text: str) -> None:
        if self._cancelled.is_set():
            raise CancelledError("stopped")
        self._progress = min(max(fraction, 0.0), 1.0), text


class TaskBoard:
    """The tasks of the app, by name; one of a name at a time. Safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}

    def start(self, name: str, work: Callable[[Report], object]) -> Task:
        """Start work under a name; what runs already under it is returned instead."""
        with self._lock:
            current = self._tasks.get(name)
            if current is None or not current.state.running:
                current = self._tasks[name] = Task(name, work)
            return current

    def get(self, name: str) -> Task | None:
        return self._tasks.get(name)

    def clear(self, name: str) -> None:
        """Forget a task that has ended, once its result has been seen."""
        with self._lock:
            current = self._tasks.get(name)
            if current is not None and not current.state.running:
                del self._tasks[name]
