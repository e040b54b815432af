"""Puts together the report of a training."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

from recognition.networks import Embeddings, Network
from training.faces.dataset import FaceSet
from training.faces.open_set import EvaluationResult, EvaluationSet, compare, evaluate
from training.faces.report import EmbeddingMap, Guess, Report, Similarities
from training.faces.split import Split, rows_of
from training.metrics import Scores, nearest

MAP_LIMIT = 1000
"""Faces in the map at most; more take minutes and are a blot."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Both networks and their evaluation.

    Attributes:
        validation, test: what they are evaluated on; no test where people have too few photos.
        untuned_result, tuned_result: on the validation set.
    """

    untuned: Network
    tuned: Network
    validation: EvaluationSet
    test: EvaluationSet | None
    untuned_result: EvaluationResult
    tuned_result: EvaluationResult


class Judge(Protocol):
    """Says whether to use the second of two networks, and why: as `recommend`."""

    def __call__(
        self, untuned: EvaluationResult, tuned: EvaluationResult, *, photos: int, chose_epoch: bool
    ) -> tuple[bool, str]: ...


def summarise(
    faces: FaceSet,
    parts: Split,
    outcome: Outcome,
    *,
    weight: float,
    whitened: bool,
    best_epoch: int,
    judge: Judge | None = None,
) -> Report:
    """The report of a training.

    Args:
        faces, parts: what it learned from.
        outcome: both networks.
        weight: share of the tuned weights, 0 to 1.
        whitened: whether the last layer was solved anew.
        best_epoch: whose weights they are.
        judge: of both networks; `recommend` without.
    """
    judge = judge or recommend
    validation = compare(outcome.untuned_result, outcome.tuned_result, outcome.validation)
    if outcome.test is not None and len(outcome.test.probes):
        untuned, tuned = (evaluate(one, outcome.test, mirrored=True) for one in (outcome.untuned, outcome.tuned))
        test = compare(untuned, tuned, outcome.test)
        recommended, verdict = judge(untuned, tuned, photos=test.probes, chose_epoch=False)
    else:
        test = None
        recommended, verdict = judge(outcome.untuned_result, outcome.tuned_result, photos=validation.probes, chose_epoch=True)
    before = outcome.untuned.embed(faces.crops, mirrored=True)
    after = outcome.tuned.embed(faces.crops, mirrored=True)
    evaluated = rows_of(faces, parts.test or parts.validation)
    known = np.setdiff1d(np.arange(len(faces)), evaluated)
    return Report(
        validation=validation,
        test=test,
        recommended=recommended,
        verdict=verdict,
        weight=weight,
        whitened=whitened,
        best_epoch=best_epoch,
        guesses=_guesses(faces, known, evaluated, before, after),
        similarities=_similarities(faces, known, evaluated, after),
        untuned_similarities=_similarities(faces, known, evaluated, before),
        map=_map(faces, before, after),
    )


def recommend(untuned: EvaluationResult, tuned: EvaluationResult, *, photos: int, chose_epoch: bool) -> tuple[bool, str]:
    """Whether to use the tuned network, and why. It has to be better over all, and not worse on clean photos.

    Args:
        untuned, tuned: results on the same photos: those of the test wherever there is one, for they chose nothing.
        photos: how many clean ones.
        chose_epoch: they are validation photos, which chose the epoch and the interpolation too.
    """
    photo = "photo" if photos == 1 else "photos"
    which = (
        f"{photos} validation {photo} that also chose the epoch" if chose_epoch else f"{photos} test {photo} that chose nothing"
    )
    if tuned.clean_quality < untuned.clean_quality:
        loss = _points(untuned.clean_quality - tuned.clean_quality)
        return False, (
            f"Keep the untuned network: on {which}, the tuned one recognises {loss} fewer clear ones at the same rate of "
            "false alarms."
        )
    gain = tuned.quality - untuned.quality
    if gain <= 0:
        return False, f"Keep the untuned network: on {which}, clear and corrupted, the tuned one was not better."
    return True, (
        f"Better: on {which}, clear and corrupted, it recognises {_points(gain)} more of them at the same rate of false alarms."
    )


def _points(difference: float) -> str:
    return f"{100 * difference:.1f} percentage points"


def _guesses(
    faces: FaceSet, known: NDArray[np.int64], evaluated: NDArray[np.int64], before: Embeddings, after: Embeddings
) -> list[Guess]:
    if not len(evaluated) or not len(known):
        return []
    owners = faces.labels[known]
    untuned = nearest(before[known], owners, before[evaluated])
    tuned = nearest(after[known], owners, after[evaluated])
    return [
        Guess(
            photo=faces.photos[row],
            truth=faces.people[faces.labels[row]],
            guess=faces.people[tuned.people[number]],
            score=float(tuned.scores[number]),
            untuned_guess=faces.people[untuned.people[number]],
            untuned_score=float(untuned.scores[number]),
        )
        for number, row in enumerate(evaluated)
    ]


def _similarities(
    faces: FaceSet, known: NDArray[np.int64], evaluated: NDArray[np.int64], embeddings: Embeddings
) -> Similarities:
    same: list[float] = []
    different: list[float] = []
    owners = faces.labels[known]
    for person in np.unique(faces.labels[evaluated]):
        probes = embeddings[evaluated[faces.labels[evaluated] == person]]
        for into, chosen in ((same, owners == person), (different, owners != person)):
            if chosen.any():
                scores: Scores = nearest(embeddings[known[chosen]], owners[chosen], probes).scores
                into += scores.tolist()
    return Similarities(same=same, different=different)


def _map(faces: FaceSet, before: Embeddings, after: Embeddings) -> EmbeddingMap:
    rows = np.arange(len(faces))
    if len(rows) > MAP_LIMIT:
        rows = np.sort(np.random.default_rng(0).choice(rows, MAP_LIMIT, replace=False))
    return EmbeddingMap(
        photos=[faces.photos[row] for row in rows],
        people=[faces.people[faces.labels[row]] for row in rows],
        untuned=_plane(before[rows]),
        tuned=_plane(after[rows]),
    )


def _plane(embeddings: Embeddings) -> list[tuple[float, float]]:
    if len(embeddings) < 3:
        return [(float(number), 0.0) for number in range(len(embeddings))]
    perplexity = min(30.0, (len(embeddings) - 1) / 3)
    points = TSNE(perplexity=perplexity, metric="cosine", init="random", random_state=0).fit_transform(embeddings)
    return [(float(x), float(y)) for x, y in points]
