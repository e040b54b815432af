"""Everything about a training that can be chosen, with its bounds, and the presets most people will use."""

from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from recognition.networks import BUILT_IN, Scope
from training.faces.augmentation import Augmentation

Head = Literal["cosface", "arcface", "dense"]

SCOPES: dict[Scope, str] = {
    "head": "Only the new head: the network stays as it is.",
    "last": "The last blocks and the head: edges and textures stay, what makes a face somebody's is learned anew.",
    "all": "Everything: every layer of the network and the head learn.",
    "scratch": "Everything, from random numbers: shows what pretraining is worth.",
}


_FORMER_NAMES: Final = {"classify": "classification_weight", "distil": "distillation_weight", "mixes": "mixup_ratio"}
"""Fields by their names until November 2026, which stored jobs, models and checkpoints have."""


class FitSettings(BaseModel):
    """One training."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str = Field(BUILT_IN.key, title="Network", description="Key of the pretrained network to start from.")
    scope: Scope = Field("all", title="What is trained")
    head: Head = Field("cosface", title="Head", description="What tells the people apart while learning.")
    augmentation: Augmentation = Field(default_factory=Augmentation)
    epochs: int = Field(16, ge=1, le=500, title="Epochs", description="Rounds, each followed by a validation.")
    epoch_faces: int = Field(
        400, ge=2, le=100_000, title="Faces an epoch", description="Photos and invented faces drawn in one round."
    )
    batch_size: int = Field(32, ge=2, le=256, title="Batch size", description="Faces in one step of the optimiser.")
    learning_rate: float = Field(3e-5, gt=0, le=0.1, title="Learning rate", description="Of the last layers, at its peak.")
    head_rate: float = Field(3e-5, gt=0, le=1, title="Learning rate of the head", description="At its peak.")
    layer_decay: float = Field(
        1.0,
        gt=0,
        le=1,
        title="Layer-wise rate decay",
        description="Each stage learns this much more slowly than the one behind it.",
    )
    warmup: float = Field(0.15, ge=0, lt=1, title="Warm-up", description="Share of the steps in which the rate rises.")
    weight_decay: float = Field(1e-4, ge=0, le=1, title="Weight decay")
    clip_norm: float = Field(1.0, gt=0, le=100, title="Gradient clipping", description="Largest norm of a gradient.")
    label_smoothing: float = Field(0.0, ge=0, lt=1, title="Label smoothing")
    dropout: float = Field(0.3, ge=0, lt=1, title="Dropout", description="Of the dense head.")
    classification_weight: float = Field(
        1.0, ge=0, le=100, title="Classification loss weight", description="How much the head's loss counts."
    )
    distillation_weight: float = Field(
        16.0,
        ge=0,
        le=1000,
        title="Distillation loss weight",
        description="How much it counts to answer a changed face as the untuned network answers the unchanged one.",
    )
    mixup_ratio: float = Field(
        5.0,
        ge=0,
        le=20,
        title="Invented faces per photo",
        description="Mixtures of two people (mixup, CutMix), as many times the photos: each is a class of its own.",
    )
    whitening: int = Field(
        0,
        ge=0,
        le=100_000,
        title="Faces for whitening the last layer",
        description="In the end, directions in which so many faces move when they are changed at random count less. "
        "0 leaves the layer as it was learned.",
    )
    whitening_floor: float = Field(
        2.0,
        gt=0,
        le=100,
        title="Floor of the whitening",
        description="Added to each direction's variance, in units of the mean one: the higher, the less the whitening does.",
    )
    patience: int = Field(
        8, ge=1, le=500, title="Patience", description="Epochs without a better validation after which it stops."
    )
    validation: float = Field(0.2, gt=0, le=0.5, title="Validation share", description="Share of each person's photos.")
    test: float = Field(0.2, ge=0, le=0.5, title="Test share", description="Share of each person's photos.")
    held_out: float = Field(
        0.2,
        ge=0,
        le=0.5,
        title="People held out",
        description="Share of the people who are not trained on: they stand for strangers.",
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed")

    @model_validator(mode="before")
    @classmethod
    def _with_former_names(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {_FORMER_NAMES.get(name, name): value for name, value in values.items()}


PRESETS: dict[str, FitSettings] = {
    "fast": FitSettings(epochs=4, epoch_faces=480, mixup_ratio=4.0, whitening=1200),
    "balanced": FitSettings(epochs=20, epoch_faces=800, whitening=2000),
    "thorough": FitSettings(epochs=40, epoch_faces=1200, whitening=4000, patience=12),
}

_SUITABLE: dict[Scope, dict[str, object]] = {
    # Everybody has to be in the head that is to name them.
    "head": {"head_rate": 1e-3, "held_out": 0.0, "whitening": 0},
    "last": {"learning_rate": 6e-5},
    "all": {},
    "scratch": {"learning_rate": 1e-3, "head_rate": 1e-2, "mixup_ratio": 0.0, "whitening": 0, "patience": 500},
}


SCOPE_FIELDS = ("learning_rate", "head_rate", "mixup_ratio", "whitening", "held_out", "patience")
"""The settings that `for_scope` may change besides the scope."""


def for_scope(settings: FitSettings, scope: Scope) -> FitSettings:
    """The settings with another scope, and the rates that suit it: random numbers learn faster than a trained network may."""
    return settings.model_copy(update={"scope": scope, **_SUITABLE[scope]})
