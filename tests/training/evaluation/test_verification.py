"""LFW's protocol, on real faces."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.detection import Detector
from recognition.networks import Network
from recognition.pictures import encode_png
from tests.training.evaluation.folders import lfw_folder, versions
from training.errors import EvaluationError
from training.evaluation.verification import verify

Picture = NDArray[np.uint8]

GENUINE = ["Collins 1 2", "Collins 1 3", "Hopper 1 2", "Hopper 2 3"]
IMPOSTOR = ["Collins 1 Hopper 1", "Collins 2 Hopper 2", "Collins 3 Hopper 3", "Collins 1 Hopper 3"]


@pytest.fixture
def images(tmp_path: Path, collins: Picture, hopper: Picture) -> Path:
    return lfw_folder(tmp_path / "images", {"Collins": versions(collins, 3), "Hopper": versions(hopper, 3)})


def pairs_file(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "pairs.txt"
    file.write_text("\n".join(lines))
    return file


def test_two_people_are_told_apart(tmp_path: Path, images: Path, detector: Detector, network: Network) -> None:
    steps: list[tuple[int, int]] = []
    file = pairs_file(tmp_path, *GENUINE, *IMPOSTOR)
    result = verify(images, file, detector, network, lambda done, total: steps.append((done, total)))
    assert (result.accuracy, result.accuracy_std, result.auc) == (1.0, 0.0, 1.0)
    assert (result.tar_at_far_1, result.tar_at_far_01) == (1.0, 1.0)
    assert (result.pairs, result.no_face) == (8, 0)
    assert 0.2 < result.threshold < 0.9
    # Every picture once, however many pairs it is in.
    assert steps == [(done, 6) for done in range(7)]


def test_folds_choose_their_threshold_on_the_others(tmp_path: Path, images: Path, detector: Detector, network: Network) -> None:
    # In the second fold the pairs are called what they are not, so each fold's threshold is useless for the other.
    (images / "Wrong").mkdir()
    for number, name in enumerate(("Collins", "Hopper"), start=1):
        (images / "Wrong" / f"Wrong_{number:04d}.png").write_bytes((images / name / f"{name}_0001.png").read_bytes())
    file = pairs_file(tmp_path, "2 1", "Collins 1 2", "Collins 1 Hopper 1", "Wrong 1 2", "Wrong 1 Collins 2")
    result = verify(images, file, detector, network)
    # The first fold's threshold gets all of the second wrong; the second's accepts nobody, right for half of the first.
    assert result.accuracy == pytest.approx(0.25)
    assert result.accuracy_std == pytest.approx(0.25)


def test_a_picture_without_a_face_makes_its_pairs_errors(
    tmp_path: Path, images: Path, detector: Detector, network: Network
) -> None:
    (images / "Hopper" / "Hopper_0003.png").write_bytes(encode_png(np.full((200, 200, 3), 90, np.uint8)))
    result = verify(images, pairs_file(tmp_path, *GENUINE, *IMPOSTOR), detector, network)
    assert result.no_face == 1
    assert result.pairs == 8
    assert result.accuracy == pytest.approx(5 / 8)


def test_the_face_in_the_middle_counts(
    tmp_path: Path, images: Path, collins: Picture, hopper: Picture, detector: Detector, network: Network
) -> None:
    beside = np.hstack([hopper, collins, hopper])
    (images / "Collins" / "Collins_0001.png").write_bytes(encode_png(beside))
    result = verify(images, pairs_file(tmp_path, *GENUINE, *IMPOSTOR), detector, network)
    assert result.accuracy == 1.0


def test_a_damaged_picture_is_told(tmp_path: Path, images: Path, detector: Detector, network: Network) -> None:
    (images / "Hopper" / "Hopper_0002.png").write_bytes(b"not a picture")
    with pytest.raises(EvaluationError, match=r"Hopper_0002\.png is not a picture"):
        verify(images, pairs_file(tmp_path, *GENUINE, *IMPOSTOR), detector, network)


def test_pictures_without_any_face_are_told(tmp_path: Path, images: Path, detector: Detector, network: Network) -> None:
    for file in images.rglob("*.png"):
        file.write_bytes(encode_png(np.full((200, 200, 3), 90, np.uint8)))
    with pytest.raises(EvaluationError, match="In too few of these pictures"):
        verify(images, pairs_file(tmp_path, *GENUINE, *IMPOSTOR), detector, network)


def test_pairs_of_lfw_are_told_apart(tmp_path: Path, shared: Path, detector: Detector, network: Network) -> None:
    folder = shared / "faces" / "lfw_pairs"
    lines = (folder / "pairs.txt").read_text().splitlines()[1:]
    result = verify(folder / "images", pairs_file(tmp_path, *lines[:20], *lines[-20:]), detector, network)
    assert result.pairs == 40
    assert result.accuracy >= 0.95
    assert 0.2 < result.threshold < 0.6
