"""The convolution lab, headless: every panel draws, every bad input becomes a sentence, the address holds the state."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recognition.services import Services
from tests.browsing import ROOT
from training.course.presets import PRESETS
from training.course.stack import Stack, describe
from training.course.worked_examples import EXAMPLES

PAGE = str(Path(__file__).parents[2] / "pages" / "convolution_lab.py")
PANELS = ("Kernels", "Step by step", "Sizes", "ReLU and pooling", "Moving", "Parameters", "Two networks")


def opened(panel: str = "Kernels", **params: str) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    app.query_params["panel"] = panel
    for key, value in params.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.latex, app.caption, app.error, app.warning, app.success, app.info, app.metric)
    # Captions are escaped, so that Markdown shows them as they are.
    return "\n".join(str(element.value).replace("\\:", ":") for kind in kinds for element in kind)


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_explains_itself_with_a_formula(panel: str) -> None:
    app = opened(panel)
    assert app.title[0].value == "Convolution lab"
    assert len(app.latex) >= 1
    assert not app.error


@pytest.mark.parametrize("name", ["Identity", "Laplacian", "Sobel x", "Gaussian blur", "Random (untrained)"])
def test_kernels_are_applied(name: str) -> None:
    app = opened()
    app.selectbox(key="kernel").set_value(name).run()
    assert not app.exception and not app.error
    assert "After: values" in texts(app)


def test_kernels_grow_to_five() -> None:
    app = opened(size="5×5", kernel="Gaussian blur 5×5")
    assert app.data_editor[0].value.shape == (5, 5)
    assert not app.error


def test_a_shared_kernel_is_applied() -> None:
    app = opened(cells="0,0,0;0,2,0;0,0,0")
    table = app.data_editor[0].value.to_numpy()
    np.testing.assert_array_equal(table, [[0, 0, 0], [0, 2, 0], [0, 0, 0]])
    assert "0,0,0;0,2,0;0,0,0" in app.query_params["cells"]
    app.selectbox(key="kernel").set_value("Sharpen").run()
    assert "cells" not in app.query_params
    np.testing.assert_array_equal(app.data_editor[0].value.to_numpy(), [[0, -1, 0], [-1, 5, -1], [0, -1, 0]])


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("a,b,c;1,1,1;1,1,1", "must be a number"),
        ("nan,0,0;0,0,0;0,0,0", "NaN"),
        ("1,2;3,4", "2×2 cells"),
        ("1,2,3;4", "equally long"),
    ],
)
def test_a_shared_kernel_that_is_none_is_told(cells: str, message: str) -> None:
    app = opened(cells=cells)
    assert any(message in error.value for error in app.error)


def test_an_edited_kernel_is_ones_own_until_another_is_chosen() -> None:
    app = opened()
    assert app.selectbox(key="kernel").options[4] == "Vertical edge"
    app = opened(cells="0,0,0;0,2,0;0,0,0")
    assert "Own (was Vertical edge)" in app.selectbox(key="kernel").options
    app.selectbox(key="kernel").set_value("Sharpen").run()
    assert not any("Own" in name for name in app.selectbox(key="kernel").options)


def test_the_window_slides_over_the_numbers_and_over_the_face() -> None:
    sent = json.loads(opened("Step by step", position="4").get("bidi_component")[0].proto.json)
    assert sent["output"] == [[4, 3, 4], [2, 4, 3], [2, 3, 4]] and sent["position"] == 3
    assert len(sent["faceOutput"]) == len(sent["face"][0]) - 2
    app = opened("Step by step")
    app.selectbox(key="example").set_value("colour").run()
    sent = json.loads(app.get("bidi_component")[0].proto.json)
    assert sent["output"][0][0] == -25 and len(sent["face"]) == 3


@pytest.mark.parametrize("key", EXAMPLES)
def test_every_example_can_be_stepped_through_with_any_window(key: str) -> None:
    app = opened("Step by step")
    app.selectbox(key="example").set_value(key).run()
    for padding in ("none", "same", "full"):
        for dilation in (1, 3):
            app.selectbox(key=f"step_padding_{key}").set_value(padding)
            app.number_input(key="step_dilation").set_value(dilation).run()
            assert not app.exception
            # Where the stretched kernel does not fit, a sentence says so.
            assert all("larger than the picture" in error.value for error in app.error)


def test_sizes_are_worked_out_and_checked_against_torch() -> None:
    app = opened("Sizes")
    assert [metric.value for metric in app.metric] == ["30×30×64", "57,600", "1,792"]
    assert "torch.nn.Conv2d gives 30×30×64 with 1,792 parameters" in texts(app)
    app = opened("Sizes", n="52", f="12", s="2", c="1", k="15")
    assert app.metric[0].value == "21×21×15"
    app.button_group(key="size_example").set_value("5×5, “full”").run()
    assert app.metric[0].value == "7×7×1"


@pytest.mark.parametrize(
    ("params", "message"),
    [({"s": "0"}, "stride"), ({"n": "5", "f": "7"}, "larger than the picture of 5"), ({"n": "4", "d": "9"}, "dilation")],
)
def test_sizes_that_do_not_fit_are_told(params: dict[str, str], message: str) -> None:
    app = opened("Sizes", **params)
    assert any(message in error.value for error in app.error)


def test_a_size_with_a_rest_is_warned_of() -> None:
    app = opened("Sizes", n="6", s="2")
    assert "never looked at" in app.warning[0].value


@pytest.mark.parametrize(("size", "stride"), [(2, 1), (3, 2), (8, 8), (2, 0)])
def test_pooling_of_any_size_draws_or_tells(size: int, stride: int) -> None:
    app = opened("ReLU and pooling", pool_size=str(size), pool_stride=str(stride))
    assert bool(app.error) == (size > 4 or stride == 0)


@pytest.mark.parametrize("key", PRESETS)
def test_the_parameter_counter_shows_the_presets_total(key: str) -> None:
    app = opened("Parameters")
    app.selectbox(key="network").set_value(key).run()
    built = sum(parameter.numel() for parameter in PRESETS[key].build().parameters())
    assert app.metric[0].value == f"{built:,}"
    assert not app.error


def test_a_shared_stack_is_counted() -> None:
    app = opened("Parameters", stack='{"height":8,"width":8,"channels":1,"layers":[{"kind":"flatten"},{"kind":"dense"}]}')
    assert app.metric[0].value == "650"
    app = opened("Parameters", stack='{"height":8,"width":8,"layers":[{"kind":"dense"}]}')
    assert "Layer 1, Dense 10" in app.error[0].value
    app = opened("Parameters", stack="rubbish")
    assert "not a stack of layers" in app.error[0].value
    assert app.metric[0].value == f"{describe(next(iter(PRESETS.values())).stack).parameters:,}"


def test_a_stack_becomes_an_experiment(app: Services) -> None:
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("convolution_lab.py")
    page.query_params["panel"] = "Parameters"
    page.run()
    page.selectbox(key="network").set_value("mnist").run()
    next(button for button in page.button if button.label == "Train this").click().run()
    assert not page.exception
    assert page.title[0].value == "Experiments"
    assert Stack.read(page.query_params["stack"]) == PRESETS["mnist"].stack


def test_foreign_values_in_the_address_are_ignored() -> None:
    app = opened("Nonsense", kernel="Nonsense", size="9×9", colour="perhaps")
    assert not app.error


def test_a_moved_face_is_found_by_the_cnn_alone() -> None:
    app = opened("Two networks", train="true")
    assert "What both networks see" in texts(app)
    assert any("This is the face" in element.value for element in app.markdown)
    assert any("Stranger" in element.value for element in app.markdown)


def test_the_drawing_can_be_looked_at_too() -> None:
    for panel in ("Kernels", "ReLU and pooling", "Moving"):
        assert not opened(panel, picture="Drawing").error
