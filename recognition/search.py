"""The nearest of many unit vectors: exact while that is quick, with an index library beyond."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recognition.networks.base import Embeddings

LARGE = 200_000
"""Vectors from which the inverted file is used. See docs/decisions.md, "Cells of the inverted file"."""

CELLS = 1024
PROBED_CELLS = 192
"""Cells searched, of CELLS. See docs/decisions.md, "Cells of the inverted file"."""

TRAINING_VECTORS = 64 * CELLS


class Search(Protocol):
    """Finds the row with the largest dot product."""

    def nearest(self, embeddings: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """For each row of (N, D): the best row here and its dot product, both (N,)."""
        ...


class ExactSearch:
    """A matrix product with every vector. vectors: (M, D) float32."""

    def __init__(self, vectors: Embeddings) -> None:
        self._vectors = vectors

    def nearest(self, embeddings: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        scores = embeddings @ self._vectors.T
        best = scores.argmax(axis=1)
        return best, scores[np.arange(len(best)), best]


class InvertedFileSearch:
    """faiss' inverted file: vectors lie in cells around centroids, and only the cells nearest to a probe are compared
    (Johnson, Douze, Jégou: Billion-scale similarity search with GPUs, 2017). Scores are exact, the best row nearly always.

    Args:
        vectors: (M, D) float32, M at least CELLS.
    """

    def __init__(self, vectors: Embeddings) -> None:
        import faiss

        dimension = vectors.shape[1]
        sample = np.random.default_rng(0).permutation(len(vectors))[:TRAINING_VECTORS]
        self._index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, CELLS, faiss.METRIC_INNER_PRODUCT)
        self._index.train(vectors[sample])
        self._index.add(vectors)
        self._index.nprobe = PROBED_CELLS

    def nearest(self, embeddings: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        scores, rows = self._index.search(np.ascontiguousarray(embeddings), 1)
        return rows[:, 0], scores[:, 0]


def build_search(vectors: Embeddings) -> Search:
    """The search for this many vectors. Without faiss (requirements-large.txt) it is exact at any size, and slower."""
    if len(vectors) >= LARGE:
        try:
            return InvertedFileSearch(vectors)
        except ImportError:
            pass
    return ExactSearch(vectors)
