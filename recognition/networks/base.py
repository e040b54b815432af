"""What every pretrained network looks like to the rest of the app."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.alignment import CROP_SIZE, FACE, Window
from recognition.batching import Batcher
from recognition.calibration import Calibration
from recognition.errors import NetworkError
from recognition.networks.onnx_network import OnnxNetwork, run_by_onnx

Crops = NDArray[np.uint8]
"""(N, CROP_SIZE, CROP_SIZE, 3) uint8 RGB, aligned faces."""

Embeddings = NDArray[np.float32]
"""(N, D) float32, every row of unit length."""

Scope = Literal["head", "last", "all", "scratch"]
"""What a training changes: the new head alone, the last layers too, every layer, or every layer from random numbers."""


@dataclass(frozen=True)
class Weights:
    """A weights file that can be downloaded.

    Attributes:
        url, file_name: where it comes from and what it is called.
        sha256, size: checksum and bytes where the public record gives them; of some files it gives only the first digits
            of the checksum. Without them the length is the server's word, and the file must still fit the network
            parameter by parameter.
        unused: how the names of tensors begin that the app does not need, such as those of the published classifier.
    """

    url: str
    file_name: str
    sha256: str | None = None
    size: int | None = None
    unused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """How well a network recognises people it was not tuned on: `python -m benchmarks.recognition`, 40 people with 5 photos,
    and strangers, of LFW.

    Attributes:
        clear, hard: share of clear and of bad photos that get the right name while 1 in 100 strangers gets one, 0 to 1.
        false_matches: in 10,000 pairs of different people of one group, by group; pictures labelled as in UTKFace.
    """

    clear: float
    hard: float
    false_matches: Mapping[str, float]


@dataclass(frozen=True)
class NetworkSpec:
    """A network the app knows: what a person reads about it and what it can be used for.

    Attributes:
        weights: where to download it; None for one that is always here.
        parent: key of the network this one was fine-tuned from, or None.
        knows_faces: it recognises people as it is; otherwise it has to be fine-tuned first.
        scopes: what a fine-tuning of it may change.
        measured: how good it is, where that was measured.
    """

    key: str
    title: str
    description: str
    dimension: int
    licence: str
    calibration: Calibration
    weights: Weights | None = None
    parent: str | None = None
    knows_faces: bool = True
    scopes: tuple[Scope, ...] = ("head", "last", "all", "scratch")
    measured: Measured | None = None


def _itself(module: nn.Module) -> nn.Module:
    return module


@dataclass(frozen=True)
class Architecture:
    """How to build a network, apart from its weights.

    Attributes:
        build: makes it with random weights; (N, 3, input_size, input_size) preprocessed to (N, dimension).
        input_size: height and width in pixels.
        mean, scale: preprocessing, (pixel - mean) / scale per channel on RGB 0 to 255.
        window: the part of a face crop that it looks at.
        embeds_by_onnx: whether ONNX Runtime embeds on a CPU, because that is quicker; all else is done by the module itself.
        build_from_scratch: makes what is trained from random numbers, where that is not what `build` makes.
        finish: turns what `build_from_scratch` made, once it is trained, into what `build` makes.
        unfold: its inverse, given a trained network and batches of its input to take statistics of.
    """

    build: Callable[[], nn.Module]
    input_size: int
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    window: Window = FACE
    embeds_by_onnx: bool = False
    build_from_scratch: Callable[[], nn.Module] | None = None
    finish: Callable[[nn.Module], nn.Module] = _itself
    unfold: Callable[[nn.Module, Iterable[Tensor]], nn.Module] = lambda network, batches: deepcopy(network)


@dataclass(frozen=True)
class Pretrained:
    """A pretrained network as the module that knows it registers it.

    Attributes:
        spec: what it is.
        architecture: how it is built.
        load_packaged: loads it from an installed package; None where `spec.weights` says what file to download.
    """

    spec: NetworkSpec
    architecture: Architecture
    load_packaged: Callable[[], nn.Module] | None = None

    def __post_init__(self) -> None:
        if (self.load_packaged is None) == (self.spec.weights is None):
            raise ValueError(f"{self.spec.key} must have either weights to download or a way to load packaged ones")


class Network:
    """A pretrained CNN with its preprocessing: crops in, embeddings out. Safe to share between threads.

    Args:
        spec: what it is.
        module: the CNN; its `forward` takes what `preprocess` returns. Its parameters don't change any more.
        architecture: what it was built by, for its preprocessing.
        device: where it runs.
    """

    def __init__(self, spec: NetworkSpec, module: nn.Module, architecture: Architecture, device: torch.device) -> None:
        self.spec = spec
        self.architecture = architecture
        # channels_last: 1.5 to 2 times as fast for small convolutions on a CPU.
        self.module = module.eval().to(device).to(memory_format=torch.channels_last)
        self.input_size = architecture.input_size
        self.device = device
        self._mean = torch.tensor(architecture.mean, device=device).view(1, 3, 1, 1)
        self._scale = torch.tensor(architecture.scale, device=device).view(1, 3, 1, 1)
        self._quick: nn.Module | None = None
        self._forward = Batcher(self._run)

    def with_module(self, module: nn.Module) -> "Network":
        """The same network with another CNN of the same architecture."""
        return Network(self.spec, module, self.architecture, self.device)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of what the CNN takes."""
        return self.input_size, self.input_size, 3

    @contextmanager
    def exclusive(self) -> Iterator[nn.Module]:
        """The CNN for one thread alone, for whoever hooks into it or changes its mode.

        Raises:
            NetworkError: it runs as one piece (`OnnxNetwork`).
        """
        if isinstance(self.module, OnnxNetwork):
            raise NetworkError(
                f"{self.spec.title} was exported and runs as one piece: it has no layers to look into or to train. "
                "Choose the network that it was made from."
            )
        with self._forward.running:
            yield self.module

    def cut(self, crops: Crops) -> NDArray[np.uint8]:
        """The part of face crops that the CNN looks at, not yet resized: a view, (N, s, s, 3) uint8 RGB.

        Raises:
            ValueError: wrong shape or dtype.
        """
        if crops.shape[1:] != (CROP_SIZE, CROP_SIZE, 3) or crops.dtype != np.uint8:
            raise ValueError(f"crops must be (N, {CROP_SIZE}, {CROP_SIZE}, 3) uint8, got {crops.shape} {crops.dtype}")
        return self.architecture.window.cut(crops)

    def preprocess(self, crops: Crops) -> torch.Tensor:
        """Face crops to the CNN's input, (N, 3, input_size, input_size) float32.

        Raises:
            ValueError: wrong shape or dtype.
        """
        batch = torch.tensor(self.cut(crops)).to(self.device).permute(0, 3, 1, 2).float()
        if batch.shape[-2:] != (self.input_size, self.input_size):
            size = (self.input_size, self.input_size)
            batch = nn.functional.interpolate(batch, size, mode="bilinear", antialias=True)
        return ((batch - self._mean) / self._scale).contiguous(memory_format=torch.channels_last)

    def _run(self, batch: torch.Tensor) -> torch.Tensor:
        # Made on first use: most networks that a training or an evaluation goes through never embed.
        if self._quick is None:
            own = self.device.type != "cpu" or not self.architecture.embeds_by_onnx or isinstance(self.module, OnnxNetwork)
            self._quick = self.module if own else run_by_onnx(self.module, self.input_size)
        output: torch.Tensor = self._quick(batch)
        return output

    def embed(self, crops: Crops, *, mirrored: bool = False, batch_size: int = 64) -> Embeddings:
        """Embed aligned faces.

        Args:
            crops: (N, CROP_SIZE, CROP_SIZE, 3) uint8 RGB.
            mirrored: average each crop with its mirror image: twice the time, measurably better.
            batch_size: crops per call of the CNN; bounds memory.

        Returns:
            (N, D) float32, rows of unit length.
        """
        parts = [self._embed_batch(crops[start : start + batch_size], mirrored) for start in range(0, len(crops), batch_size)]
        if not parts:
            return np.zeros((0, self.spec.dimension), dtype=np.float32)
        return np.concatenate(parts)

    def _embed_batch(self, crops: Crops, mirrored: bool) -> Embeddings:
        with torch.inference_mode():
            batch = self.preprocess(crops)
            if mirrored:
                batch = torch.cat([batch, batch.flip(-1)])
            unit = nn.functional.normalize(self._forward(batch), dim=1)
            if mirrored:
                unit = nn.functional.normalize(unit[: len(crops)] + unit[len(crops) :], dim=1)
        result: Embeddings = unit.float().cpu().numpy()
        if not np.isfinite(result).all():
            raise NetworkError(f"The network {self.spec.title} gave values that are not numbers.")
        return result


def has_cuda() -> bool:
    """Whether there is a graphics card that networks can run on."""
    return torch.cuda.is_available()


def choose_device(wanted: str) -> torch.device:
    """`auto`, `cpu` or `cuda` as a torch device.

    Raises:
        NetworkError: CUDA is asked for and not there.
    """
    if wanted == "auto":
        return torch.device("cuda" if has_cuda() else "cpu")
    if wanted == "cuda" and not has_cuda():
        raise NetworkError("CUDA was chosen in the settings, but no CUDA device is available here. Choose CPU or auto.")
    return torch.device(wanted)
