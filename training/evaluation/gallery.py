"""The own gallery evaluated by its own photos: each one is compared as if it had not been enrolled (leave one out).

Everything comes from stored templates, so no picture is read. A photo's score to its own person is the cosine to the mean
of that person's other templates; its score to another person is that to the mean of all of theirs. Left out with its whole
person, a photo plays the stranger: whom would it be taken for?
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import auc

from recognition.gallery import TemplateSet
from recognition.identification import mean_templates
from recognition.networks import Embeddings
from training.faces.dataset import Labels
from training.metrics import Curve, Nearest, OpenSet, Scores, curve, open_set
from training.uncertainty import Difference, paired

NOBODY = -1
"""In place of a person's number where there is no other person."""

CHUNK = 1_000_000
"""Scores computed at once; with what belongs to them, about 30 MB."""

SAMPLE = 2_000_000
"""Impostor comparisons that are kept; of more, an even draw. The curve's ends still rest on thousands of scores."""


@dataclass(frozen=True, eq=False)
class GalleryEvaluation:
    """Every photo of a gallery, compared with the others.

    Attributes:
        photo_ids, person_ids: (N,) int64, the photos and whose they are.
        own_scores: (N,) float64, score to the own person without this photo; NaN for a person's only photo.
        other_scores: (N,) float64, score to the other person it resembles most; NaN where there is no other person.
        other_ids: (N,) int64, that person; `NOBODY` where there is none.
        impostors: (M,) float64, scores of photos to all other people, or of an even draw from them.
        names: of the people, by id.
    """

    photo_ids: Labels
    person_ids: Labels
    own_scores: Scores
    other_scores: Scores
    other_ids: Labels
    impostors: Scores
    names: dict[int, str]

    @property
    def genuine(self) -> Scores:
        """Scores of photos to their own people, of everybody with two photos or more."""
        return self.own_scores[self._comparable]

    @property
    def strangers(self) -> Scores:
        """Every photo's score as a stranger's, its own person left out."""
        return self.other_scores[~np.isnan(self.other_scores)]

    @property
    def measurable(self) -> bool:
        """Whether there is at least one comparison of each kind, which all rates need."""
        return bool(len(self.genuine) and len(self.strangers))

    def curve(self) -> Curve:
        """FMR and FNMR over all thresholds.

        Raises:
            ValueError: not `measurable`.
        """
        if not self.measurable:
            raise ValueError("a curve needs a person with two photos, and another person")
        genuine = np.concatenate([np.ones(len(self.genuine), bool), np.zeros(len(self.impostors), bool)])
        return curve(np.concatenate([self.genuine, self.impostors]), genuine)

    def auc(self) -> float:
        """Area under the ROC curve, 0 to 1.

        Raises:
            ValueError: not `measurable`.
        """
        found = self.curve()
        return float(auc(found.fmr, 1.0 - found.fnmr))

    def open_set(self) -> OpenSet:
        """Rank-1 and TPIR with every photo as a probe, and every photo as a stranger.

        Raises:
            ValueError: not `measurable`.
        """
        if not self.measurable:
            raise ValueError("open-set rates need a person with two photos, and another person")
        probes = self._comparable
        own, other = self.own_scores[probes], self.other_scores[probes]
        found = np.where(own >= other, self.person_ids[probes], self.other_ids[probes])
        return open_set(Nearest(found, np.maximum(own, other)), self.person_ids[probes], self.strangers)

    def errors(self, threshold: float) -> "Errors":
        """What goes wrong at a threshold."""
        missed = self._missed(threshold)
        return Errors(
            unrecognised=int(missed.sum()),
            probes=len(self.genuine),
            named=int((self.strangers >= threshold).sum()),
            strangers=len(self.strangers),
            fnmr=_share(self.genuine < threshold),
            fmr=_share(self.impostors >= threshold),
        )

    def people(self, threshold: float) -> list["PersonRates"]:
        """Everybody's rates at a threshold, the hardest to recognise first."""
        people, rows, photos = np.unique(self.person_ids, return_inverse=True, return_counts=True)
        missed = np.bincount(rows, self._missed(threshold), len(people)).astype(int)
        mistaken = np.bincount(rows, self.other_scores >= threshold, len(people)).astype(int)
        lowest = np.full(len(people), np.inf)
        np.fmin.at(lowest, rows, self.own_scores)
        nearest = _best_of_each(rows, self.other_scores, len(people))
        rates = [
            PersonRates(
                person_id=int(person),
                photos=int(photos[row]),
                recognised=int(photos[row] - missed[row]) if photos[row] > 1 else None,
                lowest=float(lowest[row]) if photos[row] > 1 else None,
                mistaken=int(mistaken[row]),
                nearest_id=int(self.other_ids[nearest[row]]),
                nearest_score=float(self.other_scores[nearest[row]]),
            )
            for row, person in enumerate(people)
        ]
        return sorted(rates, key=lambda one: np.inf if one.lowest is None else one.lowest)

    def confused_pairs(self, templates: TemplateSet, threshold: float, most: int = 20) -> list["ConfusedPair"]:
        """Who is taken for whom, the worst pairs first: those with most wrong names, then with the highest score.

        Args:
            templates: those this was computed from, to find the two faces that are most alike.
            threshold: from which a face gets a name.
            most: pairs at most.
        """
        if not len(self.strangers):
            return []
        # With two people everybody has an other one, so that no row is without.
        pairs, rows, nearest = np.unique(
            np.stack([self.person_ids, self.other_ids], 1), axis=0, return_inverse=True, return_counts=True
        )
        named = self.other_scores >= threshold
        wrong = np.bincount(rows, named & (self.own_scores < self.other_scores), len(pairs)).astype(int)
        best = _best_of_each(rows, self.other_scores, len(pairs))
        ranked = np.lexsort((-self.other_scores[best], -wrong))[:most]
        return [
            ConfusedPair(
                person_id=int(pairs[pair, 0]),
                other_id=int(pairs[pair, 1]),
                nearest=int(nearest[pair]),
                wrong=int(wrong[pair]),
                score=float(self.other_scores[best[pair]]),
                photo_id=int(self.photo_ids[best[pair]]),
                other_photo_id=_most_alike(templates, int(self.photo_ids[best[pair]]), int(pairs[pair, 1])),
            )
            for pair in ranked
        ]

    def beside(self, threshold: float, most: int) -> "Beside":
        """The photos whose scores lie nearest to a threshold, `most` of each kind."""
        own, other = self.own_scores, self.other_scores
        return Beside(
            unrecognised=self._nearest(own, own < threshold, threshold, most),
            recognised=self._nearest(own, own >= threshold, threshold, most),
            unknown=self._nearest(other, other < threshold, threshold, most),
            named=self._nearest(other, other >= threshold, threshold, most),
        )

    def _nearest(self, scores: Scores, among: NDArray[np.bool_], threshold: float, most: int) -> list["PhotoScore"]:
        rows = np.flatnonzero(among)
        rows = rows[np.argsort(np.abs(scores[rows] - threshold), kind="stable")[:most]]
        return [
            PhotoScore(int(self.photo_ids[row]), int(self.person_ids[row]), int(self.other_ids[row]), float(scores[row]))
            for row in rows
        ]

    @property
    def _comparable(self) -> NDArray[np.bool_]:
        return ~np.isnan(self.own_scores)

    def _missed(self, threshold: float) -> NDArray[np.bool_]:
        """Photos that would get no name, or a wrong one. NaN compares as false, so an only photo is not missed."""
        return self._comparable & ((self.own_scores < threshold) | (self.own_scores < self.other_scores))


@dataclass(frozen=True)
class Errors:
    """What goes wrong at a threshold.

    Attributes:
        unrecognised: probes that would get no name or a wrong one, of `probes`.
        named: strangers that would get a name, of `strangers`.
        fnmr, fmr: shares of genuine comparisons below the threshold and of impostor comparisons at or above it, 0 to 1.
    """

    unrecognised: int
    probes: int
    named: int
    strangers: int
    fnmr: float
    fmr: float

    @property
    def tpir(self) -> float:
        """Share of probes that get their right name, 0 to 1; 0 without probes."""
        return (self.probes - self.unrecognised) / max(self.probes, 1)

    @property
    def fpir(self) -> float:
        """Share of strangers that get a name, 0 to 1; 0 without strangers."""
        return self.named / max(self.strangers, 1)


@dataclass(frozen=True)
class PhotoScore:
    """One photo: whose it is, which other person it resembles most (`NOBODY` without one), and a score of it."""

    photo_id: int
    person_id: int
    other_id: int
    score: float


@dataclass(frozen=True)
class Beside:
    """The photos next to a threshold, the nearest first.

    Attributes:
        unrecognised, recognised: by their score to their own person, below it and at or above it.
        unknown, named: by their score as strangers.
    """

    unrecognised: list[PhotoScore]
    recognised: list[PhotoScore]
    unknown: list[PhotoScore]
    named: list[PhotoScore]


@dataclass(frozen=True)
class PersonRates:
    """One person at a threshold.

    Attributes:
        photos: how many.
        recognised: photos that would get this person's name; None for an only photo.
        lowest: score of the photo least like the others; None for an only photo.
        mistaken: photos that would get another's name if this person were not enrolled.
        nearest_id, nearest_score: the other person most like this one, `NOBODY` and NaN where there is none.
    """

    person_id: int
    photos: int
    recognised: int | None
    lowest: float | None
    mistaken: int
    nearest_id: int
    nearest_score: float


@dataclass(frozen=True)
class ConfusedPair:
    """One person's photos that resemble another person most.

    Attributes:
        person_id, other_id: who is near whom.
        nearest: photos of the person that, among others, resemble this one most.
        wrong: those that get this name although their own person is enrolled.
        score: the highest.
        photo_id, other_photo_id: the photo with that score, and the other person's photo most like it.
    """

    person_id: int
    other_id: int
    nearest: int
    wrong: int
    score: float
    photo_id: int
    other_photo_id: int


def difference(first: tuple[GalleryEvaluation, float], second: tuple[GalleryEvaluation, float]) -> Difference | None:
    """How many more of the photos get the right name from the first of two networks than from the second.

    Args:
        first, second: what the gallery's photos say of each, and the score from which it gives a name.

    Returns:
        The difference on the photos that both could be asked about; None without any.
    """
    (one, threshold), (other, other_threshold) = first, second
    asked, mine, theirs = np.intersect1d(one.photo_ids, other.photo_ids, return_indices=True)
    both = one._comparable[mine] & other._comparable[theirs]
    if not len(asked) or not both.any():
        return None
    return paired(~one._missed(threshold)[mine][both], ~other._missed(other_threshold)[theirs][both])


def evaluate_gallery(templates: TemplateSet) -> GalleryEvaluation:
    """Compare every photo with its own person, without it, and with all others. Memory grows with photos, not their square."""
    people, means = mean_templates(templates.person_ids, templates.vectors)
    own_row = np.searchsorted(people, templates.person_ids)
    other = np.full(len(own_row), np.nan)
    other_ids = np.full(len(own_row), NOBODY, dtype=np.int64)
    impostors: list[Scores] = []
    draw = np.random.default_rng(0)
    share = SAMPLE / max(len(own_row) * (len(people) - 1), 1)
    step = max(1, CHUNK // max(len(people), 1))
    for start in range(0, len(own_row) if len(people) > 1 else 0, step):
        rows = slice(start, start + step)
        scores = (templates.vectors[rows] @ means.T).astype(np.float64)
        mine = np.zeros(scores.shape, np.bool_)
        mine[np.arange(len(scores)), own_row[rows]] = True
        others = scores[~mine]
        impostors.append(others if share >= 1 else others[draw.random(len(others)) < share])
        scores[mine] = -np.inf
        best = scores.argmax(axis=1)
        other[rows] = scores[np.arange(len(scores)), best]
        other_ids[rows] = people[best]
    return GalleryEvaluation(
        templates.photo_ids,
        templates.person_ids,
        _left_out(templates.vectors, own_row, len(people)),
        other,
        other_ids,
        np.concatenate(impostors) if impostors else np.zeros(0),
        templates.names,
    )


def _left_out(vectors: Embeddings, own_row: Labels, people: int) -> Scores:
    """(N,) cosine of each vector to the mean of its person's others, NaN where there are none."""
    sums = np.zeros((people, vectors.shape[1]))
    np.add.at(sums, own_row, vectors)
    counts = np.bincount(own_row, minlength=people)
    scores = np.full(len(vectors), np.nan)
    for start in range(0, len(vectors), max(1, CHUNK // max(vectors.shape[1], 1))):
        rows = slice(start, start + max(1, CHUNK // max(vectors.shape[1], 1)))
        rest = sums[own_row[rows]] - vectors[rows]
        products = np.einsum("ij,ij->i", rest, vectors[rows].astype(np.float64))
        scores[rows] = products / np.maximum(np.linalg.norm(rest, axis=1), 1e-12)
    scores[counts[own_row] < 2] = np.nan
    return scores


def _most_alike(templates: TemplateSet, photo_id: int, person_id: int) -> int:
    """The person's photo nearest to a photo of somebody else."""
    vector = templates.vectors[templates.photo_ids == photo_id][0]
    rows = np.flatnonzero(templates.person_ids == person_id)
    return int(templates.photo_ids[rows[np.argmax(templates.vectors[rows] @ vector)]])


def _best_of_each(rows: Labels, scores: Scores, groups: int) -> Labels:
    """(G,) where each group's highest score is. rows: (N,) the group of each score."""
    order = np.argsort(scores, kind="stable")
    best = np.zeros(groups, dtype=np.int64)
    # The last one written stays.
    best[rows[order]] = order
    return best


def _share(wrong: NDArray[np.bool_]) -> float:
    return float(wrong.mean()) if len(wrong) else 0.0
