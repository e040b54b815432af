"""The feature-maps page with the networks of experiments."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recognition.pictures import encode_png
from recognition.services import Services
from tests.browsing import ROOT
from tests.training.course.conftest import CNN, RECIPE
from training.course.data.choice import DataChoice, EnrolledFaces
from training.course.data.loading import load_split
from training.course.data.pictures import Pictures, PictureSet, Split, SplitSettings, split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import NetworkChoice, PerceptronNetwork, Recipe, StackNetwork, TrainingChoice
from training.course.experiments.record import Record
from training.course.experiments.store import delete_experiment, rename_experiment
from training.course.experiments.training import Outcome, run_experiment
from training.course.stack import Convolution, Dense, Flatten, Pooling, Relu, Stack

PANELS = ("Maps", "Kernels", "Why this class?", "Before and after", "Layers")

DENSE = Stack(layers=(Flatten(), Dense(units=70), Relu(), Dense(units=10)))
SOFTMAX = Stack(layers=(Flatten(), Dense(units=10)))
COLOUR = Stack(layers=(Convolution(filters=4, padding="same"), Relu(), Pooling(), Flatten(), Dense(units=2)))


Ran = tuple[Recipe, Split, Outcome]


def recipe_of(network: NetworkChoice, data: DataChoice = RECIPE.data) -> Recipe:
    return Recipe(data=data, network=network, training=TrainingChoice(epochs=1, batch=32))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Split:
    return load_split(RECIPE.data, SplitSettings(), tmp_path_factory.mktemp("storage"))


@pytest.fixture(scope="module")
def colours() -> Split:
    """Pictures that are wider than high, red or blue."""
    random = np.random.default_rng(0)
    labels = np.arange(60, dtype=np.int64) % 2
    images = random.integers(0, 100, (60, 12, 20, 3), dtype=np.uint8)
    images[labels == 0, :, :, 0] += 150
    images[labels == 1, :, :, 2] += 150
    return split(PictureSet("Colours", ("red", "blue"), Pictures(images, labels)))


@pytest.fixture(scope="module")
def outcomes(digits: Split, colours: Split, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """One experiment of each kind, barely trained."""
    networks: dict[str, tuple[NetworkChoice, Split]] = {
        "cnn": (StackNetwork(stack=CNN), digits),
        "dense": (StackNetwork(stack=DENSE), digits),
        "softmax": (StackNetwork(stack=SOFTMAX), digits),
        "perceptron": (PerceptronNetwork(), digits),
        "colour": (StackNetwork(stack=COLOUR), colours),
    }
    storage = tmp_path_factory.mktemp("storage")
    made = {}
    for name, (network, data) in networks.items():
        # The colours can't be read again: of their data set, the page knows only that it is gone.
        recipe = recipe_of(network, RECIPE.data if data is digits else DataChoice(source=EnrolledFaces()))
        made[name] = (recipe, data, run_experiment(recipe, data, storage))
    return made


@pytest.fixture
def kept(app: Services, outcomes: dict[str, Ran]) -> dict[str, Record]:
    """They are in the app's storage."""
    storage = app.settings.storage
    return {name: keep_outcome(storage, *parts, name=f"My {name}") for name, parts in outcomes.items()}


def opened(record: Record, look: str = "Maps", **params: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("feature_maps.py")
    for key, value in {"net": f"experiment:{record.id}", "look": look, **params}.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, page.exception
    return page


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.latex, page.caption, page.error, page.warning, page.info, page.metric)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_looks_into_a_cnn(kept: dict[str, Record], panel: str) -> None:
    page = opened(kept["cnn"], panel, **{"class": "3", "number": "2"})
    assert [tab.label for tab in page.tabs] == list(PANELS)
    assert page.selectbox(key="class").value == "3" and page.number_input(key="number").value == 2
    assert len(page.latex) >= 1
    assert not page.error and not page.info


def shown(page: AppTest) -> dict[str, Any]:
    """What the browser gets to be touched."""
    network: dict[str, Any] = json.loads(page.get("bidi_component")[0].proto.json)["network"]
    return network


def test_layers_are_told_with_their_sizes(kept: dict[str, Record]) -> None:
    page = opened(kept["cnn"], "Layers")
    assert list(page.dataframe[0].value["Type"]) == ["Convolution", "ReLU", "Max-pooling", "Flatten", "Dropout", "Dense"]
    assert "all 8 filters of 3×3×1" in texts(opened(kept["cnn"], "Kernels"))
    network = shown(opened(kept["cnn"], layer="1"))
    assert (network["label"], network["output"], network["layers"]) == ("Layer 2: ReLU", "8×8×8", [])


def test_the_way_ends_with_the_classes(kept: dict[str, Record]) -> None:
    network = shown(opened(kept["cnn"], **{"class": "7"}))
    assert network["answer"]["note"] == "It is 7." and len(network["answer"]["shares"]) == 3
    assert network["input"] == "8×8×1"


def test_the_three_likeliest_classes_are_explained(kept: dict[str, Record]) -> None:
    page = opened(kept["cnn"], "Why this class?", occlusion="true", **{"class": "7"})
    said = texts(page)
    assert "It is taken for **" in said and "It is 7" in said
    assert "LayerCAM at Layer 3: Max-pooling" in said
    assert "covered with a grey square of 2×2 pixels" in said and said.count("covering costs up to") == 3
    page.button_group(key="method").set_value("Grad-CAM").run()
    page.selectbox(key="cam_layer").set_value("1").run()
    assert "Grad-CAM at Layer 2: ReLU" in texts(page) and not page.error


def test_dense_networks_have_no_maps_but_numbers_to_touch(kept: dict[str, Record]) -> None:
    assert "This network has no feature maps" in opened(kept["dense"], "Before and after").error[0].value
    network = shown(opened(kept["dense"]))
    assert network["vector"] and [part["title"] for part in network["parts"]] == ["Flatten", "Dense", "ReLU", "Dense"]


@pytest.mark.parametrize(("name", "shown"), [("dense", "the first 64 of 70"), ("softmax", "all 10"), ("perceptron", "all 10")])
def test_what_a_dense_layer_has_learned_of_the_pixels_are_templates(kept: dict[str, Record], name: str, shown: str) -> None:
    page = opened(kept[name], "Kernels")
    assert f"{shown} templates of 8×8×1 weights" in texts(page) and not page.error


def test_dense_networks_are_explained_by_covering(kept: dict[str, Record]) -> None:
    page = opened(kept["softmax"], "Why this class?")
    assert "Covering works with every network" in texts(page) and "covering costs up to" in texts(page)
    assert not page.error


def test_templates_can_be_looked_at_from_every_layer(kept: dict[str, Record]) -> None:
    for layer in ("0", "2", "3"):
        assert "These are of Layer 2: Dense" in texts(opened(kept["dense"], "Kernels", layer=layer))


def test_any_picture_can_be_uploaded(kept: dict[str, Record]) -> None:
    page = opened(kept["colour"], "Maps", source="Upload")
    assert "Choose a picture above first." in page.info[0].value
    picture = np.full((90, 150, 3), (250, 40, 40), np.uint8)
    page.file_uploader(key="look_picture").upload("red.png", encode_png(picture), "image/png").run()
    assert not page.error and shown(page)["output"] == "12×20×4"
    page.file_uploader(key="look_picture").upload("text.png", b"no picture", "image/png").run()
    assert "not a picture we can read" in page.error[0].value


def test_a_data_set_that_is_gone_leaves_the_network_to_be_looked_into(kept: dict[str, Record]) -> None:
    page = opened(kept["colour"])
    assert len(page.error) == 1
    assert "Choose a picture above first." in page.info[0].value
    assert "all 4 filters" in texts(opened(kept["colour"], "Kernels"))


def test_before_training_the_maps_were_others(kept: dict[str, Record]) -> None:
    page = opened(kept["cnn"], "Before and after", layer="0")
    assert "Before" in texts(page) and "After" in texts(page)
    assert "The 8 channels of Layer 1: Convolution that changed most" in texts(page)


def test_a_link_outlives_a_renaming_but_not_a_deletion(app: Services, kept: dict[str, Record], tmp_path: Path) -> None:
    storage = app.settings.storage
    rename_experiment(storage, kept["cnn"].id, "Another name")
    page = opened(kept["cnn"])
    assert page.selectbox(key="net").value == f"experiment:{kept['cnn'].id}"
    assert "Experiment: Another name" in page.selectbox(key="net").options
    assert not page.warning
    delete_experiment(storage, kept["cnn"].id)
    page.run()
    assert "The experiment in this address isn't here" in page.warning[0].value and not page.exception
    page.selectbox(key="net").set_value(f"experiment:{kept['dense'].id}").run()
    assert not page.warning and not page.exception
    assert page.query_params["net"] == f"experiment:{kept['dense'].id}"


def test_changing_the_network_brings_everything_into_its_range(app: Services, kept: dict[str, Record]) -> None:
    page = opened(kept["cnn"], "Maps", layer="2", channel="7", source="Test picture", **{"class": "9"})
    page.selectbox(key="net").set_value(app.settings.network).run()
    assert not page.exception and not page.error
    assert page.selectbox(key="layer").value == "stem.conv"
    page.selectbox(key="net").set_value(f"experiment:{kept['softmax'].id}").run()
    assert not page.exception
    assert page.selectbox(key="class").value == "9"
