"""Many threads and a second process on one gallery."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from recognition.errors import GalleryBusyError, NameTakenError
from recognition.gallery import Counts, Gallery, check, repair
from tests.recognition.gallery.photos import NETWORK, photo

ROOT = Path(__file__).resolve().parents[3]


def together(*works: Callable[[], None]) -> list[Exception]:
    """Run all at once in threads; the errors they ended with."""
    errors: list[Exception] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_threads_that_write_and_read_at_once_lose_nothing(gallery: Gallery) -> None:
    def write(worker: int) -> None:
        for step in range(5):
            seed = worker * 100 + step
            person = gallery.enroll(f"Person {seed}", [photo(seed), photo(seed + 50)], consented=True).person
            if step % 2:
                gallery.delete_person(person.id)

    def read() -> None:
        for _ in range(20):
            templates = gallery.templates(NETWORK)
            assert set(templates.person_ids.tolist()) == set(templates.names)
            assert len(templates.vectors) % 2 == 0
            assert sum(person.photo_count for person in gallery.people()) % 2 == 0

    def look_after() -> None:
        for _ in range(5):
            assert not check(gallery).missing_files
            assert not repair(gallery).missing_files

    writers = [lambda worker=worker: write(worker) for worker in range(4)]
    assert together(*writers, read, read, look_after) == []
    assert gallery.counts() == Counts(people=12, photos=24)
    assert check(gallery).good


def test_of_two_who_enroll_the_same_name_one_is_told(gallery: Gallery) -> None:
    works = [lambda seed=seed: gallery.enroll("Ada", [photo(seed)], consented=True) for seed in range(4)]
    errors = together(*works)
    assert [type(error) for error in errors] == [NameTakenError] * 3
    assert gallery.counts() == Counts(1, 1) and check(gallery).good


def test_a_gallery_locked_by_somebody_else_is_busy_and_still_readable(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.gallery.database.BUSY_SECONDS", 0.01)
    with Gallery.open(storage) as gallery, Gallery.open(storage) as other:
        ada = gallery.enroll("Ada", [photo(1)], consented=True).person
        with other.database.lock():
            for write in (
                lambda: gallery.enroll("Bob", [photo(2)], consented=True),
                lambda: gallery.delete_person(ada.id),
                lambda: check(gallery),
            ):
                with pytest.raises(GalleryBusyError, match="Try again"):
                    write()
            assert gallery.people() == [ada] and gallery.revision() == 1
        gallery.enroll("Bob", [photo(2)], consented=True)
        assert len(other.people()) == 2


def test_a_second_process_sees_and_changes_the_same_gallery(gallery: Gallery, storage: Path) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    script = """
import sys
from pathlib import Path
from recognition.gallery import Gallery
from tests.recognition.gallery.photos import photo
with Gallery.open(Path(sys.argv[1])) as gallery:
    gallery.add_photos(gallery.find("ada").id, [photo(2)])
    gallery.enroll("Bob", [photo(3)], consented=True)
"""
    before = gallery.revision()
    subprocess.run([sys.executable, "-c", script, str(storage)], cwd=ROOT, check=True)
    assert gallery.revision() > before
    assert [(person.name, person.photo_count) for person in gallery.people()] == [("Ada", 2), ("Bob", 1)]
