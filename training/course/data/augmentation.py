"""Random changes to a whole batch of pictures at once (augmentation)."""

import math

import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor, nn


class Changes(BaseModel):
    """Random changes to the training pictures, each by itself; 0 or off leaves it out."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flip: bool = Field(False, title="Mirror", description="Left and right; not for digits and letters")
    shift: float = Field(0.0, ge=0.0, le=0.5, title="Shift", description="Up to this share of the side")
    rotate: float = Field(0.0, ge=0.0, le=180.0, title="Turn", description="Up to so many degrees, either way")
    zoom: float = Field(0.0, ge=0.0, le=0.5, title="Zoom", description="In or out by up to this share")
    light: float = Field(0.0, ge=0.0, le=1.0, title="Light", description="Brightness and contrast, up to this share")
    erase: float = Field(0.0, ge=0.0, le=0.5, title="Erase", description="A grey square of this share of the side")

    @property
    def any(self) -> bool:
        """Whether anything is changed."""
        return self != Changes()


def change(batch: Tensor, changes: Changes, random: torch.Generator) -> Tensor:
    """Change each picture by its own random amounts.

    Args:
        batch: (N, C, H, W) float32, 0 to 255.
        changes: what, and how much at most.
        random: where the amounts come from.

    Returns:
        (N, C, H, W) float32, 0 to 255. What comes in from outside a picture is its nearest edge.
    """
    if changes.flip and not (changes.rotate or changes.zoom or changes.shift):
        batch = torch.where(_uniform(len(batch), random).view(-1, 1, 1, 1) > 0, batch.flip(3), batch)
    elif changes.rotate or changes.zoom or changes.shift:
        batch = _moved(batch, changes, random)
    if changes.light:
        batch = _relit(batch, changes.light, random)
    if changes.erase:
        batch = _erased(batch, changes.erase, random)
    return batch


def _uniform(count: int, random: torch.Generator) -> Tensor:
    """(count,) from -1 to 1."""
    return torch.rand(count, generator=random) * 2 - 1


def _moved(batch: Tensor, changes: Changes, random: torch.Generator) -> Tensor:
    """Mirror, turn, zoom and shift in one resampling, so that pictures are blurred only once."""
    count = len(batch)
    mirror = torch.where(_uniform(count, random) > 0, -1.0, 1.0) if changes.flip else torch.ones(count)
    angle = _uniform(count, random) * math.radians(changes.rotate)
    size = 1 + _uniform(count, random) * changes.zoom
    across, down = _uniform(count, random) * 2 * changes.shift, _uniform(count, random) * 2 * changes.shift
    if not (changes.rotate or changes.zoom):
        # Whole pixels stay sharp.
        height, width = batch.shape[2:]
        across, down = (across * width / 2).round() * 2 / width, (down * height / 2).round() * 2 / height
    cos, sin = angle.cos() * size, angle.sin() * size
    matrices = torch.stack(
        [torch.stack([cos * mirror, -sin, across], dim=1), torch.stack([sin * mirror, cos, down], dim=1)], dim=1
    )
    grid = nn.functional.affine_grid(matrices, list(batch.shape), align_corners=False)
    return nn.functional.grid_sample(batch, grid, mode="bilinear", padding_mode="border", align_corners=False)


def _relit(batch: Tensor, most: float, random: torch.Generator) -> Tensor:
    """Contrast around each picture's own mean, then brightness."""
    contrast = (1 + _uniform(len(batch), random) * most).view(-1, 1, 1, 1)
    brightness = (_uniform(len(batch), random) * most * 127.5).view(-1, 1, 1, 1)
    mean = batch.mean(dim=(1, 2, 3), keepdim=True)
    return ((batch - mean) * contrast + mean + brightness).clamp(0, 255)


def _erased(batch: Tensor, share: float, random: torch.Generator) -> Tensor:
    """A grey square somewhere, which may reach over the edge (cutout, DeVries and Taylor 2017)."""
    count, _, height, width = batch.shape
    half = max(1.0, share * min(height, width)) / 2
    rows = torch.rand(count, 1, generator=random) * height
    columns = torch.rand(count, 1, generator=random) * width
    in_rows = (torch.arange(height) + 0.5 - rows).abs() <= half
    in_columns = (torch.arange(width) + 0.5 - columns).abs() <= half
    square = in_rows[:, None, :, None] & in_columns[:, None, None, :]
    return batch.masked_fill(square, 127.5)
