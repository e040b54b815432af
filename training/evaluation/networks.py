"""Several networks on the own gallery: its photos embedded with each, and what each costs."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from recognition.gallery import Gallery
from recognition.networks import Network, NetworkSpec
from recognition.networks.onnx_network import OnnxNetwork
from recognition.pictures import Picture
from recognition.snapshots import complete_templates
from recognition.tasks import Report

WARM_UP, RUNS = 2, 9


@dataclass(frozen=True)
class Cost:
    """What a network costs on this machine.

    Attributes:
        seconds: for one face, the median of some runs.
        size: of its weights in memory, or of an exported network's file, in bytes.
    """

    seconds: float
    size: int


def measure_networks(
    gallery: Gallery, specs: Sequence[NetworkSpec], load: Callable[[str], Network], report: Report
) -> dict[str, Cost]:
    """Make the templates that each network lacks, as `complete_templates` does, and measure what it costs.

    Args:
        gallery: somebody has a photo in it.
        specs: of the networks.
        load: a network by its key; each is let go before the next is loaded.
        report: hears of the progress over all of them.

    Returns:
        The cost by the network's key.

    Raises:
        CancelledError: `report` stopped it; templates made so far are kept.
        NetworkError: a network can't be loaded.
        StorageError, GalleryBusyError: the gallery can't be read or written.
    """
    person = next(person for person in gallery.people() if person.photo_count)
    crop = gallery.crop(gallery.photos(person.id)[0].id)
    costs = {}
    for number, spec in enumerate(specs):

        def tell(fraction: float, text: str, number: int = number, title: str = spec.title) -> None:
            report((number + fraction) / len(specs), f"{title}: {text}")

        tell(0.0, "loading")
        network = load(spec.key)
        complete_templates(gallery, network, tell)
        tell(1.0, "timing")
        costs[spec.key] = cost(network, crop)
    return costs


def cost(network: Network, crop: Picture) -> Cost:
    """Measure a network with one face, (S, S, 3) uint8 RGB, again and again."""
    crops = crop[np.newaxis]
    took = []
    for _ in range(WARM_UP + RUNS):
        began = time.perf_counter()
        network.embed(crops)
        took.append(time.perf_counter() - began)
    return Cost(statistics.median(took[WARM_UP:]), _size(network))


def _size(network: Network) -> int:
    if isinstance(network.module, OnnxNetwork):
        return network.module.size
    return sum(tensor.numel() * tensor.element_size() for tensor in network.module.state_dict().values())
