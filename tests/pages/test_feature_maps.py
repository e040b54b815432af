"""The feature-maps page, headless: every panel draws, bad input becomes a sentence, the address holds the state."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.components.camera import CameraState
from pages.feature_maps import face
from recognition import services
from recognition.networks import BUILT_IN, Network, load_network
from recognition.pictures import encode_jpeg
from recognition.services import Services
from tests.browsing import ROOT
from tests.recognition.gallery.photos import photo

Picture = NDArray[np.uint8]

PANELS = ("Maps", "Kernels", "Why this name?", "Before and after", "Layers")


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, network: Network) -> Iterator[Services]:
    """Services with a storage folder of their own, empty."""
    monkeypatch.setenv("FAMILIAR_STORAGE", str(tmp_path / "data"))
    # One load of the weights for all tests.
    monkeypatch.setattr(services, "load_network", lambda *_: network)
    services.shared_services.cache_clear()
    services.shared_cameras.cache_clear()
    yield services.shared_services()
    services.shared_services().gallery.close()
    services.shared_services.cache_clear()
    services.shared_cameras.cache_clear()


@pytest.fixture
def enrolled(app: Services, network: Network, collins_crop: Picture, hopper_crop: Picture) -> Services:
    """Collins with two photos, Hopper with one."""
    brighter = np.clip(collins_crop * 1.1, 0, 255).astype(np.uint8)
    for name, crops in {"Eileen *Collins*": (collins_crop, brighter), "Grace Hopper": (hopper_crop,)}.items():
        vectors = network.embed(np.stack(crops), mirrored=True)
        photos = [
            photo(0, crop=crop, picture=crop, templates={BUILT_IN.key: vector})
            for crop, vector in zip(crops, vectors, strict=True)
        ]
        app.gallery.enroll(name, photos, consented=True)
    return app


def opened(panel: str = "Maps", **params: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("feature_maps.py")
    page.query_params["look"] = panel
    for key, value in params.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception, page.exception
    return page


def texts(page: AppTest) -> str:
    kinds = (page.markdown, page.latex, page.caption, page.error, page.warning, page.info, page.metric, page.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_explains_itself_with_a_formula_while_nobody_is_enrolled(app: Services, panel: str) -> None:
    page = opened(panel)
    assert page.title[0].value == "Feature maps"
    assert len(page.latex) >= 1
    assert not page.error


def shown(page: AppTest) -> dict[str, Any]:
    """What the browser gets to be touched."""
    (component,) = [element for element in page.get("bidi_component") if "touch" in element.proto.component_name]
    network: dict[str, Any] = json.loads(component.proto.json)["network"]
    return network


def test_the_table_has_every_layer_and_the_total(app: Services) -> None:
    page = opened("Layers")
    assert [metric.value for metric in page.metric][:4] == ["104", "29", "5,614,592", "271 M"]
    table = page.dataframe[0].value
    assert list(table.columns) == [
        "Layer", "Type", "Part", "Output", "Kernel", "Stride", "Padding", "Parameters", "Multiply-adds", "Receptive field",
        "Name in PyTorch",
    ]  # fmt: skip
    assert table["Parameters"].sum() == 5_614_592
    first = [1, "Convolution", "stem", "72×72×32", "7×7", "2×2", "0×0", 4736, 24_551_424, "7×7", "stem.conv"]
    assert list(table.iloc[0]) == first


def test_the_page_begins_with_the_network_at_work(app: Services) -> None:
    network = shown(opened())
    assert [part["title"] for part in network["parts"]][:3] == ["Stem", "Block 1", "Block 2"]
    assert network["label"] == "Layer 1: Convolution, stem"
    assert network["answer"]["title"] == "No name yet"


def test_the_way_ends_with_a_name(enrolled: Services) -> None:
    answer = shown(opened(source="Enrolled photo", who="Eileen *Collins*"))["answer"]
    assert answer["title"] == "Eileen *Collins*"
    assert [name for name, _ in answer["shares"]] == ["Eileen *Collins*", "Grace Hopper"]


def test_layer_channel_and_cell_come_from_the_address(app: Services) -> None:
    page = opened(layer="blocks.13.relu2", order="Strength", channel="255")
    network = shown(page)
    assert (network["layer"], network["channel"]) == ("blocks.13.relu2", 255)
    page.selectbox(key="layer").set_value("stem.pool").run()
    assert not page.exception and not page.error
    network = shown(page)
    assert (network["label"], network["channel"]) == ("Layer 4: Max-pooling, stem", 31)


def test_layers_without_maps_can_be_touched_too(app: Services) -> None:
    for layer in ("dense", "pool"):
        page = opened(layer=layer)
        assert not page.error and shown(page)["vector"]


def test_foreign_values_in_the_address_are_ignored(app: Services) -> None:
    page = opened("Nonsense", layer="nonsense", source="Moon", page="99", channel="-3", order="x", net="y", row="a")
    assert not page.error


def test_kernels_of_the_first_layer_and_a_slice_of_a_deeper_one(app: Services) -> None:
    assert "all 32 filters of 7×7×3" in texts(opened("Kernels"))
    page = opened("Kernels", layer="blocks.7.conv2", slices="One input channel", slice="127")
    assert "the first 64 of 128 filters of 3×3×128" in texts(page)
    page.selectbox(key="layer").set_value("blocks.0.conv1").run()
    assert not page.exception and page.number_input(key="slice").value == 31


def test_why_asks_to_enroll_first(app: Services) -> None:
    assert "Nobody is enrolled yet" in opened("Why this name?").info[0].value


def test_why_tells_the_best_and_the_second_best_with_scores(enrolled: Services) -> None:
    page = opened("Why this name?", source="Enrolled photo", who="Eileen *Collins*", photo="2", occlusion="true")
    said = texts(page)
    assert r"It is **Eileen \*Collins\***" in said
    assert "left out of its own person" in said
    assert "LayerCAM at Layer 74: ReLU, block 10" in said and "covering costs up to" in said
    assert said.count("Grace Hopper") >= 3
    page.button_group(key="method").set_value("Grad-CAM").run()
    assert "Grad\\-CAM" in texts(page) or "Grad-CAM at" in texts(page)
    assert not page.error


def test_a_layer_without_maps_can_be_open_while_asking_why(enrolled: Services) -> None:
    assert not opened("Why this name?", layer="dense").error


def test_an_upload_is_aligned_and_one_without_a_face_is_refused(app: Services, astronaut: Picture) -> None:
    grey = np.full((99, 99, 3), 99, np.uint8)
    page = opened("Maps", source="Upload")
    assert "Choose a face above first." in page.info[0].value
    page.file_uploader(key="look_upload").upload("face.jpg", encode_jpeg(astronaut), "image/jpeg").run()
    assert not page.error and shown(page)["layer"] == "stem.conv"
    page.file_uploader(key="look_upload").upload("grey.jpg", encode_jpeg(grey), "image/jpeg").run()
    assert "No face found" in page.error[0].value
    page.file_uploader(key="look_upload").upload("text.jpg", b"not a picture", "image/jpeg").run()
    assert "not a picture we can read" in page.error[0].value


def test_live_is_asked_for_by_the_browser_and_can_be_held(
    app: Services, collins_crop: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = opened(source="Camera")
    assert "Start the camera" in texts(page) and not page.get("bidi_component")[1:]
    monkeypatch.setattr("pages.feature_maps.live_face.camera", lambda **_: CameraState(running=True))
    monkeypatch.setattr("recognition.inspection.live_maps.LiveMaps.crop", collins_crop)
    page.run()
    live = json.loads(page.get("bidi_component")[0].proto.json)
    assert live["network"] is None and "/api/touch?token=" in live["live"]
    assert len(services.shared_cameras().sessions) == 1
    page.toggle(key="maps_held").set_value(True).run()
    assert "Frozen" in page.info[0].value and shown(page)["layer"] == "stem.conv"


def test_live_heat_maps_are_a_stream_that_stays_the_same(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    def stream() -> str:
        return next(html.proto.body for html in page.get("html") if "/api/maps?token=" in html.proto.body).split('"')[1]

    monkeypatch.setattr("pages.feature_maps.live_face.camera", lambda **_: CameraState(running=True))
    page = opened("Why this name?", source="Camera")
    before = stream()
    page.selectbox(key="cam_layer").set_value("blocks.0.relu2").run()
    assert not page.exception
    assert stream() == before


def test_a_tuned_network_is_compared_with_the_untuned_one(
    app: Services, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = load_network(BUILT_IN.key, tmp_path, torch.device("cpu"))
    tuned.spec = replace(BUILT_IN, key="tuned", title="Tuned")
    with torch.no_grad():
        tuned.module.blocks[10].conv1.weight[7] *= 3.0  # type: ignore[index, union-attr]
    specs = {"Familiar face ResNet": BUILT_IN, "Tuned": tuned.spec}
    monkeypatch.setattr("pages.feature_maps.before_after.choices", lambda: specs)
    monkeypatch.setattr(face, "_loaded", lambda key, device: tuned)
    said = texts(opened("Before and after", layer="blocks.10.conv1")).replace("\\", "")
    assert "channels of Layer 75: Convolution, block 11 that changed most" in said
    assert "Tuned" in said
