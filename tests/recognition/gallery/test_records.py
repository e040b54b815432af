"""The border refuses what does not fit, and says what it expected."""

from dataclasses import Field, fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from recognition.gallery import Gallery, TemplateSet
from recognition.gallery.archive_format import from_text, to_text
from recognition.gallery.encoded import pack, unpack
from recognition.gallery.records import UNIT_TOLERANCE, check_vector
from recognition.safe_zip import ZipLimits
from tests.recognition.gallery.photos import LANDMARKS, NETWORK, QUALITY, face, photo, unit


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"picture": face().astype(np.float32)}, "picture must be .H, W, 3. uint8, got .192, 192, 3. float32"),
        ({"picture": face()[:0]}, "got .0, 192, 3."),
        ({"crop": face()[:, :, 0]}, "crop must be .H, W, 3. uint8, got .192, 192."),
        ({"crop": face()[:100]}, "crop must have 192×192 pixels, got 192×100"),
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


@given(st.sampled_from(fields(QUALITY)), st.floats())
def test_a_quality_is_a_finite_number_of_its_range_or_refused(field: Field[float], value: float) -> None:
    ranges = {"detection_score": (0, 1), "face_pixels": (0, 1e6), "sharpness": (0, 1), "brightness": (0, 255)}
    low, high = ranges.get(field.name, (-180, 180))
    try:
        quality = replace(QUALITY, **{field.name: value})
    except ValueError:
        assert not low <= value <= high
    else:
        assert low <= getattr(quality, field.name) == value <= high


@given(arrays(np.float32, st.tuples(st.integers(0, 9), st.integers(1, 9)), elements=st.floats(width=32, allow_nan=False)))
def test_numbers_come_back_from_bytes_and_text_bit_for_bit(numbers: NDArray[np.float32]) -> None:
    packed = pack(numbers)
    assert unpack(packed, numbers.shape[1]).tobytes() == numbers.tobytes()
    assert from_text(to_text(packed)).tobytes() == numbers.tobytes()


@given(st.floats(1e-3, 1e3), st.integers(1, 600), st.integers(0, 9))
def test_a_template_has_length_one(length: float, size: int, seed: int) -> None:
    vector = (unit(seed, size) * length).astype(np.float32)
    if abs(length - 1) < 0.9 * UNIT_TOLERANCE:
        check_vector(vector)
    elif abs(length - 1) > 1.1 * UNIT_TOLERANCE:
        with pytest.raises(ValueError, match="length 1"):
            check_vector(vector)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"vectors": np.ones(2, np.float32)}, "vectors must be .N, D. float32, got .2,. float32"),
        ({"vectors": np.ones((2, 4))}, "float64"),
        ({"person_ids": np.array([1], np.int64)}, "person_ids must be .2,. int64, got .1,. int64"),
        ({"photo_ids": np.array([1, 2], np.int32)}, "photo_ids must be .2,. int64, got .2,. int32"),
    ],
)
def test_a_set_of_templates_that_does_not_fit_is_refused(change: dict[str, Any], message: str) -> None:
    ids = np.array([1, 2], np.int64)
    good = TemplateSet(ids, ids, np.stack([unit(1), unit(2)]), {1: "Ada", 2: "Bob"}, revision=1)
    with pytest.raises(ValueError, match=message):
        replace(good, **change)


@pytest.mark.parametrize("limit", ["entries", "entry_bytes", "total_bytes"])
def test_limits_of_nothing_are_refused(limit: str) -> None:
    with pytest.raises(ValueError, match=f"1 or more, got .*{limit}=0"):
        ZipLimits(**{limit: 0})


def test_vectors_are_checked_before_they_are_stored(gallery: Gallery) -> None:
    with pytest.raises(ValueError, match="length 1"):
        gallery.put_templates(NETWORK, {1: np.zeros(128, np.float32)})
