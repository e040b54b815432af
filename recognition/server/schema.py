"""Every message between the camera component and the server.

The conversation on `/api/live?token=…`:

1. The server accepts and sends `hello`. In an enrollment session `round` follows at once.
2. The camera sends a frame: a binary message of 4 bytes, an unsigned little-endian sequence number, then one
   JPEG.
3. The server answers with `result`, which repeats the sequence number. The camera sends its next frame when
   the answer has come. One that sends ahead is not queued: only the newest waiting frame is looked at, older
   ones get no answer.
4. `round` follows a result whenever the enrollment round has changed.
5. `appearances` follows a result, in a session that lists who was in view, whenever a row began, was named or dropped.
6. The camera may send `{"type": "discard", "photo": id}` at any time; a `round` follows.
7. `error` tells what went wrong. If it is fatal the server then closes with a code from `CloseCode` and the
   same sentence as the reason. After one that isn't, the camera goes on.

Coordinates are pixels of the frame that was sent, times are milliseconds.
"""

import base64
import struct
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from recognition.server.errors import FrameTooLargeError, MessageError
from recognition.session import Appearance, FrameResult, Guess, Pose, RoundState, SeenFace

PROTOCOL_VERSION = 1

MAX_FRAME_BYTES = 2_000_000
"""A 1080p JPEG at quality 95 is about 1 MB; the component sends about 50 kB."""

MAX_FRAME_PIXELS = 1920 * 1080
"""More pixels find no more faces: the component itself shrinks to 640 before it sends."""

MAX_TEXT_BYTES = 1_000
"""The only text message carries one photo id."""

_HEADER = struct.Struct("<I")

Number = Annotated[float, Field(allow_inf_nan=False)]
Box = tuple[Number, Number, Number, Number]
Point = tuple[Number, Number]


class Message(BaseModel):
    """Base of all messages: immutable, and unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Discard(Message):
    """Camera → server: throw away a photo of the round."""

    type: Literal["discard"] = "discard"
    photo: Annotated[str, Field(min_length=1, max_length=100)]


ClientMessage = Discard
"""The text messages a camera may send. A second kind makes this a union discriminated by `type`, as
`ServerMessage` is."""


class Limits(Message):
    """What the server takes at most."""

    max_frame_bytes: int = MAX_FRAME_BYTES
    max_pixels: int = MAX_FRAME_PIXELS


class Hello(Message):
    """Server → camera, first: who speaks here."""

    type: Literal["hello"] = "hello"
    version: int = PROTOCOL_VERSION
    kind: Literal["live", "enroll"]
    limits: Limits = Limits()


class Face(Message):
    """A face of a `Result`. `name` is None for unknown, `score` and `confidence` as long as nothing is
    known. `appearance` is the number of its row in `Appearances`."""

    track: int
    box: Box
    landmarks: tuple[Point, Point, Point, Point, Point]
    name: str | None
    score: Number | None
    confidence: Number | None
    appearance: int | None

    @classmethod
    def of(cls, face: SeenFace) -> Self:
        # A tenth of a pixel is below what can be seen and halves the message.
        x1, y1, x2, y2 = (round(v, 1) for v in face.box.tolist())
        a, b, c, d, e = ((round(x, 1), round(y, 1)) for x, y in face.landmarks.tolist())
        return cls(
            track=face.track,
            box=(x1, y1, x2, y2),
            landmarks=(a, b, c, d, e),
            name=face.name,
            score=None if face.score is None else round(face.score, 4),
            confidence=None if face.confidence is None else round(face.confidence, 4),
            appearance=face.appearance,
        )


class Hint(Message):
    """What the person should do now: `recognition.session.Guidance` on the wire."""

    code: str
    text: str
    good: bool


class Prediction(Message):
    """What a network takes the frame for: `recognition.session.Guess` on the wire. `seen` is a data URL, `probabilities` are
    pairs because the order counts."""

    region: tuple[int, int, int, int]
    seen: str
    probabilities: tuple[tuple[str, Number], ...]

    @classmethod
    def of(cls, guess: Guess) -> Self:
        return cls(
            region=guess.region,
            seen="data:image/png;base64," + base64.b64encode(guess.seen).decode(),
            probabilities=tuple((name, round(share, 4)) for name, share in guess.probabilities.items()),
        )


class Result(Message):
    """Server → camera: the answer to frame `seq`.

    `timings` holds the session's own stages and `wait` (from arrival to start), `decode` and `total` (from
    arrival to answer).
    """

    type: Literal["result"] = "result"
    seq: int
    size: tuple[int, int]
    faces: tuple[Face, ...]
    guidance: Hint | None
    guess: Prediction | None
    timings: dict[str, float]

    @classmethod
    def of(cls, seq: int, result: FrameResult, timings: Mapping[str, float]) -> Self:
        """`timings` in milliseconds replace the session's own of the same name."""
        hint = result.guidance
        return cls(
            seq=seq,
            size=result.size,
            faces=tuple(Face.of(face) for face in result.faces),
            guidance=hint and Hint(code=hint.code, text=hint.text, good=hint.good),
            guess=result.guess and Prediction.of(result.guess),
            timings={name: round(ms, 2) for name, ms in {**result.timings, **timings}.items()},
        )


class Photo(Message):
    """A kept photo of the round; `thumbnail` is a data URL."""

    id: str
    pose: Pose
    thumbnail: str


class Round(Message):
    """Server → camera: where the enrollment round stands, whenever that has changed."""

    type: Literal["round"] = "round"
    taken: dict[Pose, int]
    wanted: dict[Pose, int]
    wanted_next: Pose | None
    complete: bool
    photos: tuple[Photo, ...]

    @classmethod
    def of(cls, state: RoundState) -> Self:
        return cls(
            taken=dict(state.taken),
            wanted=dict(state.wanted),
            wanted_next=state.wanted_next,
            complete=state.complete,
            photos=tuple(
                Photo(
                    id=photo.id,
                    pose=photo.pose,
                    thumbnail="data:image/jpeg;base64," + base64.b64encode(photo.thumbnail).decode(),
                )
                for photo in state.photos
            ),
        )


class AppearanceRow(Message):
    """One stay in view: `recognition.session.Appearance` on the wire. `name` is None for unknown, `first` and `last` are
    seconds of Unix time, `face` is a data URL, None where this connection has it already."""

    id: int
    name: str | None
    first: float
    last: float
    face: str | None

    @classmethod
    def of(cls, row: Appearance, *, with_face: bool) -> Self:
        return cls(
            id=row.id,
            name=row.name,
            first=round(row.first_seen.timestamp(), 2),
            last=round(row.last_seen.timestamp(), 2),
            face="data:image/jpeg;base64," + base64.b64encode(row.face).decode() if with_face else None,
        )


class Appearances(Message):
    """Server → camera: who was in view, newest first. `now` is the server's Unix time in seconds. A row that goes on
    grows with the results that name it, and is not sent again for that."""

    type: Literal["appearances"] = "appearances"
    now: float
    rows: tuple[AppearanceRow, ...]


class ErrorMessage(Message):
    """Server → camera: something went wrong. `code` is stable, `text` is for reading."""

    type: Literal["error"] = "error"
    code: str
    text: str
    fatal: bool = False


ServerMessage = Annotated[Hello | Result | Round | Appearances | ErrorMessage, Field(discriminator="type")]


def parse_text(text: str) -> ClientMessage:
    """Read a text message of a camera.

    Raises:
        MessageError: not JSON, or not one of `ClientMessage`.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise MessageError("The camera sent a text message that is too long.")
    try:
        return _CLIENT.validate_json(text)
    except ValidationError as error:
        raise MessageError("The camera sent a message the server doesn't understand. Reload the page.") from error


def parse_frame(data: bytes) -> tuple[int, bytes]:
    """Split a binary message into its sequence number and the JPEG (not decoded yet).

    Raises:
        MessageError: shorter than the sequence number.
        FrameTooLargeError: more than `MAX_FRAME_BYTES`.
    """
    if len(data) > MAX_FRAME_BYTES:
        raise FrameTooLargeError(f"The camera sent {len(data) / 1e6:.1f} MB; at most {MAX_FRAME_BYTES / 1e6:.0f} MB are taken.")
    if len(data) < _HEADER.size:
        raise MessageError("The camera sent a frame without a sequence number.")
    (seq,) = _HEADER.unpack_from(data)
    return seq, data[_HEADER.size :]


def build_frame(seq: int, jpeg: bytes) -> bytes:
    """The binary message of a frame, as the camera component builds it: for tests, benchmarks and other
    clients."""
    return _HEADER.pack(seq) + jpeg


_CLIENT: TypeAdapter[ClientMessage] = TypeAdapter(ClientMessage)
