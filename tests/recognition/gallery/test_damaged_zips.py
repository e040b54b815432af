"""Whatever happened to a zip on its way, reading it gives a clear error or what is still good in it."""

import io
import json
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import ArchiveError, GalleryError, PictureError
from recognition.gallery import Gallery, check, export_zip, import_zip, iter_archive_pictures
from recognition.pictures import encode_jpeg, encode_png, read_picture
from tests.recognition.gallery.photos import face, photo

ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\ud800", 10**400, "é" * 90]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=5,
)


@st.composite
def damage(draw: st.DrawFn) -> list[tuple[str, float, int]]:
    """What is done to a file, in turn: an action, where (a share of its length), and a byte or number of bytes."""
    action = st.sampled_from(["set", "set", "set", "cut", "repeat", "end"])
    return draw(st.lists(st.tuples(action, st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=8))


def damaged(data: bytes, steps: list[tuple[str, float, int]]) -> bytes:
    content = bytearray(data)
    for action, share, number in steps:
        place = int(share * len(content))
        if action == "set" and content:
            content[place] = number
        elif action == "cut":
            del content[place : place + number]
        elif action == "repeat":
            content[place:place] = content[place : place + number]
        elif action == "end" and number < 32:
            del content[place:]
    return bytes(content)


@pytest.fixture(scope="module")
def pictures() -> bytes:
    """A zip of two people's pictures."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Ada/1.jpg", encode_jpeg(face()[:40, :40]))
        archive.writestr("Bob/2.png", encode_png(face()[:20, :20]))
        archive.writestr("Bob/notes.txt", "notes")
    return out.getvalue()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip of Ada with two photos and Bob with one."""
    folder = tmp_path_factory.mktemp("exported")
    with Gallery.open(folder / "storage") as gallery:
        gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
        gallery.enroll("Bob", [photo(3)], consented=True)
        export_zip(gallery, folder / "gallery.zip")
    return folder / "gallery.zip"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    with Gallery.open(tmp_path_factory.mktemp("target")) as gallery:
        yield gallery


def import_or_refuse(target: Gallery, path: Path) -> None:
    """Import a zip that may be damaged: a clear error or none, whole people or none of them."""
    try:
        import_zip(target, path)
    except (ArchiveError, GalleryError) as error:
        assert str(error).endswith(".")
    assert check(target).good
    for person in target.people():
        assert person.photo_count
        target.delete_person(person.id)


@settings(deadline=None, max_examples=150)
@given(steps=damage())
def test_a_damaged_zip_of_pictures(pictures: bytes, steps: list[tuple[str, float, int]]) -> None:
    try:
        for found in iter_archive_pictures(damaged(pictures, steps)):
            assert read_picture(found.data, found.file).dtype == "uint8"
    except (ArchiveError, PictureError) as error:
        assert str(error).endswith(".")


@settings(deadline=None, max_examples=60)
@given(steps=damage())
def test_a_damaged_exported_gallery(target: Gallery, exported: Path, steps: list[tuple[str, float, int]]) -> None:
    path = exported.with_name("damaged.zip")
    path.write_bytes(damaged(exported.read_bytes(), steps))
    import_or_refuse(target, path)


@settings(deadline=None, max_examples=60)
@given(steps=damage(), file=st.sampled_from(["gallery.json", "people.jsonl", ".jpg", ".png"]))
def test_a_sound_zip_with_a_damaged_file(
    target: Gallery, exported: Path, steps: list[tuple[str, float, int]], file: str
) -> None:
    path = exported.with_name("damaged.zip")
    with zipfile.ZipFile(exported) as source, zipfile.ZipFile(path, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            copy.writestr(name, damaged(data, steps) if name.endswith(file) else data)
    import_or_refuse(target, path)


@settings(deadline=None, max_examples=150)
@given(value=ANY_JSON, version=st.sampled_from([1, 2]), seed=st.integers(0, 2**32))
def test_a_list_of_people_with_any_value_in_any_place(
    target: Gallery, exported: Path, value: Any, version: int, seed: int
) -> None:
    path = exported.with_name("damaged.zip")
    with zipfile.ZipFile(exported) as source, zipfile.ZipFile(path, "w") as copy:
        files = {name: source.read(name) for name in source.namelist()}
        lines = [json.loads(line) for line in files.pop("people.jsonl").splitlines()]
        header = json.loads(files.pop("gallery.json"))
        if version == 1:
            first = lines[0]["person"] | {"photos": [line["photo"] for line in lines[1:3]]}
            document = replaced({"format": header["format"], "version": 1, "people": [first]}, value, random.Random(seed))
            copy.writestr("gallery.json", json.dumps(document))
        else:
            header, *lines = replaced([header, *lines], value, random.Random(seed), depth=1)
            copy.writestr("gallery.json", json.dumps(header))
            copy.writestr("people.jsonl", "\n".join(map(json.dumps, lines)))
        for name, data in files.items():
            copy.writestr(name, data)
    import_or_refuse(target, path)


def replaced(document: Any, value: Any, choice: random.Random, depth: int = 0) -> Any:
    """A document with a value in a place chosen at random, at least so deep."""
    if not isinstance(document, dict | list) or not document or (depth <= 0 and choice.random() < 0.2):
        return value
    copy = document.copy()
    key = choice.choice(list(document) if isinstance(document, dict) else range(len(document)))
    copy[key] = replaced(document[key], value, choice, depth - 1)
    return copy
