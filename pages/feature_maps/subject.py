"""What is looked into: which network, which layer and channel, which face."""

from dataclasses import dataclass

import skimage.data
import streamlit as st
import torch

from pages.components.context import services
from pages.components.enrolled_photo import choose_photo
from pages.components.panels import bound, show_errors
from recognition.alignment import align
from recognition.errors import RecognitionError
from recognition.inspection.errors import InspectionError
from recognition.inspection.feature_maps import pages_of
from recognition.inspection.layers import Layer, Summary
from recognition.inspection.views import PER_PAGE, Order, summary_of
from recognition.networks import Network, NetworkSpec, available_networks, load_network
from recognition.networks.base import choose_device
from recognition.pictures import Picture, read_picture

CAMERA, PHOTO, UPLOAD, SAMPLE = "Camera", "Enrolled photo", "Upload", "Sample face"
ORDERS: dict[str, Order] = {"Number": "number", "Strength": "strength"}


@dataclass(frozen=True, eq=False)
class Face:
    """An aligned face, (150, 150, 3) uint8 RGB; `photo_id` where it is an enrolled photo."""

    crop: Picture
    photo_id: int | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """A network with its layers, and the layer and channels that are looked at."""

    network: Network
    summary: Summary
    layer: Layer
    order: Order
    page: int
    channel: int

    def named(self, name: str) -> Layer:
        """The layer of that name."""
        return next(layer for layer in self.summary.layers if layer.name == name)


def choices() -> dict[str, NetworkSpec]:
    """The networks that can be looked into, by title. Models trained in this app join here."""
    storage = services().settings.storage
    return {spec.title: spec for spec in available_networks(storage)}


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


def choose_subject() -> Subject:
    """The inputs for network, layer and channels.

    Raises:
        RecognitionError: the network can't be loaded.
    """
    specs = choices()
    titles = list(specs)
    in_use = next((title for title in titles if specs[title].key == services().settings.network), titles[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.selectbox("Network", titles, titles.index(in_use), width=250, **bound("net"))
        network = load(specs[title])
        described = summary(network, network.spec.key)
        layer = _choose_layer(described)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = ORDERS[st.segmented_control("Channels by", list(ORDERS), default="Number", required=True, **bound("order"))]
        page, channel = _choose_channels(layer)
    return Subject(network, described, layer, order, page, channel)


def _choose_layer(described: Summary) -> Layer:
    layers = {layer.name: layer for layer in described.layers}
    drawable = [layer for layer in described.layers if layer.is_map]
    if not drawable:
        raise InspectionError("No layer of this network gives maps that can be drawn.")
    first = next((layer for layer in drawable if layer.kind == "ReLU"), drawable[0])
    if st.session_state.get("layer") not in layers:
        st.session_state.pop("layer", None)
    return layers[st.selectbox("Layer", list(layers), list(layers).index(first.name), width=250, **bound("layer"))]


def _choose_channels(layer: Layer) -> tuple[int, int]:
    """The page of the grid, from 0, and the one channel that is looked at closely."""
    channels = layer.shape[0] if layer.is_map else 1
    pages = pages_of(channels, PER_PAGE)
    _clamp("page", 1, pages)
    _clamp("channel", 0, channels - 1)
    page = st.number_input(f"Page, 1 to {pages}", 1, pages, 1, width=135, disabled=pages == 1, **bound("page"))
    channel = st.number_input(
        f"Channel, 0 to {channels - 1}", 0, max(channels - 1, 1), 0, width=135, disabled=channels == 1, **bound("channel")
    )
    return int(page) - 1, min(int(channel), channels - 1)


def _clamp(key: str, low: int, high: int) -> None:
    """A number chosen for a larger layer is brought into this one."""
    value = st.session_state.get(key)
    if isinstance(value, int) and not low <= value <= high:
        st.session_state[key] = max(low, min(value, high))


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
