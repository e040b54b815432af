"""The faces to learn from."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import align
from recognition.detection import Detector
from recognition.errors import PictureError, RecognitionError
from recognition.gallery import Gallery
from recognition.networks import Crops
from recognition.pictures import SUFFIXES, Picture, read_picture
from training.errors import DataError

Labels = NDArray[np.int64]

Progress = Callable[[int, int], None]
"""Called with the number of photos read and of all. It may raise to stop."""


@dataclass(frozen=True, eq=False)
class FaceSet:
    """Faces of known people.

    Attributes:
        crops: (N, S, S, 3) uint8 RGB, aligned.
        labels: (N,) int64, each face's person as an index into `people`.
        people: a key of each person that stays the same when somebody is renamed: the gallery's number or a folder's name.
        names: what to call them.
        photos: a key of each face's photo: the gallery's number or a file's path.
        skipped: photos that could not be used, and why.
    """

    crops: Crops
    labels: Labels
    people: tuple[str, ...]
    names: tuple[str, ...]
    photos: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.crops.ndim != 4 or self.crops.dtype != np.uint8 or not len(self.crops):
            raise DataError("There is no usable photo to learn from.")
        if not len(self.crops) == len(self.labels) == len(self.photos) or len(self.people) != len(self.names):
            raise ValueError("one label and one photo a face, one name a person")
        if len(self.labels) and not 0 <= self.labels.min() <= self.labels.max() < len(self.people):
            raise ValueError("a label is the index of a person")

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of faces and people, to know whether a model was made from this very data."""
        digest = hashlib.sha256()
        for key, label, crop in sorted(zip(self.photos, self.labels, self.crops, strict=True), key=lambda row: row[0]):
            digest.update(f"{self.people[label]}\0{key}\0".encode())
            digest.update(crop.tobytes())
        return digest.hexdigest()

    def belong_to(self, people: Sequence[str]) -> NDArray[np.bool_]:
        """(N,) which faces are of these people, named by their keys."""
        return np.isin(self.labels, [self.people.index(person) for person in people])

    def subset(self, rows: NDArray[np.int64]) -> tuple[Crops, Labels]:
        """Crops and labels of some rows."""
        return self.crops[rows], self.labels[rows]


def from_gallery(gallery: Gallery, progress: Progress = lambda done, total: None) -> FaceSet:
    """The aligned crops of everyone enrolled. A photo whose file is unreadable is left out and listed.

    Raises:
        DataError: nothing usable.
        StorageError: the gallery can't be read.
    """
    crops: list[Picture] = []
    labels: list[int] = []
    photos: list[str] = []
    skipped: list[tuple[str, str]] = []
    people = [person for person in gallery.people() if person.photo_count]
    records = [(label, photo) for label, person in enumerate(people) for photo in gallery.photos(person.id)]
    for done, (label, photo) in enumerate(records):
        progress(done, len(records))
        try:
            crops.append(gallery.crop(photo.id))
        except RecognitionError as error:
            skipped.append((f"photo {photo.id}", str(error)))
            continue
        labels.append(label)
        photos.append(str(photo.id))
    return _face_set(crops, labels, [str(person.id) for person in people], [person.name for person in people], photos, skipped)


def from_folder(folder: Path, detector: Detector, progress: Progress = lambda done, total: None) -> FaceSet:
    """The main face of every picture in a folder of folders, one folder a person.

    Raises:
        DataError: no such folder, or nothing usable in it.
    """
    people = people_folders(folder)
    crops: list[Picture] = []
    labels: list[int] = []
    photos: list[str] = []
    skipped: list[tuple[str, str]] = []
    files = [(label, file) for label, person in enumerate(people) for file in picture_files(person)]
    for done, (label, file) in enumerate(files):
        progress(done, len(files))
        key = file.relative_to(folder).as_posix()
        try:
            crop = main_crop(detector, read_picture(file))
        except PictureError as error:
            skipped.append((key, str(error)))
            continue
        if crop is None:
            skipped.append((key, "no face found"))
            continue
        crops.append(crop)
        labels.append(label)
        photos.append(key)
    names = [person.name for person in people]
    return _face_set(crops, labels, names, names, photos, skipped)


def faces_in(folder: Path, detector: Detector, progress: Progress = lambda done, total: None) -> Crops:
    """The main face of every picture anywhere in a folder, (N, S, S, 3) uint8 RGB. Pictures without one are passed over.

    Raises:
        DataError: there is no face in it.
    """
    files = picture_files(folder)
    crops: list[Picture] = []
    for done, file in enumerate(files):
        progress(done, len(files))
        try:
            crop = main_crop(detector, read_picture(file))
        except PictureError:
            continue
        if crop is not None:
            crops.append(crop)
    if not crops:
        raise DataError(f"There is no picture with a face in {folder}.")
    return np.stack(crops)


def people_folders(folder: Path) -> list[Path]:
    """The folders of the people, by name.

    Raises:
        DataError: there is no such folder, or no folder in it.
    """
    try:
        people = sorted(entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"The folder {folder} can't be read: {error.strerror or error}.") from error
    if not people:
        raise DataError(f"{folder} holds no folders. Put each person's photos into a folder with the person's name.")
    return people


def picture_files(folder: Path) -> list[Path]:
    """The pictures anywhere in a folder, by path."""
    return sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())


def main_crop(detector: Detector, picture: Picture) -> Picture | None:
    """The crop of the face nearest to the middle of the picture, which is whom a portrait is of. None without a face."""
    faces = detector.detect(picture)
    if not faces:
        return None
    middle = np.array(picture.shape[1::-1]) / 2
    central = min(faces, key=lambda face: float(np.linalg.norm((face.box[:2] + face.box[2:]) / 2 - middle)))
    return align(picture, central.landmarks)


def _face_set(
    crops: list[Picture],
    labels: list[int],
    people: list[str],
    names: list[str],
    photos: list[str],
    skipped: list[tuple[str, str]],
) -> FaceSet:
    if not crops:
        raise DataError("There is no usable photo to learn from.")
    # Somebody none of whose photos could be used is nobody to learn.
    used = sorted(set(labels))
    renumbered = {label: number for number, label in enumerate(used)}
    return FaceSet(
        np.stack(crops),
        np.array([renumbered[label] for label in labels], dtype=np.int64),
        tuple(people[label] for label in used),
        tuple(names[label] for label in used),
        tuple(photos),
        tuple(skipped),
    )
