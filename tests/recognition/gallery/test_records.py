"""The border refuses what does not fit, and says what it expected."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recognition.gallery import Gallery
from tests.recognition.gallery.photos import LANDMARKS, NETWORK, QUALITY, face, photo, unit


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"picture": face().astype(np.float32)}, "picture must be .H, W, 3. uint8, got .150, 150, 3. float32"),
        ({"picture": face()[:0]}, "got .0, 150, 3."),
        ({"crop": face()[:, :, 0]}, "crop must be .H, W, 3. uint8, got .150, 150."),
        ({"crop": face()[:100]}, "crop must be square, got 150×100 pixels"),
        ({"landmarks": LANDMARKS[:4]}, "landmarks must be .5, 2. float32, got .4, 2."),
        ({"landmarks": LANDMARKS.astype(np.float64)}, "float64"),
        ({"landmarks": LANDMARKS * np.nan}, "finite"),
        ({"source": "telepathy"}, "one of camera, upload, command line, got 'telepathy'"),
        ({"templates": {NETWORK: unit(1) * 2}}, "length 1, got 2"),
        ({"templates": {NETWORK: unit(1) * np.nan}}, "length 1, got nan"),
        ({"templates": {NETWORK: unit(1)[None]}}, "must be .D,. float32, got .1, 128."),
        ({"templates": {"": unit(1)}}, "1 to 80 characters, got 0"),
    ],
)
def test_a_photo_that_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        photo(1, **change)


@pytest.mark.parametrize(
    ("field", "value"),
    [("detection_score", 1.1), ("face_pixels", -1), ("sharpness", float("nan")), ("brightness", 256), ("yaw", 181)],
)
def test_a_quality_outside_its_range_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} must be"):
        replace(QUALITY, **{field: value})


def test_vectors_are_checked_before_they_are_stored(gallery: Gallery) -> None:
    with pytest.raises(ValueError, match="length 1"):
        gallery.put_templates(NETWORK, {1: np.zeros(128, np.float32)})
