"""Open-set identification, 1:N: who is this face, if anybody we know.

The score of a person is the cosine similarity of the probe to the normalised mean of that person's templates. See
docs/decisions.md, "Score of a person".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recognition.calibration import Calibration
from recognition.networks.base import Embeddings
from recognition.search import build_search


@dataclass(frozen=True)
class Match:
    """The enrolled person a face resembles most, however unlike.

    Attributes:
        person_id, name: who.
        score: cosine similarity to the person's mean template, -1 to 1.
        calibration: of the network that made the score.
    """

    person_id: int
    name: str
    score: float
    calibration: Calibration = field(repr=False)

    @property
    def confidence(self) -> float:
        """How sure it is that this is the person, 0 to 1; see `Calibration.confidence`."""
        return self.calibration.confidence(self.score)

    def accepted(self, min_confidence: float) -> bool:
        """Whether the face gets the person's name at a confidence threshold of 0 to 1."""
        return self.calibration.accepts(self.score, min_confidence)


class GalleryIndex:
    """The mean templates of everyone enrolled, ready to be compared with. Immutable, so safe between threads.

    Args:
        person_ids: (N,) int64, whose template each row is.
        vectors: (N, D) float32, unit rows.
        names: the people's names by id.
        calibration: how the network's scores are read.
        waiting: names, by id, of enrolled people who can't be named yet: the network has no template of them.
    """

    def __init__(
        self,
        person_ids: NDArray[np.int64],
        vectors: Embeddings,
        names: Mapping[int, str],
        calibration: Calibration,
        waiting: Mapping[int, str] | None = None,
    ) -> None:
        if vectors.ndim != 2 or len(person_ids) != len(vectors):
            raise ValueError(f"one person id a template: got {person_ids.shape} ids and {vectors.shape} vectors")
        self.calibration = calibration
        self.waiting = dict(waiting or {})
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
        """Ids of everyone enrolled, those who can't be named yet included."""
        return frozenset(self._names) | frozenset(self.waiting)

    def search(self, embeddings: Embeddings) -> list[Match | None]:
        """The most similar person for each row of (N, D) unit embeddings, however unlike; None if nobody is enrolled."""
        if not len(self):
            return [None] * len(embeddings)
        rows, scores = self._search.nearest(embeddings)
        return [self._match(int(row), float(score)) for row, score in zip(rows, scores, strict=True)]

    def _match(self, row: int, score: float) -> Match:
        person_id = int(self._people[row])
        return Match(person_id, self._names[person_id], score, self.calibration)


def mean_templates(person_ids: NDArray[np.int64], vectors: Embeddings) -> tuple[NDArray[np.int64], Embeddings]:
    """The normalised mean of each person's templates: ids (P,) ascending and unit rows (P, D)."""
    order = np.argsort(person_ids, kind="stable")
    people, starts = np.unique(person_ids[order], return_index=True)
    if not len(people):
        return people, vectors
    sums = np.add.reduceat(vectors[order], starts, axis=0, dtype=np.float64)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return people, (sums / np.maximum(norms, 1e-12)).astype(np.float32)
