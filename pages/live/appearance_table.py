"""Who was seen when, as a table."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from pages.components.text import data_url
from recognition.live.appearances import Appearance
from recognition.pictures import encode_jpeg


def appearance_table(rows: Sequence[Appearance], *, empty: str, time_format: str = "HH:mm:ss", zone: tzinfo = UTC) -> None:
    """One row an appearance; `empty` is said where there are none."""
    if not rows:
        st.caption(empty)
        return
    st.dataframe(
        [
            {
                "face": data_url(encode_jpeg(row.crop, quality=80)),
                "name": row.name or "Unknown",
                "from": row.first_seen.astimezone(zone).replace(tzinfo=None),
                "for": _length((row.last_seen - row.first_seen).total_seconds()),
            }
            for row in rows
        ],
        column_config={
            "face": st.column_config.ImageColumn("Face", width=52),
            "name": st.column_config.TextColumn("Name"),
            "from": st.column_config.DatetimeColumn("From", format=time_format, width=76),
            "for": st.column_config.TextColumn("For", width=60),
        },
        hide_index=True,
        row_height=48,
    )


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def browser_zone() -> tzinfo:
    """The time zone of the person at the screen."""
    return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
