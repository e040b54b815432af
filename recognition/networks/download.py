"""Fetching a weights file: with progress, a checksum and a resume, and only when a person asked for it."""

from collections.abc import Callable
from pathlib import Path

import requests

from recognition.errors import DownloadError, WeightsCorruptError
from recognition.networks.base import Weights
from recognition.networks.facenet import verify

CHUNK = 1 << 16
TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and between two pieces of data."""

Progress = Callable[[int, int], None]
"""Called with bytes here and bytes in all. It may raise to stop; what has arrived is kept."""


def download(weights: Weights, target: Path, progress: Progress = lambda here, total: None) -> Path:
    """Fetch a weights file beside its place, check it, then move it there.

    What has arrived of an earlier try is continued, if the server can.

    Returns:
        target.

    Raises:
        DownloadError: no connection, a wrong answer, a wrong length. The next call resumes.
        WeightsCorruptError: everything arrived, but fails the checksum; the data is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(target.suffix + ".part")
    if weights.size is None or not part.exists() or part.stat().st_size != weights.size:
        _fetch(weights, part, progress)
    try:
        verify(part, weights)
    except WeightsCorruptError:
        part.unlink()
        raise
    part.replace(target)
    return target


def _fetch(weights: Weights, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    try:
        with requests.get(weights.url, headers=_range(have), stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 416:
                part.unlink()
                raise DownloadError("The server can't continue from what has arrived. Start the download again.")
            if answer.status_code not in (200, 206):
                raise DownloadError(f"The server answered {answer.status_code} {answer.reason} for {weights.file_name}.")
            # A server that doesn't resume answers 200 and sends everything again.
            have = _resumed_at(answer, have) if answer.status_code == 206 else 0
            total = have + int(answer.headers.get("Content-Length", 0))
            if weights.size is not None and total != weights.size:
                part.unlink(missing_ok=True)
                raise DownloadError(f"The server offers {total:,} bytes; {weights.file_name} has {weights.size:,}.")
            with part.open("ab" if have else "wb") as file:
                progress(have, total)
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    progress(have, total)
    except requests.RequestException as error:
        raise DownloadError(
            f"{weights.file_name} could not be fetched: no connection, or it broke off. "
            "What has arrived is kept; start the download again to continue."
        ) from error
    except OSError as error:
        raise DownloadError(f"{part.parent} can't be written: {error.strerror or error}.") from error
    if have != total:
        raise DownloadError(
            f"Only {have:,} of {total:,} bytes of {weights.file_name} arrived. Start the download again to continue."
        )


def _range(have: int) -> dict[str, str]:
    # Compressed answers could not be resumed by byte.
    return {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})


def _resumed_at(answer: requests.Response, have: int) -> int:
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise DownloadError("The server continued at another place than asked for. Start the download again.")
    return have
