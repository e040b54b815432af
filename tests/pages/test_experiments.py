"""The Experiments page, headless: setting up, watching, reading a result, comparing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import filelock
import pytest
from streamlit.testing.v1 import AppTest

from recognition.services import Services
from tests.pages.headless import checked, open_page, press, read_words
from training.course.choices import activation_of, dropout_of, is_batch_normalised
from training.course.data.loading import load_split
from training.course.data.pictures import SplitSettings
from training.course.experiments.catalogue import STACKS
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import (
    ExperimentNetwork,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TrainingChoice,
    TransferNetwork,
)
from training.course.experiments.record import Record
from training.course.experiments.sketch import sketch
from training.course.experiments.store import delete_experiment, list_experiments, read_note, write_note
from training.course.experiments.training import run_experiment
from training.course.presets import PRESETS
from training.jobs import JobBoard, paths
from training.jobs.tables import TrainingEpoch, TrainingJob

SOFTMAX = StackNetwork(stack=STACKS["softmax-regression"].stack, preset="softmax-regression")
QUICK = Recipe(network=SOFTMAX, training=TrainingChoice(epochs=2, rate=1e-2, batch=32))


def opened(tab: str = "New", **params: str) -> AppTest:
    return open_page("experiments.py", tab=tab, **params)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def charts(page: AppTest) -> int:
    return len(page.get("vega_lite_chart"))


Started = list[tuple[Recipe, str | None]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """What was started, instead of starting it."""
    found: Started = []
    monkeypatch.setattr(JobBoard, "start", lambda _, settings, name=None: found.append((settings, name)))
    return found


Keep = Callable[..., Record]


@pytest.fixture
def keep(app: Services) -> Keep:
    """Trains for a second and keeps what came out."""

    def one(recipe: Recipe = QUICK, name: str | None = None) -> Record:
        storage = app.settings.storage
        split = load_split(recipe.data, recipe.split, storage)
        return keep_outcome(storage, recipe, split, run_experiment(recipe, split, storage), name=name)

    return one


def recipe_of(started: Started, **params: str) -> Recipe:
    """What Train starts with these parameters in the address."""
    started.clear()
    press(opened(**params), "Train")
    return started[0][0]


# --- setting up


def test_the_defaults_train_with_one_click(app: Services, started: Started) -> None:
    page = opened()
    assert "71,754 parameters" in read_words(page)
    assert "10 classes; 8×8 pixels, grey" in read_words(page)
    assert "1,294 pictures, 144 choose the best epoch, 359 are the test" in read_words(page)
    press(page, "Train")
    recipe, name = started[0]
    assert recipe == Recipe(
        network=StackNetwork(stack=PRESETS["two-convolutions"].stack, preset="two-convolutions"),
        training=TrainingChoice(batch=32, epochs=15),
    )
    assert name == "Digits: Two convolutions"


@pytest.mark.parametrize("key", STACKS)
def test_every_stack_shows_its_layers_or_why_it_does_not_fit(app: Services, key: str) -> None:
    page = opened(net=key)
    if key == "mnist":
        assert "too deep for pictures of 8×8. Layer 6, Max-pooling 2×2" in read_words(page)
        assert next(button for button in page.button if button.label == "Train").disabled
        return
    found = sketch(StackNetwork(stack=STACKS[key].stack, preset=key), (8, 8, 1), 10, app.settings.storage)
    assert f"**{found.parameters:,} parameters**" in read_words(page)
    assert len(page.dataframe[0].value) == len(found.layers)


def test_what_is_chosen_is_in_the_recipe(app: Services, started: Started) -> None:
    recipe = recipe_of(
        started,
        net="two-convolutions",
        activation="tanh",
        dropout="0.25",
        norm="Before each activation",
        optimiser="SGD with momentum",
        rate="0.05",
        batch="16",
        epochs="3",
        weight_decay="0.001",
        patience="2",
        seed="7",
        split_seed="5",
        change_shift="0.1",
        change_flip="true",
        balance="Weigh their loss more",
    )
    assert isinstance(recipe.network, StackNetwork)
    stack = recipe.network.stack
    assert (activation_of(stack), dropout_of(stack), is_batch_normalised(stack)) == ("tanh", 0.25, True)
    training = recipe.training
    assert (training.optimiser, training.rate, training.batch, training.epochs) == ("momentum", 0.05, 16, 3)
    assert (training.weight_decay, training.patience, training.seed, training.balance) == (0.001, 2, 7, "weights")
    assert (training.changes.shift, training.changes.flip) == (0.1, True)
    assert recipe.split == SplitSettings(seed=5)


def test_hidden_layers_are_written_as_numbers(app: Services, started: Started) -> None:
    recipe = recipe_of(started, net="dense-digits", hidden="32, 16")
    assert isinstance(recipe.network, StackNetwork)
    assert [layer.title for layer in recipe.network.stack.layers[1::2]] == ["Dense 32", "Dense 16", "Dense 10"]
    assert "one to 5 numbers" in read_words(opened(net="dense-digits", hidden="many"))


def test_the_perceptron_has_its_own_rule_and_no_optimiser(app: Services, started: Started) -> None:
    page = opened(net="perceptron")
    assert "optimiser" not in {box.key for box in page.selectbox}
    assert isinstance(recipe_of(started, net="perceptron").network, PerceptronNetwork)


def test_a_stack_from_the_convolution_lab_can_be_trained(app: Services, started: Started) -> None:
    stack = PRESETS["pyramid"].stack.model_copy(update={"layers": PRESETS["one-convolution"].stack.layers[:3]})
    page = opened(stack=stack.write())
    assert "ends with" in read_words(page)
    flat = stack.model_copy(update={"layers": PRESETS["one-convolution"].stack.layers})
    recipe = recipe_of(started, net="own", stack=flat.write())
    assert recipe.network == StackNetwork(stack=flat)
    assert "not a stack of layers" in read_words(opened(net="own", stack="rubbish"))


def test_weights_that_are_not_here_are_fetched_first(app: Services, started: Started) -> None:
    page = opened(net="pretrained", backbone="vgg16")
    assert "not on this computer yet" in read_words(page)
    assert "Download" in labels(page)
    assert next(button for button in page.button if button.label == "Train").disabled
    recipe = recipe_of(started, net="pretrained", backbone="vgg16", scope="scratch", backbone_side="32")
    assert recipe.network == TransferNetwork(backbone="vgg16", scope="scratch", side=32)


def test_an_earlier_network_can_be_gone_on_with(app: Services, started: Started, keep: Keep) -> None:
    assert "There is no earlier experiment yet" in read_words(opened(net="earlier"))
    record = keep()
    recipe = recipe_of(started, net="earlier")
    assert recipe.network == ExperimentNetwork(experiment=record.id)


def test_augmentation_shows_pictures_before_and_after(app: Services) -> None:
    assert not opened().get("image")
    page = opened(change_rotate="30")
    before = [url for image in page.get("image") for url in image.value]
    assert len(before) == 16
    press(page, "Draw again")
    assert [url for image in page.get("image") for url in image.value] != before


def test_what_can_t_be_started_is_told(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(net="softmax-regression")
    page.text_input(key="experiment_name").set_value("\x00")
    press(page, "Train")
    assert page.error


# --- while it trains


def job(app: Services, status: str, epochs: int = 0, **values: Any) -> int:
    """Rows of a job as the training process would have written them."""
    with app.gallery.database.write_unrevised() as session:
        row = TrainingJob(
            kind="experiment",
            status=status,
            settings=QUICK.model_dump_json(),
            created_at=datetime.now(UTC),
            name="*Mine*",
            **values,
        )
        session.add(row)
        session.flush()
        for epoch in range(1, epochs + 1):
            metrics = {"train_accuracy": 0.9, "validation_accuracy": 0.8}
            record = {"train_loss": 0.5, "validation_loss": 0.6, "metrics": metrics, "learning_rate": 1e-3, "seconds": 1.0}
            session.add(TrainingEpoch(job_id=row.id, epoch=epoch, **record))
        return row.id


@pytest.fixture
def lock(app: Services) -> Iterator[filelock.BaseFileLock]:
    """Held as by a process that trains."""
    with filelock.FileLock(paths.training_lock(app.settings.storage.absolute()).lock_file, thread_local=False) as held:
        yield held


def test_a_running_experiment_shows_its_curves_and_can_be_cancelled(app: Services, lock: filelock.BaseFileLock) -> None:
    job(app, "running", epochs=1, done=20, total=80, seconds_left=130.0)
    page = opened()
    assert "*Mine*" in read_words(page)
    assert charts(page) == 2
    assert "Epoch 2 of at most 2" in page.get("progress")[0].proto.text
    assert "Stop the training" in labels(page)
    assert "Train" not in labels(page)


def test_one_that_stopped_says_why_and_leaves_room_for_a_new_one(app: Services) -> None:
    job(app, "failed", error="The loss is not a number any more.")
    page = opened()
    assert "The loss is not a number any more" in read_words(page)
    assert {"Start over", "Discard", "Train"} <= set(labels(page))


# --- one result


def test_without_an_experiment_every_tab_says_where_to_begin(app: Services) -> None:
    assert "No experiment yet" in read_words(opened("Result"))
    assert "Nothing to compare yet" in read_words(opened("Compare"))


@pytest.mark.parametrize("panel", ["Wrong pictures", "Mixed up", "By class", "Curves", "Layers", "Recipe"])
def test_a_result_begins_with_the_verdict_whatever_is_open(app: Services, keep: Keep, panel: str) -> None:
    record = keep()
    page = opened("Result", report=panel)
    said = read_words(page)
    assert f"Training {record.train_accuracy:.2f}" in said
    assert page.metric[0].value.startswith(f"{record.test_accuracy:.3f} ±")
    assert not page.error
    assert charts(page) == {"Curves": 2, "Mixed up": 1, "By class": 1}.get(panel, 0)
    if panel == "Wrong pictures":
        assert len(page.get("image")) == 24
        assert "taken for" in said
    if panel == "Layers":
        assert "**650 parameters**" in said
    if panel == "Recipe":
        assert "Training: Learning rate" in page.dataframe[0].value["What"].tolist()


def test_an_address_of_an_experiment_that_is_gone_shows_the_newest(app: Services, keep: Keep) -> None:
    keep(name="This one")
    page = opened("Result", experiment="0" * 12)
    assert "not here: the newest one is shown" in read_words(page)
    assert "This one" in str(page.selectbox[0].options)


def test_pictures_that_have_changed_since_are_told(app: Services, keep: Keep) -> None:
    record = keep()
    path = app.settings.storage / "experiments" / record.id / "experiment.json"
    path.write_text(path.read_text().replace(record.data_digest, "0" * 64))
    assert "has changed since this experiment" in read_words(opened("Result"))


def test_a_repeated_experiment_says_that_the_numbers_agree(app: Services, keep: Keep, started: Started) -> None:
    record = keep()
    press(opened("Result"), "Repeat")
    assert started == [(QUICK, record.name)]
    keep()
    assert "Repeated once: every weight and every number came out the same" in read_words(opened("Result"))


def test_a_repeat_that_came_out_otherwise_is_told(app: Services, keep: Keep) -> None:
    record = keep(name="first")
    path = app.settings.storage / "experiments" / record.id / "experiment.json"
    path.write_text(path.read_text().replace(record.sha256, "0" * 64))
    keep()
    assert "“first” had the same recipe and gave other weights" in read_words(opened("Result"))


def test_a_recipe_goes_back_into_the_inputs(app: Services, keep: Keep, started: Started) -> None:
    recipe = QUICK.model_copy(
        update={
            "network": StackNetwork(stack=STACKS["dense-digits"].stack, preset="dense-digits"),
            "training": TrainingChoice(optimiser="sgd", epochs=1, seed=3),
            "split": SplitSettings(seed=4),
        }
    )
    keep(recipe)
    page = press(opened("Result"), "Change and train again")
    page.query_params["tab"] = "New"
    press(checked(page.run()), "Train")
    assert started[0][0] == recipe


def test_an_experiment_is_renamed_noted_and_deleted(app: Services, keep: Keep) -> None:
    record = keep()
    storage = app.settings.storage
    page = press(opened("Result"), "Rename")
    page.text_input(key=f"name_{record.id}").set_value("A *better* name")
    checked(page.button(key="do_it").click().run())
    assert list_experiments(storage)[0].name == "A *better* name"
    page = press(opened("Result"), "Note")
    page.text_area(key=f"note_{record.id}").set_value("Learns <b>by heart</b>")
    checked(page.button(key="do_it").click().run())
    assert read_note(storage, record.id) == "Learns <b>by heart</b>"
    page = press(opened("Result"), "Delete")
    assert "can't be undone" in read_words(page)
    checked(page.button(key="do_it").click().run())
    assert list_experiments(storage) == []


# --- side by side


def test_experiments_are_compared_with_what_chance_explains(app: Services, keep: Keep) -> None:
    worse = QUICK.model_copy(update={"training": TrainingChoice(epochs=1, rate=1e-4, batch=64)})
    first, second, third = keep(name="good"), keep(worse, name="bad"), keep(name="good again")
    write_note(app.settings.storage, first.id, "a note")
    page = opened("Compare", runs=f"{first.id},{second.id},{third.id},{'0' * 12}")
    said = read_words(page)
    assert "**good** is better than **bad** by" in said
    assert "**good** and **good again** are right equally often" in said
    assert charts(page) == 2
    table = page.dataframe[0].value
    assert table["Experiment"].tolist() == ["good", "bad", "good again"]
    assert "Rate" in table and "Seed" not in table
    assert "a note" in page.data_editor[0].value["Note"].tolist()


def test_one_experiment_is_a_notebook_but_no_comparison(app: Services, keep: Keep) -> None:
    keep()
    page = opened("Compare")
    assert "Nothing to compare yet" in read_words(page)
    assert "Notebook" in read_words(page)


def test_two_experiments_of_one_name_are_told_apart(app: Services, keep: Keep) -> None:
    records = [keep(name="same"), keep(name="same")]
    page = opened("Compare")
    assert len(set(page.multiselect[0].options)) == 2
    delete_experiment(app.settings.storage, records[0].id)
    assert "Nothing to compare yet" in read_words(checked(page.run()))
