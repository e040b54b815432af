"""The pictures of an experiment, read once for all panels."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.components.context import services
from recognition.gallery import Gallery
from recognition.inspection.drawing import enlarge
from recognition.pictures import Picture
from training.course.data.choice import DataChoice, EnrolledFaces
from training.course.data.loading import load_split
from training.course.data.pictures import Images, Pictures, Split, SplitSettings
from training.course.data.sizes import with_channels
from training.course.experiments.record import Record
from training.course.experiments.training import digest
from training.errors import DataError
from training.faces.dataset import from_gallery
from training.jobs.enrolled import faces_as_pictures


@dataclass(frozen=True, eq=False)
class _Read:
    split: Split
    digest: str


def split_of(data: DataChoice, settings: SplitSettings) -> Split:
    """The three parts of a data set.

    Raises:
        DataError: there are no such pictures, or too few.
    """
    return _find(data, settings).split


def test_pictures(record: Record) -> Pictures:
    """The pictures that an experiment was tested on.

    Raises:
        DataError: they are not here any more, or not as they were.
    """
    found = _find(record.recipe.data, record.recipe.split)
    if found.digest != record.data_digest:
        raise DataError(f"{record.data} has changed since this experiment: its pictures can't be shown, its numbers stay.")
    return found.split.test


def shown(image: Images, side: int) -> Picture:
    """One picture, (H, W, 1 or 3), as (side, side, 3), as large as asked for; the pixels of small ones stay sharp squares."""
    return enlarge(with_channels(image, 3), side)


def _find(data: DataChoice, settings: SplitSettings) -> _Read:
    app = services()
    revision = app.gallery.revision() if isinstance(data.source, EnrolledFaces) else 0
    return _read(data.model_dump_json(), settings.model_dump_json(), app.settings.storage, revision, app.gallery)


@st.cache_resource(max_entries=2, show_spinner="Reading the pictures")
def _read(data: str, settings: str, storage: Path, revision: int, _gallery: Gallery) -> _Read:  # noqa: ARG001  # part of the key
    split = load_split(
        DataChoice.model_validate_json(data),
        SplitSettings.model_validate_json(settings),
        storage,
        lambda: faces_as_pictures(from_gallery(_gallery)),
    )
    return _Read(split, digest(split))
