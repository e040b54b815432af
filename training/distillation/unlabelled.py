"""Faces without names, to distil a network on: a zip of aligned pictures."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from recognition.alignment import CROP_SIZE, TEMPLATE
from recognition.errors import PictureError
from recognition.networks import Crops, mobilefacenet
from recognition.pictures import SUFFIXES, Picture, read_picture
from recognition.safe_zip import MIB, ZipLimits, open_archive
from training.errors import DataError
from training.faces.dataset import Progress

SIDE = 128
"""Height and width of a picture in the zip."""

LANDMARKS = mobilefacenet.TEMPLATE + 8.0
"""Where the five landmarks lie in it: ArcFace's places for 112 pixels, with 8 pixels of margin."""

_LIMITS = ZipLimits(entries=500_000, entry_bytes=MIB, total_bytes=16_384 * MIB)


@dataclass(frozen=True, eq=False)
class UnlabelledFaces:
    """Faces of anybody, in memory.

    Attributes:
        pictures: (N, 128, 128, 3) uint8 RGB, the landmarks at `LANDMARKS`.
        names: their paths in the zip.
    """

    pictures: NDArray[np.uint8]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the pixels, in order."""
        return hashlib.sha256(np.ascontiguousarray(self.pictures).data).hexdigest()

    def first(self, count: int) -> "UnlabelledFaces":
        """The first so many, to see what fewer faces give."""
        return self.subset(np.arange(min(count, len(self))))

    def subset(self, rows: NDArray[np.int64]) -> "UnlabelledFaces":
        """Some of them, in this order."""
        return UnlabelledFaces(self.pictures[rows], tuple(self.names[row] for row in rows))

    def crops(self, rows: NDArray[np.int64]) -> Crops:
        """Face crops as `recognition.alignment` makes them, (N, CROP_SIZE, CROP_SIZE, 3) uint8 RGB."""
        return np.stack([_crop(self.pictures[row]) for row in rows])


_FROM_CROP = np.asarray(SimilarityTransform.from_estimate(TEMPLATE, LANDMARKS).params[:2], dtype=np.float64)


def _crop(picture: Picture) -> Picture:
    """The picture in a face crop's place; the few pixels that it lacks are its mirror image."""
    inverse = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    crop = cv2.warpAffine(picture, _FROM_CROP, (CROP_SIZE, CROP_SIZE), flags=inverse, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(crop, dtype=np.uint8)


def read_faces(source: Path, seed: int = 0, progress: Progress = lambda done, total: None) -> UnlabelledFaces:
    """Read a zip of faces, in an order that only their names and the seed decide.

    Args:
        source: a zip of pictures of 128×128 pixels; see `LANDMARKS`.
        progress: called with the number of pictures read and of all. It may raise to stop.

    Raises:
        ArchiveError: it is no zip, or an unsafe one.
        DataError: it holds no picture, or one of another size.
    """
    with open_archive(source, _LIMITS) as archive:
        entries = sorted(
            (entry for entry in archive.entries if Path(entry.path).suffix.lower() in SUFFIXES), key=lambda entry: entry.path
        )
        if not entries:
            raise DataError(f"{source.name} holds no pictures.")
        order = np.random.default_rng(seed).permutation(len(entries))
        pictures = np.empty((len(entries), SIDE, SIDE, 3), dtype=np.uint8)
        for done, number in enumerate(order):
            progress(done, len(entries))
            entry = entries[number]
            try:
                picture = read_picture(archive.read(entry), entry.path)
            except PictureError as error:
                raise DataError(f"{error} Take it out of {source.name}.") from error
            if picture.shape != pictures.shape[1:]:
                height, width = picture.shape[:2]
                raise DataError(f"{entry.path} in {source.name} is {width}×{height} pixels; faces of {SIDE}×{SIDE} are needed.")
            pictures[done] = picture
    return UnlabelledFaces(pictures, tuple(entries[number].path for number in order))
