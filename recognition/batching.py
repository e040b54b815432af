"""Running concurrent calls together: several cameras, one call of the network."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor


@dataclass(eq=False)
class _Call:
    batch: Tensor
    result: Tensor | None = None
    error: Exception | None = None
    done: bool = field(default=False)


class Batcher:
    """Calls a function of batches, (N, …) to (N, …), for one thread at a time; whoever waits meanwhile is served at once.

    Nobody waits for a batch to fill: alone, a call runs at once. While it runs, others queue up, and the first of them
    computes for all.

    Args:
        compute: the function; called by one thread at a time.
        limit: rows in one call at most; bounds memory.
    """

    def __init__(self, compute: Callable[[Tensor], Tensor], limit: int = 128) -> None:
        self.running = threading.Lock()
        self._compute = compute
        self._limit = limit
        self._lock = threading.Lock()
        self._waiting: list[_Call] = []

    def __call__(self, batch: Tensor) -> Tensor:
        """The function's result for this batch alone. Raises what the function raised."""
        call = _Call(batch)
        with self._lock:
            self._waiting.append(call)
        with self.running:
            if not call.done:
                self._serve(self._take(call))
        if call.error is not None:
            raise call.error
        assert call.result is not None
        return call.result

    def _take(self, first: _Call) -> list[_Call]:
        """This call and as many of the waiting ones as fit."""
        with self._lock:
            taken, rows = [first], len(first.batch)
            for call in self._waiting:
                fits = call is not first and rows + len(call.batch) <= self._limit
                if fits and call.batch.shape[1:] == first.batch.shape[1:]:
                    taken.append(call)
                    rows += len(call.batch)
            self._waiting = [call for call in self._waiting if call not in taken]
            return taken

    def _serve(self, calls: list[_Call]) -> None:
        try:
            results = self._compute(torch.cat([call.batch for call in calls]) if len(calls) > 1 else calls[0].batch)
            parts = torch.split(results, [len(call.batch) for call in calls])
            for call, part in zip(calls, parts, strict=True):
                call.result = part
        except Exception as error:  # noqa: BLE001  # raised again in every thread that waits for it
            for call in calls:
                call.error = error
        for call in calls:
            call.done = True
