"""Milliseconds by stage, and their recent mean."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Stopwatch:
    """Adds up the time spent in named stages: `with watch("detect"): …`."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - start) * 1000.0
            self.milliseconds[stage] = self.milliseconds.get(stage, 0.0) + spent


class RunningMean:
    """The recent mean of named numbers, for showing them: about the last 20 count."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def add(self, values: Mapping[str, float]) -> None:
        self.values = {name: self.values.get(name, value) * 0.95 + value * 0.05 for name, value in values.items()}
