"""A process that is killed in the middle leaves a gallery that is whole."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recognition.gallery import Counts, Gallery, check, repair
from tests.recognition.gallery.photos import NETWORK, photo

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import os, signal, sys
from pathlib import Path
import sqlalchemy as sa
from recognition.gallery import Gallery
from recognition.gallery.files import Files
from recognition.gallery.database import Database
from tests.recognition.gallery.photos import photo

storage, where, nth, job = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
gallery = Gallery.open(storage)

def die_at(owner, name, before=True):
    original, calls = getattr(owner, name), []
    def call(*args, **kwargs):
        calls.append(1)
        if before and len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, call)

if where == "fsync":
    die_at(os, "fsync")
elif where == "before rename":
    die_at(os, "replace")
elif where == "after rename":
    die_at(os, "replace", before=False)
elif where == "before commit":
    sa.event.listen(gallery.database._engine, "commit", lambda connection: os.kill(os.getpid(), signal.SIGKILL))
elif where == "after commit":
    die_at(sa.orm.Session, "close")
elif where == "before unlink":
    die_at(Files, "remove")
if job == "enroll":
    gallery.enroll("Ada", [photo(1), photo(2), photo(3)], consented=True)
else:
    gallery.delete_person(gallery.find("Ada").id)
"""


def run_until_killed(storage: Path, where: str, nth: int, job: str) -> None:
    command = [sys.executable, "-c", SCRIPT, str(storage), where, str(nth), job]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("where", "nth", "enrolled"),
    [
        ("fsync", 1, False),
        ("before rename", 2, False),
        ("after rename", 6, False),
        ("before commit", 1, False),
        ("after commit", 1, True),
    ],
)
def test_whoever_is_enrolled_when_the_process_is_killed_is_there_wholly_or_not_at_all(
    storage: Path, where: str, nth: int, enrolled: bool
) -> None:
    with Gallery.open(storage) as gallery:
        gallery.enroll("Bob", [photo(9)], consented=True)
    run_until_killed(storage, where, nth, "enroll")
    with Gallery.open(storage) as gallery:
        assert gallery.counts() == (Counts(2, 4) if enrolled else Counts(1, 1))
        assert len(gallery.templates(NETWORK).vectors) == gallery.counts().photos
        found = repair(gallery)
        assert not found.missing_files and bool(found.orphan_files) is not enrolled
        assert check(gallery).good
        if not enrolled:
            assert gallery.enroll("Ada", [photo(1), photo(2), photo(3)], consented=True).added == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_whoever_is_deleted_when_the_process_is_killed_is_gone_after_repair(storage: Path) -> None:
    with Gallery.open(storage) as gallery:
        gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    run_until_killed(storage, "before unlink", 2, "delete")
    with Gallery.open(storage) as gallery:
        assert gallery.people() == []
        found = repair(gallery)
        assert len(found.orphan_files) == 3 and not found.missing_files
        assert check(gallery).good
    assert b"Ada" not in b"".join(path.read_bytes() for path in storage.glob("gallery.sqlite3*"))
