"""Whom a face resembles, with the vectors to look into: for "Why this name?" and the end of the maps."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.calibration import Calibration
from recognition.gallery import TemplateSet
from recognition.identification import mean_templates
from recognition.inspection.errors import FitError


@dataclass(frozen=True, eq=False)
class Candidate:
    """A person a face is compared with.

    Attributes:
        person_id, name: who.
        score: cosine similarity to the person's mean template, -1 to 1.
        template: (D,) float32, that mean, of unit length.
    """

    person_id: int
    name: str
    score: float
    template: NDArray[np.float32]


def nearest(
    templates: TemplateSet, embedding: NDArray[np.float32], count: int = 2, *, without_photo: int | None = None
) -> list[Candidate]:
    """The people a face resembles most, best first.

    Args:
        templates: of the network that made the embedding.
        embedding: (D,) of unit length.
        count: how many people at most.
        without_photo: a photo to leave out of its person's mean: the one that is being looked at, which would
            only be compared with itself.

    Raises:
        FitError: the embedding is not of the templates' network.
    """
    kept = templates.photo_ids != without_photo
    if not kept.any():
        return []
    if embedding.shape != templates.vectors.shape[1:]:
        raise FitError(f"The face has {len(embedding)} numbers, the templates have {templates.vectors.shape[1]}.")
    people, means = mean_templates(templates.person_ids[kept], templates.vectors[kept])
    scores = means @ embedding
    return [
        Candidate(int(people[row]), templates.names[int(people[row])], float(scores[row]), means[row])
        for row in np.argsort(-scores, kind="stable")[:count]
    ]


@dataclass(frozen=True)
class Answer:
    """What a network says in the end.

    Attributes:
        title: a person, a class, or that it is nobody known.
        shares: names with how sure it is of each, 0 to 1, the likeliest first.
        note: a sentence.
    """

    title: str
    shares: tuple[tuple[str, float], ...] = ()
    note: str = ""


def answer_of(people: Sequence[Candidate], calibration: Calibration, min_confidence: float) -> Answer:
    """What a face network says in the end: a name where the best person is similar enough.

    Args:
        people: from `nearest`.
        calibration: of the network that the scores are of.
        min_confidence: from which a face gets a name, 0 to 1.
    """
    if not people:
        return Answer("No name yet", note="Nobody is enrolled for this network.")
    known = calibration.accepts(people[0].score, min_confidence)
    shares = tuple((person.name, calibration.confidence(person.score)) for person in people)
    return Answer(people[0].name if known else "Unknown", shares)
