"""Try it: draw, upload, or hold something into the camera, and see what the network makes of it."""

from pathlib import Path
from typing import cast

import altair as alt
import pandas as pd
import streamlit as st

from pages.components.camera import camera
from pages.components.canvas import canvas
from pages.components.context import camera_session, services
from pages.components.keyed import choose_key
from pages.components.panels import bound, explain, inputs, show_errors
from pages.components.text import data_url, plain
from recognition.inspection.drawing import enlarge, with_box
from recognition.live.guessing import MOST, LiveGuesses, as_rgb, likeliest
from recognition.pictures import SUFFIXES, encode_png, read_picture
from training.course.experiments.classifier import Classifier
from training.course.experiments.predictor import Prediction, Predictor, usual_reading
from training.course.experiments.store import load_classifier, read_experiment
from training.course.preprocessing import Reading

DRAW, UPLOAD, CAMERA = "Draw", "Upload", "Camera"

READINGS: dict[Reading, str] = {
    "picture": "the picture as it is",
    "mnist": "its ink, light on dark as in MNIST",
    "digits": "its ink, in blocks as in scikit-learn's digits",
    "paper": "its ink, dark on light",
}

HIGHEST, OTHERS = "#2a9d8f", "#9aa5a2"
"""Of the bars; both can be seen on light and on dark."""

PIXELS = (
    "display: block; width: clamp(7rem, 20vw, 18rem); image-rendering: pixelated; "
    "border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: .6rem"
)

COLUMNS = (1, 2.2)

UPLOAD_SIDE = 480


def panel(experiment_id: str) -> None:
    """Everything to try one experiment's network with.

    Args:
        experiment_id: of an experiment in the store; one that isn't there is said.
    """
    with show_errors():
        classifier = _classifier(services().settings.storage, experiment_id)
        with inputs():
            source = st.segmented_control("Try it with", [DRAW, UPLOAD, CAMERA], default=DRAW, required=True, **bound("try"))
            reading = _choose_reading(experiment_id, classifier)
        if source == DRAW:
            _draw(experiment_id, reading)
        elif source == UPLOAD:
            _upload(Predictor(classifier, reading))
        else:
            _film(Predictor(classifier, reading))
    explain(
        "Whatever you show is first made like the pictures that the network was trained on. The network gives each class a "
        "number, and softmax turns these into shares.",
        r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
    )
    st.caption(
        "The shares always add up to 100 %: a picture of nothing that the network knows gets a name too, often with a high bar."
    )


@st.cache_resource(max_entries=4, show_spinner="Loading the network")
def _classifier(storage: Path, experiment_id: str) -> Classifier:
    return load_classifier(storage, experiment_id)


def _choose_reading(experiment_id: str, classifier: Classifier) -> Reading:
    """What of a picture the network gets; at first what its training pictures suggest."""
    source = read_experiment(services().settings.storage, experiment_id).recipe.data.source
    titles = {str(reading): title for reading, title in READINGS.items()}
    key = f"reading_{experiment_id}"
    return cast(Reading, choose_key("The network gets", titles, usual_reading(source, classifier), key, width=380))


@st.fragment
def _draw(experiment_id: str, reading: Reading) -> None:
    """The canvas; only this part of the page runs again after a stroke."""
    paper, answer = st.columns(COLUMNS, gap="medium")
    with show_errors():
        with paper:
            drawing = canvas(key="try_canvas")
        with answer:
            if drawing is None:
                st.caption("The answer comes when you lift the pen.")
                return
            predictor = Predictor(_classifier(services().settings.storage, experiment_id), reading)
            _show(predictor.of_drawing(drawing))


def _upload(predictor: Predictor) -> None:
    upload = st.file_uploader("A picture", type=sorted(suffix.removeprefix(".") for suffix in SUFFIXES), key="try_upload")
    if upload is None:
        return
    photo = read_picture(upload.getvalue(), upload.name)
    prediction = predictor.of_picture(photo)
    whole, answer = st.columns(COLUMNS, gap="medium")
    with whole:
        boxed = with_box(photo, prediction.region, max(1, max(photo.shape) // 200))
        st.image(enlarge(boxed, UPLOAD_SIDE, smooth=True), width="stretch", alt="The upload; the box is what the network gets")
        st.caption("In the box: what the network gets.")
    with answer:
        _show(prediction)


def _film(predictor: Predictor) -> None:
    session, token = camera_session("try_session", LiveGuesses, lambda: LiveGuesses(predictor))
    session.predictor = predictor
    camera(key="try_camera", token=token, kind="guess")


def _show(prediction: Prediction) -> None:
    """What the network saw, and beside it what it says."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width="content"):
            _show_seen(prediction)
        with st.container(width="stretch"):
            _show_shares(prediction)


def _show_seen(prediction: Prediction) -> None:
    """The network's input with sharp pixels. In the page itself, not as a file of its own: so nothing flickers."""
    height, width, channels = prediction.seen.shape
    source = data_url(encode_png(as_rgb(prediction.seen)), "png")
    st.html(f'<img src="{source}" alt="What the network saw" decoding="sync" style="{PIXELS}">')
    st.caption(f"What the network saw: {height}×{width}, {'grey' if channels == 1 else 'colour'}")


def _show_shares(prediction: Prediction) -> None:
    shares = likeliest(prediction)
    best = max(shares, key=lambda name: shares[name])
    st.markdown(f"Most likely: **{plain(best)}**")
    frame = pd.DataFrame(
        [
            {"Class": name, "Probability": share, "shown": _percentage(share), "highest": name == best}
            for name, share in shares.items()
        ]
    )
    bars = alt.Chart(frame).encode(
        x=alt.X("Probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=5), title=None),
        y=alt.Y("Class:N", sort=None, title=None, axis=alt.Axis(labelLimit=140)),
        color=alt.condition("datum.highest", alt.value(HIGHEST), alt.value(OTHERS)),
        tooltip=["Class:N", alt.Tooltip("Probability:Q", format=".2%")],
    )
    numbers = bars.mark_text(align="left", dx=4).encode(text="shown:N")
    chart = (bars.mark_bar() + numbers).properties(height=alt.Step(22))
    st.altair_chart(chart, width="stretch", alt=f"Probabilities of the classes; {best} is the most likely")
    if len(prediction.classes) > MOST:
        st.caption(f"The {MOST} most likely of {len(prediction.classes)} classes.")


def _percentage(share: float) -> str:
    """No classifier is ever certain, so it never says 100."""
    return "> 99 %" if share >= 0.995 else f"{share:.0%}".replace("%", " %")
