"""The data of an experiment: choosing it, looking at it, knowing what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs, show_errors
from pages.components.text import count, plain
from pages.experiments import data_adding, data_balance, data_wall
from recognition.gallery import Gallery
from training.course.data.choice import DataChoice, Digits, EnrolledFaces, Source, Stored
from training.course.data.digits import digits
from training.course.data.library import list_data_sets, open_pictures, read_data_set
from training.course.data.report import Examined, examine, problems
from training.faces.dataset import from_gallery
from training.jobs.enrolled import faces_as_pictures

ALWAYS_HERE: dict[str, tuple[str, Source]] = {"digits": ("Digits", Digits()), "faces": ("Enrolled faces", EnrolledFaces())}

SMALLEST, LARGEST = 8, 512
"""Sides that `DataChoice` takes."""


@dataclass(frozen=True)
class _Options:
    """What is chosen among the pictures of a source. As in `DataChoice`."""

    classes: tuple[str, ...] | None
    side: int | None
    shift: int


def choose_data() -> DataChoice:
    """The inputs of an experiment's data, in one row; what is chosen stands in the address."""
    data_adding.select_added()
    titles = {key: title for key, (title, _) in ALWAYS_HERE.items()} | {
        data_set.key: data_set.title for data_set in list_data_sets(services().settings.storage)
    }
    with inputs():
        key = choose_key("Data", titles, "digits", "data", width=240)
        source = ALWAYS_HERE[key][1] if key in ALWAYS_HERE else Stored(key=key)
        limit = st.number_input(
            "Pictures a class",
            1,
            value=None,
            placeholder="all",
            width=150,
            help="At most; fewer train faster.",
            **bound("limit"),
        )
        with st.popover("Options", icon=":material/tune:"):
            options = _options(source, key)
        if st.button("Add data", icon=":material/add:"):
            data_adding.dialog()
    data_adding.follow()
    return DataChoice(source=source, classes=options.classes, limit=limit, side=options.side, shift=options.shift)


def show_data(choice: DataChoice) -> None:
    """Pictures of each class, what is wrong with the data, and how many there are of each class."""
    if isinstance(choice.source, EnrolledFaces) and services().gallery.counts().people < 2:
        st.info("Telling faces apart needs two people. Enroll them on the Enroll page.", icon=":material/person_add:")
        return
    with show_errors():
        examined = _examined(choice.source)
        classes = choice.classes or examined.pictures.classes
        _say(examined, choice, classes)
        data_wall.show(examined.pictures, choice, classes)
        if found := problems(examined.report):
            st.warning("\n".join(f"- {plain(sentence)}" for sentence in found), icon=":material/report:")
        data_balance.show(examined.report, classes, choice.limit)


def _options(source: Source, key: str) -> _Options:
    with show_errors():
        names = _classes(source)
        chosen = st.multiselect("Classes", names, placeholder="all", **bound(f"classes_{key}"))
        if len(chosen) == 1:
            st.warning("With one class there is nothing to tell apart. Add another; until then all are used.")
        side = st.number_input(
            "Side", SMALLEST, LARGEST, value=None, placeholder="as it is", help="Height and width in pixels.", **bound("side")
        )
        shift = st.number_input(
            "Shift of the test pictures",
            0,
            32,
            help="Each moves at random by up to so many pixels: a dense network suffers, a CNN less.",
            **bound("shift"),
        )
        return _Options(tuple(chosen) if len(chosen) > 1 else None, side, shift)
    return _Options(None, None, 0)


def _say(examined: Examined, choice: DataChoice, classes: Sequence[str]) -> None:
    report, (height, width, channels) = examined.report, examined.pictures.train.images.shape[1:]
    train = count(sum(min(report.train[name], choice.limit or report.train[name]) for name in classes), "picture")
    parts = (
        f"{train}, of which the split sets some aside for validation and test"
        if report.test is None
        else f"{train} to learn from and to validate, {sum(report.test[name] for name in classes):,} for the test"
    )
    size = f"{height}×{width} pixels" + ("" if choice.side is None else f", brought to {choice.side}×{choice.side}")
    st.markdown(
        f":material/photo_library: **{count(len(classes), 'class', 'classes')}**, {parts}. "
        f"{size}, {'grey' if channels == 1 else 'in colour'}."
    )
    if report.sizes > 1:
        st.caption(f"They had {report.sizes:,} different sizes: each was cut to its middle square and resized.")


def _classes(source: Source) -> tuple[str, ...]:
    if isinstance(source, Stored):
        return read_data_set(services().settings.storage, source.key).classes
    return _examined(source).pictures.classes


def _examined(source: Source) -> Examined:
    app = services()
    match source:
        case Stored(key=key):
            return Examined(open_pictures(app.settings.storage, key), read_data_set(app.settings.storage, key).report)
        case EnrolledFaces():
            return _faces(str(app.settings.storage), app.gallery.revision(), app.gallery)
        case _:
            return _digits()


@st.cache_resource
def _digits() -> Examined:
    return examine(digits())


@st.cache_resource(max_entries=1, show_spinner="Reading the faces")
def _faces(storage: str, revision: int, _gallery: Gallery) -> Examined:  # noqa: ARG001  # which gallery, and how it was
    return examine(faces_as_pictures(from_gallery(_gallery)))
