"""Networks that were fine-tuned here: one folder each under `models/` in the storage folder.

`network.json` describes it and `weights.safetensors` holds its parameters, or `network.onnx.z` all of it, deflated, where
ONNX Runtime runs it; nothing is ever unpickled. What training adds beside them is of no concern here.
"""

import hashlib
import re
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from torch import nn

from recognition.calibration import Calibration
from recognition.errors import NetworkError, WeightsCorruptError, WeightsMissingError
from recognition.networks.base import Architecture, NetworkSpec
from recognition.networks.onnx_network import OnnxNetwork, unpack
from recognition.networks.variants import Exported, SameAsParent, Variant
from recognition.networks.weights import fill
from recognition.zip_contents import MODEL_MANIFEST

PREFIX: Final = "model:"
FOLDER: Final = "models"
MANIFEST: Final = MODEL_MANIFEST
WEIGHTS: Final = "weights.safetensors"
EXPORTED: Final = "network.onnx.z"
"""Of a network that ONNX Runtime runs, instead of the weights."""

VERSION: Final = 2
"""Of the file format. Version 1 had no `architecture`, which was the parent's, and no `spread`, but an `offset`."""

SLOPE_TIMES_SPREAD: Final = 3.9
"""Of the built-in network's calibration; fine-tuning stretches scores, which leaves this product as it is."""

_ID = re.compile(r"[0-9a-f]{12}")

Key = str
"""`model:` and the model's number, 12 hexadecimal digits."""


class Manifest(BaseModel):
    """The content of `network.json`.

    Attributes:
        id: 12 hexadecimal digits, the folder's name.
        name: what a person calls it.
        parent: key of the network it was fine-tuned from.
        sha256: of the weights file.
        threshold, slope, spread: of its `Calibration`.
        architecture: how it differs from the parent's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["familiar-model"] = "familiar-model"
    version: Literal[2] = VERSION
    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    name: str = Field(min_length=1, max_length=80)
    parent: str
    created_at: datetime
    dimension: int = Field(ge=1, le=4096)
    licence: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    threshold: FiniteFloat = Field(gt=-1, lt=1)
    slope: FiniteFloat = Field(gt=0)
    spread: FiniteFloat = Field(gt=0, le=1)
    architecture: Variant = SameAsParent()

    @model_validator(mode="before")
    @classmethod
    def _from_version_1(cls, data: object) -> object:
        if not isinstance(data, dict) or data.get("version") != 1 or "architecture" in data:
            return data
        newer = {key: value for key, value in data.items() if key != "offset"} | {"version": VERSION}
        slope = data.get("slope")
        if isinstance(slope, float | int) and slope > 0:
            newer["spread"] = min(SLOPE_TIMES_SPREAD / slope, 1.0)
        return newer

    @property
    def key(self) -> Key:
        return f"{PREFIX}{self.id}"

    @property
    def weights_file(self) -> str:
        """Name of the file with its parameters."""
        return EXPORTED if isinstance(self.architecture, Exported) else WEIGHTS

    def spec(self) -> NetworkSpec:
        """As the rest of the app sees it."""
        return NetworkSpec(
            key=self.key,
            title=self.name,
            description=f"Fine-tuned here from {self.parent} on {self.created_at:%d %B %Y}.",
            dimension=self.dimension,
            licence=self.licence,
            calibration=Calibration(self.threshold, self.slope, self.spread, source="measured after its training"),
            parent=self.parent,
        )


def is_key(key: str) -> bool:
    """Whether a network's key is that of a tuned one."""
    return key.startswith(PREFIX)


def folder(storage: Path, key: Key) -> Path:
    """Where a tuned network lies.

    Raises:
        NetworkError: not such a key; nothing else ever becomes a path.
    """
    number = key.removeprefix(PREFIX)
    if not _ID.fullmatch(number):
        raise NetworkError(f"There is no model called {key!r}.")
    return storage / FOLDER / number


def read_manifest(storage: Path, key: Key) -> Manifest:
    """What a tuned network is.

    Raises:
        NetworkError: there is none with this key.
        WeightsCorruptError: its manifest is damaged, or of a newer version of the app.
    """
    path = folder(storage, key) / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NetworkError(f"The model {key.removeprefix(PREFIX)} is not here. It may have been deleted.") from error
    except ValidationError as error:
        raise WeightsCorruptError(
            f"{MANIFEST} of the model {key.removeprefix(PREFIX)} is damaged, or was written by a newer version of the app."
        ) from error
    if manifest.key != key:
        raise WeightsCorruptError(f"The model {key.removeprefix(PREFIX)} lies in a folder of another number.")
    return manifest


def list_manifests(storage: Path) -> list[Manifest]:
    """All tuned networks, newest first. Damaged ones are left out."""
    manifests = []
    for path in (storage / FOLDER).glob(f"*/{MANIFEST}"):
        try:
            manifests.append(read_manifest(storage, f"{PREFIX}{path.parent.name}"))
        except NetworkError:
            continue
    return sorted(manifests, key=lambda manifest: manifest.created_at, reverse=True)


def load(storage: Path, manifest: Manifest, architecture: Architecture) -> nn.Module:
    """Build a tuned network and fill in its weights.

    Args:
        storage: the storage folder.
        manifest: of the network.
        architecture: its own, changes to its parent's included.

    Raises:
        WeightsMissingError: there is no weights file.
        WeightsCorruptError: it is damaged, or not of this network.
    """
    try:
        data = (folder(storage, manifest.key) / manifest.weights_file).read_bytes()
    except OSError as error:
        raise WeightsMissingError(f"The weights of {manifest.name} can't be read: {error.strerror or error}.") from error
    return read_weights(manifest, data, architecture)


def read_weights(manifest: Manifest, data: bytes, architecture: Architecture) -> nn.Module:
    """A tuned network from the content of its weights file.

    Raises:
        WeightsCorruptError: it is damaged, or not of this network.
    """
    if hashlib.sha256(data).hexdigest() != manifest.sha256:
        raise WeightsCorruptError(f"The weights of {manifest.name} fail their checksum: the file is damaged.")
    if isinstance(manifest.architecture, Exported):
        return OnnxNetwork(unpack(data))
    network = architecture.build()
    try:
        fill(network, load_tensors(data))
    except SafetensorError as error:
        raise WeightsCorruptError(f"The weights of {manifest.name} are not a safetensors file.") from error
    except WeightsCorruptError as error:
        raise WeightsCorruptError(f"The weights of {manifest.name} don't fit its network: {error}.") from error
    return network
