"""Enrolling pictures into a real gallery."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.enrollment import Candidate, Refusal, add_pictures, assess, batch, enroll_pictures
from recognition.errors import CancelledError, GalleryError, NotEnrolledError
from recognition.gallery import ArchivedPicture, Gallery
from recognition.pictures import encode_jpeg, encode_png
from recognition.recognizer import Recognizer
from tests.faces import nose_moved

Picture = NDArray[np.uint8]

ROOT = Path(__file__).resolve().parents[3]


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


def test_when_no_two_photos_are_alike_all_are_refused_and_the_next_person_follows(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture, hopper: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "OUTSIDER", 100.0)
    pictures = [ArchivedPicture("Everybody", f"{number}.png", encode_png(astronaut)) for number in range(3)]
    result = enroll(gallery, recognizer, *pictures, ArchivedPicture("Grace", "g.png", encode_png(hopper)))
    assert [(person.person, person.accepted, len(person.refused)) for person in result.people] == [
        ("Everybody", 0, 3),
        ("Grace", 1, 0),
    ]


def test_pictures_are_added_to_a_person_whatever_the_name_is_meanwhile(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture
) -> None:
    enroll(gallery, recognizer, ArchivedPicture("Eileen", "a.png", encode_png(astronaut)))
    (eileen,) = gallery.people()
    gallery.rename(eileen.id, "Commander")
    brighter = np.clip(astronaut * 1.1, 0, 255).astype(np.uint8)
    pictures = [ArchivedPicture("Eileen", name, encode_png(p)) for name, p in (("a.png", astronaut), ("b.png", brighter))]
    result = add_pictures(eileen.id, pictures, gallery, recognizer, source="upload")
    assert (result.person, result.accepted) == ("Commander", 1)
    assert [(refused.file, refused.reason) for refused in result.refused] == [("a.png", "Already enrolled, as Commander")]
    assert [(person.name, person.photo_count) for person in gallery.people()] == [("Commander", 2)]


def test_nobody_is_enrolled_by_adding_pictures_to_a_person_deleted_meanwhile(
    gallery: Gallery, recognizer: Recognizer, astronaut: Picture
) -> None:
    enroll(gallery, recognizer, ArchivedPicture("Eileen", "a.png", encode_png(astronaut)))
    (eileen,) = gallery.people()
    pictures = [ArchivedPicture("Eileen", "a.png", encode_png(astronaut))]

    def delete(done: int, file: str) -> None:
        gallery.delete_person(eileen.id)

    for progress in (delete, lambda done, file: None):
        with pytest.raises(NotEnrolledError, match="not in the gallery"):
            add_pictures(eileen.id, pictures, gallery, recognizer, source="upload", progress=progress)
        assert gallery.people() == []


def test_two_processes_that_enroll_the_same_new_person_both_go_on_with_the_others(
    gallery: Gallery, tmp_path: Path, astronaut: Picture, hopper: Picture
) -> None:
    # Each process waits until the other one has found the name free, too.
    script = """
import json, sys
from pathlib import Path
from recognition.enrollment import enroll_pictures
from recognition.gallery import Gallery, iter_folder_pictures
from recognition.services import Services
from recognition.settings import load_settings

find = Gallery.find

def find_and_wait(self, name):
    found = find(self, name)
    print("found", flush=True)
    sys.stdin.readline()
    return found

Gallery.find = find_and_wait
services = Services(load_settings(storage=Path(sys.argv[1])))
pictures = iter_folder_pictures(Path(sys.argv[2]))
result = enroll_pictures(pictures, services.gallery, services.recognizer(), source="upload", consented=True)
print(json.dumps([[person.person, person.accepted, [f.reason for f in person.refused]] for person in result.people]))
"""
    processes = []
    for number, alone in enumerate(("Bob", "Carl")):
        for name, picture in (("Ada", astronaut), (alone, hopper)):
            folder = tmp_path / str(number) / name
            folder.mkdir(parents=True)
            (folder / "photo.png").write_bytes(encode_png((picture * (1 - number / 10)).astype(np.uint8)))
        command = [sys.executable, "-c", script, str(tmp_path / "storage"), str(tmp_path / str(number))]
        processes.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    for _ in range(2):
        for process in processes:
            assert process.stdout is not None and process.stdout.readline() == "found\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
    results = [json.loads(process.communicate()[0]) for process in processes]
    assert [(person.name, person.photo_count) for person in gallery.people()] == [("Ada", 1), ("Bob", 1), ("Carl", 1)]
    refused = "Ada is already enrolled. Add the photos to that person, or use another name."
    assert sorted(result[0] for result in results) == [["Ada", 0, [refused]], ["Ada", 1, []]]
    assert [result[1][1:] for result in results] == [[1, []], [1, []]]


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
    assert outcome.crop.shape == (CROP_SIZE, CROP_SIZE, 3)
    assert max(outcome.picture.shape[:2]) < 400
