"""Face networks, and the faces they look at: the sample face, an enrolled photo, an upload."""

from dataclasses import dataclass

import skimage.data
import streamlit as st
import torch

from pages.components.context import services
from pages.components.enrolled_photo import choose_photo
from pages.components.panels import show_errors
from pages.feature_maps.subject import Shown
from recognition.alignment import align
from recognition.errors import RecognitionError
from recognition.inspection.layers import Summary
from recognition.inspection.views import summary_of
from recognition.networks import Network, NetworkSpec, available_networks, load_network
from recognition.networks.base import choose_device
from recognition.pictures import Picture, read_picture

CAMERA, PHOTO, UPLOAD, SAMPLE = "Camera", "Enrolled photo", "Upload", "Sample face"
SOURCES = (SAMPLE, CAMERA, PHOTO, UPLOAD)


@dataclass(frozen=True, eq=False)
class Face(Shown):
    """An aligned face, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB; `photo_id` where it is an enrolled photo."""

    photo_id: int | None = None


def choices() -> dict[str, NetworkSpec]:
    """The face networks that can be looked into, by title."""
    return {spec.title: spec for spec in available_networks(services().settings.storage)}


def load(spec: NetworkSpec) -> Network:
    """The network, the one in use or another.

    Raises:
        NetworkError: it can't be loaded.
    """
    in_use = services().recognizer().network
    if spec.key == in_use.spec.key:
        return in_use
    settings = services().settings
    return _loaded(spec.key, choose_device(settings.device))


@st.cache_resource(max_entries=2, show_spinner="Loading the network")
def _loaded(key: str, device: torch.device) -> Network:
    return load_network(key, services().settings.storage, device)


@st.cache_resource(max_entries=8, show_spinner=False)
def summary(_network: Network, key: str) -> Summary:
    """The network's layers. `key`: of the network."""
    assert key == _network.spec.key
    return summary_of(_network)


def choose_face(source: str) -> Face | None:
    """The inputs of a still source and the face they give; None, with a sentence, while there is none."""
    with show_errors():
        if source == PHOTO:
            photo = choose_photo()
            return Face(services().gallery.crop(photo.id), photo.id) if photo else None
        if source == UPLOAD:
            return _uploaded()
        return Face(sample_face())
    return None


@st.cache_data(show_spinner=False)
def sample_face() -> Picture:
    """Eileen Collins, NASA: scikit-image's public-domain astronaut, aligned."""
    picture = skimage.data.astronaut()
    return align(picture, services().recognizer().fine_detector.detect(picture)[0].landmarks)


def _uploaded() -> Face | None:
    kinds = ["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"]
    upload = st.file_uploader("A picture with a face", type=kinds, key="look_upload")
    if upload is None:
        st.caption("It is looked at in memory and not stored, and is the one thing that the address can't share.")
        return None
    found: tuple[str, list[Picture]] | None = st.session_state.get("look_crops")
    if found is None or found[0] != upload.file_id:
        image = read_picture(upload.getvalue(), upload.name)
        faces = services().recognizer().fine_detector.detect(image)
        found = (upload.file_id, [align(image, face.landmarks) for face in faces])
        st.session_state["look_crops"] = found
    crops = found[1]
    if not crops:
        raise RecognitionError("No face found in this picture. Take one in which a face is larger and looks at you.")
    number = 1
    if len(crops) > 1:
        number = int(st.number_input(f"Face, 1 (largest) to {len(crops)}", 1, len(crops), 1, key="look_face"))
    return Face(crops[number - 1])
