"""Which pictures an experiment is about, as data."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Source(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Digits(_Source):
    """scikit-learn's 1,797 handwritten digits, 8×8 grey: always here."""

    kind: Literal["digits"] = "digits"


class Stored(_Source):
    """A data set in the storage folder: imported from a folder or a zip, or downloaded.

    Attributes:
        key: its folder's name below `datasets/`.
    """

    kind: Literal["stored"] = "stored"
    key: str = Field(pattern=r"^[0-9a-z][0-9a-z-]{0,60}$")


class Folder(_Source):
    """A folder or zip of pictures anywhere on this machine, read anew each time. For the command line."""

    kind: Literal["folder"] = "folder"
    path: Path


class EnrolledFaces(_Source):
    """The face crops of everybody enrolled; each person is a class."""

    kind: Literal["faces"] = "faces"


Source = Annotated[Digits | Stored | Folder | EnrolledFaces, Field(discriminator="kind")]


class DataChoice(BaseModel):
    """The pictures of an experiment.

    Attributes:
        source: where they come from.
        classes: only these, in this order; None takes all.
        limit: training pictures of each class at most, chosen by the split's seed; None takes all.
        side: height and width that pictures are resized to; None leaves what the source has.
        shift: moves every test picture at random by up to so many pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Source = Digits()
    classes: tuple[str, ...] | None = Field(None, min_length=2)
    limit: int | None = Field(None, ge=1, title="Pictures a class", description="At most; empty takes all")
    side: int | None = Field(None, ge=8, le=512, title="Side", description="Of a picture, in pixels")
    shift: int = Field(0, ge=0, le=32, title="Shift of the test pictures", description="At random, in pixels, at most")
