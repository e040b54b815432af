"""What is kept of a training beside the weights: `training.json`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict

from recognition.networks.tuned import Manifest
from training.faces.report import Guess, Report
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.faces.split import Split
from training.loop.observer import EpochRecord

_OWN_FIELDS: Final = ("train_accuracy", "validation_rank1", "validation_tpir")
"""Metrics that were fields of an epoch until November 2026."""


def _with_metrics(records: Any) -> Any:
    """Epochs as earlier versions wrote them, with their metrics where they are now."""
    if not isinstance(records, list):
        return records
    return [
        {key: value for key, value in record.items() if key not in _OWN_FIELDS}
        | {"metrics": {name: record[name] for name in _OWN_FIELDS if name in record}}
        if isinstance(record, dict) and "metrics" not in record
        else record
        for record in records
    ]


class Compressed(BaseModel):
    """In place of a training's settings: the model was made smaller.

    Attributes:
        network: key of the network that it was made from.
        method: how, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    network: str
    method: str


class Training(BaseModel):
    """How a model came about: `training.json`.

    Attributes:
        settings: of the training, or what was done instead.
        fingerprint: SHA-256 of the faces it learned from (`FaceSet.fingerprint`).
        people: keys of the people in the data, as in `FaceSet.people`.
        photos: keys of the photos in the data.
        split: which of them were for what.
        history: one record an epoch.
        report: what it gained.
        seconds: that it took.
        gallery: whose numbers these keys are (`Gallery.identity`); None for a model that was made from a folder.
    """

    # A loss without photos to compute it from is NaN, which JSON has no word for.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants", hide_input_in_errors=True)

    settings: FitSettings | Compressed
    fingerprint: str
    people: list[str]
    photos: list[str]
    split: Split
    history: Annotated[list[EpochRecord], BeforeValidator(_with_metrics)]
    report: Report
    seconds: float
    gallery: str | None = None

    @classmethod
    def of(cls, trained: Trained, gallery: str | None) -> Self:
        """The record of a training. Without a gallery its keys are names, and are numbered."""
        record = cls(
            settings=trained.settings,
            fingerprint=trained.fingerprint,
            people=list(trained.people),
            photos=list(trained.photos),
            split=trained.split,
            history=list(trained.history),
            report=trained.report,
            seconds=trained.seconds,
            gallery=gallery,
        )
        return record if gallery else record.numbered()

    def numbered(self) -> Self:
        """The same with running numbers for keys: names of folders are names of people, and are nobody else's business."""
        people, photos = _Numbers(self.people), _Numbers(self.photos)
        report = self.report

        def numbered(guess: Guess) -> Guess:
            keys = {name: people[getattr(guess, name)] for name in ("truth", "guess", "untuned_guess")}
            return guess.model_copy(update={"photo": photos[guess.photo], **keys})

        guesses = {
            "guesses": [numbered(guess) for guess in report.guesses],
            "hard_guesses": [numbered(guess) for guess in report.hard_guesses],
        }
        points = report.map.model_copy(update={"photos": photos.of(report.map.photos), "people": people.of(report.map.people)})
        split = self.split
        return self.model_copy(
            update={
                "people": people.of(self.people),
                "photos": photos.of(self.photos),
                "split": Split(
                    train=tuple(photos.of(split.train)),
                    validation=tuple(photos.of(split.validation)),
                    test=tuple(photos.of(split.test)),
                    held_out=tuple(people.of(split.held_out)),
                ),
                "report": report.model_copy(update={**guesses, "map": points}),
            }
        )


@dataclass(frozen=True)
class TunedModel:
    """A model in the store: what the recognizer knows of it, and how it came about."""

    manifest: Manifest
    training: Training


class _Numbers(dict[str, str]):
    """Keys to running numbers, from 1; one that was not foreseen gets the next."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__({key: str(number) for number, key in enumerate(keys, 1)})

    def __missing__(self, key: str) -> str:
        self[key] = str(len(self) + 1)
        return self[key]

    def of(self, keys: Iterable[str]) -> list[str]:
        return [self[key] for key in keys]
