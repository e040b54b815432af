"""Fetching a file that a person asked for: with progress, and continued where an earlier try stopped."""

from collections.abc import Callable
from pathlib import Path

import requests

from recognition.errors import DownloadError

CHUNK = 1 << 16
TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and between two pieces of data."""

Progress = Callable[[int, int], None]
"""Called with bytes here and bytes in all. It may raise to stop; what has arrived is kept."""


def fetch(url: str, part: Path, progress: Progress, *, name: str, size: int | None = None) -> None:
    """Fetch a file, from where an earlier try stopped if the server can. Whether it is the right one, the caller checks.

    Args:
        url: where it is.
        part: where it goes, and where what has arrived of it lies.
        progress: see `Progress`.
        name: what to call it in messages.
        size: bytes that it must have, where they are known.

    Raises:
        DownloadError: no connection, a wrong answer, a wrong length. The next call resumes.
    """
    have = part.stat().st_size if part.exists() else 0
    try:
        with requests.get(url, headers=_range(have), stream=True, timeout=TIMEOUT) as answer:
            if answer.status_code == 416:
                part.unlink()
                raise DownloadError("The server can't continue from what has arrived. Start the download again.")
            if answer.status_code not in (200, 206):
                raise DownloadError(f"The server answered {answer.status_code} {answer.reason} for {name}.")
            # A server that doesn't resume answers 200 and sends everything again.
            have = _resumed_at(answer, have) if answer.status_code == 206 else 0
            total = have + int(answer.headers.get("Content-Length", 0))
            if size is not None and total != size:
                part.unlink(missing_ok=True)
                raise DownloadError(f"The server offers {total:,} bytes; {name} has {size:,}.")
            with part.open("ab" if have else "wb") as file:
                progress(have, total)
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    progress(have, total)
    except requests.RequestException as error:
        raise DownloadError(
            f"{name} could not be fetched: no connection, or it broke off. "
            "What has arrived is kept; start the download again to continue."
        ) from error
    except OSError as error:
        raise DownloadError(f"{part.parent} can't be written: {error.strerror or error}.") from error
    if have != total:
        raise DownloadError(f"Only {have:,} of {total:,} bytes of {name} arrived. Start the download again to continue.")


def _range(have: int) -> dict[str, str]:
    # Compressed answers could not be resumed by byte.
    return {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})


def _resumed_at(answer: requests.Response, have: int) -> int:
    if not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        raise DownloadError("The server continued at another place than asked for. Start the download again.")
    return have
