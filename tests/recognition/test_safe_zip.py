"""Zips from strangers."""

import io
import random
import stat
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import ArchiveError
from recognition.gallery import iter_archive_pictures
from recognition.safe_zip import ZipLimits, open_archive

KIB = 1024


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def all_of(source: bytes | Path, limits: ZipLimits | None = None) -> list[tuple[str | None, str, bytes]]:
    return [(found.person, found.file, found.data) for found in iter_archive_pictures(source, limits)]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.jpg",
        "ada/../../evil.jpg",
        "ada/..",
        "/etc/evil.jpg",
        "\\evil.jpg",
        "ada\\..\\evil.jpg",
        "C:\\evil.jpg",
        "c:evil.jpg",
        "//server/evil.jpg",
    ],
)
def test_paths_that_lead_out_are_refused_with_the_whole_zip(name: str) -> None:
    with pytest.raises(ArchiveError, match="lead out"):
        all_of(zipped(("ada/1.jpg", b"fine"), (name, b"evil")))


@settings(deadline=None)
@given(st.lists(st.sampled_from(["..", ".", "", "ada", "..ada", "a..", "x.jpg", "C:", " "]), min_size=1, max_size=6))
def test_whatever_the_path_what_comes_out_stays_inside(parts: list[str]) -> None:
    name = "/".join(parts)
    data = zipped((name or "x", b"data"))
    try:
        with open_archive(data) as archive:
            found = [entry.parts for entry in archive.entries]
    except ArchiveError:
        assert ".." in parts or name.startswith("/") or name[1:2] == ":" or not any(part.strip("./") for part in parts)
        return
    base = Path("/base")
    for entry in found:
        assert (base.joinpath(*entry)).resolve().is_relative_to(base) and len(entry) >= 1
        assert not {"", ".", ".."} & set(entry)


@settings(deadline=None, max_examples=200)
@given(st.randoms(use_true_random=False))
def test_a_damaged_zip_never_raises_anything_but_archive_error(random_: random.Random) -> None:
    data = bytearray(zipped(("ada/1.jpg", b"one" * 50), ("bob/2.jpg", b"two" * 50)))
    for _ in range(random_.randint(1, 6)):
        data[random_.randrange(len(data))] = random_.randrange(256)
    del data[random_.randint(len(data) // 2, len(data)) :]
    with suppress(ArchiveError):
        all_of(bytes(data))


def test_links_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("ada/link.jpg")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match="links"):
        all_of(out.getvalue())


def test_a_password_is_refused() -> None:
    data = bytearray(zipped(("ada/1.jpg", b"one")))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="password"):
        all_of(bytes(data))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_can_not_be_bounded_are_refused(method: int) -> None:
    with pytest.raises(ArchiveError, match="unusual compression"):
        all_of(zipped(("ada/1.jpg", b"one"), method=method))


# Named: a zip holds the time, and tests that run side by side must be called the same.
@pytest.mark.parametrize("data", [b"", b"hello", zipped(("a/1.jpg", b"one"))[:-30]], ids=["empty", "text", "cut off"])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError, match="not a zip"):
        all_of(data)


def test_too_many_entries_are_refused() -> None:
    data = zipped(*((f"ada/{number}.txt", b"") for number in range(11)))
    with pytest.raises(ArchiveError, match="has 11 files; at most 10"):
        all_of(data, ZipLimits(entries=10))


def test_a_bomb_is_refused_at_the_limit_of_one_file() -> None:
    bomb = zipped(("ada/1.jpg", bytes(KIB * KIB)))
    assert len(bomb) < 2 * KIB
    with pytest.raises(ArchiveError, match=r"ada/1\.jpg in the zip is larger than"):
        all_of(bomb, ZipLimits(entry_bytes=KIB * KIB - 1))
    assert len(all_of(bomb, ZipLimits(entry_bytes=KIB * KIB))) == 1


def test_a_bomb_is_refused_at_the_limit_of_all_files_together() -> None:
    bomb = zipped(*((f"ada/{number}.jpg", bytes(KIB * KIB)) for number in range(4)))
    with pytest.raises(ArchiveError, match="unpacks to more than 3 MiB"):
        all_of(bomb, ZipLimits(total_bytes=3 * KIB * KIB))


def test_a_bomb_that_lies_about_its_size_gives_no_more_than_it_said() -> None:
    bomb = bytearray(zipped(("ada/1.jpg", bytes(KIB * KIB))))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bomb.index(signature) + offset
        bomb[at : at + 4] = (10).to_bytes(4, "little")
    assert all_of(bytes(bomb)) == [("ada", "ada/1.jpg", b"")]
