"""The offer of a better network on Home and Settings."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.components.network_switch import SWITCH
from recognition.networks import BUILT_IN, NETWORKS, registry
from recognition.networks.mobilefacenet import SPEC, MobileFaceNet
from recognition.services import Services
from recognition.settings import load_settings
from tests.pages.headless import checked, open_page, press, words
from tests.recognition.networks.test_download import Server, server  # noqa: F401  # a fixture
from tests.waiting import wait_until

TITLE = "Better network, 4 MB"
DOWNLOAD = f"download {SPEC.key}"


@pytest.fixture
def weights(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:  # noqa: F811
    """A server on this machine with MobileFaceNet of random weights instead of the published ones."""
    torch.manual_seed(0)
    file = io.BytesIO()
    torch.save(MobileFaceNet().state_dict(), file)
    server.content = file.getvalue()
    served = replace(server.weights(hashlib.sha256(server.content).hexdigest(), None), file_name="mobilefacenet.pt")
    spec = replace(SPEC, weights=replace(served, size=len(server.content)))
    monkeypatch.setitem(registry._NETWORKS, SPEC.key, spec)
    monkeypatch.setitem(registry._PRETRAINED, SPEC.key, replace(registry.pretrained(SPEC.key), spec=spec))
    assert NETWORKS[SPEC.key] is spec
    yield server


def downloaded(app: Services, page: AppTest) -> AppTest:
    press(page, "Download")
    wait_until(lambda: (task := app.tasks.get(DOWNLOAD)) is None or not task.state.running)
    return checked(page.run())


def test_one_press_downloads_it_and_puts_it_to_use(app: Services, weights: Server) -> None:
    page = open_page("home.py")
    assert TITLE in words(page)
    downloaded(app, page)
    wait_until(lambda: load_settings().network == SPEC.key)
    assert app.settings.network == SPEC.key
    assert app.recognizer().network.spec.key == SPEC.key
    assert TITLE not in words(checked(page.run()))


def test_a_web_page_instead_of_the_file_leaves_the_network_in_use(app: Services, weights: Server) -> None:
    whole, weights.content = weights.content, b"<!doctype html><title>Sign in</title>"
    page = downloaded(app, open_page("settings.py"))
    assert "offers 37 bytes" in words(page) and TITLE in words(page)
    assert app.settings.network == BUILT_IN.key and app.tasks.get(SWITCH) is None
    weights.content = whole
    downloaded(app, page)
    wait_until(lambda: load_settings().network == SPEC.key)


def test_it_is_not_offered_where_another_network_is_set(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILIAR_NETWORK", BUILT_IN.key)
    assert TITLE not in words(open_page("home.py"))
