"""Pictures of all kinds become uint8 in memory; what can't is named."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recognition.errors import ArchiveError, CancelledError
from recognition.safe_zip import ZipLimits
from tests.training.course.data.folders_of import SIDE, classes, folder, png, zipped
from training.course.data import files as files_module
from training.course.data import folders as folders_module
from training.course.data.folders import MIXED_SIDE, read_pictures
from training.course.data.report import Examined
from training.errors import DataError

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


def read(files: dict[str, bytes], side: int | None = None) -> Examined:
    return read_pictures(zipped(files), "test", side)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def test_a_folder_and_its_zip_are_the_same_data_set(tmp_path: Path) -> None:
    made = classes("cat", "dog", under="train/") | classes("cat", "dog", each=2, under="test/", first=50)
    one, other = read_pictures(folder(tmp_path, made), "test"), read(made)
    assert one.report == other.report
    assert one.report.train == {"cat": 4, "dog": 4} and one.report.test == {"cat": 2, "dog": 2}
    for data in (one.pictures, other.pictures):
        assert data.test is not None
        assert data.train.images.shape == (8, SIDE, SIDE, 3) and data.train.labels.tolist() == [0] * 4 + [1] * 4
        assert data.test.labels.tolist() == [0, 0, 1, 1]
        expected = np.asarray(Image.open(io.BytesIO(made["train/dog/2.png"])))
        assert np.array_equal(data.train.images[6], expected)


def test_grey_stays_one_channel_however_it_is_stored() -> None:
    grey = Image.fromarray(NOISE).convert("L")
    ways = {
        "L": grey,
        "RGB": grey.convert("RGB"),
        "RGBA": grey.convert("RGBA"),
        "LA": grey.convert("LA"),
        "palette": grey.convert("P"),
        "16 bit": Image.fromarray(np.asarray(grey).astype(np.uint16) * 257),
    }
    data = read(
        {f"{name}/{place}.png": encoded(way, "PNG") for name in "ab" for place, way in enumerate(ways.values())}
    ).pictures
    assert data.train.images.shape == (12, 20, 30, 1)
    assert all(np.array_equal(image[..., 0], grey) for image in data.train.images)


def test_one_picture_in_colour_makes_all_of_them_three_channels() -> None:
    grey = classes("a", each=2) | {"b/1.png": png(1, mode="L"), "b/2.png": png(2, mode="L")}
    images = read(grey).pictures.train.images
    assert images.shape[3] == 3 and np.array_equal(images[2, ..., 0], images[2, ..., 2])


def test_modes_and_sizes_are_mixed() -> None:
    picture = Image.fromarray(NOISE)
    animated = encoded(picture, "GIF", save_all=True, append_images=[Image.new("RGB", (30, 20), "red")])
    kinds = {
        "palette.png": encoded(picture.convert("P"), "PNG"),
        "cmyk.jpg": encoded(picture.convert("CMYK"), "JPEG", quality=95),
        "animated.gif": animated,
        "sixteen.png": encoded(Image.fromarray(np.full((50, 40), 40_000, np.uint16)), "PNG"),
        "one bit.png": encoded(picture.convert("1"), "PNG"),
        "alpha.webp": encoded(picture.convert("RGBA"), "WEBP"),
        "tall.bmp": encoded(picture.resize((10, 90)), "BMP"),
    }
    found = read({f"{name}/{file}": data for name in "ab" for file, data in kinds.items()})
    assert found.pictures.train.images.shape == (14, MIXED_SIDE, MIXED_SIDE, 3)
    assert found.report.sizes == 3 and found.report.left_out == ()
    assert (found.pictures.train.images[5] == 40_000 // 257).all(), "16 bits become 8"


def test_the_middle_square_is_kept_at_the_side_asked_for() -> None:
    wide = np.zeros((8, 16, 3), np.uint8)
    wide[:, 4:12] = 200
    data = encoded(Image.fromarray(wide), "PNG")
    images = read({f"{name}/{number}.png": data for name in "ab" for number in range(2)}, side=4).pictures.train.images
    assert images.shape == (4, 4, 4, 1) and (images == 200).all()


def test_pictures_upright_by_their_exif_tag() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(Image.fromarray(NOISE), "PNG", exif=exif)
    images = read({f"{name}/{number}.png": turned for name in "ab" for number in range(2)}).pictures.train.images
    assert np.array_equal(images[0], np.rot90(NOISE, -1))


def test_broken_files_are_named_and_the_rest_is_used() -> None:
    made = classes("cat", "dog") | {
        "cat/torn.png": png(9)[:60],
        "dog/text.jpg": b"hello",
        "dog/empty.png": b"",
        "dog/a.csv": b"",
    }
    found = read(made)
    assert len(found.pictures.train) == 8
    assert {file.file for file in found.report.left_out} == {"cat/torn.png", "dog/text.jpg", "dog/empty.png", "dog/a.csv"}
    assert all(file.file in file.reason for file in found.report.left_out)


def test_a_damaged_entry_of_a_zip_is_named() -> None:
    made = classes("cat", "dog")
    data = zipped(made).getvalue().replace(made["cat/1.png"][60:70], b"0123456789")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() == "cat/1.png"
    (left,) = read_pictures(io.BytesIO(data), "test").report.left_out
    assert left.file == "cat/1.png" and "damaged" in left.reason


def huge() -> bytes:
    """A PNG of 10,000 × 10,000 black pixels in a few kilobytes."""
    out = io.BytesIO(png(0, 8, "1"))
    head = bytearray(out.getvalue())
    head[16:24] = (10_000).to_bytes(4, "big") * 2
    head[29:33] = zlib.crc32(bytes(head[12:29])).to_bytes(4, "big")
    return bytes(head)


def test_pictures_with_too_many_pixels_are_named_before_they_are_decoded() -> None:
    (left,) = read(classes("cat", "dog") | {"cat/huge.png": huge()}).report.left_out
    assert left.file == "cat/huge.png" and "50 megapixels" in left.reason


def test_a_zip_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "LIMITS", ZipLimits(total_bytes=1 << 20, entry_bytes=1 << 19))
    blank = encoded(Image.new("L", (700, 700)), "BMP")
    with pytest.raises(ArchiveError, match=r"unpacks to more than 1 MiB"):
        read({f"{name}/{number}.bmp": blank for name in "ab" for number in range(2)})
    with pytest.raises(ArchiveError, match=r"a/1\.bmp in the zip is larger"):
        read(classes("a", "b") | {"a/1.bmp": bytes(1 << 20)})


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(files_module, "LIMITS", ZipLimits(entries=7))
    made = classes("a", "b")
    with pytest.raises(DataError, match="holds 8 files; at most 7"):
        read_pictures(folder(tmp_path, made), "test")
    with pytest.raises(ArchiveError, match="8 files; at most 7"):
        read(made)


def test_more_than_fits_into_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders_module, "MAX_BYTES", 3 * SIDE * SIDE * 7)
    with pytest.raises(DataError, match="Choose a smaller side"):
        read(classes("a", "b"))
    assert len(read(classes("a", "b"), side=8).pictures.train) == 8


def test_large_pictures_of_one_size_are_made_smaller() -> None:
    large = encoded(Image.new("RGB", (300, 300), "red"), "PNG")
    data = read({f"{name}/{number}.png": large for name in "ab" for number in range(2)}).pictures
    assert data.train.images.shape == (4, MIXED_SIDE, MIXED_SIDE, 3)


@pytest.mark.parametrize(
    ("made", "says"),
    [
        ({}, "no pictures"),
        (classes("cat"), "only one, cat"),
        (classes("cat", "dog", each=1), "only one picture"),
        (classes("cat", "dog") | {"bird/1.png": b"torn"}, "No picture of bird can be read"),
    ],
    ids=["empty", "one class", "one picture a class", "a class of nothing"],
)
def test_what_can_t_be_learned_from_is_told(made: dict[str, bytes], says: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=says):
        read(made)
    with pytest.raises(DataError, match=says):
        read_pictures(folder(tmp_path, made), "test")


def test_faces_that_were_exported_are_no_data_set() -> None:
    with pytest.raises(ArchiveError, match="copy of everyone"):
        read(classes("cat", "dog") | {"gallery.json": b'{"format":"familiar-gallery"}'})


def test_no_such_place(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere is no folder or zip.*No such file"):
        read_pictures(tmp_path / "nowhere", "test")
    (tmp_path / "text.zip").write_text("hello")
    with pytest.raises(ArchiveError, match="not a zip"):
        read_pictures(tmp_path / "text.zip", "test")


def test_reading_shows_its_progress_and_can_be_stopped() -> None:
    seen: list[tuple[int, int]] = []
    read_pictures(zipped(classes("a", "b")), "test", progress=lambda done, total: seen.append((done, total)))
    assert seen == [(done, 8) for done in range(8)]

    def stop(done: int, total: int) -> None:
        raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        read_pictures(zipped(classes("a", "b")), "test", progress=stop)


@pytest.mark.parametrize(("name", "shape"), [("mnist", (28, 28, 1)), ("cifar10", (32, 32, 3))])
def test_the_zips_of_the_course_are_understood(
    shared: Path, name: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    everything: Callable[..., object] = folders_module.layout
    monkeypatch.setattr(folders_module, "layout", lambda paths: everything(path for path in paths if path[-1][-6:-4] == "77"))
    data = read_pictures(shared / "data" / f"{name}.zip", name).pictures
    assert data.test is not None and len(data.classes) == 10 and data.train.images.shape[1:] == shape
