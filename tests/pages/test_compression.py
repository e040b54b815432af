"""The Compression page, headless: before there is anything, choosing, and what a compression shows and offers."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from recognition.services import Services, shared_services
from tests.browsing import ROOT
from tests.training.compression.conftest import few_digits, learned_digits
from tests.training.course.conftest import RECIPE
from training.compression.classifiers import ClassifierSubject
from training.compression.record import Compression
from training.compression.running import compress
from training.compression.settings import CompressionSettings, ExperimentSubject
from training.compression.steps import Choices
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments
from training.course.experiments.training import Outcome

__all__ = ["few_digits", "learned_digits"]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services with a storage folder of their own, empty."""
    monkeypatch.setenv("FAMILIAR_STORAGE", str(tmp_path / "data"))
    shared_services.cache_clear()
    found = shared_services()
    yield found
    found.gallery.close()
    shared_services.cache_clear()


@pytest.fixture
def record(app: Services, few_digits: Split, learned_digits: Outcome) -> Record:
    return keep_outcome(app.settings.storage, RECIPE, few_digits, learned_digits, name="Digits")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, few_digits: Split, learned_digits: Outcome) -> tuple[Path, Compression]:
    """A storage folder with an experiment and its compression."""
    storage = tmp_path_factory.mktemp("storage")
    record = keep_outcome(storage, RECIPE, few_digits, learned_digits, name="Digits")
    quick = Choices(epochs=1, student_epochs=1)
    settings = CompressionSettings(
        subject=ExperimentSubject(experiment=record.id), methods=tuple(map(quick.method, ("weights", "student", "dynamic")))
    )
    return storage, compress(ClassifierSubject(record, learned_digits.classifier, few_digits), settings, storage)


@pytest.fixture
def done(app: Services, made: tuple[Path, Compression]) -> Compression:
    """The same in the app's storage."""
    storage, compression = made
    shutil.copytree(storage, app.settings.storage, dirs_exist_ok=True)
    return compression


def page(**params: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    at.switch_page("compression.py")
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def says(at: AppTest) -> str:
    return " ".join(element.value for element in [*at.markdown, *at.info, *at.caption, *at.error])


def test_without_an_experiment_it_says_where_to_begin(app: Services) -> None:
    at = page()
    assert not at.exception
    assert "Train a network first" in says(at)
    assert "start with the first tab" in says(page(panel="Result"))
    at = page(what="A face network")
    assert "enroll two of them" in says(at)


def test_what_can_not_be_used_is_said_before_it_starts(record: Record) -> None:
    at = page(begin="0.9", end="0.1")
    assert not at.exception
    assert "before it begins" in says(at)
    assert at.button(key="start_compression").disabled
    assert not page().button(key="start_compression").disabled


def test_a_row_becomes_an_experiment(app: Services, done: Compression) -> None:
    at = page(panel="Result", compression=done.id, row_all="weights")
    assert not at.exception
    table = at.dataframe[0].value
    assert list(table["Method"]) == [row.title for row in done.rows]
    at.button(key="put_to_use").click().run()
    assert not at.exception and not at.error
    assert [one.made_by for one in list_experiments(app.settings.storage)].count(done.rows[1].title) == 1
    assert "is an experiment now" in " ".join(message.value for message in at.success)


@pytest.mark.parametrize("panel", ["Pruning", "Distillation", "Quantization"])
def test_each_panel_draws_what_it_explains(done: Compression, panel: str) -> None:
    at = page(panel=panel)
    assert not at.exception
    assert (at.latex and at.get("arrow_vega_lite_chart")) or at.get("vega_lite_chart")


def test_a_compression_can_be_deleted(app: Services, done: Compression) -> None:
    at = page(panel="Result")
    next(button for button in at.button if button.label == "Delete this compression").click().run()
    assert not at.exception
    assert "start with the first tab" in says(at)
