"""Try it, headless: a drawing, an upload and the camera each reach the network, and bad input becomes a sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from pages.components.camera import CameraState
from pages.experiments import try_it
from recognition.errors import PictureError
from recognition.live.guessing import LiveGuesses
from recognition.pictures import Picture, encode_png
from recognition.services import Services, shared_cameras
from tests.training.course.conftest import RECIPE
from tests.training.course.test_preprocessing import drawn, photographed
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.training import Outcome

ONE = drawn((0.5, 0.2), (0.5, 0.8))


@pytest.fixture
def experiment(app: Services, learned: tuple[Split, Outcome]) -> str:
    """A network that knows digits."""
    return keep_outcome(app.settings.storage, RECIPE, *learned).id


@pytest.fixture
def draw(monkeypatch: pytest.MonkeyPatch) -> Callable[[Picture | None], None]:
    """What the canvas says from now on."""

    def draws(drawing: Picture | None) -> None:
        monkeypatch.setattr(try_it, "canvas", lambda key: drawing)

    return draws


def opened(experiment: str, **params: str) -> AppTest:
    def page(experiment_id: str) -> None:
        from pages.experiments.try_it import panel

        panel(experiment_id)

    test = AppTest.from_function(page, args=(experiment,), default_timeout=30)
    for name, value in params.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception
    return test


def said(test: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (test.markdown, test.caption, test.error) for element in kind)


def test_an_empty_canvas_says_what_happens_next(experiment: str) -> None:
    test = opened(experiment)
    assert "when you lift the pen" in said(test)
    assert "Most likely" not in said(test)
    assert "add up to 100" in said(test)
    assert len(test.latex) == 1


def test_a_drawing_is_answered_with_what_the_network_saw_and_bars(
    experiment: str, draw: Callable[[Picture | None], None]
) -> None:
    draw(ONE)
    test = opened(experiment)
    assert "Most likely: **1**" in said(test)
    assert "8×8, grey" in said(test)
    (seen,) = test.get("html")
    assert "data:image/png;base64," in seen.proto.body and "pixelated" in seen.proto.body
    (bars,) = test.get("vega_lite_chart")
    assert "1 is the most likely" in bars.proto.alt
    draw(None)
    test.run()
    assert "Most likely" not in said(test)


def test_a_drawing_that_can_t_be_read_is_said(experiment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(key: str) -> Picture:
        raise PictureError("The drawing could not be read.")

    monkeypatch.setattr(try_it, "canvas", broken)
    assert "could not be read" in opened(experiment).error[0].value


def test_what_the_network_gets_can_be_chosen_and_is_in_the_address(
    experiment: str, draw: Callable[[Picture | None], None]
) -> None:
    draw(ONE)
    test = opened(experiment)
    choice = test.selectbox[0]
    assert choice.value == "digits"
    blocks = test.get("html")[0].proto.body
    choice.set_value("paper").run()
    assert test.get("html")[0].proto.body != blocks
    assert dict(test.query_params) == {f"reading_{experiment}": "paper"}
    assert opened(experiment, **{f"reading_{experiment}": "paper"}).selectbox[0].value == "paper"


@pytest.fixture
def odd_files(tmp_path: Path) -> dict[str, bytes]:
    """A photo of a one as 16 bit, palette, CMYK and animated files."""
    photo = Image.fromarray(photographed(ONE))
    grey = np.asarray(photo.convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    photo.quantize(64).save(tmp_path / "palette.gif")
    photo.convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    photo.save(tmp_path / "moving.webp", save_all=True, append_images=[photo.rotate(90)], lossless=True)
    return {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".json"}


def test_pictures_of_every_kind_can_be_uploaded(experiment: str, odd_files: dict[str, bytes]) -> None:
    test = opened(experiment, **{"try": "Upload"})
    assert not test.error and "Most likely" not in said(test)
    assert len(odd_files) == 4
    for name, data in odd_files.items():
        test.file_uploader[0].upload(name, data, "image/png").run()
        assert not test.exception and not test.error, name
        assert "Most likely: **1**" in said(test), name


@pytest.mark.parametrize(
    ("data", "message"), [(b"no picture", "not a picture we can read"), (encode_png(ONE)[:-100], "damaged or incomplete")]
)
def test_a_file_that_is_no_picture_is_said_by_its_name(experiment: str, data: bytes, message: str) -> None:
    test = opened(experiment, **{"try": "Upload"})
    test.file_uploader[0].upload("holiday.png", data, "image/png").run()
    assert message in test.error[0].value and "holiday" in test.error[0].value


def test_the_camera_s_session_asks_the_network_in_the_way_chosen(experiment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shared_cameras.cache_clear()
    kinds = []
    monkeypatch.setattr(try_it, "camera", lambda **given: kinds.append(given["kind"]) or CameraState())
    test = opened(experiment, **{"try": "Camera"})
    session = shared_cameras().sessions.get(test.session_state["try_session"])
    assert isinstance(session, LiveGuesses) and kinds == ["guess"]
    guess = session.frame(photographed(ONE)).guess
    assert guess is not None and max(guess.probabilities, key=lambda name: guess.probabilities[name]) == "1"
    test.selectbox[0].set_value("picture").run()
    other = session.frame(photographed(ONE)).guess
    assert other is not None and other.seen != guess.seen
    assert len(shared_cameras().sessions) == 1


def test_an_experiment_that_is_not_there_is_said(app: Services) -> None:
    assert "not here" in opened("0123456789ab").error[0].value
