"""What the playground can't do. `str(error)` is a sentence the person at the screen can act on."""

from training.errors import TrainingError


class PlaygroundError(TrainingError):
    """Points or numbers that nothing can be learned or calculated from."""
