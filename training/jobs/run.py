"""One job, from its row to what it makes. This is what the process of a job runs."""

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import torch
from pydantic import ValidationError

from recognition.errors import CancelledError, GalleryError, RecognitionError, StorageError
from recognition.gallery import Gallery
from training.errors import DataError, JobError
from training.jobs import paths, rows
from training.jobs.busy import try_while_busy
from training.jobs.kinds import JobContext, find_kind
from training.jobs.reporter import Reporter
from training.loop.observer import EpochRecord, Observers
from training.loop.tensorboard import TensorBoard

log = logging.getLogger(__name__)

LOCK_SECONDS = 30.0
"""How long to wait for the lock, which others only ever try."""

ERASED_POLL = 0.5
"""Seconds between two looks whether the job has been erased. See docs/decisions.md, "Ending an erased training"."""


class _Order(NamedTuple):
    """What the job's row asks for."""

    kind: str
    settings: str
    name: str | None


class _End(NamedTuple):
    """How a job ended: the sentence for the person where it failed, the key of what it made where it is done."""

    status: Literal["done", "cancelled", "failed"]
    error: str | None = None
    model: str | None = None


def run_job(storage: Path, job_id: int, url: str | None = None) -> None:
    """Run a queued job to its end, which stands in its row. A job that is not queued is left alone.

    Args:
        storage: the storage folder.
        job_id: of the job.
        url: of the gallery's database, unless it is in the storage folder.

    Raises:
        RecognitionError: the gallery can't be opened.
        filelock.Timeout: another training is running.
    """
    with paths.training_lock(storage).acquire(timeout=LOCK_SECONDS), Gallery.open(storage, url) as gallery:
        with gallery.database.write_unrevised() as session:
            job = rows.begin(session, job_id)
            if job is None:
                return
            order = _Order(job.kind, job.settings, job.name)
        threading.Thread(target=_leave_when_erased, args=(gallery, job_id), name="erased", daemon=True).start()
        reporter = Reporter(gallery.database, job_id)
        end = _outcome(lambda: _train(gallery, storage, job_id, order, reporter), storage, job_id)

        def finish() -> bool:
            with gallery.database.write_unrevised() as session:
                there = rows.exists(session, job_id)
                if there:
                    reporter.write(session)
                    rows.end(session, job_id, end.status, error=end.error, model=end.model)
                return there

        if not try_while_busy(finish):
            paths.remove_files(storage, job_id)
        elif end.status == "done":
            # Last: whoever is killed before it has a job that is done, and a folder that goes with it.
            _discard(storage, job_id)


def _outcome(work: Callable[[], str], storage: Path, job_id: int) -> _End:
    """How the work ends."""
    try:
        return _End("done", model=work())
    except CancelledError:
        return _End("cancelled")
    except DataError as error:
        # The photos it began with are gone. Nothing learned from them stays, and there is nothing to go on with.
        _discard(storage, job_id)
        return _End("failed", str(error))
    except RecognitionError as error:
        return _End("failed", str(error))
    except (MemoryError, torch.OutOfMemoryError):
        return _End("failed", "The memory was too small for this training. Choose fewer pictures a step, then start again.")
    except Exception:  # the process's outermost frame: nobody else would tell the person
        log.exception("the training failed")
        where = paths.log_file(storage, job_id).relative_to(storage)
        return _End("failed", f"Something unexpected went wrong; {where} in the storage folder says more.")


def _train(gallery: Gallery, storage: Path, job_id: int, order: _Order, reporter: Reporter) -> str:
    """Have the job's kind run it; the key of what it made."""
    kind = find_kind(order.kind)
    try:
        settings = kind.settings.model_validate_json(order.settings)
    except ValidationError as error:
        raise JobError("The settings of this training are of another version of the app. Start a new one.") from error

    def claim_photos() -> None:
        with gallery.database.write_unrevised() as session:
            complete = rows.claim_photos(session, job_id)
        if not complete:
            raise DataError("Photos were deleted from the gallery since this training began. Start a new training.")

    def keep_history(records: Sequence[EpochRecord]) -> None:
        for record in records:
            reporter.epoch(record)

    with TensorBoard(paths.tensorboard_folder(storage, job_id)) as curves:
        return kind.run(
            JobContext(
                gallery=gallery,
                storage=storage,
                settings=settings,
                name=order.name,
                checkpoints=paths.checkpoints(storage, job_id),
                observer=Observers(reporter, curves),
                check_cancelled=reporter.synchronise,
                claim_photos=lambda: try_while_busy(claim_photos),
                keep_history=keep_history,
            )
        )


def _leave_when_erased(gallery: Gallery, job_id: int) -> None:
    """End this process at once when its job is gone: somebody it learns from was erased, and every step remembers them. Who
    erases waits for the lock, which the system lets go of, and then removes the files."""
    while True:
        time.sleep(ERASED_POLL)
        try:
            with gallery.database.read() as session:
                there = rows.exists(session, job_id)
        except GalleryError:
            # A busy database: the next poll will know.
            continue
        if not there:
            os._exit(1)


def _discard(storage: Path, job_id: int) -> None:
    try:
        paths.remove(paths.work_folder(storage, job_id))
    except StorageError as error:
        log.warning("%s", error)
