"""One job, from its row to its model. This is what the process of a job runs."""

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import torch

from recognition.errors import CancelledError, GalleryBusyError, RecognitionError, StorageError
from recognition.gallery import Gallery
from recognition.networks import Network, load_network
from recognition.networks.base import choose_device
from recognition.settings import load_settings
from training.errors import DataError
from training.faces.dataset import FaceSet, from_gallery
from training.faces.fine_tuning import Trained, fit
from training.faces.settings import FitSettings
from training.jobs import paths, rows
from training.jobs.reporter import Reporter
from training.loop.observer import Observer, Observers
from training.loop.tensorboard import TensorBoard
from training.models import default_name, save_model, unless_deleted

log = logging.getLogger(__name__)

LOCK_SECONDS = 30.0
"""How long to wait for the lock, which others only ever try."""

BUSY_TRIES = 20
"""How often a busy database is asked to take the result of a training."""

_Result = TypeVar("_Result")


class Fit(Protocol):
    """`training.faces.fine_tuning.fit`, as far as a job uses it."""

    def __call__(
        self,
        faces: FaceSet,
        settings: FitSettings,
        parent: Network,
        folder: Path,
        observer: Observer,
        *,
        resume: bool,
    ) -> Trained: ...


def run_job(storage: Path, job_id: int, url: str | None = None, fit: Fit = fit) -> None:
    """Run a queued job to its end, which stands in its row. A job that is not queued is left alone.

    Args:
        storage: the storage folder.
        job_id: of the job.
        url: of the gallery's database, unless it is in the storage folder.
        fit: what trains.

    Raises:
        RecognitionError: the gallery can't be opened.
        filelock.Timeout: another training is running.
    """
    with paths.training_lock(storage).acquire(timeout=LOCK_SECONDS), Gallery.open(storage, url) as gallery:
        with gallery.database.write_unrevised() as session:
            job = rows.begin(session, job_id)
            if job is None:
                return
            settings, name = FitSettings.model_validate_json(job.settings), job.name
        reporter = Reporter(gallery.database, job_id)
        status, error, model = _outcome(
            lambda: _train(gallery, storage, job_id, settings, name, reporter, fit), storage, job_id
        )

        def finish() -> None:
            with gallery.database.write_unrevised() as session:
                reporter.write(session)
                rows.end(session, job_id, status, error=error, model=model)

        _patiently(finish)
        if status == "done":
            # Last: whoever is killed before it has a job that is done, and a folder that goes with it.
            _discard(storage, job_id)


def _outcome(
    work: Callable[[], str], storage: Path, job_id: int
) -> tuple[Literal["done", "cancelled", "failed"], str | None, str | None]:
    """How the work ends: status, the sentence for the person, the model's key."""
    try:
        return "done", None, work()
    except CancelledError:
        return "cancelled", None, None
    except DataError as error:
        # The photos it began with are gone. Nothing learned from them stays, and there is nothing to go on with.
        _discard(storage, job_id)
        return "failed", str(error), None
    except RecognitionError as error:
        return "failed", str(error), None
    except (MemoryError, torch.OutOfMemoryError):
        return "failed", "The memory was too small for this training. Choose fewer faces a step, then start again.", None
    except Exception:  # the process's outermost frame: nobody else would tell the person
        log.exception("the training failed")
        where = paths.log_file(storage, job_id).relative_to(storage)
        return "failed", f"Something unexpected went wrong; {where} in the storage folder says more.", None


def _train(
    gallery: Gallery,
    storage: Path,
    job_id: int,
    settings: FitSettings,
    name: str | None,
    reporter: Reporter,
    fit: Fit,
) -> str:
    """Read the photos, train, keep the model; its key."""
    reporter.log("Reading the photos.")
    faces = from_gallery(gallery, lambda done, total: reporter.look_up())
    parent = load_network(settings.network, storage, choose_device(load_settings().device))
    with TensorBoard(paths.tensorboard_folder(storage, job_id)) as curves:
        # A folder without a checkpoint is a training at its beginning.
        trained = fit(faces, settings, parent, paths.checkpoints(storage, job_id), Observers(reporter, curves), resume=True)
    for record in trained.training.history:
        # Those that a killed process could not write any more.
        reporter.epoch(record)
    reporter.log("Saving the model.")
    manifest = _patiently(
        lambda: save_model(
            storage,
            name or default_name(trained.parent, len(faces.people)),
            trained,
            parent.spec.licence,
            gallery=gallery.identity(),
            publish=partial(unless_deleted, gallery, faces.photos),
        )
    )
    reporter.log(trained.training.report.verdict)
    return manifest.key


def _discard(storage: Path, job_id: int) -> None:
    try:
        paths.remove(paths.work_folder(storage, job_id))
    except StorageError as error:
        log.warning("%s", error)


def _patiently(work: Callable[[], _Result]) -> _Result:
    """Work that writes to the database, tried again while another process keeps that locked."""
    for _ in range(BUSY_TRIES - 1):
        try:
            return work()
        except GalleryBusyError:
            time.sleep(0.5)
    return work()
