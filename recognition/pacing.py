"""How often the full detector may run: its time is shared among the cameras, so that every one of them stays live."""

import threading
import time
from collections.abc import Callable

BUDGET = 0.6
"""Share of the time that full detections may take, over all cameras; the rest is for following and embedding."""

FORGET = 2.0
"""Seconds after its last detection at which a camera no longer counts."""


class DetectionPacer:
    """Shares the time for full detections among the cameras. Safe between threads.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: dict[int, float] = {}

    def pause(self, camera: int, cost: float) -> float:
        """Record a detection and find how long the camera has to wait for its next one.

        Args:
            camera: any number that is the camera's own.
            cost: seconds the detection took.

        Returns:
            Seconds from now. One camera on a laptop may detect at nearly every frame, eight share.
        """
        now = self._clock()
        with self._lock:
            self._last[camera] = now
            self._last = {key: last for key, last in self._last.items() if now - last <= FORGET}
            return max(cost * len(self._last) / BUDGET - cost, 0.0)
