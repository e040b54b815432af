"""Small folders of real faces: two people in the public domain, each in several versions."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.pictures import encode_png

Picture = NDArray[np.uint8]


def versions(picture: Picture, count: int) -> list[Picture]:
    """A picture in so many brightnesses, as if taken on different days."""
    return [np.clip(picture * gain, 0, 255).astype(np.uint8) for gain in np.linspace(0.7, 1.2, count)]


def lfw_folder(folder: Path, people: dict[str, list[Picture]]) -> Path:
    """People's pictures laid out and numbered as LFW's: name/name_0001.png."""
    for name, pictures in people.items():
        (folder / name).mkdir(parents=True)
        for number, picture in enumerate(pictures, start=1):
            (folder / name / f"{name}_{number:04d}.png").write_bytes(encode_png(picture))
    return folder
