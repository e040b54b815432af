"""The Live page, headless: the list of who was in view."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from recognition.live.appearances import AppearanceLog
from recognition.live.naming import LiveRecognition
from recognition.pictures import Picture
from recognition.services import Services, shared_cameras
from tests.browsing import ROOT

pytestmark = pytest.mark.usefixtures("app")


def opened() -> tuple[AppTest, LiveRecognition]:
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page("live.py")
    page.run()
    assert not page.exception, page.exception
    session = shared_cameras().sessions.get(page.session_state["live_session"])
    assert isinstance(session, LiveRecognition)
    return page, session


def test_nobody_in_view_is_said(app: Services) -> None:
    page, _ = opened()
    assert any("once per visit" in caption.value for caption in page.caption)
    assert not page.dataframe


def test_what_is_over_is_the_same_message_while_somebody_stays_in_view(app: Services, collins_crop: Picture) -> None:
    page, session = opened()
    now = datetime.now(UTC)
    clock = [now]
    session.appearances = AppearanceLog(0.9, lambda: clock[0])
    ann, ben = np.eye(2, 128, dtype=np.float32)
    clock[0] = now - timedelta(minutes=5)
    session.appearances.see(1, "![](http://a.example/p.png)", 0.9, ann, collins_crop)
    clock[0] = now - timedelta(seconds=2)
    session.appearances.see(None, None, None, ben, collins_crop)
    page.run()
    going_on, earlier = (table.proto for table in page.dataframe)
    assert page.dataframe[0].value["name"].tolist() == ["Unknown"]
    assert page.dataframe[1].value["name"].tolist() == ["![](http://a.example/p.png)"]
    clock[0] = now
    session.appearances.see(None, None, None, ben, collins_crop)
    page.run()
    assert page.dataframe[0].value["for"].tolist() == ["2 s"]
    assert page.dataframe[0].proto != going_on
    assert page.dataframe[1].proto == earlier
