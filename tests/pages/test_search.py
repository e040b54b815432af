"""The Search page, headless."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recognition.services import Services
from tests.pages.headless import open_page, press, words
from tests.recognition.gallery.photos import photo
from tests.training.search.digits import EPOCHS, Digits, study_settings
from training.faces.settings import PRESETS, for_scope
from training.jobs import JobBoard, board_of
from training.jobs.search import RunStudy
from training.search.ledger import Ledger
from training.search.settings import Budget, ExperimentBase, FacesBase
from training.search.space import Choice, RealRange
from training.search.study import Study, create_study, list_studies, study_folder
from training.search.worker import work


def opened(tab: str = "Set up", **params: str) -> AppTest:
    return open_page("search.py", search=tab, **params)


def charts(page: AppTest) -> int:
    return len(page.get("vega_lite_chart"))


@pytest.fixture
def study(app: Services, tmp_path: Path) -> Study:
    """Eight trials, some of them stopped early."""
    study = create_study(app.settings.storage, "First *one*", study_settings(budget=Budget(trials=8)))
    ledger = Ledger(study_folder(app.settings.storage, study.id), study.settings)
    ledger.prepare("digits")
    work(ledger, Digits(), tmp_path / "work")
    return study


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What would have been started, instead of processes."""
    found: list[object] = []
    monkeypatch.setattr(JobBoard, "start", lambda self, settings, name=None: found.append(settings) or len(found))
    return found


def test_a_study_is_set_up_on_one_screen_and_started(app: Services, started: list[object]) -> None:
    page = opened()
    assert len(page.latex) == 4 and "9 × 1" in page.table[0].value.to_string(), "each method with its formula, and the plan"
    page.text_input(key="study_name").input("Rates").run()
    press(page, "Start")
    (study,) = list_studies(app.settings.storage)
    assert study.name == "Rates" and started == [RunStudy(study=study.id)]
    assert study.settings.budget == Budget(trials=20) and study.settings.stopping.rule == "hyperband"
    assert isinstance(study.settings.base, ExperimentBase) and study.settings.base.epochs == EPOCHS
    assert "training.rate" in study.settings.space.dimensions


def test_what_is_searched_stands_in_the_address(app: Services, started: list[object]) -> None:
    page = opened(
        space="training.rate=0.01..0.1;training.optimiser=adam, sgd",
        proposals="Grid",
        stop="Never",
        budget="Epochs",
        budget_epochs="45",
        network="mnist",
        pictures="digits",
    )
    assert "6 combinations" in words(page)
    page.text_input(key="study_name").input("From a link").run()
    press(page, "Start")
    (study,) = list_studies(app.settings.storage)
    assert study.settings.space.dimensions == {
        "training.rate": RealRange(low=0.01, high=0.1),
        "training.optimiser": Choice(values=("adam", "sgd")),
    }
    assert (study.settings.proposals, study.settings.stopping.rule) == ("grid", "none")
    assert study.settings.budget == Budget(epochs=45)
    assert isinstance(study.settings.base, ExperimentBase) and "mnist" in study.settings.base.model_dump_json()


def test_a_space_that_can_t_be_is_said(app: Services) -> None:
    page = opened(space="training.rate=0.1..0.01")
    assert "the smaller number comes first" in words(page).replace("\\", "")
    assert not next(button for button in page.button if button.label == "Start").disabled, "the usual space is taken"


def test_a_name_that_is_taken_starts_nothing_and_an_empty_one_gets_a_number(
    study: Study, started: list[object], app: Services
) -> None:
    page = opened()
    page.text_input(key="study_name").input(study.name).run()
    press(page, "Start")
    assert "already a study called First *one*" in words(page).replace("\\", "")
    assert len(list_studies(app.settings.storage)) == 1 and not started
    page.text_input(key="study_name").input("").run()
    press(page, "Start")
    assert {other.name for other in list_studies(app.settings.storage)} == {study.name, "Study 1"}


def test_the_fine_tuning_of_faces_is_searched_once_there_are_two_people(app: Services, started: list[object]) -> None:
    assert "at least two people" in words(opened(what="Face fine-tuning"))
    for number, name in enumerate(("Ada", "Bob")):
        app.gallery.enroll(name, [photo(number)], consented=True)
    page = press(opened(what="Face fine-tuning", preset="Balanced"), "Start")
    assert len(started) == 1, words(page)
    (study,) = list_studies(app.settings.storage)
    assert isinstance(study.settings.base, FacesBase)
    assert study.settings.base.settings == for_scope(PRESETS["balanced"], "all")
    assert {"learning_rate", "whitening_floor", "augmentation.strength"} <= set(study.settings.space.dimensions)


def test_the_results_of_a_study_are_pictures_and_its_best_is_trained(study: Study, started: list[object]) -> None:
    page = opened("Results")
    assert page.selectbox(key="study").value == study.id
    assert charts(page) == 4, "history, curves, parallel coordinates, importance"
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Trials"] == "8" and int(metrics["Stopped early"]) > 0
    assert "Learning rate" in words(page) and "3 brackets" in words(page)
    press(page, "Train the best")
    (recipe,) = started
    assert isinstance(study.settings.base, ExperimentBase) and recipe != study.settings.base.recipe
    assert "has started" in words(page)


def test_without_a_study_the_results_say_so_and_a_deleted_one_is_gone(app: Services, study: Study) -> None:
    page = press(opened("Results"), "Delete the study")
    assert list_studies(app.settings.storage) == []
    assert "There is no study yet" in words(page)
    assert "There is no study yet" in words(opened("Results", study="../.."))


def test_damaged_trials_are_named(app: Services, study: Study) -> None:
    (study_folder(app.settings.storage, study.id) / "trials.db").write_bytes(b"damaged")
    assert "can't be read or written" in words(opened("Results")).replace("\\", "")
    assert board_of(app).list() == []
