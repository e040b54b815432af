"""The errors this package raises on purpose. `str(error)` is a sentence the person at the screen can act on."""


class RecognitionError(Exception):
    """Base of all errors below; pages and the command line turn it into a message."""


class PictureError(RecognitionError):
    """A file or frame that can't be read as a picture, or is larger than we accept."""


class ArchiveError(RecognitionError):
    """A zip file that is damaged, unsafe (bomb, path traversal) or laid out in a way we can't use."""


class InvalidNameError(RecognitionError):
    """A person's name that is empty, too long or holds control characters."""


class GalleryError(RecognitionError):
    """Something about the stored people, photos and templates."""


class NameTakenError(GalleryError):
    """Another person already has this name (names are compared without case)."""


class NotEnrolledError(GalleryError):
    """The person or photo asked for is not (or no longer) in the gallery."""


class StorageError(GalleryError):
    """The storage folder or database can't be read or written: missing, read-only, full."""


class GalleryBusyError(GalleryError):
    """The database stayed locked by another process for too long; trying again is safe."""


class NetworkError(RecognitionError):
    """Something about a pretrained network and its weights."""


class WeightsMissingError(NetworkError):
    """The network's weights are not on this machine yet."""


class WeightsCorruptError(NetworkError):
    """A weights file that fails its checksum or does not fit the network; it is never loaded."""


class DownloadError(NetworkError):
    """A download that stopped: no connection, wrong answer, wrong size. What has arrived is kept for a resume."""


class CancelledError(RecognitionError):
    """Work that was stopped because a person asked for it."""
