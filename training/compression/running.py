"""One compression from beginning to end: every method in turn, then all networks timed side by side."""

import logging
import secrets
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from recognition.errors import CancelledError, RecognitionError, StorageError
from recognition.networks.onnx_network import OnnxNetwork, pack
from training.compression.errors import CompressionError
from training.compression.exporting import difference, export
from training.compression.learning import FineTuning, Progress
from training.compression.magnitude import remaining, sparsity, weight_layers
from training.compression.measuring import memory, multiply_adds, speeds
from training.compression.quantization import layer_errors, quantize_dynamic_int8, quantize_static_int8
from training.compression.record import Compression, Details, Histogram, Layer, Row
from training.compression.settings import CompressionSettings
from training.compression.steps import (
    ORIGINAL,
    Distil,
    Export,
    PruneChannels,
    PruneWeights,
    Quantize,
    Step,
    name_of,
    title_of,
)
from training.compression.store import NETWORK, begin, rewrite, write_row
from training.compression.subjects import BatchT, Candidate, Judged, Shape, Subject
from training.folders import Publish
from training.loop.observer import EpochRecord, NullObserver, Observer

BINS = 60
"""Of a histogram of weights."""

COMPARED = 16
"""Pictures that an export and int8 layers are compared with PyTorch on."""

MEASURING = 0.5
"""Epochs that measuring a network counts as in the bar."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class _Made:
    """What the steps of a method before int8 made."""

    module: nn.Module
    history: list[EpochRecord]
    curve: list[tuple[int, float]]
    shape: Shape

    @cached_property
    def float32(self) -> bytes:
        """Its ONNX file, which takes seconds to make."""
        return export(self.module, self.shape)


def compress(
    subject: Subject[BatchT],
    settings: CompressionSettings,
    storage: Path,
    observer: Observer = NullObserver(),  # noqa: B008  # it has no state
    *,
    photos: Sequence[str] = (),
    gallery: str | None = None,
    publish: Publish = nullcontext,
    after_row: Callable[[Compression], None] = lambda compression: None,
) -> Compression:
    """Compress a network by every method, and keep each result as soon as it is there.

    A method that can't be used on this network is left out with the reason; the others go on.

    Args:
        subject: the network and its data. It is not changed.
        settings: which methods.
        storage: the storage folder.
        observer: follows all steps.
        photos, gallery: of the gallery that are looked at, and whose they are.
        publish: entered around each moment when something appears; an error from it leaves that out.
        after_row: called with what there is so far.

    Raises:
        CompressionError: the network as it is can't be exported, or has nothing to compress.
        StorageError: a result can't be written; those before are kept.
        CancelledError: the observer stopped it.
    """
    compression = Compression(
        id=secrets.token_hex(6),
        title=subject.title,
        score=subject.score,
        created_at=datetime.now(UTC),
        settings=settings,
        photos=tuple(photos),
        gallery=gallery,
    )
    return _Compressor(subject, settings, storage, observer, publish, after_row).run(compression)


class _Compressor:
    def __init__(
        self,
        subject: Subject[BatchT],
        settings: CompressionSettings,
        storage: Path,
        observer: Observer,
        publish: Publish,
        after_row: Callable[[Compression], None],
    ) -> None:
        self._subject, self._settings, self._storage = subject, settings, storage
        self._observer, self._publish, self._after_row = observer, publish, after_row
        epochs = sum(_epochs(method) for method in settings.methods) + MEASURING * (len(settings.methods) + 1)
        self._progress = Progress(observer, epochs)
        self._learning = FineTuning(subject, settings.seed, self._progress)
        self._calibration = subject.calibration()
        self._made: dict[tuple[Step, ...], _Made] = {(): _Made(subject.module, [], [], subject.shape)}
        self._timed: dict[str, nn.Module] = {}

    def run(self, compression: Compression) -> Compression:
        """The original, then every method."""
        weight_layers(self._subject.module)
        self._observer.log(f"Measuring {self._subject.title} as it is.")
        self._progress.at(0.0)
        original = self._candidate((), ORIGINAL, "As it is")
        begin(self._storage, compression)
        compression = self._keep(compression, (), original, original)
        for method in self._settings.methods:
            name = name_of(method)
            self._observer.log(f"{title_of(method)}.")
            try:
                candidate = self._candidate(method, name, title_of(method))
                compression = self._keep(compression, method, candidate, original)
            except (CancelledError, StorageError):
                raise
            except RecognitionError as error:
                log.warning("%s failed", name, exc_info=True)
                self._observer.log(f"{name} can't be used here. {error}")
                compression = compression.model_copy(update={"failed": (*compression.failed, (name, str(error)))})
                rewrite(self._storage, compression)
        self._observer.log("Timing all of them side by side.")
        compression = self._with_times(compression)
        rewrite(self._storage, compression)
        self._after_row(compression)
        return compression

    def _candidate(self, method: tuple[Step, ...], name: str, title: str) -> Candidate:
        last = method[-1] if method else None
        made = self._after_steps(tuple(step for step in method if not isinstance(step, Quantize | Export)))
        if isinstance(last, Quantize) and last.how == "aware":
            module, history = self._learning.rounded(made.module, last.epochs, per_channel=last.per_channel)
            made = replace(made, module=module, history=[*made.history, *history])
        onnx = self._quantized(made.float32, last) if isinstance(last, Quantize) else made.float32
        return Candidate(
            method=name,
            title=title,
            module=made.module,
            history=made.history,
            float32=made.float32,
            onnx=onnx,
            int8=isinstance(last, Quantize),
            runs=OnnxNetwork(onnx),
            exported=isinstance(last, Quantize | Export),
        )

    def _after_steps(self, steps: tuple[Step, ...]) -> _Made:
        """What these steps make of the original; kept, for several methods may begin alike."""
        if steps not in self._made:
            before, step = self._after_steps(steps[:-1]), steps[-1]
            match step:
                case PruneWeights():
                    module, history, curve = self._learning.pruned_weights(before.module, step)
                    made = _Made(module, [*before.history, *history], curve, before.shape)
                case PruneChannels():
                    module, history = self._learning.pruned_channels(before.module, step)
                    made = _Made(module, [*before.history, *history], [], before.shape)
                case Distil():
                    made = _Made(*self._learning.student(step), [], before.shape)
                case _:
                    raise CompressionError("int8 and ONNX come last in a chain.")
            self._made[steps] = made
        return self._made[steps]

    def _quantized(self, model: bytes, step: Quantize) -> bytes:
        if step.how == "dynamic":
            return quantize_dynamic_int8(model, per_channel=step.per_channel)
        return quantize_static_int8(model, self._calibration, per_channel=step.per_channel)

    def _keep(
        self, compression: Compression, method: tuple[Step, ...], candidate: Candidate, original: Candidate
    ) -> Compression:
        """Measure it all but the time, and write it down."""
        shape, compared = self._subject.shape, self._calibration[:COMPARED]
        apart = difference(candidate.float32, candidate.module, compared)
        judged: Judged = self._subject.judge(candidate, original)
        made = self._after_steps(tuple(step for step in method if not isinstance(step, Quantize | Export)))
        packed = pack(candidate.onnx)
        errors = layer_errors(candidate.float32, candidate.onnx, compared) if candidate.int8 else []
        row = Row(
            name=candidate.method,
            title=candidate.title,
            accuracy=judged.accuracy,
            bytes=len(packed),
            parameters=remaining(candidate.module),
            multiply_adds=multiply_adds(candidate.module, shape),
            memory=memory(candidate.onnx, shape),
            runtime="ONNX Runtime" if candidate.exported else "PyTorch",
            apart=apart,
            details=Details(
                layers=_layers(candidate.module),
                schedule=made.curve,
                histogram=_histogram(self._subject.module, candidate.module),
                errors=[(error.layer, error.error) for error in errors],
            ),
            experiment=judged.experiment,
            model=judged.model,
        )
        written = write_row(self._storage, compression, row, {NETWORK: packed, **judged.files}, self._publish)
        self._timed[row.name] = candidate.runs if candidate.exported else candidate.module
        self._progress.finish(MEASURING)
        self._after_row(written)
        return written

    def _with_times(self, compression: Compression) -> Compression:
        found = speeds(self._timed, self._subject.shape)
        rows = tuple(
            row.model_copy(update={"ms": found[row.name].one, "ms_batch": found[row.name].batch}) for row in compression.rows
        )
        return compression.model_copy(update={"rows": rows})


def _epochs(method: tuple[Step, ...]) -> int:
    total = 0
    for step in method:
        match step:
            case PruneChannels(rounds=rounds, epochs=epochs):
                total += rounds * epochs
            case PruneWeights(epochs=epochs) | Distil(epochs=epochs):
                total += epochs
            case Quantize(how="aware", epochs=epochs):
                total += epochs
    return total


def _layers(module: nn.Module) -> list[Layer]:
    return [
        Layer(
            name=name,
            kind="dense" if isinstance(layer, nn.Linear) else "convolution",
            weights=layer.weight.numel(),
            sparsity=sparsity([layer]),
        )
        for name, layer in weight_layers(module)
    ]


def _histogram(before: nn.Module, after: nn.Module) -> Histogram:
    """Of the weights that are not 0: zeros would hide all others."""
    one, other = (_weights(module) for module in (before, after))
    # The few weights beyond three deviations would press all others into one bin.
    reach = max(3.0 * float(one.std()), 1e-6)
    edges = np.linspace(-reach, reach, BINS + 1)
    counts = [np.histogram(values[values != 0].numpy(), edges)[0].tolist() for values in (one, other)]
    return Histogram(edges=edges.tolist(), before=counts[0], after=counts[1])


def _weights(module: nn.Module) -> Tensor:
    return torch.cat([layer.weight.detach().flatten() for _, layer in weight_layers(module)])
