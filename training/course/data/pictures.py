"""Labelled pictures in memory, and their split into training, validation and test."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from sklearn.model_selection import train_test_split

from training.errors import DataError

Images = NDArray[np.uint8]
"""(N, H, W, C) uint8, 0 to 255; C is 1 for grey, 3 for RGB."""

Labels = NDArray[np.int64]
"""(N,) int64, each a place in the tuple of classes."""


@dataclass(frozen=True, eq=False)
class Pictures:
    """Labelled pictures of one size.

    Attributes:
        images: (N, H, W, C) uint8.
        labels: (N,) int64.

    Raises:
        ValueError: shapes or types don't fit.
    """

    images: Images
    labels: Labels

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.shape[3] not in (1, 3) or self.images.dtype != np.uint8:
            raise ValueError(f"images must be (N, H, W, 1 or 3) uint8, got {self.images.shape} {self.images.dtype}")
        if self.labels.shape != (len(self.images),) or self.labels.dtype != np.int64:
            raise ValueError(f"labels must be ({len(self.images)},) int64, got {self.labels.shape} {self.labels.dtype}")

    def __len__(self) -> int:
        return len(self.images)

    def take(self, which: NDArray[np.intp] | slice) -> Self:
        """Some of them, in the order asked for."""
        return replace(self, images=self.images[which], labels=self.labels[which])

    def counts(self, classes: int) -> list[int]:
        """Pictures of each class."""
        return [int(count) for count in np.bincount(self.labels, minlength=classes)]


@dataclass(frozen=True, eq=False)
class PictureSet:
    """A data set as it comes.

    Attributes:
        title: what to call it.
        classes: names of the classes, in the order of the labels.
        train: all pictures, or those that the data set itself sets aside for training.
        test: those that it sets aside for the test; None where it doesn't.

    Raises:
        ValueError: labels without a class, or pictures of two sizes.
    """

    title: str
    classes: tuple[str, ...]
    train: Pictures
    test: Pictures | None = None

    def __post_init__(self) -> None:
        parts = [self.train] if self.test is None else [self.train, self.test]
        if any(len(part) and not 0 <= part.labels.min() <= part.labels.max() < len(self.classes) for part in parts):
            raise ValueError(f"labels must be 0 to {len(self.classes) - 1}")
        if len({part.images.shape[1:] for part in parts}) > 1:
            raise ValueError("training and test pictures must be of one size")


class SplitSettings(BaseModel):
    """How a data set is split; each class alike (stratified)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    validation: float = Field(
        0.1, gt=0.0, lt=0.5, title="Validation", description="Share of the training pictures that choose the best epoch"
    )
    test: float = Field(
        0.2, gt=0.0, lt=0.5, title="Test", description="Share held back for the test, where the data set holds none back"
    )
    seed: int = Field(0, ge=0, le=2**31 - 1, title="Seed of the split")


@dataclass(frozen=True, eq=False)
class Split:
    """Three parts of a data set that share no picture.

    Attributes:
        title: of the data set.
        classes: their names.
        train: learned from.
        validation: chooses the best epoch and the settings.
        test: looked at once, in the end.
    """

    title: str
    classes: tuple[str, ...]
    train: Pictures
    validation: Pictures
    test: Pictures

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every picture."""
        height, width, channels = self.train.images.shape[1:]
        return height, width, channels


def split(data: PictureSet, settings: SplitSettings = SplitSettings()) -> Split:  # noqa: B008  # it is frozen
    """Split a data set; the same settings always give the same parts.

    Raises:
        DataError: fewer than two classes, or a class with too few pictures for each part.
    """
    present = [name for name, count in zip(data.classes, data.train.counts(len(data.classes)), strict=True) if count]
    if len(present) < 2:
        raise DataError(f"{data.title} has {len(present)} class with pictures; telling apart needs at least two.")
    rest, test = data.train, data.test
    if test is None:
        rest, test = _divide(data, rest, settings.test, settings.seed)
    train, validation = _divide(data, rest, settings.validation, settings.seed)
    return Split(data.title, data.classes, train, validation, test)


def _divide(data: PictureSet, pictures: Pictures, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """What stays and what is held back: of each class its share, at least one picture, and one that stays."""
    few = [name for name, count in zip(data.classes, pictures.counts(len(data.classes)), strict=True) if count == 1]
    if few:
        raise DataError(
            f"{data.title}: only one picture is left for {', '.join(few[:3])}. Each class needs at least three: one to "
            "learn from, one to validate, one to test."
        )
    present = int((np.bincount(pictures.labels) > 0).sum())
    held = max(round(share * len(pictures)), present)
    if len(pictures) - held < present:
        raise DataError(f"{data.title} has too few pictures: {len(pictures)} for {present} classes.")
    keep, back = train_test_split(
        np.arange(len(pictures)), test_size=held, random_state=seed, shuffle=True, stratify=pictures.labels
    )
    return pictures.take(np.sort(keep)), pictures.take(np.sort(back))
