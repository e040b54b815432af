"""The kinds of training that a job can be. Each is one module that registers itself; jobs know nothing else of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from recognition.gallery import Gallery
from training.errors import JobError
from training.loop.observer import EpochRecord, Observer

Settings = TypeVar("Settings", bound=BaseModel)


@dataclass(frozen=True)
class JobContext(Generic[Settings]):
    """What a kind of training is given to run.

    Attributes:
        gallery, storage: whose photos, and where models are kept.
        settings: of the training.
        name: what to call what it makes; None leaves it to the kind.
        checkpoints: the job's folder for them. One that is there already is gone on from: the job is resumed.
        observer: gets every step and epoch. It raises CancelledError when a person stops the job.
        check_cancelled: raises CancelledError when a person has stopped the job; for work before the first step.
        claim_photos: writes down that the job reads the photos now in the gallery, so that deleting one of them stops it. To
            be called before photos are read, and again after. Raises DataError when one that was claimed is gone.
        keep_history: writes down all epochs; to be called with the whole history in the end, because a process that was killed
            may have left some of them out.
    """

    gallery: Gallery
    storage: Path
    settings: Settings
    name: str | None
    checkpoints: Path
    observer: Observer
    check_cancelled: Callable[[], None]
    claim_photos: Callable[[], None]
    keep_history: Callable[[Sequence[EpochRecord]], None]


class Kind(Protocol[Settings]):
    """A kind of training.

    Attributes:
        key: in the rows of jobs; never changes.
        settings: the class that validates its settings, which no other kind has.
    """

    @property
    def key(self) -> str: ...

    @property
    def settings(self) -> type[Settings]: ...

    def epochs(self, settings: Settings) -> int:
        """How many epochs it takes at most."""
        ...

    def clean_name(self, name: str, storage: Path) -> str:
        """A name as what it makes can have it.

        Raises:
            TrainingError, InvalidNameError: it is taken or not usable.
        """
        ...

    def check(self, settings: Settings, gallery: Gallery, storage: Path) -> None:
        """Refuse what can't become a training, before a process is started for it.

        Raises:
            RecognitionError: says what is missing.
        """
        ...

    def run(self, context: JobContext[Settings]) -> str:
        """Train, keep the result, and return its key.

        Raises:
            CancelledError: the observer stopped it.
            DataError: photos it began with are gone; nothing it learned is kept.
            RecognitionError: it can't go on; says why.
        """
        ...


_KINDS: dict[str, Kind[Any]] = {}


def register(kind: Kind[Any]) -> None:
    """Make a kind known; the same key replaces it."""
    _KINDS[kind.key] = kind


def find_kind(key: str) -> Kind[Any]:
    """The kind with this key.

    Raises:
        JobError: this version of the app has none.
    """
    try:
        return _KINDS[key]
    except KeyError:
        raise JobError(f"This version of the app knows no training of the kind {key!r}.") from None


def kind_of(settings: BaseModel) -> Kind[Any]:
    """The kind whose settings these are.

    Raises:
        JobError: no registered one's.
    """
    for kind in _KINDS.values():
        if isinstance(settings, kind.settings):
            return kind
    raise JobError(f"This version of the app knows no training with {type(settings).__name__}.")
