"""`python -m training fit`, as a user runs it, in the same process."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from recognition.alignment import CROP_SIZE
from recognition.gallery import Gallery
from recognition.networks import Crops, Network
from recognition.pictures import encode_jpeg
from tests.recognition.gallery.photos import photo
from tests.training.made import lit_from_four_sides, record, trained
from training.__main__ import app
from training.errors import DataError, TrainingError
from training.faces.dataset import FaceSet
from training.faces.result import Trained
from training.faces.settings import PRESETS, FitSettings
from training.jobs import JobBoard
from training.jobs.terminal import StopWhenDeleted
from training.loop.checkpoint import STATE
from training.loop.observer import Observer
from training.models import list_models

Picture = NDArray[np.uint8]
run = CliRunner().invoke
ROWS = [("untuned", "clean"), ("untuned", "hard"), ("tuned", "clean"), ("tuned", "hard")]


class StandIn:
    """Takes the place of the training: notes what it was given, tells of one epoch, then does as it is told."""

    def __init__(self) -> None:
        self.faces: FaceSet
        self.settings: FitSettings
        self.folder: Path
        self.resume = False
        self.strangers: Crops | None = None
        self.then: Callable[[], None] = lambda: None

    def __call__(
        self,
        faces: FaceSet,
        settings: FitSettings,
        parent: Network,
        folder: Path,
        observer: Observer,
        *,
        resume: bool,
        strangers: Crops | None,
    ) -> Trained:
        self.faces, self.settings, self.folder, self.resume = faces, settings, folder, resume
        self.strangers = strangers
        observer.step(1, 1, 0.0)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / STATE).write_text("{}")
        observer.epoch(record(1))
        self.then()
        return trained(faces.people, faces.photos)


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    fit = StandIn()
    monkeypatch.setattr("training.commands.fit.fit", fit)
    return fit


@pytest.fixture
def gallery(gallery: Gallery) -> Gallery:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    gallery.enroll("Bob", [photo(3)], consented=True)
    return gallery


@pytest.fixture
def people(tmp_path: Path, collins: Picture, hopper: Picture) -> Path:
    """Two people, four photos each, and a file that is no picture."""
    for name, face in (("Eileen", collins), ("Grace", hopper)):
        folder = tmp_path / "people" / name
        folder.mkdir(parents=True)
        for number, lit in enumerate(lit_from_four_sides(face)):
            (folder / f"{number}.jpg").write_bytes(encode_jpeg(lit))
    (tmp_path / "people" / "Grace" / "notes.jpg").write_bytes(b"not a picture")
    return tmp_path / "people"


def test_a_real_training_on_a_folder_leaves_a_model_and_prints_what_it_gained(
    people: Path, storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PRESETS, "fast", FitSettings(epoch_faces=32, mixup_ratio=0.5))
    options = ["--preset", "fast", "--epochs", "1", "--name", "Portraits", "--tensorboard", str(tmp_path / "curves")]
    result = run(app, ["fit", "--data", str(people), *options, "--json", "--storage", str(storage)])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert set(told) == {"model", "recommended", "clear", "verdict", "rows", "seconds"}
    assert [(row["name"], row["photos"]) for row in told["rows"]] == ROWS
    assert all(0 <= row[key] <= 1 for row in told["rows"] for key in ("rank1", "tpir_at_fpir_1", "tpir_at_fpir_5"))
    assert told["seconds"] > 0 and told["verdict"]
    (model,) = list_models(storage)
    assert (model.manifest.key, model.manifest.name) == (told["model"], "Portraits")
    assert model.training.gallery is None and model.training.settings.epochs == 1
    assert "Eileen" not in model.training.model_dump_json()
    assert "Grace/notes.jpg" in result.stderr
    assert not list((storage / "training").glob("*")), "checkpoints of our own go when the model is there"
    assert list((tmp_path / "curves").glob("events.*"))


def test_enrolled_people_are_learned_from_and_the_table_is_for_people(
    stand_in: StandIn, gallery: Gallery, storage: Path
) -> None:
    result = run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert result.exit_code == 0, result.output
    assert stand_in.settings == PRESETS["balanced"] and len(stand_in.faces) == 3
    (model,) = list_models(storage)
    assert model.training.gallery == gallery.identity()
    for text in (model.manifest.key, "untuned", "99.5%", model.training.report.verdict):
        assert text in result.stdout
    assert "Epoch 1" in result.stderr


def test_what_is_chosen_replaces_what_the_preset_says(stand_in: StandIn, gallery: Gallery, storage: Path, people: Path) -> None:
    chosen = ["--scope", "head", "--head", "arcface", "--epochs", "3", "--seed", "7", "--augmentation", "light"]
    left_out = ["--without", "blur", "--without", "jpeg", "--strangers", str(people)]
    result = run(app, ["fit", "--gallery", "--preset", "fast", *chosen, *left_out, "--storage", str(storage)])
    assert result.exit_code == 0, result.output
    settings = stand_in.settings
    assert (settings.scope, settings.head, settings.epochs, settings.seed) == ("head", "arcface", 3, 7)
    assert settings.epoch_faces == PRESETS["fast"].epoch_faces
    assert settings.augmentation.strength == "light" and {"blur", "jpeg"}.isdisjoint(settings.augmentation.parts)
    assert "mirror" in settings.augmentation.parts
    assert stand_in.strangers is not None and stand_in.strangers.shape == (8, CROP_SIZE, CROP_SIZE, 3)


def test_ctrl_c_stops_and_says_how_to_go_on(stand_in: StandIn, gallery: Gallery, storage: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    stand_in.then = interrupt
    result = run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert result.exit_code == 130
    assert f'--work "{stand_in.folder}" --resume' in result.stderr and "Traceback" not in result.output
    assert list_models(storage) == []
    stand_in.then = lambda: None
    again = run(app, ["fit", "--gallery", "--work", str(stand_in.folder), "--resume", "--storage", str(storage)])
    assert again.exit_code == 0 and stand_in.resume and len(list_models(storage)) == 1


def test_ctrl_c_before_the_first_epoch_leaves_nothing(stand_in: StandIn, gallery: Gallery, storage: Path) -> None:
    def interrupt() -> None:
        (stand_in.folder / STATE).unlink()
        raise KeyboardInterrupt

    stand_in.then = interrupt
    result = run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert result.exit_code == 130 and "--resume" not in result.stderr
    assert not stand_in.folder.exists()


def test_an_error_on_purpose_is_a_sentence_and_keeps_the_way_on(stand_in: StandIn, gallery: Gallery, storage: Path) -> None:
    def fail() -> None:
        raise TrainingError("The loss is not a number any more.")

    stand_in.then = fail
    result = run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert result.exit_code == 1 and "not a number" in result.stderr and "--resume" in result.stderr
    assert "Traceback" not in result.output


def test_checkpoints_of_a_stopped_training_go_with_the_photos_they_learned_from(
    stand_in: StandIn, gallery: Gallery, storage: Path
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    stand_in.then = interrupt
    run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert (stand_in.folder / STATE).exists()
    board = JobBoard(gallery, storage)
    gallery.enroll("Cleo", [photo(7)], consented=True)
    board.erase_deleted_photos()
    assert stand_in.folder.exists(), "nobody was deleted yet"
    gallery.delete_photo(1)
    board.erase_deleted_photos()
    assert not stand_in.folder.exists()


def test_somebody_deleted_meanwhile_is_in_no_model(stand_in: StandIn, gallery: Gallery, storage: Path) -> None:
    ada = gallery.find("Ada")
    assert ada is not None
    stand_in.then = lambda: gallery.delete_person(ada.id) and None
    result = run(app, ["fit", "--gallery", "--storage", str(storage)])
    assert result.exit_code == 1 and "deleted" in result.stderr and "--resume" not in result.stderr
    assert list_models(storage) == [] and not stand_in.folder.exists()


def test_a_training_ends_with_the_epoch_in_which_somebody_was_deleted(gallery: Gallery) -> None:
    observer = StopWhenDeleted(gallery, ["1", "2", "3"])
    observer.epoch(record(1))
    gallery.delete_photo(1)
    with pytest.raises(DataError, match="deleted"):
        observer.epoch(record(2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--data DIR or --gallery"),
        (["--gallery", "--data", "."], "--data DIR or --gallery"),
        (["--gallery", "--resume"], "--resume needs --work"),
        (["--gallery", "--preset", "endless"], "the presets are"),
        (["--gallery", "--epochs", "0"], "--epochs"),
        (["--gallery", "--without", "snow"], "snow"),
        (["--gallery", "--scope", "half"], "half"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_done(storage: Path, options: list[str], message: str) -> None:
    result = run(app, ["fit", *options, "--storage", str(storage)], env={"COLUMNS": "200"})
    assert result.exit_code == 2 and message in result.stderr
    assert not storage.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--data", "no such folder"], "can't be read"),
        (["--gallery"], "no usable photo"),
        (["--gallery", "--network", "alexnet"], "no network called"),
    ],
)
def test_what_can_t_be_learned_from_is_a_sentence(storage: Path, options: list[str], message: str) -> None:
    result = run(app, ["fit", *options, "--storage", str(storage)], env={"COLUMNS": "200"})
    assert result.exit_code == 1 and message in result.stderr and "Traceback" not in result.output
