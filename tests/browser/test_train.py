"""Train in the browser: start, leave, come back, read what it gained, use it for the camera."""

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

from recognition.enrollment import enroll_pictures
from recognition.gallery import ArchivedPicture, Gallery
from recognition.pictures import encode_jpeg
from recognition.recognizer import Recognizer
from tests.browser.conftest import ARTIFACTS, film_of_face, storage_of
from tests.browsing import CameraPage, LaunchBrowser, StreamlitServer, camera_flags, opened
from tests.faces import nose_moved, scene

pytestmark = pytest.mark.browser

Picture = NDArray[np.uint8]

A_TRAINING = 120_000
"""Milliseconds that a very short training may take on a busy machine, its process's start included."""


VERDICT = re.compile("Better:|No clear difference|as good as it gets|Keep the untuned network")


def variants(face: Picture) -> list[Picture]:
    """Five photos, no two of them of the same moment: as it is, mirrored, turned, nodding."""
    nose = (100.0, 114.0)
    moves = ((36, 0), (-24, 0), (0, -12))
    return [face, np.ascontiguousarray(face[:, ::-1]), *(nose_moved(face, nose, dx, dy) for dx, dy in moves)]


@pytest.fixture
def enrolled(server: StreamlitServer, recognizer: Recognizer, collins: Picture, hopper: Picture) -> None:
    """Collins and Hopper, five photos each."""
    pictures = [
        ArchivedPicture(name, f"{number}.jpg", encode_jpeg(scene((picture, 220, 140))))
        for name, face in (("Eileen Collins", collins), ("Grace Hopper", hopper))
        for number, picture in enumerate(variants(face))
    ]
    with Gallery.open(storage_of(server)) as gallery:
        result = enroll_pictures(pictures, gallery, recognizer, source="command line", consented=True)
    assert result.accepted >= 8


def shorten(page: Page) -> None:
    """Two epochs of a few faces."""
    page.get_by_text("Every setting").click()
    for label, value in (("Epochs", "2"), ("Faces an epoch", "32")):
        field = page.get_by_label(label, exact=True)
        field.fill(value)
        field.press("Enter")
    expect(page.get_by_text("Changed by hand.")).to_be_visible()


@pytest.mark.usefixtures("enrolled")
def test_a_training_survives_a_closed_page_and_its_network_names_people(
    launch: LaunchBrowser, server: StreamlitServer, collins: Picture, tmp_path: Path
) -> None:
    browser = launch(*camera_flags(film_of_face(collins, tmp_path / "collins.mjpeg")))
    with opened(browser, f"{server.url}/train") as page:
        shorten(page)
        page.get_by_label("Name of the new model", exact=True).fill("Two faces")
        page.get_by_role("button", name="Train", exact=True).click()
        expect(page.get_by_text("You can close this page; the training goes on")).to_be_visible()
    with opened(browser, f"{server.url}/train") as page:
        verdict = page.get_by_test_id("stAlert").filter(
            has_text=re.compile("Better:|No clear difference|as good as it gets|Keep the untuned network")
        )
        done = page.get_by_role("button", name="See what it gained")
        expect(verdict.or_(done)).to_be_visible(timeout=A_TRAINING)
        if done.is_visible():
            done.click()
        expect(verdict).to_be_visible()
        expect(page.get_by_text("What the columns mean")).to_be_visible()
        ARTIFACTS.mkdir(exist_ok=True)
        page.screenshot(path=ARTIFACTS / "train-result.png")
        page.get_by_role("button", name="Use for the live camera").click()
        all_the_same = page.get_by_role("button", name="Use it all the same")
        in_use = page.get_by_text("In use for the live camera")
        expect(all_the_same.or_(in_use)).to_be_visible()
        if all_the_same.is_visible():
            all_the_same.click()
        expect(in_use).to_be_visible(timeout=A_TRAINING)
    with opened(browser, f"{server.url}/live") as page:
        CameraPage(page).start().expect("names", "Eileen Collins")
    with opened(browser, f"{server.url}/settings") as page:
        expect(page.get_by_text("Two faces").first).to_be_visible()
    browser.close()
