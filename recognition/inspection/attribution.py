"""Why this name, why this class? Which places of a picture bring it close to a person or speak for a class.

Grad-CAM (Selvaraju et al., 2017) and LayerCAM (Jiang et al., 2021) come from torchcam; the occlusion map
(Zeiler and Fergus, 2014) covers the picture piece by piece and measures how much each piece was worth.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torchcam.methods import GradCAM, LayerCAM

from recognition.inspection.errors import FitError, InspectionError
from recognition.inspection.feature_maps import as_maps
from recognition.inspection.hooks import evaluating, module_named, outputs_of
from recognition.pictures import Picture

Method = Literal["layercam", "gradcam"]
_METHODS = {"layercam": LayerCAM, "gradcam": GradCAM}

Score = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(N, H, W, 3) uint8 RGB pictures to (N, K) float32: the similarity to each of K people, or each class's probability."""

HeatMaps = NDArray[np.float32]
"""(K, H, W) float32, one map a person or class."""

_Target = Callable[[Tensor], Tensor]
"""What the network gives for one picture to the one number that is followed back."""


def similarity_maps(
    network: nn.Module, batch: Tensor, templates: NDArray[np.float32], layer: str, method: Method = "layercam"
) -> HeatMaps:
    """Where the network found what makes this face similar to each person.

    Args:
        network: picture to embedding.
        batch: (1, C, H, W) preprocessed face.
        templates: (K, D) one mean template a person.
        layer, method: as for `class_maps`.

    Returns:
        (K, h, w) as `class_maps`.

    Raises:
        NotAnImageError: the layer has no feature maps.
        FitError: templates of the wrong size, or more than one picture.
        InspectionError: no such layer, no such method, or the network gives values that are not numbers.
    """
    return _heat_maps(network, batch, [partial(_similarity, row) for row in torch.from_numpy(templates)], layer, method)


def class_maps(network: nn.Module, batch: Tensor, classes: Sequence[int], layer: str, method: Method = "layercam") -> HeatMaps:
    """Where the network found what speaks for each class: the class's logit is followed back.

    Args:
        network: picture to logits.
        batch: (1, C, H, W) preprocessed picture.
        classes: K places in the logits.
        layer: name of a layer with feature maps; late layers say which part of the picture, early ones which
            edge.
        method: LayerCAM weighs every cell on its own and stays sharp in early layers; Grad-CAM weighs whole
            channels.

    Returns:
        (K, h, w) at the layer's own size, each scaled so that its largest value is 1; all zero where nothing
        in the picture speaks for it.

    Raises:
        NotAnImageError: the layer has no feature maps.
        FitError: no such class, or more than one picture.
        InspectionError: no such layer, no such method, or the network gives values that are not numbers.
    """
    return _heat_maps(network, batch, [partial(_logit, number) for number in classes], layer, method)


def _similarity(template: Tensor, embedding: Tensor) -> Tensor:
    if embedding.shape != template.shape:
        raise FitError(f"The network gives {len(embedding)} numbers a face, the templates have {len(template)}.")
    return functional.cosine_similarity(template.to(embedding), embedding, dim=0)


def _logit(number: int, logits: Tensor) -> Tensor:
    if not 0 <= number < len(logits):
        raise FitError(f"The network tells {len(logits)} classes apart, 0 to {len(logits) - 1}; there is no class {number}.")
    return logits[number]


def _heat_maps(network: nn.Module, batch: Tensor, targets: Sequence[_Target], layer: str, method: Method) -> HeatMaps:
    """(K, h, w), one map for each target."""
    if method not in _METHODS:
        raise InspectionError(f"There is no method {method!r}; choose from {', '.join(_METHODS)}.")
    if len(batch) != 1:
        raise FitError(f"One picture at a time, not {len(batch)}.")
    module_named(network, layer)
    as_maps(outputs_of(network, batch, [layer])[layer], layer)
    # The gradient starts at the picture: the parameters are frozen while we look.
    picture = batch.detach().clone().requires_grad_(True)
    with evaluating(network), torch.enable_grad(), _METHODS[method](network, layer) as extractor:
        scores = network(picture)
        maps = []
        for number, target in enumerate(targets):
            more = number < len(targets) - 1
            [heat] = extractor(scores=scores, targets=target, normalized=False, retain_graph=more)
            maps.append(heat[0])
        heats = torch.stack(maps).float()
    if not bool(torch.isfinite(heats).all()):
        raise InspectionError("The network gave values that are not numbers for this picture; nothing can be shown.")
    tops = heats.amax((1, 2), keepdim=True)
    result: HeatMaps = (heats / tops.clamp_min(1e-12)).cpu().numpy()
    return result


def occlusion_maps(
    score: Score,
    crop: Picture,
    *,
    patch: int = 30,
    stride: int = 15,
    batch_size: int = 32,
) -> HeatMaps:
    """Cover the picture patch by patch and see how much of each score is lost.

    Args:
        score: pictures to scores; called with at most `batch_size` pictures.
        crop: (H, W, 3) uint8 RGB.
        patch: side of the grey square, in pixels of the crop.
        stride: its step, in pixels; smaller is finer and slower.
        batch_size: pictures per call, bounds memory.

    Returns:
        (K, H, W) score lost where the picture is covered, averaged over the patches that cover a pixel;
        negative where covering helps.

    Raises:
        FitError: a patch larger than the picture, or a stride that would leave gaps.
    """
    height, width = crop.shape[:2]
    if not 0 < patch <= min(height, width):
        raise FitError(f"The patch of {patch} pixels does not fit a picture of {width}×{height}.")
    if not 0 < stride <= patch:
        raise FitError(f"The step of the patch must be between 1 and its side of {patch}, not {stride}.")
    corners = [(top, left) for top in _starts(height, patch, stride) for left in _starts(width, patch, stride)]
    whole = score(crop[None])[0]
    grey = crop.mean((0, 1)).astype(np.uint8)
    lost = np.zeros((len(whole), height, width), np.float32)
    covered = np.zeros((height, width), np.float32)
    for start in range(0, len(corners), batch_size):
        part = corners[start : start + batch_size]
        crops = np.repeat(crop[None], len(part), axis=0)
        for picture, (top, left) in zip(crops, part, strict=True):
            picture[top : top + patch, left : left + patch] = grey
        losses = whole - score(crops)
        for loss, (top, left) in zip(losses, part, strict=True):
            lost[:, top : top + patch, left : left + patch] += loss[:, None, None]
            covered[top : top + patch, left : left + patch] += 1
    return lost / covered


def _starts(size: int, patch: int, stride: int) -> list[int]:
    """Patch positions along one axis; the last one touches the far edge, so that every pixel is covered."""
    return [*range(0, size - patch, stride), size - patch]
