"""A collection on disk, one folder an item, each there whole or not at all.

An item appears under its id only once it is whole, and is renamed away before it is removed: whoever looks sees all of it or
nothing. Writers take turns by a lock file, so that what a killed one left behind can be told from work in progress.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import filelock

from recognition.errors import StorageError

LOCK_SECONDS = 60.0
"""How long to wait for another process that writes: the slowest disks need seconds for 100 MB."""

Publish = Callable[[], AbstractContextManager[object]]
"""Entered around the moment an item appears. An error from it leaves nothing behind."""

_LEFTOVER = re.compile(r"\..+\.(part|gone)")


class Folders:
    """One such collection.

    Args:
        root: the folder of the folders; made when it is first written to.
        what: what the items are called in messages, such as "models".
    """

    def __init__(self, root: Path, what: str) -> None:
        self.root = root
        self._what = what

    def ids(self) -> list[str]:
        """Names of the items' folders, sorted."""
        return sorted(path.name for path in self.root.glob("[!.]*") if path.is_dir())

    @contextmanager
    def changing(self) -> Iterator[None]:
        """For one writer alone; what killed ones left behind is removed.

        Raises:
            StorageError: the folder can't be written to.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with filelock.FileLock(self.root / ".lock", timeout=LOCK_SECONDS):
                for entry in self.root.iterdir():
                    if _LEFTOVER.fullmatch(entry.name):
                        shutil.rmtree(entry)
                yield
        except filelock.Timeout as error:
            raise StorageError(f"Another program is writing {self._what}. Try again in a moment.") from error
        except OSError as error:
            raise StorageError(
                f"The {self._what} in {self.root} can't be changed ({error.strerror or error}). "
                "Check that the folder may be written to and has free space."
            ) from error

    @contextmanager
    def adding(self, item: str, publish: Publish = nullcontext) -> Iterator[Path]:
        """A folder to write an item's files into; it gets its name at the end. Inside `changing`."""
        partial = self.root / f".{item}.part"
        try:
            partial.mkdir(mode=0o700)
            yield partial
            with publish():
                partial.rename(self.root / item)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def remove(self, item: str) -> bool:
        """Remove an item. Inside `changing`. Whether it was there."""
        folder = self.root / item
        if not folder.exists():
            return False
        shutil.rmtree(folder.rename(self.root / f".{item}.gone"))
        return True
