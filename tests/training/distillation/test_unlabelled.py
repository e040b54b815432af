"""Reading faces without names."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.errors import ArchiveError
from recognition.networks import Network
from recognition.pictures import encode_png
from tests.training.unlabelled import picture_of, zip_of
from training.distillation import UnlabelledFaces, read_faces
from training.errors import DataError


def test_faces_come_in_an_order_of_the_seed_and_other_files_are_passed_over(faces_zip: Path) -> None:
    first, again, other = read_faces(faces_zip), read_faces(faces_zip), read_faces(faces_zip, seed=1)
    assert len(first) == 32 and len(first.first(5)) == 5
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert sorted(first.names) == sorted(other.names) and first.names != tuple(sorted(first.names))


def test_they_become_face_crops_that_the_network_knows(collins_crop: NDArray[np.uint8], network: Network) -> None:
    faces = UnlabelledFaces(picture_of(collins_crop)[None], ("a.png",))
    crops = faces.crops(np.array([0]))
    assert crops.shape == collins_crop[None].shape
    alike = float((network.embed(crops) @ network.embed(collins_crop[None]).T)[0, 0])
    assert alike > network.spec.calibration.threshold


@pytest.mark.parametrize(
    ("pictures", "told"),
    [
        ({"a.txt": b"no picture"}, "holds no pictures"),
        ({"a.png": encode_png(np.zeros((112, 96, 3), np.uint8))}, "a.png in faces.zip is 96×112 pixels"),
        ({"a.png": b"no picture"}, "Take it out of faces.zip"),
    ],
)
def test_what_is_not_such_a_zip_is_told(tmp_path: Path, pictures: dict[str, bytes], told: str) -> None:
    with pytest.raises(DataError, match=told):
        read_faces(zip_of(tmp_path / "faces.zip", pictures))


def test_no_zip_is_told(tmp_path: Path) -> None:
    (tmp_path / "faces.zip").write_bytes(b"<html>")
    with pytest.raises(ArchiveError, match="not a zip file"):
        read_faces(tmp_path / "faces.zip")
