"""The models made by training: kept, listed, compared, renamed, deleted, sent as one file and received.

A model is a folder that `recognition.networks.tuned` reads, with `training.json` beside it: how it was made and what it
gained. It appears under its number only once it is whole.
"""

from pydantic import BaseModel, ConfigDict

from training.dataset import Split
from training.progress import EpochRecord
from training.report import Report
from training.settings import FitSettings


class Training(BaseModel):
    """How a model came about: `training.json`.

    Attributes:
        settings: of the training.
        fingerprint: SHA-256 of the faces it learned from (`FaceSet.fingerprint`).
        people: keys of the people in the data, as in `FaceSet.people`.
        photos: keys of the photos in the data.
        split: which of them were for what.
        history: one record an epoch.
        report: what it gained.
        seconds: that it took.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: FitSettings
    fingerprint: str
    people: list[str]
    photos: list[str]
    split: Split
    history: list[EpochRecord]
    report: Report
    seconds: float
