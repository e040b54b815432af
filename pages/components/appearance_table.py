"""Who was seen when, as a table."""

from collections.abc import Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from pages.components.text import data_url
from recognition.appearances import Appearance
from recognition.pictures import encode_jpeg


def appearance_table(
    rows: Sequence[Appearance], *, empty: str, time_format: str = "HH:mm:ss", zone: tzinfo = UTC
) -> None:
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
                "to": row.last_seen.astimezone(zone).replace(tzinfo=None),
                "sure": None if row.confidence is None else row.confidence * 100,
            }
            for row in rows
        ],
        column_config={
            "face": st.column_config.ImageColumn("Face", width="small"),
            "name": st.column_config.TextColumn("Name"),
            "from": st.column_config.DatetimeColumn("From", format=time_format, width="small"),
            "to": st.column_config.DatetimeColumn("To", format=time_format, width="small"),
            "sure": st.column_config.NumberColumn("Sure", format="%.0f %%", width="small"),
        },
        hide_index=True,
        row_height=48,
    )


def browser_zone() -> tzinfo:
    """The time zone of the person at the screen."""
    return ZoneInfo(st.context.timezone) if st.context.timezone else UTC
