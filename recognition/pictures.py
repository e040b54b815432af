"""Reading and writing pictures safely. Everything behind this module sees upright RGB of a bounded size."""

import io
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from recognition.errors import PictureError

Picture = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB, 0 to 255, upright."""

MAX_PIXELS = 50_000_000
"""Pictures above this are refused before they are decoded: 50 megapixels are 150 MB of memory."""

MAX_SIDE = 1920
"""Longer sides are shrunk on reading: no face worth enrolling needs more, and detection time grows with the area."""

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif"})


def is_picture_file(parts: tuple[str, ...]) -> bool:
    """Whether a path, by its parts, names a picture that a person put there: systems add hidden ones of their own."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return not hidden and PurePosixPath(parts[-1]).suffix.lower() in SUFFIXES


def read_picture(source: bytes | Path, name: str | None = None) -> Picture:
    """Decode a picture file: upright by its EXIF tag, RGB, the longer side at most `MAX_SIDE`.

    Args:
        source: the file's bytes or its path.
        name: what to call it in error messages; the path's own name by default.

    Raises:
        PictureError: not a picture, truncated, or more than `MAX_PIXELS`.
    """
    label = name or (source.name if isinstance(source, Path) else "the picture")
    try:
        stream: BinaryIO = source.open("rb") if isinstance(source, Path) else io.BytesIO(source)
    except OSError as error:
        raise PictureError(f"{label} can't be opened: {error.strerror or error}.") from error
    with stream:
        try:
            with Image.open(stream, formats=FORMATS) as image:
                _refuse_too_large(image.size, label)
                # Lets JPEG decode straight to a smaller size, which bounds time and memory.
                image.draft("RGB", (MAX_SIDE, MAX_SIDE))
                upright = ImageOps.exif_transpose(image)
                upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
                return np.ascontiguousarray(np.asarray(_as_rgb(upright)))
        except UnidentifiedImageError as error:
            raise PictureError(f"{label} is not a picture we can read (JPEG, PNG, WebP, BMP, TIFF, GIF).") from error
        except Image.DecompressionBombError as error:
            raise PictureError(_too_large_message(label)) from error
        except PictureError:
            raise
        # Damaged files make Pillow throw all kinds of errors: TypeError, AttributeError and struct.error from EXIF tags.
        except Exception as error:
            raise PictureError(f"{label} is damaged or incomplete and can't be read.") from error


def decode_frame(jpeg: bytes, max_pixels: int = 1920 * 1080) -> Picture:
    """Decode one JPEG camera frame, fast. The size in its header is checked before any pixel is decoded.

    Raises:
        PictureError: not a JPEG, broken, or more than `max_pixels`.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as header:
            width, height = header.size
    except Image.DecompressionBombError as error:
        raise PictureError("The camera frame is far too large.") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise PictureError("The camera frame is not a JPEG picture.") from error
    if width * height > max_pixels:
        raise PictureError(f"The camera frame has {width}×{height} pixels; at most {max_pixels:,} are taken.")
    frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    if frame is None:
        raise PictureError("The camera frame is a damaged JPEG picture.")
    return np.asarray(frame, dtype=np.uint8)


def encode_jpeg(picture: Picture, quality: int = 92) -> bytes:
    """Encode (H, W, 3) uint8 RGB as JPEG, without any metadata."""
    return _encode(picture, "JPEG", quality=quality, subsampling=0)


def encode_png(picture: Picture) -> bytes:
    """Encode (H, W, 3) uint8 RGB as PNG, losslessly and without any metadata."""
    return _encode(picture, "PNG")


def thumbnail(source: bytes, side: int) -> bytes:
    """A picture file as a small JPEG whose longer side is `side` at most.

    Raises:
        PictureError: not a picture that can be read.
    """
    picture = Image.fromarray(read_picture(source))
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    return encode_jpeg(np.asarray(picture), quality=85)


def _encode(picture: Picture, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, kind, **options)
    return out.getvalue()


def _as_rgb(image: Image.Image) -> Image.Image:
    """Greyscale, 16-bit, CMYK, palette and transparent pictures as plain RGB (transparency over white)."""
    if image.mode.startswith(("I", "F")):
        # 16-bit and float pictures: Pillow's own conversion clips at 255, so scale first.
        values = np.asarray(image, dtype=np.float64)
        top = 65535.0 if image.mode.startswith("I") else max(float(values.max(initial=0.0)), 1e-9)
        return Image.fromarray(np.clip(values / top * 255.0, 0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    return image.convert("RGB")


def _refuse_too_large(size: tuple[int, int], label: str) -> None:
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError(_too_large_message(label))


def _too_large_message(label: str) -> str:
    return f"{label} has more than {MAX_PIXELS // 1_000_000} megapixels. Make it smaller and try again."
