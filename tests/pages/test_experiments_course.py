"""The Experiments page's tab of the course's results, headless."""

from pathlib import Path

import pytest

from recognition.services import Services
from tests.pages.headless import press, read_words
from tests.pages.test_experiments import labels, opened
from tests.training.course.data.folders_of import classes, folder
from training.course.data.library import add_pictures
from training.course.results.experiments import CATS_AND_DOGS, COURSE, OTHERS
from training.course.results.running import Course, stored_sources
from training.jobs import JobBoard
from training.jobs.course import CourseSettings


def import_noise(app: Services, where: Path, title: str, names: tuple[str, ...]) -> None:
    """A data set of the course's title and classes, a few pictures of noise each."""
    parts = classes(*names, each=5, under="train/") | classes(*names, each=2, under="test/", first=1000)
    add_pictures(app.settings.storage, folder(where / title, parts), title)


def test_pictures_that_are_missing_are_named(app: Services) -> None:
    page = opened("Course")
    assert "MNIST and CIFAR-10 first" in read_words(page)
    (start,) = [button for button in page.button if button.label == "Make 11 missing results again"]
    assert start.disabled


def test_results_that_are_there_stand_beside_the_course_s(app: Services, tmp_path: Path) -> None:
    import_noise(app, tmp_path, "MNIST", tuple("0123456789"))
    storage = app.settings.storage
    (result,) = Course(stored_sources(storage), storage).run(["mnist-softmax"])
    page = opened("Course")
    (row,) = [row for row in page.dataframe[0].value.to_dict("records") if row["Course, training / test"] == "0.93 / 0.93"]
    assert row["Test"] == f"{result.test_accuracy:.3f}"
    assert row["Parameters"] == f"{result.parameters:,}"
    assert "CIFAR-10 first" in read_words(page)
    assert "Make 10 missing results again" in labels(page)


def test_all_that_are_missing_are_made_by_one_click(app: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import_noise(app, tmp_path, "MNIST", tuple("0123456789"))
    import_noise(app, tmp_path, "CIFAR-10", (*OTHERS, *CATS_AND_DOGS))
    started: list[CourseSettings] = []
    monkeypatch.setattr(JobBoard, "start", lambda _, settings: started.append(settings))
    press(opened("Course"), "Make 11 missing results again")
    assert started == [
        CourseSettings(
            experiments=tuple(key for key, experiment in COURSE.items() if experiment.listed),
            sources=stored_sources(app.settings.storage),
        )
    ]
