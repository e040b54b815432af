"""The errors of training. `str(error)` is a sentence the person at the screen can act on."""

from recognition.errors import RecognitionError


class TrainingError(RecognitionError):
    """Training can't start or go on: too few people, numbers that run away, a full disk."""


class DataError(TrainingError):
    """The faces to learn from are too few, unreadable or not what they were."""


class CheckpointError(TrainingError):
    """A checkpoint or model file that is damaged, of something else, or can't be written."""


class JobError(TrainingError):
    """A training job that can't be started, or is not there."""


class EvaluationError(TrainingError):
    """Pictures or a list of pairs that an evaluation can't be run on; says which and why."""


class SearchError(TrainingError):
    """A search that can't be made, run or read; says why."""
