"""What the tests of several pages start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition.services import Services, shared_services


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """The services the pages use, with a storage folder of this test's own."""
    monkeypatch.setenv("FAMILIAR_STORAGE", str(tmp_path / "data"))
    shared_services.cache_clear()
    services = shared_services()
    monkeypatch.delenv("FAMILIAR_STORAGE")
    yield services
    services.gallery.close()
    shared_services.cache_clear()
