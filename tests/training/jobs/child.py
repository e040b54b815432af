"""A job's process with a stand-in for the training of faces, for the tests: `child.py HOW STORAGE JOB`.

The stand-in learns nothing but does everything else that a training does: it reads the photos it is given, keeps a checkpoint
an epoch, goes on from it, reports its steps, and ends as `HOW` says. Between epochs it waits while there is a file
`storage/hold-<epoch>`, so that a test decides what happens when, without any sleep. `real` trains in
earnest; the kind of job that `tests.training.jobs.digits` defines always does.
"""

import json
import os
import sys
import time
from pathlib import Path

import torch

from recognition.gallery import database
from recognition.networks import Network
from tests.training.jobs import digits as digits  # registers itself
from tests.training.made import record, trained
from training.errors import TrainingError
from training.faces.dataset import FaceSet
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.jobs import reporter
from training.jobs.faces import FaceFineTuning
from training.jobs.kinds import register
from training.jobs.launcher import DATABASE_URL
from training.jobs.run import run_job
from training.loop.checkpoint import STATE
from training.loop.observer import Observer

STEPS = 10


def fit(how: str, faces: FaceSet, settings: FitSettings, folder: Path, observer: Observer, resume: bool) -> Trained:
    folder.mkdir(parents=True, exist_ok=True)
    state = folder / STATE
    epochs = json.loads(state.read_text()) if resume and state.exists() else []
    for epoch in range(len(epochs) + 1, settings.epochs + 1):
        for step in range(1, STEPS + 1):
            observer.step((epoch - 1) * STEPS + step, settings.epochs * STEPS, 3.0)
        epochs.append(epoch)
        state.write_text(json.dumps(epochs))
        observer.epoch(record(epoch, loss=1 / epoch))
        observer.log(f"Epoch {epoch} in process {os.getpid()}.")
        while (folder.parents[2] / f"hold-{epoch}").exists():
            time.sleep(0.02)
            observer.step(epoch * STEPS, settings.epochs * STEPS, 3.0)
        if how == "error" and epoch == 1:
            raise TrainingError("The loss is not a number any more.")
        if how == "crash":
            raise KeyError("unforeseen")
        if how == "memory":
            raise torch.OutOfMemoryError("no more")
    return trained(faces.people, faces.photos)


if __name__ == "__main__":
    how, storage, job = sys.argv[1:]

    def stand_in(
        faces: FaceSet, settings: FitSettings, parent: Network, folder: Path, observer: Observer, *, resume: bool
    ) -> Trained:
        assert parent.spec.key == settings.network
        return fit(how, faces, settings, folder, observer, resume)

    if how == "dead":
        sys.exit(1)
    if how == "impatient":
        database.BUSY_SECONDS = reporter.RETRY = 0.05
    if how != "real":
        register(FaceFineTuning(stand_in))
    run_job(Path(storage), int(job), os.environ.get(DATABASE_URL) or None)
