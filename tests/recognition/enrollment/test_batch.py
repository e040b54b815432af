"""Enrolling pictures into a real gallery."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.enrollment import Candidate, Refusal, assess, enroll_pictures
from recognition.errors import CancelledError, GalleryError
from recognition.gallery import ArchivedPicture, Gallery
from recognition.pictures import encode_jpeg, encode_png
from recognition.recognizer import Recognizer
from tests.faces import nose_moved

Picture = NDArray[np.uint8]


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[Gallery]:
    with Gallery.open(tmp_path / "storage") as gallery:
        yield gallery


def enroll(gallery: Gallery, recognizer: Recognizer, *pictures: ArchivedPicture, consented: bool = True):  # type: ignore[no-untyped-def]
    return enroll_pictures(pictures, gallery, recognizer, source="upload", consented=consented)


def test_good_pictures_are_enrolled_and_bad_ones_refused_with_a_reason(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture, hopper: Picture
) -> None:
    half = encode_jpeg(astronaut)[:9000]
    result = enroll(
        gallery,
        recognizer,
        ArchivedPicture("Eileen", "good.png", encode_png(astronaut)),
        ArchivedPicture("Eileen", "half.jpg", half),
        ArchivedPicture("Eileen", "empty.png", encode_png(np.zeros_like(astronaut))),
        ArchivedPicture("Grace", "g.png", encode_png(hopper)),
    )
    assert [(person.person, person.accepted) for person in result.people] == [("Eileen", 1), ("Grace", 1)]
    reasons = {refused.file: refused.reason for _, refused in result.refused}
    assert "damaged" in reasons["half.jpg"]
    assert "No face" in reasons["empty.png"]
    assert [(person.name, person.photo_count) for person in gallery.people()] == [("Eileen", 1), ("Grace", 1)]
    templates = gallery.templates(recognizer.network.spec.key)
    assert templates.vectors.shape == (2, 128)


def test_the_same_photo_twice_is_told(gallery: Gallery, recognizer: Recognizer, astronaut: Picture) -> None:
    photo = ArchivedPicture("Eileen", "a.png", encode_png(astronaut))
    enroll(gallery, recognizer, photo)
    again = enroll(gallery, recognizer, photo)
    assert again.accepted == 0
    assert again.refused[0][1].reason == "Already enrolled, as Eileen"
    assert gallery.counts().photos == 1


def test_a_known_name_gets_the_new_photos(gallery: Gallery, recognizer: Recognizer, astronaut: Picture) -> None:
    enroll(gallery, recognizer, ArchivedPicture("Eileen", "a.png", encode_png(astronaut)))
    brighter = np.clip(astronaut * 1.1, 0, 255).astype(np.uint8)
    enroll(gallery, recognizer, ArchivedPicture("EILEEN", "b.png", encode_png(brighter)))
    assert [(person.name, person.photo_count) for person in gallery.people()] == [("Eileen", 2)]


def test_an_outsider_among_a_persons_photos_is_left_out(
    gallery: Gallery, any_recognizer: Recognizer, collins: Picture, astronaut: Picture, hopper: Picture
) -> None:
    turned = [nose_moved(collins, (100.0, 114.0), across, down) for across, down in ((36, 0), (0, -12))]
    own = [astronaut, *turned]
    pictures = [ArchivedPicture("Eileen", f"{number}.png", encode_png(p)) for number, p in enumerate(own)]
    result = enroll(gallery, any_recognizer, *pictures, ArchivedPicture("Eileen", "wrong.png", encode_png(hopper)))
    assert result.accepted == 3
    assert [refused.file for _, refused in result.refused] == ["wrong.png"]


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 10_000, "a\x00b"])
def test_impossible_names_are_refused_picture_by_picture(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture, name: str | None
) -> None:
    result = enroll(gallery, recognizer, ArchivedPicture(name, "a.png", encode_png(astronaut)))
    assert result.accepted == 0
    assert len(result.refused) == 1
    assert gallery.counts().people == 0


@pytest.mark.parametrize("name", ['O\'Neil / "Neil"', "Zoë 🙂", "../../etc/passwd", "عائشة"])
def test_unusual_names_are_fine(gallery: Gallery, recognizer: Recognizer, astronaut: Picture, name: str) -> None:
    enroll(gallery, recognizer, ArchivedPicture(name, "a.png", encode_png(astronaut)))
    assert [person.name for person in gallery.people()] == [name]


def test_without_consent_nothing_is_stored(gallery: Gallery, recognizer: Recognizer, astronaut: Picture) -> None:
    with pytest.raises(GalleryError):
        enroll(gallery, recognizer, ArchivedPicture("Eileen", "a.png", encode_png(astronaut)), consented=False)
    assert gallery.counts().people == 0


def test_stopped_midway_whole_people_stay(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture, hopper: Picture
) -> None:
    def stop(done: int, file: str) -> None:
        if done == 2:
            raise CancelledError("stopped")

    pictures = [
        ArchivedPicture("Eileen", "a.png", encode_png(astronaut)),
        ArchivedPicture("Grace", "b.png", encode_png(hopper)),
        ArchivedPicture("Grace", "c.png", encode_png(hopper)),
    ]
    with pytest.raises(CancelledError):
        enroll_pictures(pictures, gallery, recognizer, source="upload", consented=True, progress=stop)
    assert [person.name for person in gallery.people()] == ["Eileen"]


def test_fifty_faces_are_several(recognizer: Recognizer, collins: Picture) -> None:
    row = np.hstack([collins] * 10)
    outcome = assess(np.vstack([row] * 5)[: 5 * 200], recognizer)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "several_faces"


def test_a_bystander_in_the_background_is_fine(recognizer: Recognizer, astronaut: Picture, hopper: Picture) -> None:
    picture = astronaut.copy()
    picture[:70, :70] = hopper[::3, ::3][:70, :70].repeat(2, axis=0).repeat(2, axis=1)[:70, :70]
    outcome = assess(picture, recognizer)
    assert isinstance(outcome, Candidate)
    assert outcome.crop.shape == (150, 150, 3)
    assert max(outcome.picture.shape[:2]) < 400
