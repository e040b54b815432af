"""A face network as the subject of a compression, measured open set: who is this, if anybody enrolled?"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from torch import Tensor, nn

from recognition.networks import Network, architecture
from recognition.networks.onnx_network import pack
from recognition.networks.tuned import Manifest, is_key
from recognition.networks.variants import Exported, SameAsParent, Variant
from training.compression.channels import description, rebuildable, same_shapes
from training.compression.errors import CompressionError
from training.compression.record import StoredModel
from training.compression.store import WEIGHTS
from training.compression.subjects import Candidate, Judged, Shape, Teaching
from training.course.experiments.store import weights_of
from training.evaluation.identification import Folders
from training.faces.augmentation import Augmentation
from training.faces.calibration import calibrate
from training.faces.dataset import FaceSet
from training.faces.objectives import FaceBatch
from training.faces.open_set import EvaluationResult, EvaluationSet, evaluate, test_set, validation_set
from training.faces.settings import FitSettings
from training.faces.split import Split, rows_of, split
from training.faces.summary import Judgement, Outcome, summarise
from training.faces.training_set import FaceBatches, TrainingSet, prepare
from training.loop.objective import BatchResult, Objective
from training.loop.train import Validation
from training.models import Compressed, Training, read_model

CALIBRATION: Final = 128
"""Faces that the scales of int8 activations come from."""

EPOCH_FACES: Final = 480
"""Drawn in an epoch of fine-tuning."""

BATCH: Final = 32

INVENTED: Final = 4.0
"""Mixtures of two people for each photo learned from."""

MOST_LOST: Final = 0.003
"""TPIR at FPIR 1 % that a compressed network may lose and be recommended."""


@dataclass(frozen=True, eq=False)
class FaceData:
    """The faces of a compression.

    Attributes:
        faces: all of them, strangers left out.
        parts: which of them are learned from (`train` and `validation`) and which evaluate.
        evaluation: templates, probes and strangers.
        gallery: whose photos (`Gallery.identity`); None for folders.
        photos: keys of the photos that the compressed network owes something to, those that the network itself had learned
            from included.
    """

    faces: FaceSet
    parts: Split
    evaluation: EvaluationSet
    photos: tuple[str, ...]
    gallery: str | None = None


def photos_of(storage: Path, network: str, gallery: str) -> tuple[str, ...]:
    """The gallery's photos that a network has learned from; none for a pretrained one.

    Raises:
        NetworkError, CheckpointError: there is no such model, or it is damaged.
    """
    if not is_key(network):
        return ()
    training = read_model(storage, network).training
    return tuple(training.photos) if training.gallery == gallery else ()


def gallery_data(faces: FaceSet, gallery: str, before: Sequence[str], seed: int) -> FaceData:
    """Everybody enrolled: the photos are divided as for a fine-tuning.

    Args:
        faces: of the gallery.
        gallery: its identity.
        before: its photos that the network has learned from already.
        seed: of the division.

    Raises:
        DataError: fewer than two people.
        CompressionError: nobody has two photos that differ.
    """
    usual = FitSettings()
    parts = split(faces, validation=usual.validation, test=usual.test, held_out=usual.held_out, seed=seed)
    evaluation = test_set(faces, parts, None)
    if evaluation is None or not len(evaluation.probes):
        evaluation = validation_set(faces, parts, None)
    if not len(evaluation.probes):
        raise CompressionError(
            "Nobody has two photos that differ, so there is nothing to measure a face network on. Enroll more photos."
        )
    return FaceData(faces, parts, evaluation, tuple(sorted({*faces.photos, *before})), gallery)


def folder_data(folders: Folders) -> FaceData:
    """The protocol of `training evaluate identification`: enrolled photos are learned from, all others evaluate."""
    enrolled = folders.enrolled
    known = folders.truths >= 0
    probes = tuple(f"probe {number}" for number in range(int(known.sum())))
    everything = replace(
        enrolled,
        crops=np.concatenate([enrolled.crops, folders.probes[known]]),
        labels=np.concatenate([enrolled.labels, folders.truths[known]]),
        photos=(*enrolled.photos, *probes),
    )
    evaluation = EvaluationSet(enrolled.crops, enrolled.labels, folders.probes, folders.truths, folders.strangers)
    return FaceData(everything, Split(enrolled.photos, (), probes), evaluation, everything.photos)


class _Imitation(Objective[FaceBatch]):
    """1 - cosine to the embedding that the network gave before of the unchanged face: there are no labels to learn."""

    def forward(self, model: nn.Module, batch: FaceBatch) -> BatchResult:
        likeness = nn.functional.cosine_similarity(model(batch.pictures), batch.targets)
        return BatchResult(1.0 - likeness.mean(), len(likeness), {"likeness": (float(likeness.detach().sum()), len(likeness))})


@dataclass(frozen=True, eq=False)
class FaceNetworkSubject:
    """A `Subject`.

    Attributes:
        network: the network. data: its faces. seed: of what is invented from them.
    """

    network: Network
    data: FaceData
    seed: int = 0
    _results: dict[str, EvaluationResult] = field(default_factory=dict, init=False)

    score = "TPIR at FPIR 1 %"
    rate = 2e-4

    @property
    def title(self) -> str:
        return self.network.spec.title

    @cached_property
    def module(self) -> nn.Module:
        with self.network.exclusive() as module:
            return module

    @property
    def shape(self) -> Shape:
        return 3, self.network.input_size, self.network.input_size

    @cached_property
    def _learned_from(self) -> FaceSet:
        """The photos that don't evaluate."""
        parts, faces = self.data.parts, self.data.faces
        rows = rows_of(faces, (*parts.train, *parts.validation))
        crops, labels = faces.subset(rows)
        return replace(faces, crops=crops, labels=labels, photos=tuple(faces.photos[row] for row in rows))

    def calibration(self) -> Tensor:
        crops = self._learned_from.crops
        rows = np.random.default_rng(self.seed).permutation(len(crops))[:CALIBRATION]
        return self.network.preprocess(crops[rows])

    def batches(self, seed: int) -> FaceBatches:
        augmentation = Augmentation(strength="light")
        return FaceBatches(self._training_set, self.network, augmentation, EPOCH_FACES, BATCH, seed)

    @cached_property
    def _training_set(self) -> TrainingSet:
        faces = self._learned_from
        _, labels = np.unique(faces.labels, return_inverse=True)
        return prepare(faces.crops, labels, self.network, INVENTED, self.seed)

    def objective(self, teaching: Teaching) -> _Imitation:  # noqa: ARG002  # the teacher is all there is
        return _Imitation()

    def validate(self, module: nn.Module) -> Validation:  # noqa: ARG002  # it would take longer than the epoch
        return Validation(quality=0.0)

    def judge(self, candidate: Candidate, original: Candidate) -> Judged:
        network = self.network.with_module(candidate.runs)
        after = evaluate(network, self.data.evaluation, mirrored=True)
        self._results[candidate.method] = after
        accuracy = after.rates.clean.tpir_at_fpir_1
        variant = None if candidate is original else self._variant(candidate)
        if variant is None:
            return Judged(accuracy)
        before = self._results[original.method]
        weights = pack(candidate.onnx) if candidate.exported else weights_of(candidate.module)
        outcome = Outcome(self.network.with_module(original.runs), network, self.data.evaluation, None, before, after)
        model = StoredModel(
            manifest=self._manifest(candidate, variant, weights, outcome), training=self._training(candidate, outcome)
        )
        return Judged(accuracy, {} if candidate.exported else {WEIGHTS: weights}, model=model)

    def _variant(self, candidate: Candidate) -> Variant | None:
        """How the candidate differs from the pretrained network; None where no file can say it."""
        if candidate.exported:
            return Exported(numbers="int8" if candidate.int8 else "float32")
        build = architecture(self._root).build
        if same_shapes(build(), candidate.module):
            return SameAsParent()
        found = description(build(), candidate.module)
        return found if found is not None and rebuildable(build(), candidate.module, found) else None

    @property
    def _root(self) -> str:
        return self.network.spec.parent or self.network.spec.key

    def _manifest(self, candidate: Candidate, variant: Variant, weights: bytes, outcome: Outcome) -> Manifest:
        spec = self.network.spec
        calibration = calibrate(spec.calibration, outcome.untuned_result, outcome.tuned_result, related=True)
        return Manifest(
            id=secrets.token_hex(6),
            name=candidate.named(spec.title),
            parent=self._root,
            created_at=datetime.now(UTC),
            dimension=spec.dimension,
            licence=spec.licence,
            sha256=hashlib.sha256(weights).hexdigest(),
            threshold=calibration.threshold,
            slope=calibration.slope,
            spread=calibration.spread,
            architecture=variant,
        )

    def _training(self, candidate: Candidate, outcome: Outcome) -> Training:
        data = self.data
        report = summarise(
            data.faces,
            data.parts,
            outcome,
            weight=1.0,
            whitened=False,
            best_epoch=len(candidate.history),
            judge=_judge,
        )
        record = Training(
            settings=Compressed(network=self.network.spec.key, method=candidate.title),
            fingerprint=data.faces.fingerprint,
            people=list(data.faces.people),
            photos=list(data.photos),
            split=data.parts,
            history=candidate.history,
            # These photos chose nothing.
            report=report.model_copy(update={"test": report.validation}),
            seconds=sum(epoch.seconds for epoch in candidate.history),
            gallery=data.gallery,
        )
        return record if data.gallery else record.numbered()


def _judge(
    untuned: EvaluationResult,
    tuned: EvaluationResult,
    *,
    chose_epoch: bool,  # noqa: ARG001  # they chose nothing here
) -> Judgement:
    """Whether a compressed network may replace the one that it was made from."""
    before, after = untuned.rates.clean.tpir_at_fpir_1, tuned.rates.clean.tpir_at_fpir_1
    which = f"on {len(untuned.clean)} photos it was not made with, TPIR at FPIR 1 % is {after:.1%}, before {before:.1%}"
    if after < before - MOST_LOST:
        return Judgement(False, f"Keep the untuned network: compressing cost too much, {which}.")
    return Judgement(True, f"As good as before: {which}.")
