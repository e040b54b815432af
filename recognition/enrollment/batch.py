"""Enrolling many pictures at once: uploads, zips and folders go through the same gate as the camera."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from recognition.enrollment.gate import Candidate, Refusal, assess
from recognition.errors import InvalidNameError, PictureError
from recognition.gallery import ArchivedPicture, Gallery, NothingNewError, clean_name
from recognition.networks.base import Calibration
from recognition.pictures import read_picture
from recognition.recognizer import Recognizer

OUTSIDER = -11.0
"""A photo shows somebody else if its median similarity to a person's other photos is below this, in log-odds from the
threshold for a name. For the built-in network that is a cosine of 0.90: on LFW 0.5 % of a person's own photos stay below
0.91, and 95 % of the photos of other people stay below 0.90."""

Progress = Callable[[int, str], None]
"""Called with the number of pictures done and the file at hand. It may raise to stop: whole people stay enrolled."""


@dataclass(frozen=True)
class RefusedFile:
    """A picture that was not taken, and why."""

    file: str
    reason: str


@dataclass
class PersonResult:
    """What became of one person's pictures."""

    person: str
    accepted: int = 0
    refused: list[RefusedFile] = field(default_factory=list)


@dataclass(frozen=True)
class BatchResult:
    """What became of all pictures, one entry a person in order of appearance."""

    people: tuple[PersonResult, ...]

    @property
    def accepted(self) -> int:
        return sum(person.accepted for person in self.people)

    @property
    def refused(self) -> list[tuple[str, RefusedFile]]:
        return [(person.person, file) for person in self.people for file in person.refused]


def enroll_pictures(
    pictures: Iterable[ArchivedPicture],
    gallery: Gallery,
    recognizer: Recognizer,
    *,
    source: str,
    consented: bool,
    progress: Progress = lambda done, file: None,
) -> BatchResult:
    """Enroll people from pictures. Each person is one transaction, made when the pictures of the next one begin.

    People already enrolled by that name get the new photos added.

    Args:
        pictures: grouped by person; a picture without a person is refused.
        source: upload or command line.
        consented: whether the people agreed to be enrolled.

    Raises:
        GalleryError: the storage failed, or consent is missing. People before this one stay enrolled.
    """
    results: list[PersonResult] = []
    batch: list[tuple[str, Candidate]] = []
    for done, picture in enumerate(pictures):
        progress(done, picture.file)
        name = picture.person or ""
        if not results or results[-1].person != name:
            if results:
                _store(results[-1], batch, gallery, recognizer, source, consented)
            results.append(PersonResult(name))
            batch = []
        outcome = _examine(picture, name, recognizer)
        if isinstance(outcome, Refusal):
            results[-1].refused.append(RefusedFile(picture.file, outcome.reason))
        else:
            batch.append((picture.file, outcome))
    if results:
        _store(results[-1], batch, gallery, recognizer, source, consented)
    return BatchResult(tuple(results))


def _examine(picture: ArchivedPicture, name: str, recognizer: Recognizer) -> Candidate | Refusal:
    try:
        clean_name(name)
        return assess(read_picture(picture.data, picture.file), recognizer)
    except InvalidNameError as error:
        return Refusal("no_name", str(error))
    except PictureError as error:
        return Refusal("unreadable", str(error))


def _store(
    result: PersonResult,
    batch: list[tuple[str, Candidate]],
    gallery: Gallery,
    recognizer: Recognizer,
    source: str,
    consented: bool,
) -> None:
    if not batch:
        return
    batch = _without_outsiders(batch, result, recognizer.network.spec.calibration)
    network = recognizer.network.spec.key
    photos = [candidate.photo(source, network) for _, candidate in batch]
    known = gallery.find(result.person)
    try:
        receipt = (
            gallery.enroll(result.person, photos, consented=consented)
            if known is None
            else gallery.add_photos(known.id, photos)
        )
    except NothingNewError as error:
        duplicates = error.duplicates
    else:
        duplicates, result.accepted = receipt.duplicates, receipt.added
    result.refused += [
        RefusedFile(batch[duplicate.position][0], f"Already enrolled, as {duplicate.owner}") for duplicate in duplicates
    ]


def _without_outsiders(
    batch: list[tuple[str, Candidate]], result: PersonResult, calibration: Calibration
) -> list[tuple[str, Candidate]]:
    """Leave out photos that show someone else than most of the person's photos do (three or more are needed to tell)."""
    if len(batch) < 3:
        return batch
    vectors = np.stack([candidate.embedding for _, candidate in batch])
    typical = np.median(vectors @ vectors.T, axis=1)
    outsider = calibration.from_threshold(OUTSIDER)
    kept = []
    for (file, candidate), likeness in zip(batch, typical, strict=True):
        if likeness < outsider:
            result.refused.append(RefusedFile(file, "Looks like another person than most of these photos"))
        else:
            kept.append((file, candidate))
    return kept
