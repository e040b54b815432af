"""The errors of what looks into networks. `str(error)` is a sentence the person at the screen can act on."""

from recognition.errors import RecognitionError


class InspectionError(RecognitionError):
    """Base of the errors of this package."""


class FitError(InspectionError):
    """Sizes that don't go together: stride 0, a kernel larger than the picture, a dense layer after maps."""


class NotAnImageError(InspectionError):
    """A layer whose output has no height and width to draw (dense, flatten, 1×1 maps)."""
