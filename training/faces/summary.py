"""Puts together the report of a training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

from recognition.networks import Embeddings, Network
from training.faces.corruptions import WAYS, corrupt
from training.faces.dataset import FaceSet
from training.faces.open_set import MOST, EvaluationResult, EvaluationSet, compare, evaluate
from training.faces.report import EmbeddingMap, Guess, Report, Similarities
from training.faces.split import Split, rows_of
from training.metrics import Scores, nearest
from training.uncertainty import CONFIDENCE, Difference, paired

MAP_LIMIT = 1000
"""Faces in the map at most; more take minutes and are a blot."""

NEARLY_ALL = 0.98
"""Share of photos, clear and corrupted, whose nearest person is the right one from which there is nothing left to gain."""


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


@dataclass(frozen=True)
class Judgement:
    """Whether to use the second of two networks: `Report.recommended`, `verdict` and `clear`."""

    recommended: bool
    verdict: str
    clear: bool = True


class Judge(Protocol):
    """Says whether to use the second of two networks, and why: as `recommend`."""

    def __call__(self, untuned: EvaluationResult, tuned: EvaluationResult, *, chose_epoch: bool) -> Judgement: ...


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
        judgement = judge(untuned, tuned, chose_epoch=False)
    else:
        test = None
        judgement = judge(outcome.untuned_result, outcome.tuned_result, chose_epoch=True)
    before = outcome.untuned.embed(faces.crops, mirrored=True)
    after = outcome.tuned.embed(faces.crops, mirrored=True)
    rows = rows_of(faces, parts.test or parts.validation)
    evaluated = rows[~faces.belong_to(parts.held_out)[rows]]
    known = np.setdiff1d(np.arange(len(faces)), rows)
    return Report(
        validation=validation,
        test=test,
        recommended=judgement.recommended,
        verdict=judgement.verdict,
        clear=judgement.clear,
        weight=weight,
        whitened=whitened,
        best_epoch=best_epoch,
        guesses=_guesses(faces, known, evaluated, (before[known], after[known]), (before[evaluated], after[evaluated])),
        hard_guesses=_hard_guesses(faces, known, evaluated[:MOST], outcome, (before[known], after[known])),
        similarities=_similarities(faces, known, evaluated, after),
        untuned_similarities=_similarities(faces, known, evaluated, before),
        map=_map(faces, before, after),
    )


def recommend(untuned: EvaluationResult, tuned: EvaluationResult, *, chose_epoch: bool) -> Judgement:
    """Whether to use the tuned network, and why. It has to be better over all, and not worse on clean photos.

    The photos are counted that are recognised more reliably than before and those that are less (`EvaluationResult.photos`);
    the exact test of McNemar says whether that may be chance. Corrupted versions of one photo are not counted on their own:
    they rise and fall together.

    Args:
        untuned, tuned: results on the same photos: those of the test wherever there is one, for they chose nothing.
        chose_epoch: they are validation photos, which chose the epoch and the interpolation too.
    """
    number = len(untuned.clean)
    photo = "photo" if number == 1 else "photos"
    of = (
        f"of {number} validation {photo} that also chose the epoch"
        if chose_epoch
        else f"of {number} test {photo} that it had never seen"
    )
    everything, clean = _paired(tuned.photos, untuned.photos), _paired(tuned.clean, untuned.clean)
    more, less = _moved(tuned.photos, untuned.photos)
    counted = f"{of}, as they are and made worse, {more} {_are(more)} recognised more reliably than before and {less} less"
    sure = f"with {CONFIDENCE:.0%} certainty that is more than chance"
    if everything.clear and everything.value < 0:
        return Judgement(False, f"Keep the untuned network: {counted}; {sure}.")
    if clean.clear and clean.value < 0:
        gained, lost = _moved(tuned.clean, untuned.clean)
        return Judgement(
            False,
            f"Keep the untuned network: {of}, {lost} are recognised less reliably as they are, and {gained} more; {sure}.",
        )
    if everything.clear and tuned.clean_quality >= untuned.clean_quality:
        return Judgement(True, f"Better: {counted}; {sure}.")
    return Judgement(False, f"{_unclear(untuned)}: {counted}, {_why(everything, more + less)}.", clear=False)


def _unclear(untuned: EvaluationResult) -> str:
    rates = untuned.rates
    if (rates.clean.rank1 + rates.hard.rank1) / 2 < NEARLY_ALL:
        return "No clear difference"
    return "Your network is as good as it gets on these photos"


def _why(everything: Difference, changed: int) -> str:
    if everything.clear:
        return "but as they are, not more of them"
    return "which may be chance" if changed else "just as before"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _paired(tuned: Scores, untuned: Scores) -> Difference:
    return paired(tuned > untuned, tuned < untuned)


def _moved(tuned: Scores, untuned: Scores) -> tuple[int, int]:
    """How many photos are recognised more reliably, and how many less."""
    return int((tuned > untuned).sum()), int((tuned < untuned).sum())


def _guesses(
    faces: FaceSet,
    known: NDArray[np.int64],
    evaluated: NDArray[np.int64],
    templates: tuple[Embeddings, Embeddings],
    probes: tuple[Embeddings, Embeddings],
    ways: Sequence[str | None] = (),
) -> list[Guess]:
    """What both networks, the untuned one first, make of the probes at these rows, by the templates of the known rows."""
    if not len(evaluated) or not len(known):
        return []
    owners = faces.labels[known]
    untuned, tuned = (nearest(enrolled, owners, seen) for enrolled, seen in zip(templates, probes, strict=True))
    return [
        Guess(
            photo=faces.photos[row],
            truth=faces.people[faces.labels[row]],
            guess=faces.people[tuned.people[number]],
            score=float(tuned.scores[number]),
            untuned_guess=faces.people[untuned.people[number]],
            untuned_score=float(untuned.scores[number]),
            corruption=ways[number] if ways else None,
        )
        for number, row in enumerate(evaluated)
    ]


def _hard_guesses(
    faces: FaceSet,
    known: NDArray[np.int64],
    evaluated: NDArray[np.int64],
    outcome: Outcome,
    templates: tuple[Embeddings, Embeddings],
) -> list[Guess]:
    """The same of corrupted photos: every way by turns."""
    if not len(evaluated):
        return []
    names = tuple(WAYS)
    ways = [names[number % len(names)] for number in range(len(evaluated))]
    # One by one, so that each can be shown just as the networks saw it.
    crops = np.concatenate([corrupt(faces.crops[[row]], way=way) for row, way in zip(evaluated, ways, strict=True)])
    probes = outcome.untuned.embed(crops, mirrored=True), outcome.tuned.embed(crops, mirrored=True)
    return _guesses(faces, known, evaluated, templates, probes, ways)


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
