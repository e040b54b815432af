"""Waiting for a state, never for a time."""

import time
from collections.abc import Callable

TRAINING_SECONDS = 300.0
"""Seconds after which a test gives up on a training; it never waits that long where things work."""


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.02)
