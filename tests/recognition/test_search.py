import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recognition import search
from recognition.search import ExactSearch, InvertedFileSearch, build_search


def unit_rows(count: int, dimension: int, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.integers(1, 50), st.integers(1, 8))
def test_the_exact_search_finds_the_largest_product(rows: int, probes: int) -> None:
    vectors, questions = unit_rows(rows, 8), unit_rows(probes, 8, seed=1)
    best, scores = ExactSearch(vectors).nearest(questions)
    for question, row, score in zip(questions, best, scores, strict=True):
        assert score == pytest.approx(max(vectors @ question), abs=1e-6)
        assert vectors[row] @ question == pytest.approx(score, abs=1e-6)


def test_the_index_library_agrees_with_the_exact_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "CELLS", 32)
    monkeypatch.setattr(search, "TRAINING_VECTORS", 2048)
    monkeypatch.setattr(search, "LARGE", 4000)
    vectors = unit_rows(4000, 16)
    built = build_search(vectors)
    assert isinstance(built, InvertedFileSearch)
    probes = vectors[:200] + 0.02 * unit_rows(200, 16, seed=2)
    exact, exact_scores = ExactSearch(vectors).nearest(probes)
    found, scores = built.nearest(probes)
    assert (found == exact).mean() >= 0.99
    assert np.abs(scores - exact_scores)[found == exact].max() < 1e-5


def test_small_galleries_are_searched_exactly() -> None:
    assert isinstance(build_search(unit_rows(100, 8)), ExactSearch)
