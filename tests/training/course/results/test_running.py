"""The course's table, on pictures made up: whether each experiment runs, not how good it is."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recognition.gallery import Gallery
from tests.training.course.data.folders_of import classes, folder
from tests.waiting import TRAINING_SECONDS, wait_until
from training.__main__ import app
from training.course.data.choice import Folder, Source
from training.course.experiments.store import list_experiments, read_experiment
from training.course.results.experiments import CATS_AND_DOGS, COURSE, OTHERS, Data
from training.course.results.running import Course, results_there
from training.errors import DataError
from training.jobs import JobBoard
from training.jobs.course import CourseSettings

DIGITS = tuple("0123456789")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders with the classes of MNIST and of CIFAR-10, a few pictures of noise each."""
    where = tmp_path_factory.mktemp("pictures")
    made = {}
    for name, names in (("mnist", DIGITS), ("cifar10", (*OTHERS, *CATS_AND_DOGS))):
        parts = classes(*names, each=5, under="train/") | classes(*names, each=2, under="test/", first=1000)
        made[name] = folder(where / name, parts)
    return made


def test_every_recipe_of_the_course_is_its_own() -> None:
    recipes = [
        experiment.recipe(Folder(path=Path(experiment.data)), 0, "0" * 12 if experiment.before else None)
        for experiment in COURSE.values()
    ]
    assert len({recipe.model_dump_json() for recipe in recipes}) == len(COURSE)
    assert all(COURSE[experiment.before].listed is False for experiment in COURSE.values() if experiment.before)


def test_the_command_prints_a_row_an_experiment_and_keeps_the_networks(pictures: dict[str, Path], storage: Path) -> None:
    arguments = ["course", "--data", f"mnist={pictures['mnist']}", "--only", "shifted-dense", "--only", "mnist-softmax"]
    ran = CliRunner().invoke(app, [*arguments, "--storage", str(storage), "--json"])
    assert ran.exit_code == 0, ran.output
    rows = json.loads(ran.stdout)
    # In the order of the course.
    assert [row["experiment"] for row in rows] == ["mnist-softmax", "shifted-dense"]
    assert set(rows[0]) == {"experiment", "parameters", "train_accuracy", "test_accuracy", "seconds"}
    assert rows[0]["parameters"] == 12 * 12 * 3 * 10 + 10
    assert {record.name for record in list_experiments(storage)} == {"mnist-softmax", "shifted-dense"}
    assert set(results_there(list_experiments(storage))) == {"mnist-softmax", "shifted-dense"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "mnist-softmax"], "mnist-softmax needs the pictures of mnist"),
        (["--only", "mnist-magic"], "no experiment mnist-magic"),
        (["--only", "mnist-softmax", "--data", "mnist=/nowhere"], "/nowhere"),
    ],
)
def test_what_is_missing_is_told(arguments: list[str], message: str, storage: Path) -> None:
    ran = CliRunner().invoke(app, ["course", *arguments, "--storage", str(storage)], env={"COLUMNS": "200"})
    assert ran.exit_code == 1
    assert message in ran.stderr.replace("\n", " ")


def test_a_transfer_trains_the_network_it_starts_from_first(pictures: dict[str, Path], storage: Path) -> None:
    sources: dict[Data, Source] = {"cifar10": Folder(path=pictures["cifar10"])}
    (result,) = Course(sources, storage).run(["cats-dogs-transfer"])
    records = [read_experiment(storage, one) for one in result.ids]
    assert [record.recipe.training.seed for record in records] == [0, 1, 2]
    assert {record.classes for record in records} == {CATS_AND_DOGS}
    (before,) = [record for record in list_experiments(storage) if record.classes == OTHERS]
    assert {record.recipe.network.experiment for record in records} == {before.id}  # type: ignore[union-attr]
    assert result.test_accuracy == pytest.approx(sum(record.test_accuracy for record in records) / 3)


def test_as_a_job_it_goes_on_after_what_is_there(pictures: dict[str, Path], gallery: Gallery, storage: Path) -> None:
    sources: dict[Data, Source] = {"mnist": Folder(path=pictures["mnist"])}
    (first,) = Course(sources, storage).run(["mnist-softmax"])
    board = JobBoard(gallery, storage)
    job_id = board.start(CourseSettings(experiments=("mnist-softmax", "shifted-dense"), sources=sources))
    wait_until(lambda: board.get(job_id).ended, seconds=TRAINING_SECONDS)
    assert board.get(job_id).status == "done", board.get(job_id).error
    assert {record.name for record in list_experiments(storage)} == {"mnist-softmax", "shifted-dense"}
    assert results_there(list_experiments(storage))["mnist-softmax"] == first
    assert [record.epoch for record in board.epochs(job_id)] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(DataError, match="no experiment"):
        board.start(CourseSettings(experiments=("magic",), sources={}))
