"""Do files and rows agree? A process that was killed may leave files behind that no row names."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from recognition.gallery import queries
from recognition.gallery.store import Gallery


@dataclass(frozen=True)
class HealthReport:
    """What was found. Files go by their path relative to the storage folder.

    Attributes:
        orphan_files: files that no photo refers to, half-written ones included.
        missing_files: files a photo refers to that are not there. Nothing deletes such photos by itself: their
            drive may be disconnected, or a backup may have them.
        files_in_use: how many files the photos refer to.
    """

    orphan_files: tuple[str, ...]
    missing_files: tuple[str, ...]
    files_in_use: int

    @property
    def good(self) -> bool:
        return not self.orphan_files and not self.missing_files


def check(gallery: Gallery) -> HealthReport:
    """Compare files with rows. Waits for enrollments in progress, in all processes, and holds up new ones.

    Raises:
        StorageError, GalleryBusyError: the storage can't be read.
    """
    with gallery.database.lock() as session:
        return _compare(gallery, session)


def repair(gallery: Gallery) -> HealthReport:
    """Remove the orphan files, and what deletions may have left in the database's log.

    Returns:
        what was found, that is, before the removal.

    Raises:
        StorageError, GalleryBusyError: the storage can't be read or written to.
    """
    with gallery.database.lock() as session:
        report = _compare(gallery, session)
        for file in report.orphan_files:
            gallery.files.remove(file)
    gallery.database.erase_traces()
    return report


def _compare(gallery: Gallery, session: Session) -> HealthReport:
    there = gallery.files.all()
    wanted = queries.all_files_in_use(session)
    return HealthReport(tuple(sorted(there - wanted)), tuple(sorted(wanted - there)), len(wanted))
