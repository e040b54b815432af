"""What `gallery.json` in an exported gallery looks like: plain data, checked when read, never pickled objects."""

import base64
import binascii
from typing import Annotated, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    field_validator,
    model_validator,
)

from recognition.errors import InvalidNameError
from recognition.gallery.encoded import unpack
from recognition.gallery.names import clean_name
from recognition.gallery.records import (
    MAX_NETWORK_KEY,
    PhotoQuality,
    check_landmarks,
    check_source,
    check_vector,
)

VERSION: Final = 1

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Coordinate = Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]
_Point = tuple[_Coordinate, _Coordinate]


class _Strict(BaseModel):
    # Inputs are names: they have no place in an error message.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Header(BaseModel):
    """The part that every version has. The rest is looked at only when the version is known."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    format: Literal["familiar-gallery"]
    version: int


class ArchivedPhoto(_Strict):
    """A photo; its files lie in the zip where they lie in a storage folder.

    `templates` are base64 of little-endian float32, by network key; `quality` is as `PhotoQuality`.
    """

    sha256: _Hash
    crop_sha256: _Hash
    landmarks: tuple[_Point, _Point, _Point, _Point, _Point]
    source: str
    created_at: AwareDatetime
    quality: PhotoQuality
    templates: dict[Annotated[str, Field(min_length=1, max_length=MAX_NETWORK_KEY)], str]

    @field_validator("source")
    @classmethod
    def _known_source(cls, source: str) -> str:
        check_source(source)
        return source

    @model_validator(mode="after")
    def _numbers_make_sense(self) -> Self:
        check_landmarks(self.points())
        for vector in self.vectors().values():
            check_vector(vector)
        return self

    def points(self) -> NDArray[np.float32]:
        """The landmarks, (5, 2) float32."""
        return np.array(self.landmarks, dtype=np.float32)

    def vectors(self) -> dict[str, NDArray[np.float32]]:
        """The templates, (D,) float32 by network key."""
        return {network: from_text(text) for network, text in self.templates.items()}


class ArchivedPerson(_Strict):
    """A person with photos."""

    name: str
    created_at: AwareDatetime
    consented_at: AwareDatetime
    photos: list[ArchivedPhoto]

    @field_validator("name")
    @classmethod
    def _clean(cls, name: str) -> str:
        try:
            return clean_name(name)
        except InvalidNameError as error:
            raise ValueError(str(error)) from error


class GalleryDocument(_Strict):
    """All of `gallery.json`."""

    format: Literal["familiar-gallery"] = "familiar-gallery"
    version: Literal[1] = VERSION
    people: list[ArchivedPerson]


def to_text(packed: bytes) -> str:
    """A packed vector as base64."""
    return base64.b64encode(packed).decode("ascii")


def from_text(text: str) -> NDArray[np.float32]:
    """The (D,) float32 vector of a base64 text. ValueError if it is none."""
    try:
        return unpack(base64.b64decode(text, validate=True), 1).reshape(-1)
    except binascii.Error as error:
        raise ValueError("a template is not base64") from error
