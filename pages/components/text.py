"""Putting texts and pictures on a page safely."""

import base64
import re
from collections.abc import Sequence

import streamlit as st

_MARKDOWN = re.compile(r"[\\`*_{}\[\]()<>#+\-.!:$~|^&/]")

_READ_AFTERWARDS = re.compile(r"(?::(?=material_|streamlit:|//)|www(?=\.)|@)", re.IGNORECASE)
"""What Streamlit turns into icons and links after Markdown has taken the backslashes away."""

WORD_JOINER = "\u2060"
"""Has no width, and allows no line break."""


def plain(text: str) -> str:
    """A name, an error's sentence, or any other text that isn't ours, as Markdown that shows it as it is, in one line."""
    apart = _READ_AFTERWARDS.sub(rf"\g<0>{WORD_JOINER}", " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\g<0>", apart)


def show_error(error: Exception | str) -> None:
    """Say what went wrong: an error, or its sentence kept from the run before. Shown as it is, not as Markdown."""
    st.error(plain(str(error)), icon=":material/error:")


def data_url(picture: bytes, kind: str = "jpeg") -> str:
    """An encoded picture as an address that a table cell or an <img> can show."""
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 photo`, `2 photos`, `1,204 photos`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def alternatives(words: Sequence[str]) -> str:
    """`dropout`, `dropout or augmentation`, `dropout, augmentation or more pictures`; at least one."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def duration(seconds: float) -> str:
    """How long something takes, roughly and in words: `20 seconds`, `3 minutes`, `1 hour 20 minutes`."""
    if seconds < 55:
        return count(max(10, round(seconds / 10) * 10), "second")
    minutes = round(seconds / 60)
    if minutes < 60:
        return count(max(minutes, 1), "minute")
    hours, rest = divmod(round(minutes / 10) * 10, 60)
    return count(hours, "hour") + (f" {count(rest, 'minute')}" if rest else "")
