"""Weights files: fetched on request or taken from a person's own file, checked, and read into their network.

Nothing is downloaded unless a person asks for it, nothing is unpickled, and a file that is not exactly the network's is
never used in part.
"""

import hashlib
import pickle
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor, nn

from recognition.downloads import Progress, fetch
from recognition.errors import StorageError, WeightsCorruptError, WeightsMissingError
from recognition.networks.base import Pretrained, Weights

_NAMED = 3
"""Parameters that an error message names; of the others it gives the number."""


def weights_path(storage: Path, weights: Weights) -> Path:
    """Where a downloaded weights file is kept."""
    return storage / "weights" / weights.file_name


def load_pretrained(network: Pretrained, storage: Path) -> nn.Module:
    """A pretrained network, from its package or from the storage folder. Never downloads.

    Raises:
        WeightsMissingError: its weights are not on this machine.
        WeightsCorruptError: they are damaged, or another network's.
    """
    if network.load_packaged is not None:
        return network.load_packaged()
    assert network.spec.weights is not None
    return read_weights(network, weights_path(storage, network.spec.weights))


def read_weights(network: Pretrained, path: Path) -> nn.Module:
    """A network with the parameters of a published file.

    Raises:
        WeightsMissingError: no such file, or it can't be read.
        WeightsCorruptError: the checksum or the parameters don't fit; nothing of the file is used.
    """
    weights = network.spec.weights
    assert weights is not None
    if not path.is_file():
        raise WeightsMissingError(f"{path.name} is not on this machine: download it, or name a file that holds it.")
    try:
        verify(path, weights)
        # weights_only: a restricted unpickler that builds tensors and nothing else.
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise WeightsMissingError(f"{path.name} can't be read: {error.strerror or error}.") from error
    except (RuntimeError, pickle.UnpicklingError, EOFError, AttributeError, LookupError, ValueError, TypeError) as error:
        raise WeightsCorruptError(f"{path.name} is not a PyTorch weights file, or only a part of one.") from error
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
    ):
        raise WeightsCorruptError(f"{path.name} does not hold the parameters of a network.")
    module = network.architecture.build()
    try:
        fill(module, {name: value for name, value in found.items() if not name.startswith(weights.unused)})
    except WeightsCorruptError as error:
        raise WeightsCorruptError(f"{path.name} does not hold the parameters of {network.spec.title}: {error}.") from error
    return module


def fill(module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Copy parameters into a network, all of them and no others.

    Raises:
        WeightsCorruptError: names, without a full stop, what is missing, too much, of another shape or not a number. The
            module's parameters are then of no use.
    """
    expected = module.state_dict()
    other = [name for name, value in expected.items() if name in tensors and tensors[name].shape != value.shape]
    if other:
        raise WeightsCorruptError(f"{_names(other)} of another shape")
    # Files older than this counter of batch normalisation don't have it; it does not change what the network computes.
    missing = [name for name in expected if name not in tensors and not name.endswith(".num_batches_tracked")]
    unknown = [name for name in tensors if name not in expected]
    wrong = [f"{_names(names)} {what}" for names, what in ((missing, "missing"), (unknown, "too much")) if names]
    if wrong:
        raise WeightsCorruptError(", ".join(wrong))
    if not all(torch.isfinite(value).all() for value in tensors.values()):
        raise WeightsCorruptError("it has values that are not numbers")
    module.load_state_dict(tensors, strict=False)


def _names(names: list[str]) -> str:
    """`conv1.weight`, or `conv1.weight, bn1.weight, bn1.bias and 264 more`."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def verify(path: Path, weights: Weights) -> None:
    """Check a weights file against its published SHA-256, where there is one.

    Raises:
        WeightsCorruptError: it is another file, or damaged.
        OSError: it can't be read.
    """
    if weights.sha256 is None:
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(weights.sha256):
        raise WeightsCorruptError(
            f"{path.name} fails its checksum (SHA-256 {found[:12]}…, expected {weights.sha256[:12]}…): "
            "it is damaged or another file. Download it again."
        )


def install_from_file(network: Pretrained, source: Path, storage: Path) -> Path:
    """Copy a weights file that a person already has to where the app looks for it, once it has proved to be the one.

    Returns:
        Where it is now.

    Raises:
        WeightsMissingError: there is no such file.
        WeightsCorruptError: it is another file, or damaged; nothing is copied.
        StorageError: it can't be copied.
    """
    read_weights(network, source)
    assert network.spec.weights is not None
    target = weights_path(storage, network.spec.weights)
    beside = target.with_suffix(target.suffix + ".new")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, beside)
        beside.replace(target)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise StorageError(f"{source.name} can't be copied to {target.parent}: {error.strerror or error}.") from error
    return target


def download(weights: Weights, target: Path, progress: Progress = lambda here, total: None) -> Path:
    """Fetch a weights file beside its place, check it, then move it there.

    What has arrived of an earlier try is continued, if the server can.

    Returns:
        target.

    Raises:
        DownloadError: no connection, a wrong answer, a wrong length. The next call resumes.
        WeightsCorruptError: everything arrived, but fails the checksum; the data is removed.
        StorageError: it can't be kept in this folder.
    """
    part = target.with_suffix(target.suffix + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if weights.size is None or not part.exists() or part.stat().st_size != weights.size:
            fetch(weights.url, part, progress, name=weights.file_name, size=weights.size)
        try:
            verify(part, weights)
        except WeightsCorruptError:
            part.unlink()
            raise
        part.replace(target)
    except OSError as error:
        raise StorageError(f"{weights.file_name} can't be kept in {target.parent}: {error.strerror or error}.") from error
    return target
