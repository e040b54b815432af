"""Who was seen when, as a table."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import streamlit as st

from pages.components.text import data_url
from recognition.live.appearances import Appearance


def live_table(rows: Sequence[Appearance], now: datetime, zone: tzinfo) -> None:
    """Appearances that go on, and under them those that are over.

    Two tables, so that the long one stays the same from second to second: the browser has it and is not sent it again.

    Args:
        rows: newest first.
        now: UTC.
        zone: of the person at the screen.
    """
    if not rows:
        st.caption("Whoever comes into view is listed here, once per visit.")
    if going_on := [row for row in rows if not row.is_over(now)]:
        appearance_table(going_on, zone=zone)
    if earlier := [row for row in rows if row.is_over(now)]:
        st.caption("Earlier")
        appearance_table(earlier, zone=zone)


def appearance_table(rows: Sequence[Appearance], *, time_format: str = "HH:mm:ss", zone: tzinfo = UTC) -> None:
    """One row an appearance."""
    st.dataframe(
        [
            {
                "face": data_url(row.face),
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
