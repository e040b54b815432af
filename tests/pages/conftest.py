"""What the tests of several pages start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition.services import Services, shared_services
from recognition.settings import save_settings


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Services]:
    """The services the pages use, with a storage folder of this test's own, chosen as on the Settings page."""
    save_settings(storage=tmp_path / "data")
    shared_services.cache_clear()
    services = shared_services()
    yield services
    services.gallery.close()
    shared_services.cache_clear()
