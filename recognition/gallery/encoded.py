"""A photo as it is stored: files as bytes with their hashes, numbers as little-endian blobs."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import FACE
from recognition.gallery.files import crop_file, photo_file
from recognition.gallery.records import NewPhoto, PhotoQuality
from recognition.pictures import encode_jpeg, encode_png

JPEG_QUALITY = 92


@dataclass(frozen=True, eq=False)
class EncodedPhoto:
    """A photo ready to be stored. As `NewPhoto`, with the picture as JPEG and the crop as PNG."""

    jpeg: bytes
    png: bytes
    landmarks: NDArray[np.float32]
    source: str
    quality: PhotoQuality
    templates: Mapping[str, NDArray[np.float32]]
    created_at: datetime
    sha256: str = field(init=False)
    crop_sha256: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sha256", hashlib.sha256(self.jpeg).hexdigest())
        object.__setattr__(self, "crop_sha256", hashlib.sha256(self.png).hexdigest())

    @property
    def files(self) -> dict[str, bytes]:
        """The content of its two files."""
        return {photo_file(self.sha256): self.jpeg, crop_file(self.crop_sha256): self.png}


def encode(photo: NewPhoto, created_at: datetime) -> EncodedPhoto:
    """Encode the two pictures of a photo."""
    return EncodedPhoto(
        jpeg=encode_jpeg(photo.picture, quality=JPEG_QUALITY),
        png=encode_png(photo.crop),
        landmarks=photo.landmarks,
        source=photo.source,
        quality=photo.quality,
        templates=photo.templates,
        created_at=created_at,
    )


def has_no_margin(png: bytes) -> bool:
    """Whether a face crop was stored when crops were no larger than `FACE`."""
    return png[16:24] == FACE.side.to_bytes(4) * 2  # width and height in a PNG's header


def pack(numbers: NDArray[np.float32]) -> bytes:
    """Numbers as little-endian float32 bytes."""
    return numbers.astype("<f4").tobytes()


def unpack(data: bytes, columns: int) -> NDArray[np.float32]:
    """Little-endian float32 bytes as (N, columns) numbers."""
    return np.frombuffer(data, dtype="<f4").astype(np.float32).reshape(-1, columns)
