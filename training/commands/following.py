"""A job, followed from a terminal."""

import time

from training.jobs import JobBoard
from training.loop.observer import Observer

STOPPED = 130
"""The exit code that shells expect after Ctrl-C."""

_PAUSE = 0.25
"""Seconds between two looks at a training."""


def follow(board: JobBoard, job_id: int, observer: Observer) -> None:
    """Tell an observer all about a training until it ends."""
    shown, last = 0, 0
    while True:
        job = board.get(job_id)
        for line in board.lines(job_id, last):
            observer.log(line.text)
            last = line.id
        epochs = board.epochs(job_id)
        for record in epochs[shown:]:
            observer.epoch(record)
        shown = len(epochs)
        observer.step(job.done, job.total, job.seconds_left or 0.0)
        if job.ended:
            return
        time.sleep(_PAUSE)
