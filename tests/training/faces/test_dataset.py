"""The faces to learn from, and their division."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from recognition.alignment import CROP_SIZE
from recognition.detection import Detector
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture, Gallery
from recognition.gallery.files import crop_file
from recognition.pictures import encode_png
from recognition.recognizer import Recognizer
from tests.training.made import noise_set
from training.errors import DataError
from training.faces.dataset import FaceSet, from_folder, from_gallery

Picture = NDArray[np.uint8]


def write(picture: Picture, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def test_a_folder_of_folders_is_read_and_what_is_unusable_is_listed(
    tmp_path: Path, detector: Detector, collins: Picture, hopper: Picture
) -> None:
    write(collins, tmp_path / "Eileen" / "1.png")
    write(hopper, tmp_path / "Grace" / "deep" / "1.jpg")
    write(np.full((80, 80, 3), 90, np.uint8), tmp_path / "Grace" / "wall.png")
    (tmp_path / "Grace" / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    (tmp_path / "Nobody").mkdir()
    faces = from_folder(tmp_path, detector)
    assert faces.people == ("Eileen", "Grace")
    assert faces.photos == ("Eileen/1.png", "Grace/deep/1.jpg")
    assert {key for key, _ in faces.skipped} == {"Grace/wall.png", "Grace/broken.jpg"}
    assert faces.crops.shape == (2, CROP_SIZE, CROP_SIZE, 3)


def test_a_folder_that_is_missing_or_holds_no_folders_is_told(tmp_path: Path, detector: Detector) -> None:
    with pytest.raises(DataError, match="can't be read"):
        from_folder(tmp_path / "gone", detector)
    with pytest.raises(DataError, match="folder with the person's name"):
        from_folder(tmp_path, detector)


def test_the_gallery_is_read_and_a_damaged_photo_left_out(
    tmp_path: Path, recognizer: Recognizer, collins: Picture, hopper: Picture
) -> None:
    with Gallery.open(tmp_path) as gallery:
        files = [ArchivedPicture("Eileen", "1.png", encode_png(collins)), ArchivedPicture("Grace", "1.png", encode_png(hopper))]
        enroll_pictures(files, gallery, recognizer, source="upload", consented=True)
        whole = from_gallery(gallery)
        assert whole.names == ("Eileen", "Grace")
        assert whole.people == tuple(str(person.id) for person in gallery.people())
        photo = gallery.photos(gallery.people()[0].id)[0]
        (tmp_path / crop_file(photo.crop_sha256)).write_bytes(b"rust")
        damaged = from_gallery(gallery)
    assert damaged.names == ("Grace",)
    assert len(damaged.skipped) == 1
    assert whole.fingerprint != damaged.fingerprint


def test_an_empty_gallery_is_told(tmp_path: Path) -> None:
    with Gallery.open(tmp_path) as gallery, pytest.raises(DataError, match="no usable photo"):
        from_gallery(gallery)


def test_the_fingerprint_does_not_depend_on_the_order() -> None:
    faces = noise_set([2, 3])
    turned = FaceSet(faces.crops[::-1], faces.labels[::-1], faces.people, faces.names, faces.photos[::-1])
    assert turned.fingerprint == faces.fingerprint
