"""A gallery in a folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from recognition.gallery import Gallery


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def gallery(storage: Path) -> Iterator[Gallery]:
    with Gallery.open(storage) as gallery:
        yield gallery
