"""Many cameras on one server for a long time: is every one served alike, and does the memory stay flat?

    python -m benchmarks.soak --video ../shared/video/person_a.mp4 --video ../shared/video/group.mp4 --cameras 8 --minutes 10

The real API with real sockets; the cameras live in a process of their own and behave as the browser's does: at most 30
frames a second, the next one only after the answer to the last.
"""

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect
from websockets.typing import Origin

from benchmarks.live import MIN_CONFIDENCE, film, recognizer_for
from recognition.live.naming import LiveRecognition
from recognition.server import SessionRegistry, Tokens, create_api

PORT = 8765


async def camera(token: str, frames: Sequence[bytes], offset: int, seconds: float) -> int:
    """Send frames until the time is up; how many were answered."""
    answered = 0
    began = time.monotonic()
    origin = Origin(f"http://localhost:{PORT}")
    async with connect(f"ws://localhost:{PORT}/live?token={token}", origin=origin, max_size=None) as server:
        await server.recv()
        while time.monotonic() - began < seconds:
            jpeg = frames[(offset + answered) % len(frames)]
            await server.send(answered.to_bytes(4, "little") + jpeg)
            await server.recv()
            answered += 1
            await asyncio.sleep(max(0.0, began + answered / 30 - time.monotonic()))
    return answered


def run_cameras(
    tokens: list[str], films: list[list[bytes]], seconds: float, answers: "multiprocessing.Queue[list[int]]"
) -> None:
    """All cameras in this process; the answers each got go into the queue."""

    async def all_cameras() -> list[int]:
        jobs = [camera(token, films[k % len(films)], 37 * k, seconds) for k, token in enumerate(tokens)]
        return list(await asyncio.gather(*jobs))

    answers.put(asyncio.run(all_cameras()))


def memory_mb() -> float:
    """Resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def serve_and_watch(api: FastAPI, cameras: "multiprocessing.Process") -> list[float]:
    """Serve until the cameras are done; resident memory every 5 seconds."""
    server = uvicorn.Server(uvicorn.Config(api, port=PORT, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    cameras.start()
    memory = []
    while cameras.is_alive():
        await asyncio.sleep(5)
        memory.append(memory_mb())
    server.should_exit = True
    await serving
    return memory


def main(
    video: Annotated[list[Path], typer.Option()],
    cameras: int = 8,
    minutes: float = 10.0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print frames a second of each camera and the memory over time."""
    recognizer = recognizer_for(video)
    films = [film(path, 10)[0] for path in video]
    registry, tokens = SessionRegistry(), Tokens()
    handed = [tokens.issue(registry.open(LiveRecognition(lambda: recognizer, MIN_CONFIDENCE))) for _ in range(cameras)]
    answers: multiprocessing.Queue[list[int]] = multiprocessing.get_context("spawn").Queue()
    seconds = minutes * 60
    clients = multiprocessing.get_context("spawn").Process(target=run_cameras, args=(handed, films, seconds, answers))
    memory = asyncio.run(serve_and_watch(create_api(registry, tokens), clients))  # type: ignore[arg-type]
    rates = np.array(answers.get()) / seconds
    settled = memory[len(memory) // 4 :]
    result = {
        "cameras": cameras,
        "minutes": minutes,
        "fps_each": [round(float(rate), 1) for rate in rates],
        "slowest_to_mean": round(float(rates.min() / rates.mean()), 2),
        "memory_mb": {"settled": round(settled[0]), "end": round(settled[-1]), "peak": round(max(memory))},
    }
    typer.echo(json.dumps(result, indent=2) if as_json else "\n".join(f"{key}: {value}" for key, value in result.items()))


if __name__ == "__main__":
    typer.run(main)
