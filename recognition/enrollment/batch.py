"""Enrolling many pictures at once: uploads, zips and folders go through the same gate as the camera."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby

import numpy as np

from recognition.calibration import Calibration
from recognition.enrollment.gate import Candidate, Refusal, assess
from recognition.errors import InvalidNameError, NameTakenError, NotEnrolledError, PictureError
from recognition.gallery import ArchivedPicture, EnrollReceipt, Gallery, NewPhoto, NothingNewError
from recognition.names import clean_name
from recognition.pictures import read_picture
from recognition.recognizer import Recognizer

OUTSIDER = -2.85
"""A photo shows somebody else if its median similarity to a person's other photos is below this, in spreads of the
strangers' scores from the threshold. See docs/decisions.md, "Limits of similarity"."""

Progress = Callable[[int, str], None]
"""Called with the number of pictures done and the file at hand. It may raise to stop: whole people stay enrolled."""

_Accepted = tuple[str, Candidate]
"""A file that passed the gate, and its face."""

_Store = Callable[[list[NewPhoto]], EnrollReceipt]


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

    People already enrolled by that name get the new photos added. Where another process enrolls or deletes somebody of
    that name at the same moment, the pictures are refused and the next person follows.

    Args:
        pictures: grouped by person; a picture without a person is refused.
        source: upload or command line.
        consented: whether the people agreed to be enrolled.

    Raises:
        GalleryError: the storage failed, or consent is missing. People before this one stay enrolled.
    """

    def store(name: str, photos: list[NewPhoto]) -> EnrollReceipt:
        known = gallery.find(name)
        if known is None:
            return gallery.enroll(name, photos, consented=consented)
        return gallery.add_photos(known.id, photos)

    results: list[PersonResult] = []
    for name, group in groupby(enumerate(pictures), key=lambda numbered: numbered[1].person or ""):
        result = PersonResult(name)
        results.append(result)
        batch = _assess_all(group, result, recognizer, progress)
        try:
            _store(batch, result, source, partial(store, name))
        except (NameTakenError, NotEnrolledError) as error:
            result.refused += [RefusedFile(file, str(error)) for file, _ in batch]
    return BatchResult(tuple(results))


def add_pictures(
    person_id: int,
    pictures: Iterable[ArchivedPicture],
    gallery: Gallery,
    recognizer: Recognizer,
    *,
    source: str,
    progress: Progress = lambda done, file: None,
) -> PersonResult:
    """Add pictures to somebody enrolled, in one transaction. The names that come with the pictures play no part.

    Raises:
        NotEnrolledError: the person is not in the gallery, or was deleted meanwhile. Nothing is stored then.
        GalleryError: the storage failed.
    """
    result = PersonResult(gallery.person(person_id).name)
    batch = _assess_all(enumerate(pictures), result, recognizer, progress)
    _store(batch, result, source, partial(gallery.add_photos, person_id))
    return result


def _assess_all(
    pictures: Iterable[tuple[int, ArchivedPicture]], result: PersonResult, recognizer: Recognizer, progress: Progress
) -> list[_Accepted]:
    """Put numbered pictures of one person through the gate; the refused ones go into the result."""
    batch: list[_Accepted] = []
    for done, picture in pictures:
        progress(done, picture.file)
        try:
            clean_name(result.person)
            outcome = assess(read_picture(picture.data, picture.file), recognizer)
        except (InvalidNameError, PictureError) as error:
            result.refused.append(RefusedFile(picture.file, str(error)))
            continue
        if isinstance(outcome, Refusal):
            result.refused.append(RefusedFile(picture.file, outcome.reason))
        else:
            batch.append((picture.file, outcome))
    return _without_outsiders(batch, result, recognizer.network.spec.calibration)


def _store(batch: list[_Accepted], result: PersonResult, source: str, store: _Store) -> None:
    """Store the photos of one person; what became of them goes into the result."""
    if not batch:
        return
    try:
        receipt = store([candidate.photo(source) for _, candidate in batch])
    except NothingNewError as error:
        duplicates = error.duplicates
    else:
        duplicates, result.accepted = receipt.duplicates, receipt.added
    result.refused += [
        RefusedFile(batch[duplicate.position][0], f"Already enrolled, as {duplicate.owner}") for duplicate in duplicates
    ]


def _without_outsiders(batch: list[_Accepted], result: PersonResult, calibration: Calibration) -> list[_Accepted]:
    """Leave out photos that show someone else than most of the person's photos do (three or more are needed to tell)."""
    if len(batch) < 3:
        return batch
    vectors = np.stack([candidate.embedding for _, candidate in batch])
    typical = np.median(vectors @ vectors.T, axis=1)
    outsider = calibration.score_at(OUTSIDER)
    kept = []
    for (file, candidate), likeness in zip(batch, typical, strict=True):
        if likeness < outsider:
            result.refused.append(RefusedFile(file, "Looks like another person than most of these photos"))
        else:
            kept.append((file, candidate))
    return kept
