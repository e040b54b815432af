"""Jobs in real processes, with a stand-in for the training itself (child.py)."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from math import isnan
from pathlib import Path

import filelock
import pytest
import sqlalchemy as sa
from pydantic import BaseModel
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from recognition.errors import NetworkError, RecognitionError, WeightsMissingError
from recognition.gallery import Gallery
from recognition.gallery.store import DATABASE
from recognition.pictures import Picture
from tests.recognition.gallery.photos import photo
from tests.training.jobs.digits import DigitSettings
from tests.training.made import lit_from_four_sides
from tests.waiting import TRAINING_SECONDS, wait_until
from training.errors import DataError, JobError, TrainingError
from training.faces.settings import FitSettings
from training.jobs import Job, JobBoard, rows
from training.jobs.paths import checkpoints, starting_lock, training_lock, work_folder
from training.jobs.tables import TrainingJob
from training.models import list_models, read_model

CHILD = Path(__file__).with_name("child.py")


class NoKind(BaseModel):
    """Settings that no kind of training has."""


@pytest.fixture
def gallery(gallery: Gallery) -> Gallery:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    gallery.enroll("Bob", [photo(3)], consented=True)
    return gallery


@pytest.fixture
def made(gallery: Gallery, storage: Path) -> Iterator[Callable[[str], JobBoard]]:
    """Boards whose processes end in a given way. What still runs at the end of a test is stopped."""
    boards: list[JobBoard] = []

    def make(how: str) -> JobBoard:
        boards.append(JobBoard(gallery, storage, command=(sys.executable, str(CHILD), how)))
        return boards[-1]

    yield make
    for board in boards:
        for job in board.list():
            if job.active:
                release(storage)
                board.cancel(job.id)
                ended(board, job.id)
    # A job's process is through only when the lock is free.
    with training_lock(storage).acquire(timeout=TRAINING_SECONDS):
        pass


@pytest.fixture
def board(made: Callable[[str], JobBoard]) -> JobBoard:
    return made("well")


def hold(storage: Path, epoch: int) -> None:
    (storage / f"hold-{epoch}").touch()


def release(storage: Path) -> None:
    for file in storage.glob("hold-*"):
        file.unlink()


def is_held(lock: filelock.BaseFileLock) -> bool:
    try:
        with lock.acquire(timeout=0.0):
            return False
    except filelock.Timeout:
        return True


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


until = partial(wait_until, seconds=TRAINING_SECONDS)


def ended(board: JobBoard, job_id: int) -> Job:
    until(lambda: not board.get(job_id).active)
    return board.get(job_id)


def held_at(board: JobBoard, job_id: int, epoch: int) -> int:
    """Wait until the training has told of this epoch; the id of its process."""
    until(lambda: any(line.text.startswith(f"Epoch {epoch} ") for line in board.lines(job_id)))
    (text,) = [line.text for line in board.lines(job_id) if line.text.startswith(f"Epoch {epoch} ")]
    return int(text.split()[-1].rstrip("."))


def test_a_job_goes_from_the_queue_to_a_model(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    assert board.latest() is None and board.list() == []
    settings = FitSettings(epochs=3, seed=7)
    revision = gallery.revision()
    job_id = board.start(settings, "  My  model ")
    first = board.get(job_id)
    assert first.status in ("queued", "running") and first.active and not first.can_resume
    assert first.settings == settings and first.name == "My model"
    job = ended(board, job_id)
    assert (job.status, job.error, job.can_resume, job.seconds_left) == ("done", None, False, None)
    assert (job.done, job.total) == (30, 30)
    assert job.started_at is not None and job.ended_at is not None
    assert job.created_at <= job.started_at <= job.ended_at
    assert board.latest() == job == board.list()[0]
    assert [record.epoch for record in board.epochs(job_id)] == [1, 2, 3]
    assert all(isnan(record.validation_loss) and record.metrics["train_accuracy"] == 0.9 for record in board.epochs(job_id))
    assert job.model is not None
    model = read_model(storage, job.model)
    assert model.manifest.name == "My model" and model.training.gallery == gallery.identity()
    assert set(model.training.photos) == {str(number) for number in gallery.photos_without_template("none")}
    lines = board.lines(job_id)
    assert lines[0].text == "Reading the photos." and lines[-1].text == model.training.report.verdict
    assert board.lines(job_id, after=lines[-2].id) == [lines[-1]]
    assert not work_folder(storage, job_id).exists()
    assert gallery.revision() == revision, "no camera rebuilds its index for a training's progress"


def test_another_kind_of_training_is_followed_cancelled_and_resumed_by_the_same_board(
    board: JobBoard, gallery: Gallery, storage: Path
) -> None:
    with pytest.raises(DataError, match="can't be told apart"):
        board.start(DigitSettings(digits=1))
    with pytest.raises(JobError, match="knows no training"):
        board.start(NoKind())
    settings = DigitSettings(epochs=6)
    for epoch in (2, 3):
        hold(storage, epoch)
    job_id = board.start(settings)
    held_at(board, job_id, 2)
    board.cancel(job_id)
    job = ended(board, job_id)
    assert (job.status, job.kind, job.settings, job.epochs, job.can_resume) == ("cancelled", "digits", settings, 6, True)
    (storage / "hold-2").unlink()
    board.resume(job_id)
    os.kill(held_at(board, job_id, 3), signal.SIGKILL)
    assert ended(board, job_id).status == "interrupted"
    release(storage)
    board.resume(job_id)
    job = ended(board, job_id)
    assert (job.status, job.model, job.done, job.total) == ("done", "digits", 6, 6)
    records = board.epochs(job_id)
    assert [record.epoch for record in records] == [1, 2, 3, 4, 5, 6]
    assert records[-1].metrics["train_accuracy"] > 0.5 and records[-1].train_loss < records[0].train_loss
    assert isnan(records[0].validation_loss)
    texts = [line.text for line in board.lines(job_id) if line.text.startswith("Epoch")]
    assert [text.split()[1] for text in texts] == ["1", "2", "3", "4", "5", "6"], "no epoch is trained twice"
    assert board.latest(FitSettings) is None and board.latest(DigitSettings) == board.latest() == job


def test_deleting_a_photo_concerns_no_training_that_reads_none(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    hold(storage, 1)
    job_id = board.start(DigitSettings(epochs=2))
    held_at(board, job_id, 1)
    gallery.delete_photo(1)
    board.erase_deleted_photos()
    release(storage)
    assert ended(board, job_id).status == "done"


def test_a_training_that_reads_a_deleted_photo_is_stopped_and_leaves_nothing(
    board: JobBoard, gallery: Gallery, storage: Path
) -> None:
    stays = board.start(DigitSettings(epochs=1))
    assert ended(board, stays).status == "done"
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=1))
    process = held_at(board, job_id, 1)
    board.erase_deleted_photos()
    assert board.get(job_id).active, "nobody was deleted yet"
    gallery.delete_photo(1)
    board.erase_deleted_photos()
    until(lambda: not is_alive(process))
    assert [job.id for job in board.list()] == [stays]
    assert not work_folder(storage, job_id).exists() and not (storage / "tensorboard" / str(job_id)).exists()
    assert (storage / "tensorboard" / str(stays)).exists()


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_checkpoints_of_a_training_that_ended_go_with_the_photos_they_learned_from(
    made: Callable[[str], JobBoard], gallery: Gallery, storage: Path, how: str
) -> None:
    board = made("error" if how == "failed" else "well")
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=2))
    held_at(board, job_id, 1)
    if how == "cancelled":
        board.cancel(job_id)
    else:
        release(storage)
    assert ended(board, job_id).status == how and checkpoints(storage, job_id).exists()
    ada = gallery.find("Ada")
    assert ada is not None
    gallery.delete_person(ada.id)
    board.erase_deleted_photos()
    assert board.list() == [] and not work_folder(storage, job_id).exists()


def test_what_a_crash_left_of_an_erased_training_is_removed_later(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    for folder in (checkpoints(storage, 77), storage / "tensorboard" / "78", storage / "models" / ".0123456789ab.part"):
        folder.mkdir(parents=True)
        (folder / "weights").write_text("of somebody")
    (storage / "tensorboard" / "by hand").mkdir()
    board.erase_deleted_photos()
    assert not list(storage.rglob("weights")) and (storage / "tensorboard" / "by hand").exists()


def test_starting_over_leaves_nothing_of_the_training_before(board: JobBoard, storage: Path) -> None:
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=2), "Mine")
    held_at(board, job_id, 1)
    board.cancel(job_id)
    ended(board, job_id)
    again = board.start_over(job_id)
    assert [job.id for job in board.list()] == [again] and board.get(again).name == "Mine"
    assert not work_folder(storage, job_id).exists()
    release(storage)
    assert ended(board, again).status == "done"


def test_a_training_in_the_queue_waits_for_the_one_before(board: JobBoard, storage: Path) -> None:
    hold(storage, 1)
    first = board.start(DigitSettings(epochs=1))
    second, third = board.enqueue(DigitSettings(epochs=2)), board.enqueue(FitSettings(epochs=1))
    held_at(board, first, 1)
    assert [job.status for job in board.list()] == ["waiting", "waiting", "running"]
    board.cancel(second)
    assert board.get(second).status == "cancelled", "one that waits is cancelled at once"
    release(storage)
    until(lambda: board.get(third).status == "done")
    assert [job.status for job in board.list()] == ["done", "cancelled", "done"]


def test_a_training_starts_while_the_process_of_the_one_before_still_leaves(board: JobBoard, storage: Path) -> None:
    with ThreadPoolExecutor(1) as thread:
        # A process holds its lock a moment longer than its job is active.
        with training_lock(storage).acquire(timeout=TRAINING_SECONDS):
            started = thread.submit(board.start, FitSettings())
            until(lambda: is_held(starting_lock(storage)))
        assert ended(board, started.result()).status == "done"


def test_the_curves_are_there_for_tensorboard_too(board: JobBoard, storage: Path) -> None:
    job_id = board.start(FitSettings(epochs=3))
    assert ended(board, job_id).status == "done"
    curves = EventAccumulator(str(storage / "tensorboard" / str(job_id))).Reload()
    assert [(event.step, round(event.value, 3)) for event in curves.Scalars("loss/train")] == [
        (1, 1.0),
        (2, 0.5),
        (3, 0.333),
    ]


def test_nothing_of_a_job_names_anybody(board: JobBoard, storage: Path) -> None:
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=1))
    held_at(board, job_id, 1)
    folders = (work_folder(storage, job_id), storage / "tensorboard")
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        assert b"Ada" not in path.read_bytes() and b"Bob" not in path.read_bytes(), path
        assert path.suffix not in (".jpg", ".png")
    release(storage)
    assert ended(board, job_id).status == "done"


def test_a_job_outlives_the_app_that_started_it_and_another_app_follows_it(
    board: JobBoard, gallery: Gallery, storage: Path
) -> None:
    hold(storage, 1)
    script = f"""
import sys
from pathlib import Path
from recognition.gallery import Gallery
from training.jobs import JobBoard
from training.faces.settings import FitSettings
storage = Path(sys.argv[1])
with Gallery.open(storage) as gallery:
    print(JobBoard(gallery, storage, command=(sys.executable, {str(CHILD)!r}, "well")).start(FitSettings(epochs=2)))
    import os, signal
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    app = subprocess.run(
        [sys.executable, "-c", script, str(storage)], cwd=CHILD.parents[3], capture_output=True, text=True, check=False
    )
    assert app.returncode == -signal.SIGKILL, app.stderr
    job_id = int(app.stdout)
    # Killed before the process had begun, the job may count as interrupted; then it never begins.
    until(lambda: board.lines(job_id) or board.get(job_id).status == "interrupted")
    if board.get(job_id).status == "interrupted":
        return
    held_at(board, job_id, 1)
    release(storage)
    assert ended(board, job_id).status == "done"


def test_a_cancelled_job_keeps_its_epochs_and_goes_on_from_them(board: JobBoard, storage: Path) -> None:
    hold(storage, 2)
    job_id = board.start(FitSettings(epochs=4))
    held_at(board, job_id, 2)
    board.cancel(job_id)
    job = ended(board, job_id)
    assert (job.status, job.error, job.model, job.can_resume) == ("cancelled", None, None, True)
    assert list_models(storage) == []
    with pytest.raises(JobError, match="not running"):
        board.cancel(job_id)
    release(storage)
    board.resume(job_id)
    job = ended(board, job_id)
    assert (job.status, job.can_resume) == ("done", False)
    texts = [line.text for line in board.lines(job_id) if line.text.startswith("Epoch")]
    assert [text.split()[1] for text in texts] == ["1", "2", "3", "4"], "no epoch is trained twice"
    assert len({text.split()[-1] for text in texts}) == 2, "in two processes"
    with pytest.raises(JobError, match="no checkpoint"):
        board.resume(job_id)


def test_a_killed_job_is_noticed_and_goes_on_from_its_last_epoch(board: JobBoard, storage: Path) -> None:
    hold(storage, 2)
    job_id = board.start(FitSettings(epochs=3))
    os.kill(held_at(board, job_id, 2), signal.SIGKILL)
    job = ended(board, job_id)
    assert (job.status, job.can_resume, job.ended_at is not None) == ("interrupted", True, True)
    assert list_models(storage) == []
    release(storage)
    board.resume(job_id)
    job = ended(board, job_id)
    assert job.status == "done" and job.model is not None
    texts = [line.text.split()[1] for line in board.lines(job_id) if line.text.startswith("Epoch")]
    assert texts == ["1", "2", "3"]


def test_of_two_who_start_at_the_same_moment_one_is_told(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    hold(storage, 1)
    boards = [JobBoard(gallery, storage, command=(sys.executable, str(CHILD), "well")) for _ in range(4)]
    barrier, started, refused = threading.Barrier(4), [], []

    def start(own: JobBoard) -> None:
        barrier.wait()
        try:
            started.append(own.start(FitSettings(epochs=1)))
        except RecognitionError as error:
            refused.append(error)

    threads = [threading.Thread(target=start, args=(own,)) for own in boards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 1 and [type(error) for error in refused] == [JobError] * 3
    held_at(board, started[0], 1)
    with pytest.raises(JobError, match=r"running already|just being started"):
        board.start(FitSettings(epochs=1))
    assert [job.id for job in board.list()] == started
    release(storage)
    assert ended(board, started[0]).status == "done"


def test_whoever_is_deleted_during_a_training_is_in_no_model(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=1))
    held_at(board, job_id, 1)
    ada = gallery.find("Ada")
    assert ada is not None
    gallery.delete_person(ada.id)
    release(storage)
    job = ended(board, job_id)
    assert job.status == "failed" and job.model is None and not job.can_resume
    assert job.error is not None and "deleted" in job.error and "Ada" not in job.error
    assert list_models(storage) == [] and not work_folder(storage, job_id).exists()
    assert not any((storage / "models").glob("*/*"))


def test_whoever_is_enrolled_or_renamed_during_a_training_does_it_no_harm(
    board: JobBoard, gallery: Gallery, storage: Path
) -> None:
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=1))
    held_at(board, job_id, 1)
    gallery.enroll("Cleo", [photo(4)], consented=True)
    bob = gallery.find("Bob")
    assert bob is not None
    gallery.rename(bob.id, "Robert")
    release(storage)
    assert ended(board, job_id).status == "done"


def test_an_error_on_purpose_is_told_and_can_be_gone_on_from(made: Callable[[str], JobBoard]) -> None:
    board = made("error")
    job = ended(board, board.start(FitSettings(epochs=2)))
    assert (job.status, job.error, job.can_resume) == ("failed", "The loss is not a number any more.", True)


@pytest.mark.parametrize(("how", "message"), [("crash", "unexpected"), ("memory", "fewer pictures a step")])
def test_an_error_by_mistake_is_told_in_plain_words_and_kept_in_the_log(
    made: Callable[[str], JobBoard], storage: Path, how: str, message: str
) -> None:
    board = made(how)
    job = ended(board, board.start(FitSettings(epochs=2)))
    assert job.status == "failed" and job.error is not None and message in job.error and "Traceback" not in job.error
    assert ("unforeseen" in (work_folder(storage, job.id) / "log.txt").read_text()) == (how == "crash")


def test_a_process_that_never_begins_fails_its_job(made: Callable[[str], JobBoard]) -> None:
    board = made("dead")
    job = ended(board, board.start(FitSettings(epochs=1)))
    assert job.status == "failed" and job.error is not None and "log.txt" in job.error
    until(lambda: board.start(FitSettings(epochs=1)))


def test_a_program_that_is_not_there_is_told_at_once(gallery: Gallery, storage: Path) -> None:
    board = JobBoard(gallery, storage, command=("no-such-program",))
    for _ in range(2):
        with pytest.raises(JobError, match="can't be started"):
            board.start(FitSettings(epochs=1))
    assert [job.status for job in board.list()] == ["failed", "failed"]


def test_what_can_t_become_a_training_is_refused_before_it_starts(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    with pytest.raises(NetworkError, match="no network called"):
        board.start(FitSettings(network="alexnet"))
    with pytest.raises(WeightsMissingError, match="Download it"):
        board.start(FitSettings(network="vgg16"))
    job_id = board.start(FitSettings(epochs=1), "Taken")
    ended(board, job_id)
    with pytest.raises(TrainingError, match="already a model called Taken"):
        board.start(FitSettings(epochs=1), "taken ")
    bob = gallery.find("Bob")
    assert bob is not None
    gallery.delete_person(bob.id)
    with pytest.raises(DataError, match="two people"):
        board.start(FitSettings(epochs=1))
    for unknown in (board.get, board.cancel, board.resume, board.delete):
        with pytest.raises(JobError, match="not there"):
            unknown(job_id + 1000)


def test_a_deleted_job_leaves_nothing_but_its_model(board: JobBoard, gallery: Gallery, storage: Path) -> None:
    hold(storage, 1)
    job_id = board.start(FitSettings(epochs=2))
    held_at(board, job_id, 1)
    with pytest.raises(JobError, match="Cancel it first"):
        board.delete(job_id)
    board.cancel(job_id)
    ended(board, job_id)
    assert checkpoints(storage, job_id).exists()
    board.delete(job_id)
    assert board.list() == [] and board.epochs(job_id) == [] and board.lines(job_id) == []
    assert not work_folder(storage, job_id).exists() and not (storage / "tensorboard" / str(job_id)).exists()
    release(storage)
    again = board.start(FitSettings(epochs=1))
    assert again > job_id, "a number is never given twice"
    assert ended(board, again).model is not None
    board.delete(again)
    assert len(list_models(storage)) == 1


def test_a_locked_database_delays_a_training_s_account_but_never_ends_it(
    made: Callable[[str], JobBoard], gallery: Gallery, storage: Path
) -> None:
    board = made("impatient")
    hold(storage, 1)
    hold(storage, 2)
    job_id = board.start(FitSettings(epochs=3))
    held_at(board, job_id, 1)
    with gallery.database.lock():
        (storage / "hold-1").unlink()
        # The process meets the lock and goes on without having written.
        until(lambda: "progress can't be written" in (work_folder(storage, job_id) / "log.txt").read_text())
    release(storage)
    assert ended(board, job_id).status == "done"
    assert [record.epoch for record in board.epochs(job_id)] == [1, 2, 3]


def test_the_database_s_address_is_not_on_the_command_line(gallery: Gallery, storage: Path, tmp_path: Path) -> None:
    listing = tmp_path / "arguments"
    code = f"import sys, os; open({str(listing)!r}, 'w').write(repr(sys.argv) + os.environ['FAMILIAR_DATABASE_URL'])"
    url = f"sqlite:///{storage / DATABASE}?timeout=7"
    board = JobBoard(gallery, storage, url, command=(sys.executable, "-c", code))
    job_id = board.start(FitSettings(epochs=1))
    assert ended(board, job_id).status == "failed"
    told = listing.read_text()
    assert told.endswith(url) and told.count("timeout") == 1 and str(job_id) in told


def test_a_real_training_in_its_real_process(
    storage: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, collins_crop: Picture, hopper_crop: Picture
) -> None:
    # The app may be started in any folder.
    monkeypatch.chdir(tmp_path)
    with Gallery.open(storage) as gallery:
        for name, face in (("Eileen", collins_crop), ("Grace", hopper_crop)):
            photos = [photo(1, picture=lit, crop=lit, templates={}) for lit in lit_from_four_sides(face)]
            gallery.enroll(name, photos, consented=True)
        board = JobBoard(gallery, storage)
        job = ended(board, board.start(FitSettings(epochs=1, epoch_faces=16, mixup_ratio=0.5)))
        assert (job.status, job.error) == ("done", None)
        assert len(board.epochs(job.id)) == 1 and job.done == job.total > 0
        (model,) = list_models(storage)
        assert model.manifest.key == job.model and model.manifest.name.endswith(", 2 people")
        with training_lock(storage).acquire(timeout=TRAINING_SECONDS):
            assert not work_folder(storage, job.id).exists()


def test_a_job_of_another_version_of_the_app_does_not_hide_the_others(gallery: Gallery, storage: Path) -> None:
    with gallery.database.write_unrevised() as session:
        for kind in ("faces", "kites"):
            rows.insert_job(session, kind, '{"gone": 1}', "old")
        session.execute(sa.update(TrainingJob).values(status="done"))
        newer = rows.insert_job(session, "faces", FitSettings().model_dump_json(), "new")
    assert [job.id for job in JobBoard(gallery, storage).list()] == [newer]
