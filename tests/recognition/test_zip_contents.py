"""What a zip holds: the app's own exports are told from pictures, wherever they are brought."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from recognition.errors import ArchiveError
from recognition.gallery import Counts, Gallery, export_to_memory, import_zip
from recognition.safe_zip import open_archive
from recognition.zip_contents import Contents, expect, look_into
from tests.recognition.gallery.photos import photo
from tests.recognition.test_safe_zip import zipped


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    with Gallery.open(tmp_path_factory.mktemp("gallery")) as gallery:
        gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
        return export_to_memory(gallery)[0]


def repacked(data: bytes, rename: Callable[[str], str] = str, *more: tuple[str, bytes]) -> bytes:
    with open_archive(data) as archive:
        return zipped(*more, *((rename(entry.path), archive.read(entry)) for entry in archive.entries))


def test_a_gallery_is_known_by_what_its_manifest_says(exported: bytes) -> None:
    assert look_into(exported) is Contents.GALLERY
    assert look_into(io.BytesIO(exported)) is Contents.GALLERY
    foreign = repacked(exported, lambda path: "notes.json" if path == "gallery.json" else path)
    assert look_into(foreign) is Contents.PICTURES
    assert look_into(zipped(("gallery.json", b'{"format": "another"}'), ("Ada/1.jpg", b"1"))) is Contents.PICTURES


def test_a_copy_that_was_unpacked_and_packed_again_is_restored_all_the_same(exported: bytes, tmp_path: Path) -> None:
    again = repacked(exported, "familiar-gallery/{}".format, ("__MACOSX/._gallery.json", b"-"))
    assert look_into(again) is Contents.GALLERY
    with Gallery.open(tmp_path / "other") as other:
        import_zip(other, io.BytesIO(again))
        assert other.counts() == Counts(people=1, photos=2)


@pytest.mark.parametrize(
    ("files", "contents"),
    [
        ([], Contents.EMPTY),
        ([("1.jpg", b"1")], Contents.PICTURES),
        ([("Ada/1.jpg", b"1")], Contents.PICTURES),
        ([("notes.txt", b"-"), ("Ada/.hidden.jpg", b"-")], Contents.OTHER),
        ([("network.json", b'{"format":"familiar-model"}')], Contents.MODEL),
    ],
)
def test_each_kind_is_told(files: list[tuple[str, bytes]], contents: Contents) -> None:
    assert look_into(zipped(*files)) is contents


def test_a_zip_at_the_wrong_place_is_told_where_it_belongs(exported: bytes) -> None:
    with pytest.raises(ArchiveError, match="copy of everyone"):
        expect(exported, Contents.MODEL)
    with pytest.raises(ArchiveError, match="Add a person"):
        expect(zipped(("Ada/1.jpg", b"1")), Contents.GALLERY)
    with pytest.raises(ArchiveError, match="not a zip"):
        expect(b"notes", Contents.GALLERY)
