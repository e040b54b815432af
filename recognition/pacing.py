"""How often the full detector may run: its time is shared among the cameras, so that every one of them stays live."""

import threading
import time
from collections.abc import Callable

BUDGET = 0.6
"""Share of the time that full detections may take, over all cameras; the rest is for following and embedding."""

FORGET = 2.0
"""Seconds after its last detection at which a camera no longer counts."""


class DetectionPacer:
    """Tells each camera when its next full detection is due. Safe between threads.

    Args:
        clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[int, float] = {}

    def pause(self, camera: int, cost: float) -> float:
        """Note a detection and say how long the camera has to wait for its next one.

        Args:
            camera: any number that is the camera's own.
            cost: seconds the detection took.

        Returns:
            Seconds from now. One camera on a laptop may detect at nearly every frame, eight share.
        """
        now = self._clock()
        with self._lock:
            self._seen[camera] = now
            self._seen = {key: seen for key, seen in self._seen.items() if now - seen <= FORGET}
            return max(cost * len(self._seen) / BUDGET - cost, 0.0)
