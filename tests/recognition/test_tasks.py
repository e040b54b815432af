import subprocess
import sys
import threading
from pathlib import Path

from recognition.errors import StorageError
from recognition.tasks import Report, Task, TaskBoard

ROOT = Path(__file__).resolve().parents[2]


def test_a_task_reports_and_returns() -> None:
    def work(report: Report) -> str:
        report(0.5, "half way")
        return "result"

    state = Task("t", work).wait(10)
    assert (state.status, state.fraction, state.text, state.result) == ("done", 1.0, "half way", "result")


def test_a_cancelled_task_stops_at_its_next_report() -> None:
    begun, cancelled = threading.Event(), threading.Event()

    def work(report: Report) -> None:
        begun.set()
        cancelled.wait(10)
        report(0.1, "")
        raise AssertionError("it should have stopped")

    task = Task("t", work)
    begun.wait(10)
    task.cancel()
    cancelled.set()
    assert task.wait(10).status == "cancelled"


def test_an_error_on_purpose_becomes_its_sentence_and_others_don_t_leak() -> None:
    def known(report: Report) -> None:
        raise StorageError("The disk is full.")

    def unknown(report: Report) -> None:
        raise RuntimeError("secret detail")

    assert Task("t", known).wait(10).error == "The disk is full."
    error = Task("t", unknown).wait(10).error
    assert error is not None
    assert "secret" not in error


def test_one_task_of_a_name_at_a_time() -> None:
    board, go = TaskBoard(), threading.Event()
    first = board.start("a", lambda report: go.wait(10))
    assert board.start("a", lambda report: None) is first
    board.clear("a")
    assert board.get("a") is first
    go.set()
    first.wait(10)
    assert board.start("a", lambda report: None) is not first
    second = board.get("a")
    assert second is not None
    second.wait(10)
    board.clear("a")
    assert board.get("a") is None


def test_the_program_ends_at_once_while_a_task_is_going_on() -> None:
    script = """
import subprocess
import sys
import threading
from pathlib import Path
from recognition.tasks import Task
begun = threading.Event()
Task("t", lambda report: (begun.set(), threading.Event().wait()))
begun.wait()
"""
    # Without a daemon thread this waits for the task, which never ends.
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, timeout=60, check=True)
