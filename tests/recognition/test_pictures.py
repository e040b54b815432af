import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from recognition import pictures
from recognition.errors import PictureError
from recognition.pictures import decode_frame, encode_jpeg, encode_png, read_picture


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def test_png_comes_back_as_it_was(astronaut: NDArray[np.uint8]) -> None:
    assert np.array_equal(read_picture(encode_png(astronaut)), astronaut)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("RGBA", "PNG"), ("P", "PNG"), ("CMYK", "JPEG"), ("LA", "PNG"), ("L", "JPEG")],
)
def test_every_colour_mode_becomes_rgb(astronaut: NDArray[np.uint8], mode: str, kind: str) -> None:
    original = Image.fromarray(astronaut)
    read = read_picture(saved(original.convert(mode), kind))
    assert read.shape == astronaut.shape
    assert read.dtype == np.uint8
    # Still the same picture: its grey values correlate with the original's.
    grey = np.asarray(original.convert("L"), float).ravel()
    assert np.corrcoef(read.mean(axis=2).ravel(), grey)[0, 1] > 0.7


def test_sixteen_bit_greyscale_keeps_its_brightness(astronaut: NDArray[np.uint8]) -> None:
    grey = np.asarray(Image.fromarray(astronaut).convert("L"))
    deep = Image.fromarray(grey.astype(np.uint16) * 257)
    assert np.abs(read_picture(saved(deep, "PNG"))[..., 0].astype(int) - grey).max() <= 1


def test_transparent_parts_become_white() -> None:
    clear = Image.new("RGBA", (60, 60), (255, 0, 0, 0))
    assert (read_picture(saved(clear, "PNG")) == 255).all()


def test_a_photo_is_turned_upright_by_its_exif_tag(astronaut: NDArray[np.uint8]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it rotated by 90° clockwise
    lying = Image.fromarray(astronaut).rotate(90, expand=True)
    upright = read_picture(saved(lying, "JPEG", exif=exif, quality=95))
    assert np.abs(upright.astype(int) - astronaut).mean() < 4


def test_large_photos_are_shrunk() -> None:
    big = Image.new("RGB", (4000, 1000), "green")
    assert read_picture(saved(big, "JPEG")).shape == (480, pictures.MAX_SIDE, 3)


def test_a_hundred_megapixels_are_refused_before_decoding() -> None:
    # A PNG of one colour: 12 kB that would become 300 MB.
    bomb = saved(Image.new("1", (10_000, 10_000)), "PNG")
    with pytest.raises(PictureError, match="megapixels"):
        read_picture(bomb, "bomb.png")


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xd8\xff", b"%PDF-1.7", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 50])
def test_what_is_not_a_picture_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(PictureError, match=r"notes\.txt"):
        read_picture(content, "notes.txt")


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [
        (0x010E, 11, struct.pack("<f", 0.5)),  # the description, a text, as a float: AttributeError in Pillow
        (0x011A, 2, b"no\0\0"),  # the resolution, a fraction, as a text: TypeError
        (0x0100, 11, struct.pack("<f", 0.5)),  # the width, an integer, as a float: struct.error
    ],
)
def test_a_photo_whose_exif_tags_have_wrong_types_is_refused(
    astronaut: NDArray[np.uint8], tag: int, kind: int, value: bytes
) -> None:
    turned = struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    wrong = struct.pack("<HHI", tag, kind, len(value) if kind == 2 else 1) + value
    entries = b"".join(sorted((turned, wrong), key=lambda entry: struct.unpack("<H", entry[:2])))
    exif = b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    with pytest.raises(PictureError, match=r"photo\.jpg is damaged"):
        read_picture(saved(Image.fromarray(astronaut), "JPEG", exif=exif), "photo.jpg")


def test_a_truncated_jpeg_is_refused(astronaut: NDArray[np.uint8]) -> None:
    with pytest.raises(PictureError, match="damaged or incomplete"):
        read_picture(encode_jpeg(astronaut)[:9000], "half.jpg")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"nobody\.jpg can't be opened"):
        read_picture(tmp_path / "nobody.jpg")


@given(st.binary(max_size=300))
def test_random_bytes_never_crash_the_readers(content: bytes) -> None:
    for reader in (read_picture, decode_frame):
        with pytest.raises(PictureError):
            reader(content)


def test_frames_are_decoded_as_rgb(astronaut: NDArray[np.uint8]) -> None:
    frame = decode_frame(encode_jpeg(astronaut, quality=95))
    assert np.abs(frame.astype(int) - astronaut).mean() < 4


def test_a_frame_that_is_too_large_is_refused_by_its_header() -> None:
    with pytest.raises(PictureError, match="8000×6000"):
        decode_frame(saved(Image.new("L", (8000, 6000)), "JPEG"))


def test_a_frame_whose_header_claims_gigapixels_is_refused(astronaut: NDArray[np.uint8]) -> None:
    jpeg = bytearray(encode_jpeg(astronaut))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = b"\xfd\xe8\xfd\xe8"  # 65,000 × 65,000
    with pytest.raises(PictureError, match="far too large"):
        decode_frame(bytes(jpeg))


def test_a_damaged_frame_is_refused(astronaut: NDArray[np.uint8]) -> None:
    header_only = encode_jpeg(astronaut)[:700]
    with pytest.raises(PictureError):
        decode_frame(header_only)
