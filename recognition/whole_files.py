"""Files that are there whole or not at all, whatever happens while they are written."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PARTIAL = ".part"
"""How the name of a file ends while it is written."""


def write_whole(target: Path, data: bytes) -> None:
    """Write a file beside its place, readable by the owner only, flush it to the disk, then rename it.

    Raises:
        OSError: nothing is left behind then.
    """
    partial = target.with_name(f"{target.name}.{secrets.token_hex(8)}{PARTIAL}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, target)  # noqa: PTH105
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise
