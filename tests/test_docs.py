"""What code and README refer to is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = [path for room in ("recognition", "training", "pages", "benchmarks") for path in sorted((ROOT / room).rglob("*.py"))]
README = (ROOT / "README.md").read_text()


def referred() -> list[tuple[str, str]]:
    """(file, title) of every reference to an entry of docs/decisions.md; a reference may be broken over two lines."""
    found = []
    for path in CODE:
        text = re.sub(r"\n\s*(# )?", " ", path.read_text())
        found += [(str(path.relative_to(ROOT)), title) for title in re.findall(r'docs/decisions\.md,\s+"([^"]+)"', text)]
        assert text.count("docs/decisions.md") == len(re.findall(r'docs/decisions\.md,\s+"[^"]+"', text)), path
    return found


def test_every_decision_that_the_code_refers_to_is_written_down() -> None:
    titles = set(re.findall(r"^#+ (.+)$", (ROOT / "docs" / "decisions.md").read_text(), re.MULTILINE))
    references = referred()
    assert len(references) > 5
    assert [reference for reference in references if reference[1] not in titles] == []


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#:]+)\)", README))
def test_every_file_that_the_readme_shows_is_there(link: str) -> None:
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m ((?:benchmarks|docs)\.\w+)", README))))
def test_every_benchmark_that_the_readme_names_is_there(module: str) -> None:
    assert ROOT.joinpath(*module.split(".")).with_suffix(".py").is_file()
