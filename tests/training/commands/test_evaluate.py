"""`python -m training evaluate …` as a user runs it, in the same process."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from typer.testing import CliRunner

from recognition.calibration import Calibration
from recognition.networks import BUILT_IN, Network
from tests.training.evaluation.folders import lfw_folder, versions
from training.commands.evaluate import app
from training.evaluation import identification
from training.faces.heads import DenseHead
from training.faces.settings import FitSettings

Picture = NDArray[np.uint8]
run = CliRunner(env={"COLUMNS": "200"}).invoke

VERIFICATION = ["accuracy", "accuracy_std", "auc", "tar_at_far_1", "tar_at_far_01", "threshold", "pairs", "no_face"]
RATES = ["rank1", "tpir_at_fpir_1", "tpir_at_fpir_5"]
IDENTIFICATION = [
    "name",
    *RATES,
    "threshold",
    "enrolled",
    "probes",
    "strangers",
    "seconds",
    *(f"{rate}_interval" for rate in RATES),
]


@pytest.fixture
def storage(tmp_path: Path) -> list[str]:
    return ["--storage", str(tmp_path / "storage")]


@pytest.fixture
def verify(tmp_path: Path, collins: Picture, hopper: Picture, storage: list[str]) -> list[str]:
    images = lfw_folder(tmp_path / "images", {"Collins": versions(collins, 2), "Hopper": versions(hopper, 2)})
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("Collins\t1\t2\nHopper\t1\t2\nCollins\t1\tHopper\t1\nCollins\t2\tHopper\t2\n")
    return ["verification", "--images", str(images), "--pairs", str(pairs), *storage]


@pytest.fixture
def identify(tmp_path: Path, collins: Picture, hopper: Picture, storage: list[str]) -> list[str]:
    people = lfw_folder(tmp_path / "people", {"Collins": versions(collins, 3), "Hopper": versions(hopper, 3)})
    strangers = lfw_folder(tmp_path / "strangers", {"Both": [(collins // 2 + hopper // 2).astype(np.uint8)]})
    return ["identification", "--people", str(people), "--strangers", str(strangers), "--enroll", "2", *storage]


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[FitSettings]:
    """Trainings that are over at once and change nothing; which were asked for."""
    asked: list[FitSettings] = []

    class Unchanged:
        def __init__(self, parent: Network) -> None:
            self.parent, self.module = parent.spec.key, parent.module
            self.calibration = Calibration(0.9, 100.0, 0.03, source="test")
            self.head = DenseHead(torch.zeros(8, parent.spec.dimension), smoothing=0.0, dropout=0.0)

    def fit(faces: Any, settings: FitSettings, parent: Network, folder: Path, observer: Any) -> Unchanged:
        observer.step(1, 2, 0.5)
        asked.append(settings)
        return Unchanged(parent)

    monkeypatch.setattr(identification, "fit", fit)
    return asked


def test_verification_prints_the_agreed_keys(verify: list[str]) -> None:
    done = run(app, [*verify, "--json"])
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    assert list(result) == VERIFICATION
    assert (result["accuracy"], result["pairs"], result["no_face"]) == (1.0, 4, 0)


def test_verification_prints_a_table(verify: list[str]) -> None:
    done = run(app, verify)
    assert done.exit_code == 0
    assert "100.00% ± 0.00%" in done.stdout
    assert "4 pairs, 0 pictures without a face" in done.stdout


def test_identification_prints_rows_of_the_agreed_keys(identify: list[str]) -> None:
    done = run(app, [*identify, "--json"])
    assert done.exit_code == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert list(row) == IDENTIFICATION
    assert (row["name"], row["rank1"], row["probes"], row["strangers"]) == ("Familiar face ResNet", 1.0, 2, 1)


def test_identification_prints_a_table_and_the_calibration(identify: list[str]) -> None:
    done = run(app, identify)
    assert done.exit_code == 0
    assert "2 photos enrolled each, 2 probes, 1 strangers" in done.stdout
    assert "Calibration of Familiar face ResNet: slope" in done.stdout


@pytest.mark.parametrize(
    ("options", "conditions"),
    [
        (["--hard"], [", hard"]),
        (["--both"], [", clean", ", hard"]),
        (["--hard", "--both"], [", clean", ", hard"]),
        (["--each"], [", clean", ", hard", ", small", ", dark", ", covered", ", blurred"]),
    ],
)
def test_rows_say_which_probes_they_are_of(identify: list[str], options: list[str], conditions: list[str]) -> None:
    rows = json.loads(run(app, [*identify, *options, "--json"]).stdout)
    assert [row["name"] for row in rows] == [f"Familiar face ResNet{condition}" for condition in conditions]


def test_every_network_is_measured_with_every_number_of_photos(identify: list[str]) -> None:
    done = run(app, [*identify, "--network", BUILT_IN.key, "--network", BUILT_IN.key, "--enroll", "1", "--json"])
    rows = json.loads(done.stdout)
    assert len(rows) == 4
    assert rows[0]["enrolled"] > rows[2]["enrolled"] and rows[0]["probes"] < rows[2]["probes"]


def test_every_preset_scope_and_seed_is_trained(identify: list[str], fits: list[FitSettings]) -> None:
    options = ["--fine-tune", "fast", "--fine-tune", "balanced", "--scope", "head", "--scope", "scratch", "--seeds", "2"]
    done = run(app, [*identify, *options, "--json"])
    assert done.exit_code == 0, done.stderr
    trainings = [(preset, scope, seed) for preset in ("fast", "balanced") for scope in ("head", "scratch") for seed in (0, 1)]
    assert [row["name"] for row in json.loads(done.stdout)] == [
        "Familiar face ResNet",
        *(f"Familiar face ResNet, {preset}, {scope}, seed {seed}" for preset, scope, seed in trainings),
    ]
    assert [(settings.scope, settings.seed) for settings in fits] == [(scope, seed) for _, scope, seed in trainings]
    assert {settings.test for settings in fits} == {0.0}
    assert {settings.network for settings in fits} == {BUILT_IN.key}
    assert fits[0].epochs < fits[-1].epochs


def test_several_seeds_are_one_line_with_their_spread(identify: list[str], fits: list[FitSettings]) -> None:
    done = run(app, [*identify, "--fine-tune", "fast", "--seeds", "3"])
    assert "Familiar face ResNet, fast, 3 seeds" in done.stdout
    assert "100.00% ± 0.00%" in done.stdout


def test_one_seed_can_be_chosen(identify: list[str], fits: list[FitSettings]) -> None:
    done = run(app, [*identify, "--fine-tune", "fast", "--seed", "7", "--json"])
    assert [settings.seed for settings in fits] == [7]
    assert [row["name"] for row in json.loads(done.stdout)] == ["Familiar face ResNet", "Familiar face ResNet, fast, seed 7"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--network", BUILT_IN.key, "--model", "0123456789ab"], "not both"),
        (["--seed", "1", "--seeds", "2", "--fine-tune", "fast"], "not both"),
        (["--scope", "head"], "add --fine-tune"),
        (["--seeds", "2"], "add --fine-tune"),
        (["--fine-tune", "quick"], "there is no preset"),
        (["--fine-tune", "fast", "--scope", "tail"], "there is no scope"),
        (["--model", "0123456789ab", "--fine-tune", "fast"], "can't be fine-tuned"),
    ],
)
def test_options_that_contradict_each_other_are_wrong_usage(identify: list[str], options: list[str], told: str) -> None:
    done = run(app, [*identify, *options])
    assert done.exit_code == 2
    assert told in done.stderr


@pytest.mark.parametrize("model", ["0123456789ab", "model:0123456789ab"])
def test_a_model_is_found_by_number_or_key(verify: list[str], model: str) -> None:
    done = run(app, [*verify, "--model", model])
    assert done.exit_code == 1
    assert "The model 0123456789ab is not here" in done.stderr


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--network", "nothing"], "There is no network called"),
        (["--network", "facenet-casia"], "not on this machine"),
        (["--model", "../../etc"], "There is no model called"),
        (["--pairs", "nowhere.txt"], "can't be read"),
        (["--images", "nowhere"], "There is no folder"),
    ],
)
def test_what_can_t_be_used_is_told(verify: list[str], options: list[str], told: str) -> None:
    done = run(app, [*verify, *options])
    assert done.exit_code == 1
    assert told in " ".join(done.stderr.split())
    assert not done.stdout


def test_a_damaged_photo_is_left_out_and_told(identify: list[str]) -> None:
    (Path(identify[identify.index("--people") + 1]) / "Collins" / "Collins_0004.png").write_bytes(b"no picture")
    done = run(app, [*identify, "--json"])
    assert done.exit_code == 0
    assert "Left out" in done.stderr
    assert json.loads(done.stdout)[0]["probes"] == 2
