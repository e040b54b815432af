"""Files and rows that disagree."""

from pathlib import Path

from recognition.gallery import Gallery, HealthReport, check, repair
from tests.recognition.gallery.photos import photo

ORPHAN = "photos/ab/" + "ab" * 32 + ".jpg"
PARTIAL = "crops/cd/" + "cd" * 32 + ".png.0123456789abcdef.part"


def put(storage: Path, file: str) -> Path:
    path = storage / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left over")
    return path


def test_a_gallery_in_order_is_good(gallery: Gallery) -> None:
    assert check(gallery) == HealthReport((), (), 0)
    gallery.enroll("Ada", [photo(1)], consented=True)
    assert check(gallery) == repair(gallery) == HealthReport((), (), files_in_use=2)


def test_left_over_files_are_found_by_check_and_removed_by_repair(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    revision = gallery.revision()
    orphans = [put(storage, ORPHAN), put(storage, PARTIAL)]
    assert check(gallery).orphan_files == (PARTIAL, ORPHAN) and all(path.exists() for path in orphans)
    assert repair(gallery).orphan_files == (PARTIAL, ORPHAN) and not any(path.exists() for path in orphans)
    assert check(gallery).good and gallery.crop(gallery.photos(ada.id)[0].id).size
    assert gallery.revision() == revision


def test_files_that_are_not_ours_are_left_alone(gallery: Gallery, storage: Path) -> None:
    for file in ("photos/ab/notes.txt", "photos/Thumbs.db", "photos/ab/" + "ab" * 32 + ".png.bak", "weights/net.dat"):
        put(storage, file)
    assert repair(gallery).good
    assert (storage / "photos/ab/notes.txt").exists() and (storage / "weights/net.dat").exists()


def test_photos_whose_files_are_missing_are_reported_and_kept(gallery: Gallery, storage: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    record = gallery.photos(ada.id)[0]
    missing = f"photos/{record.sha256[:2]}/{record.sha256}.jpg"
    (storage / missing).unlink()
    assert repair(gallery) == HealthReport((), (missing,), files_in_use=4)
    assert gallery.person(ada.id).photo_count == 2
