"""Methods by their names."""

import pytest
from pydantic import ValidationError

from training.compression.errors import CompressionError
from training.compression.settings import CompressionSettings, FaceSubject
from training.compression.steps import STEPS, Choices, name_of, title_of


@pytest.mark.parametrize("name", [*STEPS, "channels+static", "distil+aware", "weights+dynamic", "channels+weights+onnx"])
def test_a_method_keeps_its_name(name: str) -> None:
    method = Choices().method(name)
    assert name_of(method) == name
    assert title_of(method)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("shrink", "no method 'shrink'"),
        ("static+channels", "come last"),
        ("channels+distil", "comes first"),
        ("weights+aware", "fill the zeros"),
    ],
)
def test_steps_that_can_not_follow_each_other_are_refused(name: str, reason: str) -> None:
    with pytest.raises(CompressionError, match=reason):
        Choices().method(name)


def test_a_student_is_smaller_than_its_teacher() -> None:
    with pytest.raises(ValidationError):
        Choices(share=0.0)
    with pytest.raises(ValidationError):
        Choices(share=1.0)


def test_each_method_is_tried_once() -> None:
    method = Choices().method("static")
    with pytest.raises(ValidationError, match="once"):
        CompressionSettings(subject=FaceSubject(), methods=(method, method))
