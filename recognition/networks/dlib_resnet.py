"""dlib's face ResNet in PyTorch: the built-in network, read from the data package `face_recognition_models`.

The network is Davis King's "dlib_face_recognition_resnet_model_v1" (2017, public domain): a ResNet with 29
convolutions trained with a metric loss on about 3 million faces. Reading the original file keeps it bit for bit; as a
PyTorch module it can be fine-tuned and inspected like any other CNN.
"""

import importlib.util
from collections.abc import Callable, Iterable
from copy import deepcopy
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.calibration import Calibration
from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks.base import Architecture, Measured, NetworkSpec, Pretrained
from recognition.networks.registry import register
from recognition.networks.variants import resized

MEAN = (122.782, 117.001, 104.298)
"""Mean of R, G and B over dlib's training faces (dlib, `input_rgb_image_sized`)."""

SCALE = (256.0, 256.0, 256.0)
INPUT_SIZE = 150

# (in, out, halves the size), from the input side.
_BLOCKS = (
    *((32, 32, False),) * 3,
    (32, 64, True),
    *((64, 64, False),) * 3,
    (64, 128, True),
    *((128, 128, False),) * 2,
    (128, 256, True),
    *((256, 256, False),) * 2,
    (256, 256, True),
)


class Affine(nn.Module):
    """Scale and shift per channel: a batch normalisation frozen after training."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(channels))
        self.beta = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma.view(1, -1, 1, 1) + self.beta.view(1, -1, 1, 1)


Normalisation = Callable[[int], nn.Module]
"""Makes what follows a convolution, from its number of channels."""


class Block(nn.Module):
    """Residual block: conv, affine, ReLU, conv, affine, plus the shortcut, then ReLU."""

    def __init__(self, channels_in: int, channels_out: int, down: bool, normalisation: Normalisation) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride=2 if down else 1, padding=0 if down else 1)
        self.affine1 = normalisation(channels_out)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.affine2 = normalisation(channels_out)
        self.shortcut: nn.Module = nn.AvgPool2d(2, 2) if down else nn.Identity()
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.affine2(self.conv2(self.relu1(self.affine1(self.conv1(x)))))
        shortcut = self.shortcut(x)
        if branch.shape != shortcut.shape:
            branch, shortcut = _pad_alike(branch, shortcut)
        return cast(Tensor, self.relu2(branch + shortcut))


class DlibResNet(nn.Module):
    """The whole network: (N, 3, 150, 150) preprocessed float32 to (N, 128) float32, not normalised.

    Args:
        normalisation: `nn.BatchNorm2d` to train it from scratch, as dlib's author did; `fold` then turns it into this.
    """

    def __init__(self, normalisation: Normalisation = Affine) -> None:
        super().__init__()
        self.stem = nn.Sequential()
        self.stem.add_module("conv", nn.Conv2d(3, 32, 7, stride=2))
        self.stem.add_module("affine", normalisation(32))
        self.stem.add_module("relu", nn.ReLU())
        self.stem.add_module("pool", nn.MaxPool2d(3, 2))
        self.blocks = nn.Sequential(*(Block(*block, normalisation) for block in _BLOCKS))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.dense = nn.Linear(256, 128, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.blocks(self.stem(x)))
        return cast(Tensor, self.dense(x.flatten(1)))


@resized.register
def _(layer: Affine, inputs: int, outputs: int) -> nn.Module:  # noqa: ARG001  # both are the same
    return Affine(outputs)


def fold(network: nn.Module) -> nn.Module:
    """A copy with every batch normalisation frozen into scale and shift, which is what `Affine` is."""
    folded = deepcopy(network)
    for name, module in network.named_modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            affine = Affine(module.num_features).to(module.weight)
            with torch.no_grad():
                gamma = module.weight / torch.sqrt(module.running_var + module.eps)
                affine.gamma.copy_(gamma)
                affine.beta.copy_(module.bias - gamma * module.running_mean)
            holder, _, own_name = name.rpartition(".")
            setattr(folded.get_submodule(holder), own_name, affine)
    return folded


def unfold(network: nn.Module, batches: Iterable[Tensor]) -> nn.Module:
    """The inverse of `fold`: a copy with batch normalisations that compute what scale and shift do, given the statistics of
    some batches, (N, 3, 150, 150) preprocessed each. Every convolution is scaled to outputs of variance 1, so that a learning
    rate means the same in all layers: the original's weights are 30 times smaller in some than in others."""
    unfolded = DlibResNet(nn.BatchNorm2d).to(next(network.parameters()).device).eval()
    affines = {name: module for name, module in network.named_modules() if isinstance(module, Affine)}
    sums = {name: torch.zeros(3, len(affine.gamma), dtype=torch.double) for name, affine in affines.items()}

    def count(name: str, x: Tensor) -> None:
        values = x.transpose(0, 1).flatten(1).double().cpu()
        sums[name] += torch.stack([torch.full((len(values),), values.shape[1]), values.sum(1), values.square().sum(1)])

    hooks = [affine.register_forward_pre_hook(lambda _, x, name=name: count(name, x[0])) for name, affine in affines.items()]
    try:
        with torch.inference_mode():
            for batch in batches:
                network(batch)
    finally:
        for hook in hooks:
            hook.remove()
    tensors = {name: value.double().cpu() for name, value in network.state_dict().items()}
    for name in affines:
        pixels, total, squares = sums[name]
        mean = total / pixels
        variance = squares / pixels - mean.square()
        # A channel that hardly ever changes is not blown up.
        deviation = variance.clamp(min=1e-3 * float(variance.mean())).sqrt()
        convolution = name.replace("affine", "conv")
        tensors[f"{convolution}.weight"] /= deviation.view(-1, 1, 1, 1)
        tensors[f"{convolution}.bias"] /= deviation
        gamma, beta = tensors.pop(f"{name}.gamma"), tensors.pop(f"{name}.beta")
        tensors[f"{name}.running_mean"] = mean / deviation
        tensors[f"{name}.running_var"] = variance / deviation.square()
        tensors[f"{name}.weight"] = gamma * (variance + nn.BatchNorm2d(1).eps * deviation.square()).sqrt()
        tensors[f"{name}.bias"] = beta + gamma * mean
    unfolded.load_state_dict(tensors, strict=False)
    return unfolded


def load_dlib_resnet(path: Path | None = None) -> DlibResNet:
    """The pretrained network.

    Args:
        path: dlib's model file; the one inside `face_recognition_models` by default.

    Raises:
        WeightsMissingError: the file is not there.
        WeightsCorruptError: the file is not the one this network was written for.
    """
    source = path or _packaged_file()
    try:
        data = source.read_bytes()
    except OSError as error:
        raise WeightsMissingError(f"The built-in network's file {source.name} can't be read.") from error
    network = DlibResNet()
    try:
        _fill(network, _Reader(data))
    except (IndexError, ValueError, RuntimeError) as error:
        raise WeightsCorruptError(f"{source.name} is not dlib's face network, or is damaged: {error}.") from error
    return network


def _packaged_file() -> Path:
    # The package itself can't be imported: it needs pkg_resources, which setuptools no longer ships.
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise WeightsMissingError("The package face_recognition_models is missing: pip install -r requirements.txt")
    return Path(found.submodule_search_locations[0]) / "models" / "dlib_face_recognition_resnet_model_v1.dat"


def _pad_alike(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Zero-pad both at the bottom, the right and in channels to each other's larger size, as dlib's add layer does."""
    _, channels, height, width = (max(x, y) for x, y in zip(a.shape, b.shape, strict=True))

    def padded(x: Tensor) -> Tensor:
        missing = (0, width - x.shape[3], 0, height - x.shape[2], 0, channels - x.shape[1])
        return nn.functional.pad(x, missing)

    return padded(a), padded(b)


class _Reader:
    """Reads dlib's serialisation (dlib/serialize.h): tagged integers, strings and float tensors."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def skip_to(self, tag: str) -> None:
        text = tag.encode()
        found = self._data.find(bytes([1, len(text)]) + text, self._at)
        if found < 0:
            raise ValueError(f"layer {tag} not found")
        self._at = found + 2 + len(text)

    def integer(self) -> int:
        head = self._data[self._at]
        count = head & 0x0F
        if not 1 <= count <= 8:
            raise ValueError("an integer has an impossible length")
        value = int.from_bytes(self._data[self._at + 1 : self._at + 1 + count], "little")
        self._at += 1 + count
        return -value if head & 0x80 else value

    def tensor(self) -> NDArray[np.float32]:
        version = self.integer()
        if version != 2:
            raise ValueError(f"tensor version {version} instead of 2")
        size = int(np.prod([self.integer() for _ in range(4)]))
        end = self._at + 4 * size
        if size < 0 or end > len(self._data):
            raise ValueError("the file ends inside a tensor")
        values = np.frombuffer(self._data, dtype="<f4", count=size, offset=self._at)
        self._at = end
        return values


def _fill(network: DlibResNet, reader: _Reader) -> None:
    """Copy the file's parameters into the network, in file order, which is the order of the modules."""
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                assert module.bias is not None
                reader.skip_to("con_4")
                _split(reader.tensor(), module.weight, module.bias)
            elif isinstance(module, Affine):
                reader.skip_to("affine_")
                _split(reader.tensor(), module.gamma, module.beta)
        reader.skip_to("fc_2")
        outputs, inputs = reader.integer(), reader.integer()
        network.dense.weight.copy_(torch.tensor(reader.tensor()).view(inputs, outputs).T)


def _split(values: NDArray[np.float32], first: Tensor, second: Tensor) -> None:
    if len(values) != first.numel() + second.numel():
        raise ValueError(f"{len(values)} numbers where {first.numel() + second.numel()} belong")
    flat = torch.tensor(values)
    first.copy_(flat[: first.numel()].view_as(first))
    second.copy_(flat[first.numel() :])


SPEC = NetworkSpec(
    key="dlib",
    title="dlib face ResNet",
    description="29 convolutions, 5.6 million parameters. Built in, works offline.",
    dimension=128,
    licence="public domain (CC0), Davis King",
    calibration=Calibration(
        threshold=0.942,
        slope=265.0,
        spread=0.0146,
        source="python -m training evaluate identification, 40 people and 400 strangers of LFW",
    ),
    measured=Measured(
        clear=0.977,
        hard=0.694,
        false_matches={
            "Asian men": 798.0,
            "Asian women": 996.0,
            "Black men": 46.0,
            "Black women": 64.0,
            "Indian men": 48.0,
            "Indian women": 293.0,
            "White men": 20.0,
            "White women": 36.0,
            "Others men": 116.0,
            "Others women": 258.0,
        },
    ),
)

ARCHITECTURE = Architecture(
    DlibResNet,
    INPUT_SIZE,
    MEAN,
    SCALE,
    # Scale and shift alone don't keep 29 layers of random numbers in bounds; batch norm did when it was first trained.
    build_from_scratch=lambda: DlibResNet(nn.BatchNorm2d),
    finish=fold,
    unfold=unfold,
)

register(Pretrained(SPEC, ARCHITECTURE, load_packaged=load_dlib_resnet))
