"""A training's state on disk, one checkpoint an epoch: tensors as safetensors, everything else as JSON. No pickle.

The tensors are written first, under a new name; the JSON that names them with their checksum is then renamed into place.
Whatever kills the process, the JSON that is there fits the tensors that it names.
"""

import hashlib
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors
from torch import Tensor, nn

from recognition.whole_files import write_whole
from training.errors import CheckpointError
from training.loop.observer import EpochRecord

STATE = "checkpoint.json"

Context = dict[str, JsonValue]
"""What tells one training from another, as JSON: settings, data. A checkpoint is only resumed under an equal one."""


class State(BaseModel):
    """What `checkpoint.json` says.

    Attributes:
        context: of the training.
        history: the epochs so far.
        best_epoch, best_quality: the best of them, from 1, and its `Validation.quality`.
        seconds: that the epochs took.
        scheduler, scaler: what their `state_dict` says.
        rates: learning rate of each parameter group of the optimiser.
        tensors, sha256: name and checksum of the file with the tensors.
    """

    # A loss without data to compute it from is NaN, which pydantic would write as null and not read again.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    version: Literal[2] = 2
    context: Context
    history: list[EpochRecord]
    best_epoch: int
    best_quality: float
    seconds: float
    scheduler: dict[str, Any]
    scaler: dict[str, Any]
    rates: list[float]
    tensors: str = ""
    sha256: str = ""


def write(folder: Path, state: State, tensors: dict[str, Tensor]) -> None:
    """Replace the checkpoint in a folder, which is made if it is not there.

    Raises:
        CheckpointError: the disk is full or can't be written to; the checkpoint before is still there.
    """
    name = f"epoch-{len(state.history):04d}.safetensors"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        data = save_tensors({key: value.detach().cpu().contiguous().clone() for key, value in tensors.items()})
        digest = hashlib.sha256(data).hexdigest()
        write_whole(folder / name, data)
        text = state.model_copy(update={"tensors": name, "sha256": digest}).model_dump_json()
        write_whole(folder / STATE, text.encode())
        for old in folder.glob("epoch-*.safetensors"):
            if old.name != name:
                old.unlink()
    except OSError as error:
        raise CheckpointError(
            f"The checkpoint can't be written to {folder} ({error.strerror or error}). "
            "Free some space; the training can then be resumed from the epoch before."
        ) from error


def read_state(folder: Path) -> State | None:
    """The state in a folder without its tensors, or None if there is none yet.

    Raises:
        CheckpointError: it is damaged, not a checkpoint, or was written by an earlier version of the app.
    """
    try:
        text = (folder / STATE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointError(f"The checkpoint in {folder} can't be read: {error.strerror or error}.") from error
    try:
        return State.model_validate_json(text)
    except ValidationError as error:
        raise _damaged(folder) from error


def read(folder: Path) -> tuple[State, dict[str, Tensor]] | None:
    """The checkpoint in a folder, or None if there is none yet.

    Raises:
        CheckpointError: as `read_state`, or the tensors are damaged.
    """
    state = read_state(folder)
    if state is None:
        return None
    try:
        # A name from a file must not lead out of the folder.
        data = (folder / Path(state.tensors).name).read_bytes()
        if hashlib.sha256(data).hexdigest() != state.sha256:
            raise CheckpointError(f"The checkpoint in {folder} fails its checksum. Start the training again.")
        return state, load_tensors(data)
    except (OSError, SafetensorError) as error:
        raise _damaged(folder) from error


def _damaged(folder: Path) -> CheckpointError:
    return CheckpointError(f"The checkpoint in {folder} is damaged or of another version of the app. Start the training again.")


def optimizer_tensors(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The optimiser's moments as named tensors."""
    state = optimizer.state_dict()["state"]
    return {
        f"optimizer.{number}.{name}": torch.as_tensor(value)
        for number, values in state.items()
        for name, value in values.items()
    }


def fill_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put them back."""
    whole = optimizer.state_dict()
    moments: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            moments.setdefault(int(number), {})[name] = value
    optimizer.load_state_dict({**whole, "state": moments})


def named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors, such as a module's `state_dict`, under a prefix."""
    return {f"{prefix}.{name}": value for name, value in tensors.items()}


def under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Those under a prefix, without it."""
    start = f"{prefix}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def fill(module: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put a module's parameters and statistics back.

    Raises:
        CheckpointError: they are of another module.
    """
    try:
        module.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        raise CheckpointError("The checkpoint is of another network. Start the training again.") from error
