"""The playground, headless: every panel draws and explains itself, and what can't be learned is said."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.playground.backpropagation import HIDDEN
from pages.playground.formulas import factor, number

PAGE = str(Path(__file__).parents[2] / "pages" / "playground.py")
PANELS = ("Perceptron", "Dense network", "Backpropagation")


def opened(panel: str, **params: str) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    app.query_params["panel"] = panel
    for key, value in params.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.latex, app.caption, app.error, app.warning, app.success, app.info, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_explains_itself_with_a_formula(panel: str) -> None:
    app = opened(panel, dense_epochs="10")
    assert app.title[0].value == "Playground"
    assert len(app.latex) >= 2
    assert not app.error and not app.warning


def test_the_perceptron_learns_blobs_at_once() -> None:
    assert "the rule changes nothing any more" in opened("Perceptron").success[0].value


def test_the_rule_is_written_out_for_the_point_and_the_epoch_of_the_address() -> None:
    app = opened("Perceptron", perceptron_epoch="0", perceptron_point="2", own="A100_0~B-100_50", perceptron_points="Your own")
    assert "One update after epoch 0" in texts(app)
    assert r"x &= (-1,\; 0.5) \qquad y = 1" in "\n".join(str(latex.value) for latex in app.latex)
    assert r"w_1 &\leftarrow" in "\n".join(str(latex.value) for latex in app.latex)


def test_xor_sends_one_to_a_hidden_layer_that_learns_it() -> None:
    app = opened("Perceptron", perceptron_points="XOR", perceptron_epochs="5")
    assert "no straight line can separate" in app.warning[0].value
    assert app.warning[0].value.startswith("XOR")
    app.button[0].click().run()
    assert not app.exception
    assert app.session_state["panel"] == "Dense network"
    assert app.button_group(key="dense_points").value == "XOR"
    assert app.query_params["dense_points"] == "XOR"
    assert "This is XOR, which no perceptron can learn" in app.success[0].value


def test_xor_without_a_hidden_layer_asks_for_one() -> None:
    app = opened("Dense network", dense_points="XOR", dense_hidden="0", dense_epochs="10")
    assert "without a hidden layer the boundary is straight" in app.info[0].value


@pytest.mark.parametrize("hidden", [0, 1, 3])
def test_every_unit_can_be_looked_at(hidden: int) -> None:
    app = opened("Dense network", dense_hidden=str(hidden), dense_units="2", dense_epochs="10", dense_activation="ReLU")
    units = app.selectbox(key="dense_unit").options
    assert len(units) == 2 * hidden + 2
    for unit in units:
        app.selectbox(key="dense_unit").set_value(unit).run()
        assert not app.exception
        assert ("p - y" in texts(app)) == unit.startswith("Output")
        # Two inputs of the network or two units before it, and the bias.
        assert len(app.dataframe[0].value) == 3


def test_a_unit_that_is_gone_gives_way_to_the_first() -> None:
    app = opened("Dense network", dense_unit="Hidden 2.6", dense_epochs="10")
    assert app.selectbox(key="dense_unit").value == "Hidden 2.6"
    app.slider(key="dense_hidden").set_value(1).run()
    assert not app.exception
    assert app.selectbox(key="dense_unit").value == "Hidden 1.1"


def test_a_rate_that_is_too_high_is_said() -> None:
    app = opened("Dense network", dense_rate="100.0", dense_epochs="10", dense_activation="ReLU", dense_hidden="3")
    assert any("Lower" in element.value for element in (*app.warning, *app.error))


@pytest.mark.parametrize("panel", ["Perceptron", "Dense network"])
@pytest.mark.parametrize(
    ("own", "message"),
    [("", "There are no points yet"), ("A0_0~A10_10", "All points are of class A"), ("B0_0", "Put down points of A too")],
)
def test_what_is_missing_is_said(panel: str, own: str, message: str) -> None:
    key = panel.split()[0].lower()
    app = opened(panel, own=own, **{f"{key}_points": "Your own"})
    assert message in app.info[0].value.replace("\\", "")
    assert not app.error


def test_a_perceptron_refuses_a_third_class() -> None:
    app = opened("Perceptron", own="A0_0~B10_10~C50_50", perceptron_points="Your own")
    assert "Take the points of class C away" in texts(app)


def test_three_classes_of_ones_own_are_learned() -> None:
    app = opened(
        "Dense network", own="A-100_-50~B100_-50~C0_100", dense_points="Your own", dense_epochs="50", dense_unit="Output C"
    )
    assert "100% right" in app.success[0].value
    assert app.selectbox(key="dense_unit").value == "Output C"


def test_points_that_contradict_each_other_are_said() -> None:
    app = opened("Dense network", own="A0_0~B0_0", dense_points="Your own", dense_epochs="10")
    assert "2 points lie where one of another class lies" in app.warning[0].value


@pytest.mark.parametrize("own", ["rubbish", "A999_0", "~".join(["A1_1"] * 201)])
def test_points_of_an_address_that_are_none_are_said(own: str) -> None:
    app = opened("Perceptron", own=own, perceptron_points="Your own")
    assert "The points in the address can't be used" in texts(app)


@pytest.mark.parametrize("params", [{"perceptron_epoch": "nonsense"}, {"perceptron_epoch": "99999"}, {"perceptron_point": "0"}])
def test_foreign_values_in_the_address_are_ignored(params: dict[str, str]) -> None:
    app = opened("Perceptron", **params)
    assert not app.error
    assert "One update after epoch" in texts(app)


def derivatives(app: AppTest) -> dict[str, tuple[float, float]]:
    """By hand and by autograd, by weight."""
    table = app.table[1].value
    assert list(table["agree"].unique()) == [":green[✓]"]
    return {
        str(name).strip("${}"): (float(row["by hand"].replace("−", "-")), float(row["autograd"].replace("−", "-")))
        for name, row in table.iterrows()
    }


@pytest.mark.parametrize("end", ["Sigmoid, squared error", "Softmax, cross-entropy"])
@pytest.mark.parametrize("activation", ["tanh", "ReLU", "sigmoid"])
def test_all_17_derivatives_agree_with_autograd(end: str, activation: str) -> None:
    found = derivatives(opened("Backpropagation", bp_end=end, bp_activation=activation))
    assert len(found) == 17
    assert all(by_hand == pytest.approx(checked, abs=1e-6) for by_hand, checked in found.values())
    assert any(by_hand != 0 for by_hand, _ in found.values())


def test_a_step_can_be_taken_and_taken_back() -> None:
    app = opened("Backpropagation")
    losses = [app.markdown[0].value]
    for _ in range(2):
        next(button for button in app.button if button.label == "Take this step").click().run()
        assert not app.exception
        losses.append(app.markdown[0].value)
    assert len(set(losses)) == 3
    assert "bp_hidden" in app.query_params
    # What the loss "after one step" was is the loss now.
    assert losses[0].split(r"\mathbf{")[2][:6] == losses[1].split(r"\mathbf{")[1][:6]
    next(button for button in app.button if button.label == "Start again").click().run()
    assert app.markdown[0].value == losses[0]
    np.testing.assert_array_equal(app.data_editor[0].value.to_numpy(), HIDDEN)


def test_weights_of_the_address_are_used_or_refused() -> None:
    zeros = opened("Backpropagation", bp_hidden="0,0,0;0,0,0;0,0,0")
    assert "z_1 = 0" in zeros.table[0].value.to_string()
    assert "can't be used" in texts(opened("Backpropagation", bp_hidden="1,2;3,4"))
    huge = {"bp_hidden": "1e300,0,0;1e300,0,0;0,0,0", "bp_output": "1e300,1e300,0,0;0,0,0,0"}
    app = opened("Backpropagation", bp_activation="ReLU", bp_end="Softmax, cross-entropy", **huge)
    assert "Take smaller numbers" in texts(app)


def test_targets_of_a_softmax_must_be_probabilities() -> None:
    app = opened("Backpropagation", bp_end="Softmax, cross-entropy", bp_t2="1")
    assert "together 1" in texts(app)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (4, "4"),
        (-0.25, "-0.25"),
        (4 / 3, "1.333"),
        (-2.06e-5, r"-2.1 \cdot 10^{-5}"),
        (1e7, r"1.0 \cdot 10^{7}"),
    ],
)
def test_numbers_in_formulas_are_short_and_never_lost(value: float, text: str) -> None:
    assert number(value) == text
    assert factor(value) == (f"({text})" if text.startswith("-") else text)
