"""The Evaluate page, headless: what it says of galleries of any size, and of two networks."""

import hashlib
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.torch import save
from streamlit.testing.v1 import AppTest

from pages.evaluate import compare_networks
from pages.evaluate.compare_networks import MEASURE
from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture
from recognition.live.naming import LiveRecognition
from recognition.networks import BUILT_IN, Network, load_network
from recognition.networks.tuned import Manifest
from recognition.pictures import encode_png
from recognition.services import Services, shared_cameras
from tests.training.evaluation.folders import versions
from training.evaluation.gallery import evaluate_gallery

MAIN = str(Path(__file__).parents[2] / "pages" / "main.py")

Picture = NDArray[np.uint8]


TABS = ["Similarities", "Curves", "Mixed up", "People", "Compare networks"]

pytestmark = pytest.mark.usefixtures("app")


def enroll(app: Services, people: dict[str, list[Picture]]) -> None:
    files = [
        ArchivedPicture(name, f"{number}.png", encode_png(picture))
        for name, pictures in people.items()
        for number, picture in enumerate(pictures)
    ]
    assert enroll_pictures(files, app.gallery, app.recognizer(), source="upload", consented=True).accepted == len(files)


@pytest.fixture
def two_people(app: Services, astronaut: Picture, hopper: Picture) -> Services:
    enroll(app, {"Eileen *Collins*": versions(astronaut, 3), "Grace": versions(hopper, 3)})
    return app


@pytest.fixture
def model(app: Services, network: Network) -> str:
    """The built-in network under another name, as if it had been tuned. Returns its title."""
    data = save({name: tensor.contiguous() for name, tensor in network.module.state_dict().items()})
    folder = app.settings.storage / "models" / "0123456789ab"
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(data)
    manifest = Manifest(
        id="0123456789ab",
        name="Tuned today",
        parent=BUILT_IN.key,
        created_at=datetime.now(UTC),
        dimension=128,
        licence="CC0",
        sha256=hashlib.sha256(data).hexdigest(),
        threshold=0.93,
        slope=200.0,
        spread=0.02,
    )
    (folder / "network.json").write_text(manifest.model_dump_json())
    return manifest.name


def opened(tab: str = "Similarities", **params: str) -> AppTest:
    test = AppTest.from_file(MAIN, default_timeout=60)
    test.run()
    test.switch_page("evaluate.py")
    for name, value in {"evaluate": tab, **params}.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def words(test: AppTest) -> str:
    kinds = (test.title, test.subheader, test.markdown, test.caption, test.info, test.warning, test.error)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(test: AppTest, label: str) -> AppTest:
    next(button for button in test.button if button.label == label).click().run()
    assert not test.exception, test.exception
    return test


def wait_for_templates(app: Services, test: AppTest) -> None:
    """Let the task end, and the page see it."""
    if (task := app.tasks.get("embed model:0123456789ab")) is not None:
        task.wait(60)
    test.run()
    assert not test.exception, test.exception


def pictures(test: AppTest) -> list[str]:
    return [url for image in test.get("image") for url in image.value]


def charts(test: AppTest) -> int:
    return len(test.get("vega_lite_chart") or test.get("arrow_vega_lite_chart"))


def test_an_empty_gallery_says_where_to_start() -> None:
    assert "Nobody is enrolled yet" in words(opened())


@pytest.mark.parametrize("tab", TABS)
def test_one_person_has_nobody_to_be_mixed_up_with(app: Services, astronaut: Picture, tab: str) -> None:
    enroll(app, {"Eileen": versions(astronaut, 2)})
    test = opened(tab)
    assert "With one person there is nobody to be mixed up with" in words(test)
    assert "**0 of 2 photos** would not be recognised." in words(test)
    assert "stranger" not in words(test).split("Enroll a second one")[0].split("would not be recognised")[1][:20]


@pytest.mark.parametrize("tab", TABS)
def test_one_photo_each_can_only_be_strangers(app: Services, astronaut: Picture, hopper: Picture, tab: str) -> None:
    enroll(app, {"Eileen": [astronaut], "Grace": [hopper]})
    test = opened(tab)
    assert "Everybody has one photo" in words(test)
    assert "**0 of 2 strangers** would get a name." in words(test)
    assert "would not be recognised" not in words(test)


def test_the_threshold_is_that_of_the_settings_and_moves_both_errors(two_people: Services) -> None:
    spec = two_people.recognizer().network.spec
    evaluation = evaluate_gallery(two_people.gallery.templates(spec.key))
    test = opened()
    usual = round(two_people.settings.min_confidence * 100)
    assert test.slider[0].value == usual
    assert "**0 of 6 strangers** would get a name" in words(test)
    for percent in (1, 80, 99):
        test.slider[0].set_value(percent).run()
        threshold = spec.calibration.required_score(percent / 100)
        errors = evaluation.errors(threshold)
        assert f"**{errors.unrecognised} of 6 photos** would not be recognised" in words(test)
        assert f"**{errors.named} of 6 strangers** would get a name" in words(test)
        assert f"A name needs a similarity of {threshold:.3f}" in words(test)
    back = next(button for button in test.button if button.label.startswith(f"Back to {usual} %"))
    back.click().run()
    assert test.slider[0].value == usual


def test_a_threshold_in_the_address_that_makes_no_sense_is_dropped(two_people: Services) -> None:
    for value in ("700", "-3", "abc"):
        assert opened(confidence=value).slider[0].value == 50


def test_similarities_show_the_four_rates(two_people: Services) -> None:
    test = opened("Similarities")
    assert [metric.label for metric in test.metric] == ["Own refused", "Others accepted", "Right names", "Strangers named"]
    assert charts(test) == 1
    assert any("FNMR" in formula.value for formula in test.latex)


def test_curves_are_drawn_with_their_numbers(two_people: Services) -> None:
    test = opened("Curves")
    assert charts(test) == 2
    table = test.table[0].value
    assert table["Network"].tolist() == ["Familiar face ResNet"]
    assert table["Right person nearest"].tolist() == ["100.0%"]


def test_who_is_mixed_up_with_whom_is_shown_by_their_faces(two_people: Services) -> None:
    test = opened("Mixed up")
    assert r"**Eileen \*Collins\*** resembles **Grace**" in words(test)
    assert r"**Grace** resembles **Eileen \*Collins\***" in words(test)
    assert len(pictures(test)) == 4 and all(url.startswith("data:image/jpeg") for url in pictures(test))
    assert words(test).count("Told apart") == 2
    _make_alike(two_people)
    assert words(opened("Mixed up")).count("A stranger who looks like this would get the name") == 2


def test_the_faces_beside_the_line_change_sides_with_it(two_people: Services) -> None:
    assert "Not recognised, though enrolled: nobody" in words(opened())
    strict = words(opened(confidence="99"))
    generous = words(opened(confidence="1"))
    assert "Strangers, rightly unknown: nobody" not in strict
    assert "Strangers who get a name: nobody" in strict
    assert "Not recognised, though enrolled: nobody" in generous
    _make_alike(two_people)
    assert "Strangers, rightly unknown: nobody" in words(opened())


def _make_alike(app: Services) -> None:
    """Give both people templates that lie close together."""
    found = app.gallery.templates(BUILT_IN.key)
    vectors = found.vectors + 2 * found.vectors.mean(axis=0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    app.gallery.put_templates(BUILT_IN.key, dict(zip(found.photo_ids.tolist(), vectors, strict=True)))


def test_a_missing_crop_file_leaves_a_gap(two_people: Services) -> None:
    for file in (two_people.settings.storage / "crops").rglob("*"):
        if file.is_file():
            file.unlink()
    assert not pictures(opened("Mixed up"))
    assert not pictures(opened("Similarities"))
    assert opened("People").dataframe[0].value["face"].isna().all()


def test_people_are_listed_with_their_share(two_people: Services) -> None:
    table = opened("People").dataframe[0].value
    assert table["photos"].tolist() == [3, 3]
    assert table["recognised"].tolist() == [1.0, 1.0]
    assert set(table["nearest"]) == {"Eileen *Collins*", "Grace"}


def test_a_new_model_is_asked_to_see_the_photos_and_compared(two_people: Services, model: str) -> None:
    test = opened("Curves", beside=model)
    assert f"{model} has not seen 6 enrolled photos yet" in words(test)
    assert test.table[0].value["Network"].tolist() == ["Familiar face ResNet"]
    press(test, "Compute")
    wait_for_templates(two_people, test)
    table = test.table[0].value
    assert table["Network"].tolist() == ["Familiar face ResNet", model]
    assert table["Area under the ROC curve"].tolist() == ["1.0000", "1.0000"]
    # From now on it is what people want to compare with.
    assert opened("Curves").table[0].value["Network"].tolist() == ["Familiar face ResNet", model]
    test = opened("Similarities")
    assert charts(test) == 2
    assert "are right equally often" in test.info[0].value
    # Both charts have one axis, so that they can be compared.
    domains = [
        json.loads(chart.proto.spec)["layer"][0]["encoding"]["x"]["scale"]["domain"] for chart in test.get("vega_lite_chart")
    ]
    assert domains[0] == domains[1]


def test_what_evaluate_sets_is_what_live_shows_and_uses(two_people: Services) -> None:
    test = opened()
    test.slider[0].set_value(83).run()
    press(test, "Use this in Live")
    assert "Use this in Live" not in [button.label for button in test.button]
    live = AppTest.from_file(MAIN, default_timeout=60)
    live.switch_page("live.py")
    live.run()
    assert not live.exception, live.exception
    assert live.slider[0].value == 83
    session = shared_cameras().sessions.get(live.session_state["live_session"])
    assert isinstance(session, LiveRecognition)
    assert session.min_confidence == 0.83
    # It is the same line: what Evaluate counts as named, Live names, and nothing else.
    calibration = two_people.recognizer().network.spec.calibration
    line = calibration.required_score(0.83)
    assert calibration.accepts(line, session.min_confidence) and not calibration.accepts(line - 1e-6, session.min_confidence)


def test_every_network_is_compared_before_it_is_used(two_people: Services, model: str) -> None:
    test = opened("Compare networks")
    assert "Not measured on all photos yet: dlib face ResNet, Familiar face ResNet, Tuned today" in words(test)
    press(test, "Measure 3 networks")
    task = two_people.tasks.get(MEASURE)
    assert task is not None and task.wait(60).status == "done"
    test.run()
    assert not test.exception, test.exception
    shown = [(metric.label, metric.value) for metric in test.metric]
    assert shown.count(("Right names", "6 of 6")) == 3
    assert [label for label, _ in shown].count("Time a face") == 3
    # 5.6 million numbers of four bytes, alike in all.
    assert shown.count(("Size", "22.5 MB")) == 3
    said = words(test).replace("\\", "")
    assert "**Tuned today** and **Familiar face ResNet** are right equally often" in said
    assert "may have learned from these very photos" in said
    assert "Measure 3 networks" not in [button.label for button in test.button]


def test_measuring_networks_can_be_stopped(two_people: Services, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow(*given: Any) -> Network:
        started.set()
        go_on.wait(30)
        return load_network(*given)

    monkeypatch.setattr(compare_networks, "load_network", slow)
    test = press(opened("Compare networks"), "Measure 3 networks")
    assert started.wait(30)
    press(test, "Stop")
    go_on.set()
    task = two_people.tasks.get(MEASURE)
    assert task is not None and task.wait(60).status == "cancelled"
    test.run()
    assert "Measure 3 networks" in [button.label for button in test.button]


def test_photos_whose_file_is_gone_are_left_out_and_told(two_people: Services, model: str) -> None:
    person = two_people.gallery.people()[0]
    photo = two_people.gallery.photos(person.id)[0]
    next((two_people.settings.storage / "crops").rglob(f"{photo.crop_sha256}*")).unlink()
    test = press(opened("People", network=model), "Compute")
    wait_for_templates(two_people, test)
    assert "1 photo without a readable file left out" in words(test)
    assert sum(test.dataframe[0].value["photos"]) == 5


def test_a_damaged_model_is_told(two_people: Services, model: str) -> None:
    weights = two_people.settings.storage / "models" / "0123456789ab" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    test = press(opened(network=model), "Compute")
    wait_for_templates(two_people, test)
    assert "the file is damaged" in words(test)


def test_the_same_confidence_is_another_similarity_for_another_network(two_people: Services, model: str) -> None:
    test = opened()
    test.slider[0].set_value(90).run()
    next(box for box in test.selectbox if box.label == "Network").set_value(model).run()
    wait_for_templates(two_people, press(test, "Compute"))
    assert test.slider[0].value == 90
    assert f"A name needs a similarity of {0.93 + np.log(9) / 200:.3f}" in words(test)
