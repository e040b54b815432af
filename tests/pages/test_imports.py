"""What page scripts import. import-linter can't see those that have the name of their folder: it sees the folder."""

import ast
from pathlib import Path

import pytest

from tests.browsing import ROOT

SCRIPTS = sorted(path for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")


def imported(script: Path) -> set[str]:
    """Modules of this app that a script imports; `from package import name` counts as `package.name`."""
    tree = ast.walk(ast.parse(script.read_text("utf-8")))
    names = set()
    for node in tree:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.split(".")[0] in ("pages", "training", "recognition", "tests", "benchmarks", "app")}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_page_imports_its_own_panels_and_what_pages_share(script: Path) -> None:
    allowed = (f"pages.{script.stem}.", "pages.components.", "training.", "recognition.")
    assert not {name for name in imported(script) if not name.startswith(allowed)}
