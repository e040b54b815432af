"""Open-set identification, 1:N: who is this face, if anybody we know.

The score of a person is the cosine similarity of the probe to the normalised mean of that person's templates. It was
tried against the maximum, the mean of the best three and score normalisation, and was best.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.networks.base import Calibration, Embeddings
from recognition.search import build_search


@dataclass(frozen=True)
class Match:
    """The enrolled person a face resembles most.

    Attributes:
        person_id, name: who.
        score: cosine similarity to the person's mean template, -1 to 1.
        confidence: calibrated probability, 0 to 1, that it is this person.
    """

    person_id: int
    name: str
    score: float
    confidence: float


class GalleryIndex:
    """The mean templates of everyone enrolled, ready to be compared with. Immutable, so safe between threads.

    Args:
        person_ids: (N,) int64, whose template each row is.
        vectors: (N, D) float32, unit rows.
        names: the people's names by id.
        calibration: how the network's scores are read.
    """

    def __init__(
        self,
        person_ids: NDArray[np.int64],
        vectors: Embeddings,
        names: Mapping[int, str],
        calibration: Calibration,
    ) -> None:
        if vectors.ndim != 2 or len(person_ids) != len(vectors):
            raise ValueError(f"one person id a template: got {person_ids.shape} ids and {vectors.shape} vectors")
        self.calibration = calibration
        self._names = dict(names)
        self._people, means = mean_templates(person_ids, vectors)
        self._search = build_search(means)

    def __len__(self) -> int:
        return len(self._people)

    @property
    def search_kind(self) -> str:
        """Name of the search in use, for benchmarks and logs."""
        return type(self._search).__name__

    @property
    def people(self) -> frozenset[int]:
        """Ids of everyone in the index."""
        return frozenset(self._names)

    def search(self, embeddings: Embeddings) -> list[Match | None]:
        """The most similar person for each row of (N, D) unit embeddings, however unlike; None if nobody is enrolled."""
        if not len(self):
            return [None] * len(embeddings)
        rows, scores = self._search.nearest(embeddings)
        return [self._match(int(row), float(score)) for row, score in zip(rows, scores, strict=True)]

    def _match(self, row: int, score: float) -> Match:
        person_id = int(self._people[row])
        return Match(person_id, self._names[person_id], score, self.calibration.confidence(score))


def mean_templates(person_ids: NDArray[np.int64], vectors: Embeddings) -> tuple[NDArray[np.int64], Embeddings]:
    """The normalised mean of each person's templates: ids (P,) ascending and unit rows (P, D)."""
    order = np.argsort(person_ids, kind="stable")
    people, starts = np.unique(person_ids[order], return_index=True)
    if not len(people):
        return people, vectors
    sums = np.add.reduceat(vectors[order], starts, axis=0, dtype=np.float64)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return people, (sums / np.maximum(norms, 1e-12)).astype(np.float32)
