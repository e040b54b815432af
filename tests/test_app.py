"""The entry: it can be imported whatever the settings are, so that the pages can say what is wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browsing import ROOT


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("https://a.example, https://b.example", ("https://a.example", "https://b.example")),
        ("not an origin", ()),
    ],
)
def test_it_starts_with_any_allowed_origins(tmp_path: Path, origins: str, allowed: tuple[str, ...]) -> None:
    environment = os.environ | {"FAMILIAR_STORAGE": str(tmp_path / "data"), "FAMILIAR_ALLOWED_ORIGINS": origins}
    command = [sys.executable, "-c", "import app; print(app._allowed_origins())"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(allowed)
