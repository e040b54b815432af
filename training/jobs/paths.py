"""Where jobs keep their files below the storage folder, and the locks that make them take turns."""

import shutil
from pathlib import Path

import filelock

from recognition.errors import StorageError

_WORK, _CURVES = "training", "tensorboard"


def work_root(storage: Path) -> Path:
    """Where the work folders of all trainings are."""
    return storage / _WORK


def work_folder(storage: Path, job_id: int) -> Path:
    """Of one job: `checkpoints/` (weights and numbers of photos, no picture) and `log.txt`."""
    return work_root(storage) / str(job_id)


def checkpoints(storage: Path, job_id: int) -> Path:
    """Where the training writes its checkpoints."""
    return work_folder(storage, job_id) / "checkpoints"


def log_file(storage: Path, job_id: int) -> Path:
    """What the process prints."""
    return work_folder(storage, job_id) / "log.txt"


def tensorboard_folder(storage: Path, job_id: int) -> Path:
    """A job's curves for TensorBoard; `storage/tensorboard` shows all jobs side by side."""
    return storage / _CURVES / str(job_id)


def jobs_with_files(storage: Path) -> set[int]:
    """Ids of the jobs that have a folder, whether there is such a job or not."""
    folders = [path for parent in (_WORK, _CURVES) for path in (storage / parent).glob("*")]
    return {int(path.name) for path in folders if path.name.isdecimal()}


def remove_files(storage: Path, job_id: int) -> None:
    """Remove a job's folders, if they are there.

    Raises:
        StorageError: one can't be removed.
    """
    remove(work_folder(storage, job_id))
    remove(tensorboard_folder(storage, job_id))


def remove(folder: Path) -> None:
    """Remove a folder, if it is there.

    Raises:
        StorageError: it can't be removed.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(f"The folder {folder} can't be removed ({error.strerror or error}).") from error


def training_lock(storage: Path) -> filelock.BaseFileLock:
    """Held by the process that trains, for its whole life: the system lets go of it however the process ends."""
    return filelock.FileLock(storage / "training.lock")


def starting_lock(storage: Path) -> filelock.BaseFileLock:
    """Held by the app from before a job is queued until its process holds the other lock."""
    return filelock.FileLock(storage / "training.starting.lock", thread_local=False)
