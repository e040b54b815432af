"""What is kept of a compression: `compression.json`."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from recognition.networks.tuned import Manifest
from training.compression.settings import CompressionSettings
from training.course.experiments.record import Record
from training.models import Training

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True)


class Layer(_Plain):
    """A layer whose weights can be pruned: its name and kind, how many weights it has, and the share of them that are 0."""

    name: str
    kind: Literal["convolution", "dense"]
    weights: int
    sparsity: float


class Histogram(_Plain):
    """How the weights are spread: counts between edges, before and after."""

    edges: list[float]
    before: list[int]
    after: list[int]


class Details(_Plain):
    """What the pictures of a row are drawn from.

    Attributes:
        layers: after the compression.
        schedule: (step, share of weights that are 0) at each pruning.
        histogram: of the weights that are not 0.
        errors: (layer, ‖float32 - int8‖ / ‖float32‖) of each layer's outputs; of an int8 network.
    """

    layers: list[Layer] = []
    schedule: list[tuple[int, float]] = []
    histogram: Histogram | None = None
    errors: list[tuple[str, float]] = []


class StoredModel(_Plain):
    """A face network that can be put into the store of models."""

    manifest: Manifest
    training: Training


class Row(_Plain):
    """One method and what it cost and gained.

    Attributes:
        name: the method's.
        title: in words.
        accuracy: 0 to 1, see `Compression.score`.
        bytes: of the file: an ONNX network, deflated.
        parameters: that are not 0. multiply_adds: of one picture.
        ms, ms_batch: milliseconds a picture, alone and in batches; None until all rows are there to be timed side by side.
        memory: bytes that a process needs to load the ONNX network and run one picture.
        runtime: what it was timed in.
        apart: largest difference between its float32 ONNX file and PyTorch, as a share of the largest output.
        experiment, model: what it becomes when it is put to use; neither where it is only a file to download.
    """

    name: str
    title: str
    accuracy: float
    bytes: int
    parameters: int
    multiply_adds: int
    ms: float | None = None
    ms_batch: float | None = None
    memory: int
    runtime: Literal["PyTorch", "ONNX Runtime"]
    apart: float
    details: Details = Details()
    experiment: Record | None = None
    model: StoredModel | None = None


class Compression(_Plain):
    """A compression: the network as it is, and a row for each method that is done.

    Attributes:
        title: of what is compressed.
        score: what `accuracy` is, in words.
        failed: methods that could not be used, and why.
        photos: numbers of the gallery's photos that were looked at; gallery: whose (`Gallery.identity`).
    """

    version: Literal[1] = 1
    id: Id
    title: str
    score: str
    created_at: datetime
    settings: CompressionSettings
    rows: tuple[Row, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    photos: tuple[str, ...] = ()
    gallery: str | None = None

    @property
    def done(self) -> bool:
        """Whether every method was tried and timed."""
        return len(self.rows) + len(self.failed) == len(self.settings.methods) + 1 and all(row.ms for row in self.rows)
