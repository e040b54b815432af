"""Whoever is deleted is gone from the gallery's files and database, to the last byte.

What the rest of the app holds of them is erased with them: `tests.recognition.test_erasure` looks through camera sessions,
`tests.training.test_erasure` through trainings, checkpoints and models too.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa

from recognition.errors import GalleryError
from recognition.gallery import Counts, DeletionReceipt, Gallery, check, repair
from recognition.gallery.encoded import pack
from tests.recognition.gallery.photos import NETWORK, photo, unit
from tests.traces import bytes_on_disk


def files(storage: Path) -> set[str]:
    return {path.name for path in storage.rglob("*/*/*") if path.is_file()}


def test_a_deleted_person_leaves_no_byte_behind(gallery: Gallery, storage: Path) -> None:
    gallery.enroll("Somebody Else", [photo(9)], consented=True)
    ada = gallery.enroll("Ada Lovelace", [photo(seed) for seed in range(4)], consented=True).person
    records = gallery.photos(ada.id)
    traces = [b"Ada Lovelace", b"ada lovelace", *(pack(unit(seed)) for seed in range(4))]
    traces += [record.sha256.encode() for record in records] + [gallery.picture(record.id) for record in records]
    before = bytes_on_disk(storage)
    assert all(trace in before for trace in traces)

    assert gallery.delete_person(ada.id) == DeletionReceipt(photos=4, files=8, erased=True)

    after = bytes_on_disk(storage)
    assert not any(trace in after for trace in traces)
    assert not files(storage) & {f"{record.sha256}.jpg" for record in records}
    assert b"Somebody Else" in after and pack(unit(9)) in after
    assert gallery.counts() == Counts(1, 1) and check(gallery).good


def test_a_deleted_photo_leaves_no_byte_behind(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    first, second = gallery.photos(ada.id)
    assert gallery.delete_photo(first.id) == DeletionReceipt(photos=1, files=2, erased=True)
    after = bytes_on_disk(storage)
    assert pack(unit(1)) not in after and first.sha256.encode() not in after and pack(unit(2)) in after
    assert [record.id for record in gallery.photos(ada.id)] == [second.id]


def test_a_former_name_leaves_no_byte_behind(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada Byron", [photo(1)], consented=True).person
    bob = gallery.enroll("Robert", [photo(2)], consented=True).person
    gallery.rename(ada.id, "Ada Lovelace")
    gallery.erase(gallery.merge(bob.id, ada.id).id)
    after = bytes_on_disk(storage)
    for former in (b"Ada Byron", b"ada byron", b"Robert", b"robert"):
        assert former not in after


def test_the_last_photo_of_a_person_is_kept(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    with pytest.raises(GalleryError, match="Delete the person instead"):
        gallery.delete_photo(gallery.photos(ada.id)[0].id)
    assert gallery.person(ada.id).photo_count == 1


def test_a_crop_that_two_photos_share_stays_as_long_as_one_of_them(gallery: Gallery) -> None:
    crop = photo(1).crop
    ada = gallery.enroll("Ada", [photo(1), photo(2, crop=crop)], consented=True).person
    first, second = gallery.photos(ada.id)
    assert first.crop_sha256 == second.crop_sha256
    assert gallery.delete_photo(first.id).files == 1
    assert gallery.crop(second.id).shape == crop.shape and check(gallery).good


def test_a_file_that_can_not_be_removed_is_reported_and_removed_by_repair(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert gallery.delete_person(ada.id) == DeletionReceipt(photos=1, files=0, erased=False)
    assert gallery.people() == []
    assert len(repair(gallery).orphan_files) == 2
    assert check(gallery).good


def test_a_deletion_while_somebody_reads_says_that_traces_are_left(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recognition.gallery.database.BUSY_SECONDS", 0.01)
    with Gallery.open(storage) as gallery:
        ada = gallery.enroll("Ada", [photo(1)], consented=True).person
        with gallery.database.read() as session:
            session.execute(sa.text("SELECT * FROM person")).all()
            receipt = gallery.delete_person(ada.id)
        assert receipt == DeletionReceipt(photos=1, files=2, erased=False)
        assert pack(unit(1)) in bytes_on_disk(storage)
        repair(gallery)
        assert pack(unit(1)) not in bytes_on_disk(storage)
        assert len(gallery.templates(NETWORK).vectors) == 0
