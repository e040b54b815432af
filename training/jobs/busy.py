"""Patience with a database that another process keeps locked."""

import time
from collections.abc import Callable
from typing import TypeVar

from recognition.errors import GalleryBusyError

TRIES = 20
"""How often a busy database is asked to take the result of a training."""

_PAUSE = 0.5
"""Seconds between two tries, each of which waits for `recognition.gallery.database.BUSY_SECONDS` itself."""

_Result = TypeVar("_Result")


def try_while_busy(work: Callable[[], _Result]) -> _Result:
    """Work that writes to the database, tried again while another process keeps that locked.

    Raises:
        GalleryBusyError: it stayed locked for all tries.
    """
    for _ in range(TRIES - 1):
        try:
            return work()
        except GalleryBusyError:
            time.sleep(_PAUSE)
    return work()
