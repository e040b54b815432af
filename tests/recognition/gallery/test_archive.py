"""Moving a gallery from one machine to another."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recognition.alignment import FACE, align
from recognition.errors import ArchiveError, StorageError
from recognition.gallery import Counts, ExportReceipt, Gallery, ImportReceipt, check, export_to_memory, export_zip, import_zip
from recognition.gallery.files import crop_file
from recognition.pictures import encode_png, read_picture
from tests.recognition.gallery.photos import NETWORK, photo, unit

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def exported(gallery: Gallery, tmp_path: Path) -> Path:
    """A zip of Ada with two photos, of which one has templates of two networks, and Bob with one photo."""
    ada = gallery.enroll("Ada", [photo(1, templates={NETWORK: unit(1), "b": unit(1, 512)}), photo(2)], consented=True)
    gallery.enroll("Bob", [photo(3, source="upload")], consented=True)
    assert ada.added == 2
    path = tmp_path / "gallery.zip"
    assert export_zip(gallery, path) == ExportReceipt(people=2, photos=3, skipped=0)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Gallery:
    return Gallery.open(tmp_path / "other")


def altered(path: Path, change: Callable[[dict[str, Any]], None], version: int) -> Path:
    """A copy of an exported zip in a version of the format, with another list of people.

    Args:
        change: of {"format": …, "version": …, "people": [{…, "photos": [{…}, …]}, …]}.
    """
    copy = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        people: list[dict[str, Any]] = []
        for line in map(json.loads, source.read("people.jsonl").splitlines()):
            if "person" in line:
                people.append(line["person"] | {"photos": []})
            else:
                people[-1]["photos"].append(line["photo"])
        document: dict[str, Any] = {"format": "familiar-gallery", "version": version, "people": people}
        change(document)
        if version == 2:
            lines = []
            for person in document.pop("people"):
                photos = person.pop("photos")
                lines += [{"person": person}, *({"photo": photo} for photo in photos)]
            target.writestr("people.jsonl", "\n".join(map(json.dumps, lines)))
            document["photos"] = sum("photo" in line for line in lines)
        target.writestr("gallery.json", json.dumps(document))
        for name in source.namelist():
            if name not in ("people.jsonl", "gallery.json"):
                target.writestr(name, source.read(name))
    return copy


def without_margins(path: Path) -> Path:
    """A copy of an exported zip with the crops of a version that stored no margin."""
    copy = path.with_name("before.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        people = source.read("people.jsonl").decode()
        for name in source.namelist():
            if name.endswith(".png"):
                png = encode_png(np.ascontiguousarray(FACE.cut(read_picture(source.read(name)))))
                checksum = hashlib.sha256(png).hexdigest()
                people = people.replace(Path(name).stem, checksum)
                target.writestr(crop_file(checksum), png)
            elif name != "people.jsonl":
                target.writestr(name, source.read(name))
        target.writestr("people.jsonl", people)
    return copy


def with_file(path: Path, end: str, data: bytes | None) -> Path:
    """A copy of an exported zip with another content, or none, of the first file whose name ends so."""
    copy = path.with_name("altered.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(copy, "w") as target:
        chosen = next(name for name in source.namelist() if name.endswith(end))
        for name in source.namelist():
            content = data if name == chosen else source.read(name)
            if content is not None:
                target.writestr(name, content)
    return copy


def test_everything_arrives_as_it_was(gallery: Gallery, other: Gallery, exported: Path) -> None:
    assert import_zip(other, exported) == ImportReceipt(people=2, photos=3, duplicates=0)
    for before, after in zip(gallery.people(), other.people(), strict=True):
        assert (before.name, before.created_at, before.consented_at) == (after.name, after.created_at, after.consented_at)
        for sent, got in zip(gallery.photos(before.id), other.photos(after.id), strict=True):
            assert gallery.picture(sent.id) == other.picture(got.id)
            assert gallery.crop_png(sent.id) == other.crop_png(got.id)
            assert np.array_equal(sent.landmarks, got.landmarks)
            assert (sent.source, sent.created_at, sent.quality, sent.networks) == (
                got.source,
                got.created_at,
                got.quality,
                got.networks,
            )
    for network in (NETWORK, "b"):
        assert np.array_equal(gallery.templates(network).vectors, other.templates(network).vectors)
    assert check(other).good


def test_crops_without_a_margin_get_it_and_keep_the_rest(gallery: Gallery, other: Gallery, exported: Path) -> None:
    """Crops were once as large as `FACE`: in zips, and in the galleries they were imported to or enrolled in."""
    old = without_margins(exported)
    assert import_zip(other, old).photos == 3
    for before, after in zip(gallery.people(), other.people(), strict=True):
        for sent, got in zip(gallery.photos(before.id), other.photos(after.id), strict=True):
            enrolled, crop = gallery.crop(sent.id), other.crop(got.id)
            assert crop.shape == enrolled.shape and np.array_equal(FACE.cut(crop), FACE.cut(enrolled))
            picture = read_picture(other.picture(got.id))
            assert np.array_equal(crop[: FACE.top], align(picture, got.landmarks)[: FACE.top])
            assert np.array_equal(read_picture(other.crop_png(got.id)), crop)
    assert check(other).good
    # Stored as they came: what is exported again is what came in.
    again = exported.with_name("again.zip")
    export_zip(other, again)
    with zipfile.ZipFile(old) as one, zipfile.ZipFile(again) as two:
        pictures = [name for name in one.namelist() if name.endswith(".png")]
        assert len(pictures) == 3 and all(one.read(name) == two.read(name) for name in pictures)


def test_a_zip_of_the_first_version_is_read_like_one_of_the_second(gallery: Gallery, other: Gallery, exported: Path) -> None:
    assert import_zip(other, altered(exported, lambda document: None, 1)) == ImportReceipt(people=2, photos=3, duplicates=0)
    assert import_zip(other, exported) == ImportReceipt(people=0, photos=0, duplicates=3)
    before, after = gallery.people(), other.people()
    assert [(person.name, person.created_at, person.photo_count) for person in before] == [
        (person.name, person.created_at, person.photo_count) for person in after
    ]
    for network in (NETWORK, "b"):
        assert np.array_equal(gallery.templates(network).vectors, other.templates(network).vectors)


def test_names_full_of_brackets_and_quotes_arrive(gallery: Gallery, other: Gallery, tmp_path: Path) -> None:
    names = ["[" * 80, '"' * 80, "\\" * 80, ',"{' * 26]
    for seed, name in enumerate(names):
        gallery.enroll(name, [photo(seed)], consented=True)
    export_zip(gallery, tmp_path / "names.zip")
    import_zip(other, altered(tmp_path / "names.zip", lambda document: None, 1))
    assert [person.name for person in other.people()] == [person.name for person in gallery.people()]


def test_importing_twice_adds_nothing(other: Gallery, exported: Path) -> None:
    import_zip(other, exported)
    revision = other.revision()
    assert import_zip(other, exported) == ImportReceipt(people=0, photos=0, duplicates=3)
    assert other.revision() == revision


def test_photos_of_somebody_known_are_added_to_that_person(other: Gallery, exported: Path) -> None:
    known = other.enroll("ADA", [photo(1), photo(7)], consented=True).person
    assert import_zip(other, exported) == ImportReceipt(people=1, photos=2, duplicates=1)
    after = other.person(known.id)
    assert (after.name, after.photo_count, after.consented_at) == ("ADA", 3, known.consented_at)


def test_progress_counts_every_photo(gallery: Gallery, other: Gallery, exported: Path) -> None:
    seen: list[tuple[int, int]] = []
    export_zip(gallery, exported, lambda done, total: seen.append((done, total)))
    import_zip(other, exported, lambda done, total: seen.append((done, total)))
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)] * 2


def test_an_export_for_a_download_leaves_no_file_anywhere(
    gallery: Gallery, exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(tmp_path.rglob("*"))
    data, receipt = export_to_memory(gallery)
    assert receipt == ExportReceipt(people=2, photos=3, skipped=0)
    with zipfile.ZipFile(io.BytesIO(data)) as there, zipfile.ZipFile(exported) as same:
        assert {name: there.read(name) for name in there.namelist()} == {name: same.read(name) for name in same.namelist()}
    assert set(tmp_path.rglob("*")) == before


def test_an_import_stopped_midway_keeps_whole_people_and_can_be_completed(other: Gallery, exported: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_zip(other, exported, stop)
    assert [(person.name, person.photo_count) for person in other.people()] == [("Ada", 2)]
    assert import_zip(other, exported) == ImportReceipt(people=1, photos=1, duplicates=2)


def test_an_export_that_fails_leaves_the_earlier_zip_and_nothing_else(
    gallery: Gallery, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = exported.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="No space left"):
        export_zip(gallery, exported)
    assert exported.read_bytes() == before
    assert sorted(path.name for path in exported.parent.iterdir()) == ["gallery.zip", "storage"]
    with pytest.raises(StorageError, match="can't be written"):
        export_zip(gallery, exported.parent / "missing" / "gallery.zip")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_an_exported_zip_is_for_its_owner_only(exported: Path) -> None:
    assert exported.stat().st_mode & 0o777 == 0o600


def test_photos_whose_files_are_missing_are_left_out_and_counted(gallery: Gallery, storage: Path, exported: Path) -> None:
    next((storage / "photos").rglob("*.jpg")).unlink()
    assert export_zip(gallery, exported) == ExportReceipt(people=2, photos=2, skipped=1)


def set_in_photo(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document["people"][0]["photos"][0].update(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda document: document.update(version=3), "newer version"),
        (lambda document: document.update(version=0), "damaged in 1"),
        (lambda document: document.update(format="something"), "holds pictures"),
        (lambda document: document["people"][0].update(name="\x00"), "damaged"),
        (lambda document: document["people"][0].update(secret=1), "damaged"),
        (lambda document: document["people"][0].pop("consented_at"), "damaged"),
        (set_in_photo(sha256="../../etc/passwd"), "damaged"),
        (set_in_photo(sha256="0" * 64), "missing in this zip"),
        (set_in_photo(source="elsewhere"), "damaged"),
        (set_in_photo(landmarks=[[0, 0]]), "damaged"),
        (set_in_photo(landmarks=[[1e300, 0]] * 5), "damaged"),
        (set_in_photo(templates={NETWORK: "AAAA"}), "damaged"),
        (set_in_photo(templates={NETWORK: "not base64"}), "damaged"),
        (set_in_photo(templates={NETWORK: "AAAAAAAAAAA="}), "damaged"),
        (set_in_photo(created_at="2026-01-01T00:00:00"), "damaged"),
    ],
)
@pytest.mark.parametrize("version", [1, 2])
def test_a_list_of_people_that_was_tampered_with_is_refused(
    other: Gallery, exported: Path, change: Callable[[dict[str, Any]], None], message: str, version: int
) -> None:
    with pytest.raises(ArchiveError, match=message):
        import_zip(other, altered(exported, change, version))
    assert other.counts() == Counts(0, 0) and check(other).good


@pytest.mark.parametrize(
    ("end", "data", "message"),
    [
        (".jpg", b"other bytes", "checksum"),
        (".png", b"other bytes", "checksum"),
        (".jpg", None, "missing in this zip"),
        ("gallery.json", None, "holds pictures"),
        ("gallery.json", b"{", "damaged: it is not JSON"),
        ("gallery.json", b"\xff", "not JSON"),
        ("gallery.json", b"[]", "damaged in 1"),
        ("gallery.json", b'{"format":"familiar-gallery","version":2,"photos":2}', "one too many"),
        ("gallery.json", b'{"format":"familiar-gallery","version":2,"photos":4}', "incomplete"),
        ("gallery.json", b'{"format":"familiar-gallery","version":2,"photos":400}', "Photos are missing"),
        ("gallery.json", b'{"format":"familiar-gallery","version":2,"photos":-1}', "damaged in 1"),
        ("people.jsonl", None, "list of people is missing"),
        ("people.jsonl", b"", "incomplete"),
        ("people.jsonl", b"{}", "damaged in 1"),
        ("people.jsonl", b"[" * 1000, "damaged in 1"),
    ],
)
def test_files_that_were_tampered_with_are_refused(
    other: Gallery, exported: Path, end: str, data: bytes | None, message: str
) -> None:
    with pytest.raises(ArchiveError, match=message):
        import_zip(other, with_file(exported, end, data))
    assert other.counts().photos < 3 and check(other).good


V2 = b'{"format":"familiar-gallery","version":2,"photos":1}'

HOSTILE = {
    "spaces": ("gallery.json", b" ", 60_000_000, "not JSON"),
    "too many spaces": ("gallery.json", b" ", 100_000_000, "larger than 64 MiB"),
    "too many empty lists": ("gallery.json", b"[],", 40_000_000, "larger than 64 MiB"),
    "empty lists": ("gallery.json", b"[],", 20_000_000, "not one that the app writes"),
    "numbers": ("gallery.json", b"1e1,", 15_000_000, "not one that the app writes"),
    "empty lists with spaces": ("gallery.json", b"[],".ljust(40), 1_500_000, "damaged in 1 "),
    "nested brackets": ("gallery.json", b"[", 500_000, "not one that the app writes"),
    "nested brackets with spaces": ("gallery.json", b"[".ljust(40), 500_000, "not JSON"),
    "quotes": ("gallery.json", b'"', 60_000_000, "not JSON"),
    "a line without an end": ("people.jsonl", b"{", 100_000_000, "a line of more than 1 MiB"),
    "a line of empty lists": ("people.jsonl", b"[],", 340_000, "damaged in 1 "),
    "empty lines": ("people.jsonl", b"\n", 100_000_000, "damaged in 1 "),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells the peak of a process's memory so")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_list_of_people_is_refused_in_bounded_memory(case: str, tmp_path: Path) -> None:
    file, piece, times, message = HOSTILE[case]
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        if file != "gallery.json":
            archive.writestr("gallery.json", V2)
        with archive.open(file, "w") as stream:
            stream.write(b"[" * piece.rstrip().endswith(b","))
            for start in range(0, times, 10_000):
                stream.write(piece * min(10_000, times - start))
            stream.write(b"0]" * piece.startswith((b"[],", b"1e1")))
    read = """
import sys
from pathlib import Path
from recognition.alignment import FACE, align
from recognition.errors import ArchiveError
from recognition.gallery import Gallery, import_zip
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024
with Gallery.open(Path(sys.argv[2])) as gallery:
    before = peak()
    try:
        import_zip(gallery, Path(sys.argv[1]))
    except ArchiveError as error:
        print(peak() - before, error)
"""
    command = [sys.executable, "-c", read, str(path), str(tmp_path / "storage")]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    megabytes, error = done.stdout.split(" ", 1)
    assert message in error
    assert int(megabytes) < 300


def test_what_has_the_right_checksum_and_is_no_picture_is_refused(other: Gallery, exported: Path, tmp_path: Path) -> None:
    page = b"<script>alert(1)</script>"
    digest = hashlib.sha256(page).hexdigest()
    fake = altered(exported, set_in_photo(sha256=digest), 2)
    with zipfile.ZipFile(fake, "a") as archive:
        archive.writestr(f"photos/{digest[:2]}/{digest}.jpg", page)
    with pytest.raises(ArchiveError, match="not a JPEG"):
        import_zip(other, fake)
    assert other.counts() == Counts(0, 0)


def test_what_is_no_zip_is_refused(other: Gallery, tmp_path: Path) -> None:
    path = tmp_path / "notes.zip"
    path.write_bytes(b"notes")
    with pytest.raises(ArchiveError, match="not a zip"):
        import_zip(other, path)
