"""How to compress: the methods, and every number of each."""

import streamlit as st
from pydantic import ValidationError

from pages.components.panels import bound, inputs
from pages.components.text import show_error
from pages.compression import charts
from pages.compression.names import METHODS, NAMES
from training.compression.errors import CompressionError
from training.compression.schedules import ConstantSparsity, PolynomialDecay, Schedule
from training.compression.settings import CompressionSettings, FaceSubject, Subject
from training.compression.steps import Choices

NOT_FOR_FACES = ("distil", "student", "distil+static")
"""A face network of random numbers needs millions of faces to learn from."""

PREVIEWED = 200
"""Steps in the drawing of a schedule; the real number depends on the data."""


def choose(subject: Subject, usual: tuple[str, ...]) -> CompressionSettings | None:
    """The inputs; None where they can't be used, which is said.

    Args:
        usual: methods that are chosen at first.
    """
    faces = isinstance(subject, FaceSubject)
    known = [name for name in METHODS if not (faces and name in NOT_FOR_FACES)]
    methods = st.pills(
        "Methods",
        known,
        selection_mode="multi",
        default=[name for name in usual if name in known],
        format_func=NAMES.__getitem__,
        **bound("face_methods" if faces else "methods"),
    )
    try:
        choices = _choices()
        if not methods:
            st.caption("Choose at least one method.")
            return None
        return CompressionSettings(subject=subject, methods=tuple(choices.method(name) for name in methods))
    except ValidationError as error:
        show_error(f"These settings can't be used: {error.errors()[0]['msg']}.")
    except CompressionError as error:
        show_error(error)
    return None


def _choices() -> Choices:
    """Everything that can be chosen.

    Raises:
        ValidationError: numbers that don't go together.
    """
    with st.expander("Every setting", icon=":material/tune:"):
        st.markdown("**Pruned weights**")
        left, right = st.columns([3, 2], gap="medium")
        with left:
            schedule = _schedule()
            across = st.segmented_control(
                "The smallest of",
                ["network", "layer"],
                default="network",
                format_func={"network": "the whole network", "layer": "each layer"}.__getitem__,
                required=True,
                **bound("across"),
            )
        points = [(step, schedule.sparsity(step, PREVIEWED)) for step in range(PREVIEWED)]
        right.altair_chart(charts.curve(points, marks=False), alt="The schedule of the sparsity")
        st.markdown("**Pruned channels and students**")
        with inputs():
            share = st.number_input("Channels left out", 0.05, 0.95, 0.5, 0.05, width=150, **bound("share"))
            rounds = int(st.number_input("Pruning rounds", 1, 20, 2, width=150, **bound("rounds")))
            temperature = st.number_input("Temperature", 1.0, 100.0, 4.0, 1.0, width=150, **bound("temperature"))
            weight = st.number_input("Teacher's weight", 0.05, 1.0, 0.9, 0.05, width=150, **bound("weight"))
        st.markdown("**Fine-tuning and int8**")
        with inputs():
            epochs = int(st.number_input("Epochs", 1, 200, 2, width=150, help="Of each fine-tuning", **bound("epochs")))
            student = int(st.number_input("Student's epochs", 1, 200, 6, width=150, **bound("student_epochs")))
            per_channel = st.toggle("int8: a scale for each channel", True, **bound("per_channel"))
    return Choices(
        schedule=schedule,
        across="layer" if across == "layer" else "network",
        share=share,
        rounds=rounds,
        epochs=epochs,
        student_epochs=student,
        temperature=temperature,
        weight=weight,
        per_channel=per_channel,
    )


def _schedule() -> Schedule:
    kind = st.segmented_control(
        "Schedule",
        ["polynomial", "constant"],
        default="polynomial",
        format_func={"polynomial": "Polynomial decay", "constant": "Constant"}.__getitem__,
        required=True,
        **bound("schedule"),
    )
    with inputs():
        final = st.number_input("Sparsity", 0.05, 0.99, 0.8, 0.05, width=130, **bound("sparsity"))
        begin = st.number_input(
            "Begin", 0.0, 1.0, 0.0, 0.05, width=130, help="Share of the fine-tuning's steps", **bound("begin")
        )
        end = st.number_input("End", 0.0, 1.0, 0.7, 0.05, width=130, help="Then the rest is fine-tuned", **bound("end"))
        every = int(st.number_input("Frequency", 1, 10_000, 20, width=130, help="Steps between prunings", **bound("every")))
        if kind == "constant":
            return ConstantSparsity(begin=begin, end=end, frequency=every, final=final)
        initial = st.number_input("Initial sparsity", 0.0, 0.95, 0.0, 0.05, width=130, **bound("initial"))
        exponent = st.number_input("Exponent", 0.5, 10.0, 3.0, 0.5, width=130, **bound("exponent"))
    return PolynomialDecay(begin=begin, end=end, frequency=every, final=final, initial=initial, exponent=exponent)
