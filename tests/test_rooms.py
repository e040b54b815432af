"""The rooms of the house keep their doors shut."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "module", sorted(path for room in ("recognition", "training") for path in (ROOT / room).rglob("*.py")), ids=str
)
def test_packages_never_import_streamlit_or_pages(module: Path) -> None:
    tree = ast.parse(module.read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name.split(".")[0] for name in imported} & {"streamlit", "pages"}
