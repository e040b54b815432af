"""Why this name? Which places of a face bring it close to a person's mean template.

Grad-CAM (Selvaraju et al., 2017) and LayerCAM (Jiang et al., 2021) come from torchcam; the occlusion map
(Zeiler and Fergus, 2014) covers the face piece by piece and measures how much similarity each piece was
worth.
"""

from collections.abc import Callable
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

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(N, H, W, 3) uint8 RGB crops to (N, D) float32 embeddings of unit length, such as `Network.embed`."""

HeatMaps = NDArray[np.float32]
"""(P, H, W) float32, one map a person."""


def similarity_maps(
    network: nn.Module, batch: Tensor, templates: NDArray[np.float32], layer: str, method: Method = "layercam"
) -> HeatMaps:
    """Where the network found what makes this face similar to each person.

    Args:
        network: picture to embedding.
        batch: (1, C, H, W) preprocessed face.
        templates: (P, D) one mean template a person.
        layer: name of a layer with feature maps; late layers say which part of the face, early ones which
            edge.
        method: LayerCAM weighs every cell on its own and stays sharp in early layers; Grad-CAM weighs whole
            channels.

    Returns:
        (P, h, w) at the layer's own size, each scaled so that its largest value is 1; all zero where nothing
        on the face speaks for that person.

    Raises:
        NotAnImageError: the layer has no feature maps.
        FitError: templates of the wrong size, or more than one picture.
        InspectionError: no such layer, no such method, or the network gives values that are not numbers.
    """
    if method not in _METHODS:
        raise InspectionError(f"There is no method {method!r}; choose from {', '.join(_METHODS)}.")
    if len(batch) != 1:
        raise FitError(f"One face at a time, not {len(batch)}.")
    module_named(network, layer)
    as_maps(outputs_of(network, batch, [layer])[layer], layer)
    # The gradient starts at the picture: the parameters are frozen while we look.
    picture = batch.detach().clone().requires_grad_(True)
    with evaluating(network), torch.enable_grad(), _METHODS[method](network, layer) as extractor:
        embedding = network(picture)
        if embedding.shape[1:] != templates.shape[1:]:
            raise FitError(
                f"The network gives {tuple(embedding.shape[1:])} numbers a face, the templates have {templates.shape[1:]}."
            )
        maps = []
        for number, template in enumerate(torch.from_numpy(templates).to(embedding)):
            [heat] = extractor(
                scores=embedding,
                targets=partial(functional.cosine_similarity, template, dim=0),
                normalized=False,
                retain_graph=number < len(templates) - 1,
            )
            maps.append(heat[0])
        heats = torch.stack(maps).float()
    if not bool(torch.isfinite(heats).all()):
        raise InspectionError("The network gave values that are not numbers for this face; nothing can be shown.")
    tops = heats.amax((1, 2), keepdim=True)
    result: HeatMaps = (heats / tops.clamp_min(1e-12)).cpu().numpy()
    return result


def occlusion_maps(
    embed: Embed,
    crop: Picture,
    templates: NDArray[np.float32],
    *,
    patch: int = 30,
    stride: int = 15,
    batch_size: int = 32,
) -> HeatMaps:
    """Cover the face patch by patch and see how much similarity to each person is lost.

    Args:
        embed: crops to unit embeddings; called with at most `batch_size` crops.
        crop: (H, W, 3) uint8 RGB.
        templates: (P, D) one mean template a person.
        patch: side of the grey square, in pixels of the crop.
        stride: its step, in pixels; smaller is finer and slower.
        batch_size: crops per call, bounds memory.

    Returns:
        (P, H, W) cosine lost where the face is covered, averaged over the patches that cover a pixel;
        negative where covering helps.

    Raises:
        FitError: a patch larger than the face, or a stride that would leave gaps.
    """
    height, width = crop.shape[:2]
    if not 0 < patch <= min(height, width):
        raise FitError(f"The patch of {patch} pixels does not fit a face of {width}×{height}.")
    if not 0 < stride <= patch:
        raise FitError(f"The step of the patch must be between 1 and its side of {patch}, not {stride}.")
    corners = [(top, left) for top in _starts(height, patch, stride) for left in _starts(width, patch, stride)]
    unit = templates / np.maximum(np.linalg.norm(templates, axis=1, keepdims=True), 1e-12)
    whole = embed(crop[None])[0] @ unit.T
    grey = crop.mean((0, 1)).astype(np.uint8)
    lost = np.zeros((len(templates), height, width), np.float32)
    covered = np.zeros((height, width), np.float32)
    for start in range(0, len(corners), batch_size):
        part = corners[start : start + batch_size]
        crops = np.repeat(crop[None], len(part), axis=0)
        for picture, (top, left) in zip(crops, part, strict=True):
            picture[top : top + patch, left : left + patch] = grey
        losses = whole - embed(crops) @ unit.T
        for loss, (top, left) in zip(losses, part, strict=True):
            lost[:, top : top + patch, left : left + patch] += loss[:, None, None]
            covered[top : top + patch, left : left + patch] += 1
    return lost / covered


def _starts(size: int, patch: int, stride: int) -> list[int]:
    """Patch positions along one axis; the last one touches the far edge, so that every pixel is covered."""
    return [*range(0, size - patch, stride), size - patch]
