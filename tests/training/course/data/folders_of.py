"""Folders and zips of small pictures, as people have them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 12


def png(seed: int, side: int = SIDE, mode: str = "RGB") -> bytes:
    """A picture of noise, different for each seed."""
    random = np.random.default_rng(seed)
    out = io.BytesIO()
    Image.fromarray(random.integers(0, 256, (side, side, 3), np.uint8)).convert(mode).save(out, "PNG")
    return out.getvalue()


def classes(*names: str, each: int = 4, under: str = "", first: int = 0) -> dict[str, bytes]:
    """So many different pictures of each class: path to content."""
    return {
        f"{under}{name}/{number}.png": png(first + place * each + number)
        for place, name in enumerate(names)
        for number in range(each)
    }


def folder(where: Path, files: Mapping[str, bytes]) -> Path:
    """The files below a folder."""
    for path, content in files.items():
        target = where / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return where


def zipped(files: Mapping[str, bytes]) -> io.BytesIO:
    """The same as a zip in memory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    out.seek(0)
    return out
