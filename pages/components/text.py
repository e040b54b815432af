"""Putting texts and pictures on a page safely."""

import base64
import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!:$~|^])")


def plain(text: str) -> str:
    """A person's name, or any text that isn't ours, so that Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", text)


def data_url(picture: bytes, kind: str = "jpeg") -> str:
    """An encoded picture as an address that a table cell or an <img> can show."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 photo`, `2 photos`, `1,204 photos`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
