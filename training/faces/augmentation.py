"""Random variants of aligned faces: what a photo could have been, on another day and with another camera.

Each part is one `torchvision.transforms.v2` transform with a chance of its own. The strengths are chosen for aligned
crops of 150 pixels, where a shift of 4 pixels is already more than the alignment's own error.
"""

from typing import Any, Literal, get_args

import cv2
import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor
from torchvision.transforms import v2

from recognition.networks import Crops
from recognition.pictures import Picture

Strength = Literal["none", "light", "strong"]
Part = Literal[
    "mirror",
    "rotation",
    "shift",
    "zoom",
    "colour",
    "greyscale",
    "darkness",
    "noise",
    "blur",
    "motion",
    "resolution",
    "jpeg",
    "erasing",
    "occlusion",
]
PARTS: tuple[Part, ...] = get_args(Part)


class Augmentation(BaseModel):
    """What may happen to a training face.

    Attributes:
        strength: how much and how often; `none` leaves every face as it is.
        parts: which kinds are allowed at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    strength: Strength = "strong"
    parts: frozenset[Part] = Field(frozenset(PARTS), description="The kinds of change that are allowed.")

    def pipeline(self) -> v2.Transform:
        """The transform: (3, H, W) uint8 RGB tensor to another one. Draws from torch's global random numbers."""
        if self.strength == "none":
            return v2.Identity()
        chosen = [transform for part, transform in _steps(self.strength == "strong") if part in self.parts]
        return v2.Compose(chosen) if chosen else v2.Identity()


def augment(crops: Crops, pipeline: v2.Transform) -> Crops:
    """One random variant of each of (N, H, W, 3) uint8 RGB."""
    return np.stack([_picture(pipeline(_tensor(crop))) for crop in crops]) if len(crops) else crops


def draws(crop: Picture, augmentation: Augmentation, count: int, seed: int) -> Crops:
    """`count` random variants of one face, (count, H, W, 3) uint8 RGB; the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return augment(np.repeat(crop[None], count, axis=0), augmentation.pipeline())


def _steps(strong: bool) -> list[tuple[Part, v2.Transform]]:
    """The parts in the order of a real camera: the face moves, the light changes, something covers it, the lens and the
    sensor lose detail, the file loses more."""

    def sometimes(chance: float, *transforms: v2.Transform) -> v2.Transform:
        return v2.RandomApply(list(transforms), p=chance)

    bilinear = v2.InterpolationMode.BILINEAR
    grow = 2.0 if strong else 1.0
    often = 0.3 if strong else 0.15
    return [
        ("mirror", v2.RandomHorizontalFlip(0.5)),
        ("rotation", sometimes(0.5, v2.RandomRotation(4.0 * grow, interpolation=bilinear))),
        ("shift", sometimes(0.5, v2.RandomAffine(0, translate=(0.02 * grow, 0.02 * grow)))),
        ("zoom", sometimes(0.5, v2.RandomAffine(0, scale=(1 - 0.04 * grow, 1 + 0.04 * grow), interpolation=bilinear))),
        ("colour", sometimes(0.5, v2.ColorJitter(0.2 * grow, 0.2 * grow, 0.2 * grow))),
        ("greyscale", v2.RandomGrayscale(0.1)),
        ("occlusion", sometimes(often, v2.RandomChoice([Mask(), Sunglasses()], p=[0.7, 0.3]))),
        ("erasing", v2.RandomErasing(often / 2, scale=(0.02, 0.05 * grow), value=127)),
        ("motion", sometimes(often, MotionBlur(9 if not strong else 17))),
        ("blur", sometimes(often, v2.GaussianBlur(9, (0.3, 1.2 * grow)))),
        ("resolution", sometimes(often, LowResolution(40 if not strong else 16, 75))),
        ("darkness", sometimes(often, Darkness(0.5 if not strong else 0.2))),
        ("noise", sometimes(often, Noise(6.0 * grow))),
        ("jpeg", sometimes(often, Jpeg(50 if not strong else 20, 90))),
    ]


class LowResolution(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """Shrinks a face and enlarges it again, as when it is far from the camera.

    Args:
        smallest, largest: the side in between is drawn from these, in pixels.
    """

    def __init__(self, smallest: int, largest: int) -> None:
        super().__init__()
        self.smallest, self.largest = smallest, largest

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        bicubic = torch.rand(()) < 0.5
        return {
            "side": int(torch.randint(self.smallest, self.largest + 1, ())),
            "back": v2.InterpolationMode.BICUBIC if bicubic else v2.InterpolationMode.BILINEAR,
        }

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        size = list(inpt.shape[-2:])
        small = v2.functional.resize(inpt, [params["side"], params["side"]], antialias=True)
        return v2.functional.resize(small, size, interpolation=params["back"])


class Darkness(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """Takes light away, evenly.

    Args:
        darkest: the face keeps this share of its brightness at least.
    """

    def __init__(self, darkest: float) -> None:
        super().__init__()
        self.darkest = darkest

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"factor": float(torch.empty(()).uniform_(self.darkest, 0.9))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return v2.functional.adjust_brightness(inpt, params["factor"])


class Noise(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """Sensor noise: independent and Gaussian in every channel of every pixel.

    Args:
        strongest: the standard deviation is drawn from 0 to this, in grey levels of 0 to 255.
    """

    def __init__(self, strongest: float) -> None:
        super().__init__()
        self.strongest = strongest

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"deviation": float(torch.empty(()).uniform_(0, self.strongest))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        noisy = inpt.float() + torch.randn(inpt.shape) * params["deviation"]
        return noisy.round_().clamp_(0, 255).to(torch.uint8)


class MotionBlur(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """The camera or the head moves in a straight line while the shutter is open.

    Args:
        longest: the way is drawn from 3 pixels to this.
    """

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {
            "length": float(torch.empty(()).uniform_(3, self.longest)),
            "angle": float(torch.empty(()).uniform_(0, torch.pi)),
        }

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        return _filtered(inpt, line_kernel(params["length"], params["angle"]))


class Jpeg(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """What JPEG leaves of a face. torchvision's own is on its way out.

    Args:
        worst, best: the quality is drawn from these, 1 to 100.
    """

    def __init__(self, worst: int, best: int) -> None:
        super().__init__()
        self.worst, self.best = worst, best

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"quality": int(torch.randint(self.worst, self.best + 1, ()))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        _, data = cv2.imencode(".jpg", inpt.permute(1, 2, 0).numpy(), [cv2.IMWRITE_JPEG_QUALITY, params["quality"]])
        return _tensor(np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), dtype=np.uint8))


class Mask(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """A medical mask, or a scarf: one colour from the nose down."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"colour": _colour(), "top": float(torch.empty(()).uniform_(0.52, 0.66))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        out = inpt.clone()
        out[:, int(params["top"] * inpt.shape[-2]) :] = params["colour"]
        return out


class Sunglasses(v2.Transform):  # type: ignore[misc]  # torchvision is untyped
    """Two dark discs and a bar over the eyes, whose places the alignment fixes."""

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:  # noqa: ARG002
        return {"colour": _colour() // 4, "radius": float(torch.empty(()).uniform_(0.10, 0.15))}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        height, width = inpt.shape[-2:]
        rows = torch.linspace(0, 1, height)[:, None]
        columns = torch.linspace(0, 1, width)[None]
        left, right, eyes = 0.312, 0.683, 0.304  # of the crop, from alignment.TEMPLATE
        discs = torch.zeros(height, width, dtype=torch.bool)
        for x in (left, right):
            discs |= (columns - x) ** 2 + (rows - eyes) ** 2 < params["radius"] ** 2
        bar = ((rows - eyes).abs() < 0.015) & (columns > left) & (columns < right)
        return torch.where(discs | bar, params["colour"], inpt)


def line_kernel(length: float, angle: float) -> Tensor:
    """A line through the middle as a filter that sums to 1.

    Args:
        length: of the line, in pixels.
        angle: in radians.

    Returns:
        (k, k) float32 with odd k.
    """
    reach = int(np.ceil(length / 2))
    axis = torch.arange(-reach, reach + 1, dtype=torch.float32)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    along = columns * np.cos(angle) + rows * np.sin(angle)
    across = rows * np.cos(angle) - columns * np.sin(angle)
    kernel: Tensor = (1 - across.abs()).clamp(0) * (along.abs() <= length / 2)
    return kernel / kernel.sum()


def _filtered(picture: Tensor, kernel: Tensor) -> Tensor:
    reach = kernel.shape[0] // 2
    padded = torch.nn.functional.pad(picture.float()[None], (reach,) * 4, mode="replicate")
    weight = kernel.expand(picture.shape[0], 1, *kernel.shape)
    filtered: Tensor = torch.nn.functional.conv2d(padded, weight, groups=picture.shape[0])[0]
    return filtered.round_().to(torch.uint8)


def _colour() -> Tensor:
    return torch.randint(0, 256, (3, 1, 1), dtype=torch.uint8)


def _tensor(crop: Picture) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(crop.transpose(2, 0, 1)))


def _picture(tensor: Tensor) -> Picture:
    return tensor.permute(1, 2, 0).contiguous().numpy()
