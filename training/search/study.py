"""Studies on disk: `studies/<id>/` in the storage folder, with `study.json` (what is searched, and how) and `trials.db` (what
was found). Both hold settings and numbers only, never weights or pictures: erasing a person leaves nothing of them here."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Annotated, Final, Literal

import filelock
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from recognition.errors import StorageError
from recognition.names import clean_name, name_key
from recognition.whole_files import write_whole
from training.errors import SearchError
from training.folders import Folders
from training.search.ledger import create_trials
from training.search.settings import StudySettings

RECORD: Final = "study.json"

StudyId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class Study(BaseModel):
    """One search: `study.json`.

    Attributes:
        id: its folder's name.
        name: of its own among all studies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    version: Literal[1] = 1
    id: StudyId
    name: str
    created_at: datetime
    settings: StudySettings


def folders(storage: Path) -> Folders:
    """Where studies are."""
    return Folders(storage / "studies", "studies")


def create_study(storage: Path, name: str, settings: StudySettings) -> Study:
    """Write down a new study; nothing is trained yet.

    Raises:
        InvalidNameError: empty, too long or with control characters.
        SearchError: there is one of this name.
        StorageError: it can't be written.
    """
    where = folders(storage)
    name = clean_name(name)
    with where.changing():
        if any(name_key(other.name) == name_key(name) for other in list_studies(storage)):
            raise SearchError(f"There is already a study called {name}. Choose another name, or go on with that one.")
        study = Study(id=secrets.token_hex(6), name=name, created_at=datetime.now(UTC), settings=settings)
        with where.adding(study.id) as folder:
            create_trials(folder)
            write_whole(folder / RECORD, study.model_dump_json(indent=1).encode())
    return study


def free_name(storage: Path) -> str:
    """What to call a study that nobody gave a name."""
    taken = {name_key(study.name) for study in list_studies(storage)}
    return next(name for number in count(1) if name_key(name := f"Study {number}") not in taken)


def list_studies(storage: Path) -> list[Study]:
    """All studies that can be read, newest first."""
    found = []
    for study_id in folders(storage).ids():
        with suppress(SearchError):
            found.append(read_study(storage, study_id))
    return sorted(found, key=lambda study: study.created_at, reverse=True)


def read_study(storage: Path, study_id: str) -> Study:
    """One study.

    Raises:
        SearchError: there is none with this id, or it is damaged.
    """
    # An id may come from an address, and must not lead out of the folder.
    if study_id not in folders(storage).ids():
        raise SearchError("This study is not there (any more).")
    try:
        return Study.model_validate_json((study_folder(storage, study_id) / RECORD).read_bytes())
    except OSError as error:
        raise SearchError(f"{RECORD} of the study {study_id} can't be read ({error.strerror or error}).") from error
    except ValidationError as error:
        raise SearchError(
            f"{RECORD} of the study {study_id} is damaged, or of another version of the app. Delete the study and start anew."
        ) from error


def find_study(storage: Path, text: str) -> Study:
    """The study a person means: by its id or its name, without regard to case.

    Raises:
        SearchError: there is none, or it is damaged.
    """
    if text in folders(storage).ids():
        return read_study(storage, text)
    for study in list_studies(storage):
        if name_key(study.name) == name_key(text):
            return study
    raise SearchError(f"There is no study called {text!r}.")


def delete_study(storage: Path, study_id: str) -> None:
    """Remove a study with its trials. What was trained from it stays.

    Raises:
        SearchError: it is running, or not there.
        StorageError: it can't be removed.
    """
    where = folders(storage)
    if study_id not in where.ids():
        raise SearchError("This study is not there (any more).")
    with running(storage, study_id), where.changing():
        where.remove(study_id)


def study_folder(storage: Path, study_id: str) -> Path:
    """Where a study is."""
    return folders(storage).root / study_id


@contextmanager
def running(storage: Path, study_id: str) -> Iterator[None]:
    """While a study runs, or is removed: the system lets go of it however the process ends.

    Raises:
        SearchError: it runs in another process.
        StorageError: its folder can't be written to.
    """
    folder = study_folder(storage, study_id)
    lock = filelock.FileLock(folder / "running.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise SearchError("This study is running already. Wait until it is done, or cancel it.") from error
    except OSError as error:
        raise StorageError(f"The study in {folder} can't be written to ({error.strerror or error}).") from error
    try:
        yield
    finally:
        lock.release()
