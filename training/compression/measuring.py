"""What networks cost: time, memory, multiply-adds, measured side by side in one run."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from recognition.inspection.layers import summarise
from training.compression.errors import CompressionError

BATCH = 32
"""Pictures in the larger of the two batches that are timed."""

SECONDS = 0.5
"""Spent on each network and batch, about."""

MEMORY_SECONDS = 120.0
"""After which a measurement of memory is given up."""

Run = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Speed:
    """Milliseconds a picture, the fastest of many runs: `one` alone, `batch` in batches of `BATCH`."""

    one: float
    batch: float


def speeds(networks: Mapping[str, Run], shape: tuple[int, int, int]) -> dict[str, Speed]:
    """Time networks in turns, so that whatever else the machine does hits all of them alike. It can only make them slower,
    so the fastest run is the truest (`timeit` says the same).

    Args:
        networks: by any name.
        shape: channels, height and width of their input.
    """
    one, batch = (
        _in_turns(networks, torch.rand(size, *shape).contiguous(memory_format=torch.channels_last)) for size in (1, BATCH)
    )
    return {name: Speed(one[name], batch[name]) for name in networks}


def multiply_adds(module: nn.Module, shape: tuple[int, int, int]) -> int:
    """Of one picture; zeros among the weights are multiplied like any other number."""
    return summarise(module, torch.zeros(1, *shape)).multiply_adds


def memory(model: bytes, shape: tuple[int, int, int]) -> int:
    """Bytes that a process grows by when it loads an ONNX network and runs one picture, measured in a process of its own.

    Raises:
        CompressionError: that process failed.
    """
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        command = [sys.executable, str(Path(__file__).with_name("memory.py")), file.name, *map(str, shape)]
        try:
            done = subprocess.run(command, capture_output=True, timeout=MEMORY_SECONDS, check=True)  # noqa: S603  # ourselves
            return int(done.stdout)
        except (subprocess.SubprocessError, ValueError, OSError) as error:
            raise CompressionError(
                "The memory a network takes could not be measured. Free some memory, then try again."
            ) from error


def _in_turns(networks: Mapping[str, Run], batch: Tensor) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in networks}
    with torch.inference_mode():
        for run in networks.values():
            run(batch)
        end = time.perf_counter() + SECONDS * len(networks)
        while time.perf_counter() < end or not all(times.values()):
            for name, run in networks.items():
                began = time.perf_counter()
                run(batch)
                times[name].append(1000 * (time.perf_counter() - began) / len(batch))
    return {name: min(values) for name, values in times.items()}
