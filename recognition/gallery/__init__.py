"""The gallery of enrolled people: their photos on disk, their templates in a database, ways in and out."""

from recognition.gallery.archive import ExportReceipt, ImportReceipt, export_to_memory, export_zip, import_zip, zip_beside
from recognition.gallery.health import HealthReport, check, repair
from recognition.gallery.records import (
    SOURCES,
    Counts,
    DeletionReceipt,
    Duplicate,
    EnrollReceipt,
    NewPhoto,
    NothingNewError,
    PersonSummary,
    PhotoQuality,
    PhotoRecord,
    RemovalRecord,
    TemplateSet,
)
from recognition.gallery.store import Gallery
from recognition.gallery.uploads import ArchivedPicture, count_archive_pictures, iter_archive_pictures, iter_folder_pictures

__all__ = [
    "SOURCES",
    "ArchivedPicture",
    "Counts",
    "DeletionReceipt",
    "Duplicate",
    "EnrollReceipt",
    "ExportReceipt",
    "Gallery",
    "HealthReport",
    "ImportReceipt",
    "NewPhoto",
    "NothingNewError",
    "PersonSummary",
    "PhotoQuality",
    "PhotoRecord",
    "RemovalRecord",
    "TemplateSet",
    "check",
    "count_archive_pictures",
    "export_to_memory",
    "export_zip",
    "import_zip",
    "iter_archive_pictures",
    "iter_folder_pictures",
    "repair",
    "zip_beside",
]
