"""Files on disk: private, whole or absent, and clear words when the disk fails."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recognition.errors import StorageError
from recognition.gallery import Counts, Gallery, check
from tests.recognition.gallery.photos import photo


def fail(code: int) -> Callable[..., Any]:
    def call(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_may_read_what_is_stored(gallery: Gallery, storage: Path) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    paths = [storage, *storage.rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_dir()} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths if path.is_file()} == {0o600}


def test_files_are_named_by_their_content_and_carry_no_metadata(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    (record,) = gallery.photos(ada.id)
    jpeg = (storage / "photos" / record.sha256[:2] / f"{record.sha256}.jpg").read_bytes()
    assert (storage / "crops" / record.crop_sha256[:2] / f"{record.crop_sha256}.png").exists()
    assert jpeg == gallery.picture(record.id) and b"Exif" not in jpeg


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_fails_stores_nobody_and_says_which_folder(
    gallery: Gallery, storage: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail(code))
        with pytest.raises(StorageError) as failure:
            gallery.enroll("Ada", [photo(1)], consented=True)
    assert str(storage) in str(failure.value) and os.strerror(code) in str(failure.value)
    assert "free space" in str(failure.value)
    assert gallery.counts() == Counts(0, 0) and check(gallery).good
    assert gallery.enroll("Ada", [photo(1)], consented=True).added == 1


def test_a_disk_that_fails_at_the_second_photo_leaves_nothing_of_the_first(
    gallery: Gallery, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, calls = os.replace, []

    def fail_at_last(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == 4:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        original(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail_at_last)
        with pytest.raises(StorageError, match="No space left"):
            gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    assert [path for path in (storage / "photos").rglob("*") if path.is_file()] == []
    assert [path for path in (storage / "crops").rglob("*") if path.is_file()] == []


def test_a_full_disk_under_the_database_stores_nobody(gallery: Gallery, storage: Path) -> None:
    with gallery.database.read() as session:
        session.connection().exec_driver_sql("PRAGMA user_version")
    connection = gallery.database._engine.raw_connection()
    pages = connection.cursor().execute("PRAGMA page_count").fetchone()[0]
    connection.cursor().execute(f"PRAGMA max_page_count = {pages}")
    connection.close()
    with pytest.raises(StorageError, match="full"):
        gallery.enroll("Ada", [photo(seed) for seed in range(20)], consented=True)
    assert gallery.counts() == Counts(0, 0) and check(gallery).good


def test_a_folder_that_can_not_be_made_or_written_is_a_storage_error(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Path, "mkdir", fail(errno.EROFS))
        with pytest.raises(StorageError, match=r"storage can't be made \(Read-only"):
            Gallery.open(storage)
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: False)
        with pytest.raises(StorageError, match="may not be written to"):
            Gallery.open(storage)
    storage.rmdir()
    storage.write_text("a file")
    with pytest.raises(StorageError, match="storage can't be made"):
        Gallery.open(storage)


def test_a_photo_whose_file_is_gone_is_a_storage_error(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    for path in (storage / "photos").rglob("*.jpg"):
        path.unlink()
    with pytest.raises(StorageError, match=r"photos/../[0-9a-f]{64}\.jpg is missing in the storage folder"):
        gallery.picture(gallery.photos(ada.id)[0].id)


def test_a_drive_that_was_disconnected_is_not_written_to(gallery: Gallery, storage: Path, tmp_path: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    (record,) = gallery.photos(ada.id)
    storage.rename(tmp_path / "unmounted")
    with pytest.raises(StorageError, match="drive is connected"):
        gallery.picture(record.id)
    with pytest.raises(StorageError):
        gallery.add_photos(ada.id, [photo(2)])
    with pytest.raises(StorageError):
        check(gallery)
    assert not storage.exists()
