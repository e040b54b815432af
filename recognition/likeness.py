"""How alike the enrolled people and photos are, by the templates of one network."""

import numpy as np

from recognition.calibration import OPERATING_CONFIDENCE, Calibration
from recognition.gallery import TemplateSet
from recognition.identification import mean_templates

MIN_PHOTOS = 4
"""Photos of a person from which one can be told to be odd: of fewer, a wrong one makes the right ones odd too."""


def similar_people(templates: TemplateSet, person_id: int) -> dict[int, float]:
    """Everybody else, the most similar first: the cosine of the mean templates, -1 to 1, by id.

    Empty where the network has no template of the person.
    """
    people, means = mean_templates(templates.person_ids, templates.vectors)
    if person_id not in people:
        return {}
    scores = means @ means[np.searchsorted(people, person_id)]
    order = np.argsort(-scores, kind="stable")
    return {int(people[row]): float(scores[row]) for row in order if people[row] != person_id}


def odd_photos(templates: TemplateSet, person_id: int, calibration: Calibration) -> frozenset[int]:
    """The photos of a person that would not get the person's name from the other ones.

    Each is compared with the mean of the others, so that a wrong photo does not speak for itself. See docs/decisions.md,
    "Odd photos".
    """
    own = templates.person_ids == person_id
    photos, vectors = templates.photo_ids[own], templates.vectors[own].astype(np.float64)
    if len(photos) < MIN_PHOTOS:
        return frozenset()
    others = vectors.sum(axis=0) - vectors
    norms = np.maximum(np.linalg.norm(others, axis=1), 1e-12)
    scores = (others * vectors).sum(axis=1) / norms
    return frozenset(
        int(photo)
        for photo, score in zip(photos, scores, strict=True)
        if not calibration.accepts(float(score), OPERATING_CONFIDENCE)
    )
