"""The error of compression. `str(error)` is a sentence the person at the screen can act on."""

from training.errors import TrainingError


class CompressionError(TrainingError):
    """A network that can't be compressed as asked: nothing would be left, or a layer that a method doesn't know."""
