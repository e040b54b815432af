"""How an exported gallery lists people: plain data, checked when read, never pickled objects.

Version 2 (written since 2026-11): `gallery.json` is a `Header`; `people.jsonl` has one `Line` of JSON for each person, followed
by one for each of the person's photos, so that a list of any length is read in little memory. Version 1: `gallery.json` is a
`DocumentV1`, everything in one piece.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Annotated, Final, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeInt,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from recognition.errors import ArchiveError, InvalidNameError
from recognition.gallery.encoded import unpack
from recognition.gallery.records import (
    MAX_NETWORK_KEY,
    PhotoQuality,
    check_landmarks,
    check_source,
    check_vector,
)
from recognition.names import clean_name
from recognition.safe_zip import MIB
from recognition.zip_contents import GALLERY_MANIFEST

HEADER = GALLERY_MANIFEST
PEOPLE = "people.jsonl"
"""The files of the list within the zip."""

VERSION: Final = 2

V1_BYTES = 64 * MIB
"""What `gallery.json` may have. Longer lists need version 2. See docs/decisions.md, "Format of an exported gallery"."""

LINE_BYTES = MIB
"""What a line of `people.jsonl` may have: a photo takes 600 bytes, and 3,000 for each network."""

_BYTES_PER_VALUE = 16
"""At least so many for each comma and bracket outside of strings. See docs/decisions.md, "Format of an exported gallery"."""

_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[{,]', re.DOTALL)

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Coordinate = Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]
_Point = tuple[_Coordinate, _Coordinate]


class _Strict(BaseModel):
    # Inputs are names: they have no place in an error message.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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
    photos: list[ArchivedPhoto] = []

    @field_validator("name")
    @classmethod
    def _clean(cls, name: str) -> str:
        try:
            return clean_name(name)
        except InvalidNameError as error:
            raise ValueError(str(error)) from error


class DocumentV1(_Strict):
    """All of `gallery.json` in version 1."""

    format: Literal["familiar-gallery"]
    version: Literal[1]
    people: list[ArchivedPerson]


class Header(_Strict):
    """All of `gallery.json` in version 2. `photos`: how many `people.jsonl` lists."""

    format: Literal["familiar-gallery"] = "familiar-gallery"
    version: Literal[2] = VERSION
    photos: NonNegativeInt


class Line(_Strict):
    """A line of `people.jsonl`: a person without the photos, or a photo of the person before."""

    person: ArchivedPerson | None = None
    photo: ArchivedPhoto | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.person is None) == (self.photo is None):
            raise ValueError("a line has either a person or a photo")
        return self


_Document: TypeAdapter[DocumentV1 | Header] = TypeAdapter(Annotated[DocumentV1 | Header, Field(discriminator="version")])


def read_header(text: bytes) -> DocumentV1 | Header:
    """Parse `gallery.json`.

    Raises:
        ArchiveError: damaged, of a newer version, or made to take much more memory than a list of people does.
    """
    _refuse_crowded(text)
    try:
        return _Document.validate_python(json.loads(text))
    except ValidationError as error:
        tag = error.errors(include_input=False)[0].get("ctx", {}).get("tag", "")
        if tag.isdecimal() and int(tag) > VERSION:
            raise ArchiveError("A newer version of the app made this zip. Update the app, then try again.") from error
        raise _damaged(error) from error
    except (ValueError, RecursionError) as error:
        raise ArchiveError("The list of people in this zip is damaged: it is not JSON.") from error


def read_people(lines: Iterable[bytes], promised: int) -> Iterator[ArchivedPerson]:
    """The people of `people.jsonl`, with their photos. Holds one of them at a time.

    Args:
        promised: how many photos the header announces.

    Raises:
        ArchiveError: damaged, or other than promised. Some people may have come before.
    """
    person: ArchivedPerson | None = None
    photos: list[ArchivedPhoto] = []
    for text in lines:
        try:
            line = Line.model_validate_json(text)
        except ValidationError as error:
            raise _damaged(error) from error
        if line.person:
            if person:
                yield person.model_copy(update={"photos": photos})
            person, photos = line.person, []
        elif line.photo and person and promised:
            photos.append(line.photo)
            promised -= 1
        else:
            raise ArchiveError("The list of people in this zip is damaged: it has a photo of nobody, or one too many.")
    if promised:
        raise ArchiveError("The list of people in this zip is incomplete. Export the gallery again.")
    if person:
        yield person.model_copy(update={"photos": photos})


def write_people(people: Iterable[ArchivedPerson]) -> Iterator[bytes]:
    """The lines of `people.jsonl`, each with its end."""
    for person in people:
        bare = Line(person=person.model_copy(update={"photos": []}))
        for line in (bare, *(Line(photo=photo) for photo in person.photos)):
            yield line.model_dump_json(exclude_defaults=True).encode() + b"\n"


def _refuse_crowded(text: bytes) -> None:
    """Refuse JSON of far more values than people and photos have, before a parser makes an object of each."""
    allowed = max(len(text) // _BYTES_PER_VALUE, 1024)
    if sum(map(text.count, (b"[", b"{", b","))) <= allowed:
        return
    # Names may be full of brackets, so strings don't count.
    marks = (token for token in _TOKEN.finditer(text) if token[0][:1] != b'"')
    if next(islice(marks, allowed, None), None):
        raise ArchiveError("The list of people in this zip is damaged: it is not one that the app writes.")


def _damaged(error: ValidationError) -> ArchiveError:
    return ArchiveError(f"The list of people in this zip is damaged in {error.error_count()} places.")


def to_text(packed: bytes) -> str:
    """A packed vector as base64."""
    return base64.b64encode(packed).decode("ascii")


def from_text(text: str) -> NDArray[np.float32]:
    """The (D,) float32 vector of a base64 text. ValueError if it is none."""
    try:
        return unpack(base64.b64decode(text, validate=True), 1).reshape(-1)
    except binascii.Error as error:
        raise ValueError("a template is not base64") from error
