"""What a browser gets so that a network can be touched: real maps of every part as tiles, one channel closely, and the numbers
that each of its cells was made of. Sent once for the channel that is shown; pointing at its cells then needs no server.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.inspection.arithmetic import Working, as_channels, working_in
from recognition.inspection.errors import InspectionError
from recognition.inspection.feature_maps import Maps
from recognition.inspection.hooks import call_of, module_named
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer, Part, Summary
from recognition.inspection.people import Answer
from recognition.inspection.views import PER_PAGE, SHARP, Order, as_seen, ordered
from recognition.pictures import Picture, encode_jpeg, encode_png

TILE = 48
"""Longer side of a map on a tile, in cells."""

MAX_VALUES = 150_000
"""Input cells that are sent with a channel: 0.8 MB. Of layers with more, the input channels that add most are sent one by one,
and what all the others add, as one map."""

Json = dict[str, Any]


@dataclass(frozen=True)
class Touched:
    """What is looked at closely.

    Attributes:
        layer: its name.
        channel: of the layer, the nearest one where it has fewer; None for the one with most contrast.
        order: of its channels.
    """

    layer: str
    channel: int | None = None
    order: Order = "number"


def touchable(network: Inspectable, crop: Picture, summary: Summary, touched: Touched, answer: Answer) -> Json:
    """A network at work on a picture, as JSON for the browser.

    Args:
        network: whose layers are touched.
        crop: (H, W, 3) uint8 RGB, such as an aligned face.
        summary: of the network.
        touched: what is looked at closely.
        answer: what the network says in the end.

    Raises:
        InspectionError: there is no such layer.
    """
    here = next((layer for layer in summary.layers if layer.name == touched.layer), None)
    if here is None:
        raise InspectionError(f"The network has no layer called {touched.layer}.")
    part = next(part for part in summary.parts if here in part.layers)
    shown = [_face_of(part) for part in summary.parts]
    with network.exclusive() as module:
        batch = network.preprocess(crop[None])
        with glancing(module, {layer.name for layer in (*shown, *part.layers)}) as glances:
            call = call_of(module, batch, here.name)
        whole = as_channels(call.gave)
        wanted = glances[here.name].channel if touched.channel is None else touched.channel
        channel = min(max(wanted, 0), len(whole) - 1)
        try:
            working, said = working_in(call, channel), ""
        except InspectionError as error:
            working, said = None, str(error)
    parts = [_tile(glances, layer, part.title) for part, layer in zip(summary.parts, shown, strict=True)]
    return {
        "picture": _picture(as_seen(network, crop)),
        "size": list(summary.field_size),
        "input": "×".join(map(str, network.input_shape)),
        "parts": parts,
        "part": summary.parts.index(part),
        "layers": [_tile(glances, layer, layer.title) for layer in part.layers] if len(part.layers) > 1 else [],
        "answer": {"title": answer.title, "shares": [list(share) for share in answer.shares], "note": answer.note},
        **_closely(here, whole, channel, touched.order),
        "field": _field(here),
        "working": working and _encoded(working, named=here is summary.layers[0]),
        "kind": here.title,
        "said": said,
    }


@dataclass(frozen=True, eq=False)
class Glance:
    """A layer at a glance.

    Attributes:
        channel: the one whose map has most contrast; of a vector, the largest.
        map: (h, w) that map, at most `TILE` cells a side; of a vector, its numbers row by row.
    """

    channel: int
    map: NDArray[np.float32]


@contextmanager
def glancing(network: nn.Module, names: Iterable[str]) -> Iterator[Mapping[str, Glance]]:
    """Some layers at a glance, by name, filled by the forward pass inside the block; nothing else of them is kept.

    Raises:
        InspectionError: there is no such layer.
    """
    found: dict[str, Glance] = {}

    def recorder(name: str) -> Callable[[nn.Module, object, object], None]:
        def record(_module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor) and output.ndim in (2, 4):
                found[name] = _glance(output)

        return record

    with ExitStack() as stack:
        for name in names:
            stack.callback(module_named(network, name).register_forward_hook(recorder(name)).remove)
        yield found


def _glance(output: Tensor) -> Glance:
    first = output[0].float()
    if first.ndim == 1 or first.shape[1:] == (1, 1):
        return Glance(int(first.flatten().argmax()), as_rectangle(first.flatten().cpu().numpy()))
    channel = int(first.std(dim=(1, 2)).argmax())
    return Glance(channel, _small(first[channel].cpu().numpy()))


def _small(map_: NDArray[np.float32]) -> NDArray[np.float32]:
    factor = TILE / max(map_.shape)
    if factor >= 1:
        return map_
    size = (max(1, round(map_.shape[1] * factor)), max(1, round(map_.shape[0] * factor)))
    return np.asarray(cv2.resize(map_, size, interpolation=cv2.INTER_AREA), np.float32)


def as_rectangle(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """(D,) row by row in the rectangle that is nearest to a square; zeros at the end where none fits."""
    rows = next((rows for rows in range(int(len(vector) ** 0.5), 1, -1) if len(vector) % rows == 0), 1)
    if len(vector) > 4 * rows * rows:
        # A prime number of them, or nearly.
        rows = int(len(vector) ** 0.5)
    columns = -(-len(vector) // rows)
    return np.pad(vector, (0, rows * columns - len(vector))).reshape(rows, columns)


def _face_of(part: Part) -> Layer:
    """The layer that stands for a part: the last one that can be drawn, or the last of all."""
    return part.last_map or part.layers[-1]


def _tile(glances: Mapping[str, Glance], layer: Layer, title: str) -> Json:
    glance = glances.get(layer.name)
    return {
        "title": title,
        "label": layer.label,
        "name": layer.name,
        "output": layer.output,
        "channel": glance.channel if glance else 0,
        "map": _bytes(glance.map) if glance else None,
    }


def _closely(layer: Layer, whole: Maps, channel: int, order: Order) -> Json:
    """The chosen channel with all its numbers, and its page of channels as tiles. A vector is one map of all its numbers."""
    said = {"layer": layer.name, "label": layer.label, "output": layer.output, "count": len(whole), "channel": channel}
    if not layer.is_map:
        return said | {"vector": True, "map": _floats(as_rectangle(whole[:, 0, 0])), "channels": [], "page": 0, "pages": 1}
    numbers = ordered(whole, order)
    page = int(np.flatnonzero(numbers == channel)[0]) // PER_PAGE
    tiles = [
        {"channel": int(number), "map": _bytes(_small(whole[number]))}
        for number in numbers[page * PER_PAGE : (page + 1) * PER_PAGE]
    ]
    pages = -(-len(numbers) // PER_PAGE)
    neighbours = [int(numbers[min(max(page + step, 0), pages - 1) * PER_PAGE]) for step in (-1, 1)]
    return said | {
        "vector": False,
        "map": _floats(whole[channel]),
        "channels": tiles,
        "page": page,
        "pages": pages,
        "neighbours": neighbours,
    }


def _field(layer: Layer) -> Json | None:
    if layer.field is None:
        return None
    rows, columns = layer.field.rows, layer.field.columns
    return {
        "rows": [rows.start, rows.size, rows.jump],
        "columns": [columns.start, columns.size, columns.jump],
    }


def _encoded(working: Working, *, named: bool) -> Json:
    """Args: named: the input channels are the colours of the picture."""
    count, height, width = working.inputs.shape
    sent, rest = np.arange(count), None
    fitting = max(1, MAX_VALUES // (height * width))
    if working.operation == "sum" and count > fitting:
        added = working.contributions()
        sent = np.sort(np.argsort(-np.abs(added).mean((1, 2)), kind="stable")[:fitting])
        rest = working.outputs - working.bias - added[sent].sum(0)
    return {
        "operation": working.operation,
        "channels": working.channels[sent].tolist(),
        "named": named,
        "others": count - len(sent),
        "rest": None if rest is None else _floats(rest),
        "inputs": _floats(working.inputs[sent]),
        "limits": [[float(one.min()), float(one.max())] for one in working.inputs[sent]],
        "kernel": _floats(working.kernel[sent].astype(np.float32)),
        "bias": working.bias,
        "stride": list(working.stride),
        "before": list(working.before),
        "dilation": list(working.dilation),
        "ways": [_floats(way) for way in working.ways],
    }


def _picture(picture: Picture) -> str:
    """As an address. Small ones, whose pixels are looked at, exactly."""
    exact = max(picture.shape[:2]) <= SHARP
    encoded = encode_png(picture) if exact else encode_jpeg(picture)
    return f"data:image/{'png' if exact else 'jpeg'};base64,{base64.b64encode(encoded).decode()}"


def _floats(values: NDArray[np.float32]) -> Json:
    """float32, row by row, with their shape."""
    return {"shape": list(values.shape), "floats": base64.b64encode(values.astype("<f4").tobytes()).decode()}


def _bytes(values: NDArray[np.float32]) -> Json:
    """0 to 255 from the smallest to the largest value, row by row, with their shape."""
    low, high = float(values.min()), float(values.max())
    scaled = np.round((values - low) * (255 / (high - low))) if high > low else np.zeros_like(values)
    return {"shape": list(values.shape), "bytes": base64.b64encode(scaled.astype(np.uint8).tobytes()).decode()}
