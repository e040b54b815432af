"""Open-set identification on folders of real faces."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.calibration import Calibration
from recognition.detection import Detector
from recognition.networks import Network
from recognition.pictures import encode_png
from tests.training.evaluation.folders import lfw_folder, versions
from training.errors import DataError, EvaluationError
from training.evaluation import identification
from training.evaluation.identification import NOT_ENROLLED, Folders, Plan, compare, read_portraits
from training.evaluation.intervals import open_set_intervals
from training.faces.settings import PRESETS
from training.metrics import Nearest, open_set

Picture = NDArray[np.uint8]

BLANK = np.full((200, 200, 3), 90, np.uint8)


@pytest.fixture
def people(tmp_path: Path, collins: Picture, hopper: Picture) -> Path:
    return lfw_folder(tmp_path / "people", {"Collins": versions(collins, 5), "Hopper": versions(hopper, 4)})


@pytest.fixture
def strangers(tmp_path: Path, collins: Picture) -> Path:
    """A face with a changed mouth: found by the detector, and nobody enrolled."""
    odd = collins.copy()
    odd[90:140] = odd[90:140][:, ::-1] // 2
    return lfw_folder(tmp_path / "strangers", {"Odd": versions(odd, 3)})


@pytest.fixture
def faces(people: Path, strangers: Path, detector: Detector) -> Folders:
    return read_portraits(people, [strangers], detector).enroll(3)


def test_the_first_photos_are_enrolled_and_the_rest_are_probes(faces: Folders) -> None:
    assert faces.enrolled.names == ("Collins", "Hopper")
    assert faces.enrolled.photos == tuple(f"{name}/{name}_000{n}.png" for name in ("Collins", "Hopper") for n in (1, 2, 3))
    assert faces.enrolled.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert faces.truths.tolist() == [0, 0, 1]
    assert len(faces.strangers) == 3
    assert faces.missed == 0


def test_everybody_is_recognised_and_strangers_are_not(faces: Folders, network: Network) -> None:
    (result,) = compare({"": faces}, network)
    row = result.row
    assert row.name == network.spec.title
    assert (row.rank1, row.probes, row.strangers) == (1.0, 3, 3)
    assert row.tpir_at_fpir_1 == row.tpir_at_fpir_5 == 1.0
    assert 0 < row.threshold < 1
    assert row.seconds > 0
    assert result.slope is not None
    assert result.slope > 0


def test_a_probe_without_a_face_is_an_error_and_a_damaged_one_is_told(
    people: Path, strangers: Path, detector: Detector, network: Network
) -> None:
    (people / "Collins" / "Collins_0004.png").write_bytes(encode_png(BLANK))
    (people / "Collins" / "Collins_0006.png").write_bytes(b"not a picture")
    portraits = read_portraits(people, [strangers], detector)
    faces = portraits.enroll(3)
    assert faces.missed == 1
    ((file, reason),) = portraits.unreadable
    assert file.endswith("Collins_0006.png")
    assert "not a picture" in reason
    (result,) = compare({"": faces}, network)
    assert result.row.probes == 3
    assert result.row.rank1 == pytest.approx(2 / 3)


def test_somebody_without_an_enrolled_face_is_never_recognised(
    people: Path, strangers: Path, detector: Detector, network: Network
) -> None:
    for number in (1, 2, 3):
        (people / "Collins" / f"Collins_000{number}.png").write_bytes(encode_png(BLANK))
    faces = read_portraits(people, [strangers], detector).enroll(3)
    assert faces.enrolled.names == ("Hopper",)
    assert faces.truths.tolist() == [NOT_ENROLLED, NOT_ENROLLED, 0]
    (result,) = compare({"": faces}, network)
    assert result.row.rank1 == pytest.approx(1 / 3)


def test_hard_probes_and_strangers_are_worse_and_the_enrolled_stay(faces: Folders) -> None:
    hard = faces.corrupted()
    assert np.array_equal(hard.enrolled.crops, faces.enrolled.crops)
    assert hard.probes.shape == faces.probes.shape
    assert not np.array_equal(hard.probes, faces.probes)
    assert not np.array_equal(hard.strangers, faces.strangers)
    again = faces.corrupted()
    assert np.array_equal(hard.probes, again.probes)
    assert np.array_equal(hard.strangers, again.strangers)


def test_a_training_adds_its_rows_and_the_network_stays(
    faces: Folders, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Spoilt:
        """What `fit` returns: a network that has forgotten everything."""

        def __init__(self, parent: Network) -> None:
            self.parent = parent.spec.key
            self.module = deepcopy(parent.module)
            for parameter in self.module.parameters():
                parameter.data.zero_().add_(0.01)
            self.calibration = Calibration(0.9, 100.0, 0.03, source="test")

    heard: list[Any] = []

    def fit(faces: Any, settings: Any, parent: Network, folder: Path, observer: Any) -> Spoilt:
        assert folder.is_dir()
        heard.append((faces, settings, observer))
        return Spoilt(parent)

    monkeypatch.setattr(identification, "fit", fit)
    before = network.embed(faces.probes)
    plans = [Plan("fast", PRESETS["fast"].model_copy(update={"test": 0.0, "seed": seed})) for seed in (0, 3)]
    results = list(compare({"clean": faces, "hard": faces.corrupted()}, network, plans, lambda plan: plan.name))  # type: ignore[arg-type,return-value]
    title = network.spec.title
    assert [result.row.name for result in results] == [
        f"{title}, clean",
        f"{title}, hard",
        f"{title}, fast, clean, seed 0",
        f"{title}, fast, hard, seed 0",
        f"{title}, fast, clean, seed 3",
        f"{title}, fast, hard, seed 3",
    ]
    assert [result.group for result in results[2:]] == [f"{title}, fast, clean", f"{title}, fast, hard"] * 2
    # It learned from the enrolled photos alone, and its own embeddings were measured.
    assert all(learned is faces.enrolled for learned, _, _ in heard)
    assert [settings.seed for _, settings, _ in heard] == [0, 3]
    assert results[0].row.rank1 == 1.0
    assert results[2].row.tpir_at_fpir_1 < 1.0
    assert np.array_equal(network.embed(faces.probes), before)


@pytest.mark.parametrize(("enroll", "told"), [(5, "There is nothing to recognise"), (9, "There is nothing to recognise")])
def test_too_many_enrolled_leave_nothing_to_recognise(
    people: Path, strangers: Path, detector: Detector, enroll: int, told: str
) -> None:
    with pytest.raises(EvaluationError, match=told):
        read_portraits(people, [strangers], detector).enroll(enroll)


def test_no_strangers_and_no_people_are_told(tmp_path: Path, people: Path, strangers: Path, detector: Detector) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EvaluationError, match="The open set needs people never enrolled"):
        read_portraits(people, [tmp_path / "empty"], detector).enroll(3)
    with pytest.raises(DataError, match="holds no folders"):
        read_portraits(tmp_path / "empty", [strangers], detector).enroll(3)
    with pytest.raises(DataError, match="can't be read"):
        read_portraits(tmp_path / "nowhere", [strangers], detector).enroll(3)
    for file in people.rglob("*.png"):
        file.write_bytes(encode_png(BLANK))
    with pytest.raises(EvaluationError, match="In none of the first 3 photos"):
        read_portraits(people, [strangers], detector).enroll(3)


def test_every_picture_is_counted_once(people: Path, strangers: Path, detector: Detector) -> None:
    steps: list[tuple[int, int]] = []
    read_portraits(people, [strangers], detector, lambda done, total: steps.append((done, total)))
    assert steps == [(done, 12) for done in range(12)]


def test_people_of_lfw_are_told_from_strangers(tmp_path: Path, shared: Path, detector: Detector, network: Network) -> None:
    people, strangers = tmp_path / "people", tmp_path / "strangers"
    for folder in sorted((shared / "faces" / "people").iterdir())[:8]:
        (people / folder.name).mkdir(parents=True)
        for file in sorted(folder.iterdir())[:8]:
            (people / folder.name / file.name).symlink_to(file)
    strangers.mkdir()
    for file in sorted((shared / "faces" / "strangers").rglob("*.jpg"))[:40]:
        (strangers / file.name).symlink_to(file)
    faces = read_portraits(people, [strangers], detector).enroll(5)
    clean, hard = (result.row for result in compare({"clean": faces, "hard": faces.corrupted()}, network))
    assert (clean.probes, clean.strangers) == (24, 40)
    assert clean.rank1 >= 0.95
    assert clean.tpir_at_fpir_1 >= 0.9
    assert hard.tpir_at_fpir_1 < clean.tpir_at_fpir_1


def test_nobody_enrolled_is_a_stranger(people: Path, strangers: Path, detector: Detector, collins: Picture) -> None:
    (strangers / "Collins_0009.png").write_bytes(encode_png(collins))
    faces = read_portraits(people, [strangers, people], detector)
    assert len(faces.strangers) == 3


def test_the_intervals_hold_the_rates_and_shrink_with_more_people(faces: Folders, network: Network) -> None:
    (result,) = compare({"": faces}, network)
    assert result.row.rank1_interval == (1.0, 1.0)
    random = np.random.default_rng(0)
    widths = []
    for people in (20, 320):
        truths = np.repeat(np.arange(people), 4)
        found = Nearest(np.where(random.random(len(truths)) < 0.8, truths, -2), random.uniform(0.4, 1.0, len(truths)))
        unknown = random.uniform(0.0, 0.6, 4 * people)
        rates, ends = open_set(found, truths, unknown), open_set_intervals(found, truths, unknown)
        assert ends.rank1[0] <= rates.rank1 <= ends.rank1[1]
        assert ends.tpir_at_fpir_5[0] <= rates.tpir_at_fpir_5 <= ends.tpir_at_fpir_5[1]
        assert ends == open_set_intervals(found, truths, unknown)
        widths.append(ends.rank1[1] - ends.rank1[0])
    assert widths[1] < widths[0] / 2
