"""Real faces for the tests: one that is in a dependency's wheel, and the large set where it is there."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.cbook import get_sample_data
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Playwright, sync_playwright
from skimage import data

from recognition.alignment import align
from recognition.detection import Detector, FineDetector, LiveDetector, MtcnnDetector
from recognition.gallery import Gallery
from recognition.identification import GalleryIndex
from recognition.networks import BUILT_IN, Network, load_network
from recognition.recognizer import Recognizer
from tests.browsing import PLAIN, LaunchBrowser
from tests.faces import face_picture

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings of whoever runs it."""
    for name in os.environ:
        if name.startswith("FAMILIAR_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("FAMILIAR_SETTINGS_FILE", str(tmp_path / "settings.json"))


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    """A storage folder of this test's own."""
    return tmp_path / "storage"


@pytest.fixture
def gallery(storage: Path) -> Iterator[Gallery]:
    """The empty gallery in it."""
    with Gallery.open(storage) as gallery:
        yield gallery


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of faces and clips; tests that need it skip where it is absent."""
    if not (SHARED / "faces").is_dir():
        pytest.skip(f"the shared test faces are not here ({SHARED.name}/faces)")
    return SHARED


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """Eileen Collins, NASA, public domain: (512, 512, 3) uint8 RGB with one face."""
    picture: NDArray[np.uint8] = data.astronaut()
    return picture


@pytest.fixture(scope="session")
def detector() -> LiveDetector:
    return MtcnnDetector(min_face=40)


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The built-in network."""
    return load_network(BUILT_IN.key, tmp_path_factory.mktemp("storage"), torch.device("cpu"))


@pytest.fixture(scope="session")
def collins(astronaut: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Eileen Collins' head, (200, 200, 3) uint8 RGB."""
    return face_picture(astronaut, (120, 10, 330, 220))


@pytest.fixture(scope="session")
def hopper() -> NDArray[np.uint8]:
    """Grace Hopper's head, US Navy, public domain, from matplotlib's wheel: (200, 200, 3) uint8 RGB."""
    with get_sample_data("grace_hopper.jpg", asfileobj=True) as file:
        picture = np.asarray(Image.open(file).convert("RGB"))
    return face_picture(picture, (96, 10, 426, 340))


@pytest.fixture(scope="session")
def collins_crop(detector: Detector, collins: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Her aligned crop, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB."""
    return align(collins, detector.detect(collins)[0].landmarks)


@pytest.fixture(scope="session")
def hopper_crop(detector: Detector, hopper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Her aligned crop, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB."""
    return align(hopper, detector.detect(hopper)[0].landmarks)


@pytest.fixture(scope="session")
def recognizer(detector: LiveDetector, network: Network, collins_crop: NDArray[np.uint8]) -> Recognizer:
    """Knows Eileen Collins (person 1) and nobody else."""
    return _knows(network, detector, collins_crop)


@pytest.fixture(scope="session")
def dlib_recognizer(
    detector: LiveDetector, collins_crop: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory
) -> Recognizer:
    """The same with a network to which all faces are much more alike."""
    network = load_network("dlib", tmp_path_factory.mktemp("storage"), torch.device("cpu"))
    return _knows(network, detector, collins_crop)


def _knows(network: Network, detector: LiveDetector, crop: NDArray[np.uint8]) -> Recognizer:
    template = network.embed(crop[None], mirrored=True)
    index = GalleryIndex(np.array([1]), template, {1: "Eileen Collins"}, network.spec.calibration)
    return Recognizer(detector, FineDetector(), network, index)


@pytest.fixture(scope="session", params=["recognizer", "dlib_recognizer"])
def any_recognizer(request: pytest.FixtureRequest) -> Recognizer:
    """One after the other: what decides by similarity has to go by the network's calibration."""
    recognizer: Recognizer = request.getfixturevalue(request.param)
    return recognizer


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    if shutil.which("chromium") is None:
        pytest.skip("no `chromium` on this machine")
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Iterator[LaunchBrowser]:
    """Starts a Chromium with further flags; closes it at the end."""
    browsers: list[Browser] = []

    def start(*flags: str) -> Browser:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*PLAIN, *flags])
        browsers.append(browser)
        return browser

    yield start
    for browser in browsers:
        browser.close()
