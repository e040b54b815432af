"""The app's own face network: dlib's face ResNet taught by MobileFaceNet, its weights in this package.

It was made by `python -m training distil`; the file's metadata hold the recipe, docs/decisions.md, "A network of our own", what
was tried.
"""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from recognition.calibration import Calibration
from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks.base import Measured, NetworkSpec, Pretrained
from recognition.networks.dlib_resnet import ARCHITECTURE
from recognition.networks.registry import register
from recognition.networks.weights import fill

FILE = Path(__file__).with_name("familiar.safetensors")
"""float16."""


def load_familiar(file: Path = FILE) -> nn.Module:
    """The network, in float32.

    Raises:
        WeightsMissingError: the file is not there.
        WeightsCorruptError: it is damaged, or another network's.
    """
    module = ARCHITECTURE.build()
    try:
        tensors = {name: value.float() for name, value in load_file(file).items()}
    except FileNotFoundError as error:
        raise WeightsMissingError(
            f"The app's own network {file.name} is not where it was installed. Install the app again."
        ) from error
    except (OSError, SafetensorError) as error:
        raise WeightsCorruptError(f"{file.name} can't be read, or is damaged. Install the app again.") from error
    try:
        fill(module, tensors)
    except WeightsCorruptError as error:
        raise WeightsCorruptError(f"{file.name} does not hold the parameters of the app's own network: {error}.") from error
    return module


SPEC = NetworkSpec(
    key="familiar",
    title="Familiar face ResNet",
    description="29 convolutions, 5.6 million parameters, taught on bad light, blur and masks. Built in, works offline.",
    dimension=128,
    licence="made by this project from dlib's network (CC0) and MobileFaceNet's answers (Apache-2.0) to faces for research use",
    calibration=Calibration(
        threshold=0.466,
        slope=42.3,
        spread=0.0627,
        source="python -m training evaluate identification, 40 people and 400 strangers of LFW",
    ),
    measured=Measured(
        clear=0.975,
        hard=0.914,
        false_matches={
            "Asian men": 839.0,
            "Asian women": 474.0,
            "Black men": 76.0,
            "Black women": 166.0,
            "Indian men": 281.0,
            "Indian women": 596.0,
            "White men": 65.0,
            "White women": 86.0,
            "Others men": 292.0,
            "Others women": 570.0,
        },
    ),
)

register(Pretrained(SPEC, ARCHITECTURE, load_packaged=load_familiar))
