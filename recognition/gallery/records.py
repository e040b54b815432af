"""The types at the gallery's border, checked once, when they are made, so that nothing behind has to."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.errors import GalleryError
from recognition.pictures import Picture

SOURCES = ("camera", "upload", "command line")
"""Where a photo may come from."""

UNIT_TOLERANCE = 1e-3
"""How far a template's length may be from 1: float32 rounds to 1e-6, an unnormalised vector is far off."""

MAX_NETWORK_KEY = 80
"""Characters of a network's key."""

MAX_AFTERMATH = 20
"""Characters of what a removal's caller wants done in the end."""


_QUALITY_RANGES = {
    "detection_score": (0, 1),
    "face_pixels": (0, 1_000_000),
    "sharpness": (0, 1),
    "brightness": (0, 255),
}


@dataclass(frozen=True)
class PhotoQuality:
    """What was measured when the photo was taken.

    Attributes:
        detection_score: the detector's confidence, 0 to 1.
        face_pixels: size of the face in the picture it came from, in pixels.
        sharpness: 0 (all blur) to 1.
        brightness: mean luma of the face, 0 to 255.
        yaw, pitch, roll: degrees, -180 to 180.

    Raises:
        ValueError: a number outside of its range.
    """

    detection_score: float
    face_pixels: float
    sharpness: float
    brightness: float
    yaw: float
    pitch: float
    roll: float

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = _QUALITY_RANGES.get(field.name, (-180, 180))
            value = getattr(self, field.name)
            if not (isfinite(value) and low <= value <= high):
                raise ValueError(f"{field.name} must be {low} to {high}, got {value}")


@dataclass(frozen=True, eq=False)
class NewPhoto:
    """A photo to be enrolled.

    Attributes:
        picture: (H, W, 3) uint8 RGB, the face and its cut_out.
        crop: (CROP_SIZE, CROP_SIZE, 3) uint8 RGB, the aligned face.
        landmarks: (5, 2) float32, x and y in pixels of `picture`.
        source: one of `SOURCES`.
        quality: what was measured.
        templates: by network key, (D,) float32 of unit length. May be empty: `Gallery.photos_without_template`
            then lists the photo.

    Raises:
        ValueError: a wrong shape, type or range.
    """

    picture: Picture
    crop: Picture
    landmarks: NDArray[np.float32]
    source: str
    quality: PhotoQuality
    templates: Mapping[str, NDArray[np.float32]]

    def __post_init__(self) -> None:
        check_picture(self.picture, "picture")
        check_crop(self.crop)
        check_landmarks(self.landmarks)
        check_source(self.source)
        for network, vector in self.templates.items():
            check_network(network)
            check_vector(vector)


@dataclass(frozen=True)
class PersonSummary:
    """A person as lists show it. `cover_photo_id` is the first photo, None without photos; times are UTC."""

    id: int
    name: str
    photo_count: int
    created_at: datetime
    consented_at: datetime
    cover_photo_id: int | None


@dataclass(frozen=True, eq=False)
class PhotoRecord:
    """A stored photo.

    Attributes:
        sha256, crop_sha256: of its two files, in lower-case hexadecimal.
        landmarks: (5, 2) float32 in pixels of the stored picture.
        source, quality: as in `NewPhoto`.
        created_at: in UTC.
        networks: keys of the networks that have a template of it.
    """

    id: int
    person_id: int
    sha256: str
    crop_sha256: str
    landmarks: NDArray[np.float32]
    source: str
    created_at: datetime
    quality: PhotoQuality
    networks: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """How much is in the gallery."""

    people: int
    photos: int


@dataclass(frozen=True)
class Duplicate:
    """A photo that was skipped: its position among those handed in, and the name of the person who has it."""

    position: int
    owner: str


@dataclass(frozen=True)
class EnrollReceipt:
    """What an enrollment did: the person as it is now, the number of photos added, the photos skipped."""

    person: PersonSummary
    added: int
    duplicates: tuple[Duplicate, ...]


class NothingNewError(GalleryError):
    """All photos of an enrollment are already in the gallery; `duplicates` says whose they are."""

    def __init__(self, duplicates: tuple[Duplicate, ...]) -> None:
        owners = ", ".join(sorted({duplicate.owner for duplicate in duplicates}))
        super().__init__(f"All of these photos are already enrolled, as {owners}. Nothing was stored.")
        self.duplicates = duplicates


@dataclass(frozen=True)
class DeletionReceipt:
    """What a deletion removed: photos (rows) and files.

    `erased` is true when no byte of it is left in the storage folder. It is false when a file could not be
    removed, or another process was reading at that moment; `health.repair` then finishes the job.
    """

    photos: int
    files: int
    erased: bool


@dataclass(frozen=True)
class RemovalRecord:
    """People or photos that are hidden and can be restored, or are erased for good.

    Attributes:
        at: in UTC.
        aftermath: what the caller wants done when it is final; not looked at here.
        people: the names of the people who are hidden.
        photo_ids: of everything hidden; none for a merge, whose photos are to be seen, with another person.
        owners: names of the people whose photos are hidden while they themselves stay.
        into: name of the person who has got the photos of a merge; None where it was none.
    """

    id: int
    at: datetime
    aftermath: str
    people: tuple[str, ...]
    photo_ids: frozenset[int]
    owners: tuple[str, ...] = ()
    into: str | None = None


@dataclass(frozen=True, eq=False)
class TemplateSet:
    """All templates of one network at one moment.

    Attributes:
        person_ids, photo_ids: (N,) int64.
        vectors: (N, D) float32, unit rows; (0, 0) for an empty gallery.
        names: of the people who have a template here, by id.
        revision: the gallery's revision this set was read at.

    Raises:
        ValueError: a wrong shape or type.
    """

    person_ids: NDArray[np.int64]
    photo_ids: NDArray[np.int64]
    vectors: NDArray[np.float32]
    names: dict[int, str]
    revision: int

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or self.vectors.dtype != np.float32:
            raise ValueError(f"vectors must be (N, D) float32, got {self.vectors.shape} {self.vectors.dtype}")
        for what, ids in (("person_ids", self.person_ids), ("photo_ids", self.photo_ids)):
            if ids.shape != self.vectors.shape[:1] or ids.dtype != np.int64:
                raise ValueError(f"{what} must be ({len(self.vectors)},) int64, got {ids.shape} {ids.dtype}")


def check_picture(picture: Picture, what: str) -> None:
    """Raises ValueError unless picture is (H, W, 3) uint8 and not empty."""
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or picture.size == 0:
        raise ValueError(f"{what} must be (H, W, 3) uint8, got {picture.shape} {picture.dtype}")


def check_crop(crop: Picture) -> None:
    """Raises ValueError unless crop is (CROP_SIZE, CROP_SIZE, 3) uint8."""
    check_picture(crop, "crop")
    if crop.shape[:2] != (CROP_SIZE, CROP_SIZE):
        raise ValueError(f"crop must have {CROP_SIZE}×{CROP_SIZE} pixels, got {crop.shape[1]}×{crop.shape[0]}")


def check_landmarks(landmarks: NDArray[np.float32]) -> None:
    """Raises ValueError unless landmarks are (5, 2) float32 and finite."""
    if landmarks.shape != (5, 2) or landmarks.dtype != np.float32:
        raise ValueError(f"landmarks must be (5, 2) float32, got {landmarks.shape} {landmarks.dtype}")
    if not np.isfinite(landmarks).all():
        raise ValueError("landmarks must be finite numbers")


def check_source(source: str) -> None:
    """Raises ValueError unless source is one of `SOURCES`."""
    if source not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(SOURCES)}, got {source!r}")


def check_network(network: str) -> None:
    """Raises ValueError unless network is 1 to `MAX_NETWORK_KEY` characters."""
    if not 1 <= len(network) <= MAX_NETWORK_KEY:
        raise ValueError(f"a network's key must have 1 to {MAX_NETWORK_KEY} characters, got {len(network)}")


def check_vector(vector: NDArray[np.float32]) -> None:
    """Raises ValueError unless vector is (D,) float32 of unit length."""
    if vector.ndim != 1 or vector.dtype != np.float32:
        raise ValueError(f"a template must be (D,) float32, got {vector.shape} {vector.dtype}")
    length = float(np.linalg.norm(vector))
    # Written so that NaN fails too.
    if not abs(length - 1.0) <= UNIT_TOLERANCE:
        raise ValueError(f"a template must have length 1, got {length:.4g}")
