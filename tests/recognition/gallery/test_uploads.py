"""Pictures from a zip or a folder, one folder per person."""

import io
import zipfile
from pathlib import Path

import pytest

from recognition.errors import ArchiveError
from recognition.gallery import iter_archive_pictures, iter_folder_pictures
from recognition.pictures import encode_jpeg, read_picture
from recognition.safe_zip import ZipLimits
from tests.recognition.gallery.photos import face
from tests.recognition.test_safe_zip import zipped

FILES = {
    "top.jpg": b"t",
    "Bob/b.PNG": b"b",
    "class/Ada/2.jpeg": b"2",
    "class/Ada/1.jpg": b"1",
    "Ada/deeper down/3.webp": b"3",
    "Ada/notes.txt": b"-",
    "Ada/more.zip": b"-",
    "Ada/.hidden.jpg": b"-",
    "Ada/._1.jpg": b"-",
    ".git/x.jpg": b"-",
    "__MACOSX/Ada/1.jpg": b"-",
    "Ada/Thumbs.db": b"-",
    "Ada/noextension": b"-",
}
FOUND = [
    (None, "top.jpg", b"t"),
    ("Ada", "class/Ada/1.jpg", b"1"),
    ("Ada", "class/Ada/2.jpeg", b"2"),
    ("Bob", "Bob/b.PNG", b"b"),
    ("deeper down", "Ada/deeper down/3.webp", b"3"),
]


def test_a_zip_gives_its_pictures_person_by_person(tmp_path: Path) -> None:
    data = zipped(*FILES.items())
    path = tmp_path / "people.zip"
    path.write_bytes(data)
    for source in (data, path, io.BytesIO(data)):
        assert [(found.person, found.file, found.data) for found in iter_archive_pictures(source)] == FOUND


def test_a_folder_gives_the_same(tmp_path: Path) -> None:
    for name, data in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert [(found.person, found.file, found.data) for found in iter_folder_pictures(tmp_path)] == FOUND


def test_real_pictures_come_through_whole() -> None:
    jpeg = encode_jpeg(face())
    (found,) = iter_archive_pictures(zipped(("Ada/1.jpg", jpeg)))
    assert read_picture(found.data).shape == face().shape


def test_folders_named_on_windows_or_a_mac_keep_their_names() -> None:
    (windows,) = iter_archive_pictures(zipped(("people\\Zoë\\1.jpg", b"1")))
    assert (windows.person, windows.file) == ("Zoë", "people/Zoë/1.jpg")
    # Written as UTF-8, without the flag that says so.
    data = zipped(("Zoë/1.jpg", b"1"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data = data[:at] + b"\x00\x00" + data[at + 2 :]
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() != ["Zoë/1.jpg"]
    (mac,) = iter_archive_pictures(data)
    assert mac.person == "Zoë"


def test_one_damaged_picture_is_handed_on_as_unreadable_and_the_others_as_they_are() -> None:
    data = zipped(("Ada/1.jpg", b"first picture"), ("Ada/2.jpg", b"second"), method=zipfile.ZIP_STORED)
    data = data.replace(b"first picture", b"fiRst picture")
    assert [found.data for found in iter_archive_pictures(data)] == [b"", b"second"]


def test_files_of_a_folder_that_can_not_be_read_are_handed_on_as_unreadable(tmp_path: Path) -> None:
    (tmp_path / "large.jpg").write_bytes(b"x" * 11)
    (tmp_path / "nowhere.jpg").symlink_to(tmp_path / "missing")
    found = list(iter_folder_pictures(tmp_path, ZipLimits(entry_bytes=10)))
    assert [(picture.file, picture.data) for picture in found] == [("large.jpg", b""), ("nowhere.jpg", b"")]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a folder"):
        list(iter_folder_pictures(tmp_path / "missing"))
