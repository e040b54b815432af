"""Searching the settings of a fine-tuning on faces."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recognition.networks import load_network
from recognition.networks.base import choose_device
from recognition.settings import load_settings
from training.faces.dataset import FaceSet
from training.faces.fine_tuning import fit
from training.faces.settings import FitSettings
from training.search.knobs import Knob, put
from training.search.space import Choice, RealRange, Values, WholeRange
from training.search.subject import Report


def knobs(settings: FitSettings) -> dict[str, Knob]:
    """What can be searched, by key: dotted paths into the settings. What the scope leaves unused is left out."""
    learned = settings.scope != "head"
    fresh = settings.scope == "scratch"
    rates = RealRange(low=1e-4, high=1e-2, log=True) if fresh else RealRange(low=3e-6, high=3e-4, log=True)
    found = {"learning_rate": Knob("Learning rate", rates, chosen=True)} if learned else {}
    found["head_rate"] = Knob("Learning rate of the head", RealRange(low=3e-6, high=1e-2, log=True), chosen=True)
    found["classification_weight"] = Knob("Classification loss weight", RealRange(low=0.1, high=10.0, log=True), chosen=True)
    if learned and not fresh:
        found["distillation_weight"] = Knob("Distillation loss weight", RealRange(low=1.0, high=64.0, log=True), chosen=True)
    found["augmentation.strength"] = Knob("Augmentation strength", Choice(values=("none", "light", "strong")), chosen=True)
    if learned and not fresh:
        found["mixup_ratio"] = Knob("Invented faces per photo", RealRange(low=0.0, high=8.0))
        found["whitening"] = Knob("Faces for whitening", Choice(values=(0, 1200, 2000)))
        found["whitening_floor"] = Knob("Floor of the whitening", RealRange(low=0.5, high=8.0, log=True), chosen=True)
        found["layer_decay"] = Knob("Layer-wise rate decay", RealRange(low=0.5, high=1.0))
    found["head"] = Knob("Head", Choice(values=("cosface", "arcface", "dense")))
    found["weight_decay"] = Knob("Weight decay", RealRange(low=1e-6, high=1e-2, log=True))
    found["label_smoothing"] = Knob("Label smoothing", RealRange(low=0.0, high=0.2))
    found["batch_size"] = Knob("Batch size", WholeRange(low=8, high=64, log=True))
    return found


def with_values(settings: FitSettings, values: Values) -> FitSettings:
    """The settings with these values.

    Raises:
        ValidationError: a value is out of the bounds of its setting.
    """
    for key, value in values.items():
        settings = put(settings, key, value)
    return settings


@dataclass(frozen=True, eq=False)
class FaceSubject:
    """A `Subject`: the share of validation photos that are recognised where 5 % of strangers would be, TPIR at FPIR 5 %, the
    mean of photos as they are and of corrupted ones. After an epoch that of the usual interpolation of weights, in the end that
    of the network that came out, whitened or not.

    Attributes:
        settings: those that aren't searched.
        faces: of everybody.
        storage: where the pretrained network is.
    """

    settings: FitSettings
    faces: FaceSet
    storage: Path

    @property
    def data(self) -> str:
        return self.faces.fingerprint

    def train(self, values: Values, report: Callable[[int, float], None], folder: Path) -> float:
        """The test photos are set aside as ever, and their rates left unread."""
        settings = with_values(self.settings, values)
        parent = load_network(settings.network, self.storage, choose_device(load_settings().device))
        tuned = fit(self.faces, settings, parent, folder, Report(report, "validation_tpir")).report.validation.tuned
        return (tuned.clean.tpir_at_fpir_5 + tuned.hard.tpir_at_fpir_5) / 2
