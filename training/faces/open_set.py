"""Open-set evaluation of a network on photos that it was not trained on, against strangers it was not trained on either."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recognition.networks import Crops, Network
from training.faces.corruptions import corrupt
from training.faces.dataset import FaceSet, Labels
from training.faces.report import Comparison, Rates
from training.faces.split import Split, rows_of
from training.metrics import Nearest, Scores, nearest, open_set

FALSE_ALARMS = (2.326, 2.054, 1.645, 1.282)
"""Standard deviations above the mean of the strangers' scores that 1, 2, 5 and 10 % of a normal distribution exceed.
Quality is averaged over them: with few strangers, the score that 1 % of them reach would be one stranger's."""

MOST = 300
"""Probes and strangers at most: an epoch must not spend longer on evaluation than on learning."""

CORRUPTION_SEEDS = (1, 2, 3)
"""Each evaluated face is corrupted in three ways, drawn by these seeds."""


@dataclass(frozen=True, eq=False)
class EvaluationSet:
    """What a network is evaluated on.

    Attributes:
        enrolled, owners: crops (N, S, S, 3) uint8 RGB and (N,) int64 people: they make the templates.
        probes, truths: photos of the same people.
        strangers: photos of others, (S, S, S, 3) uint8 RGB. Empty where nobody is left for it: then each probe is also a
            stranger, compared with everybody but its own person.
    """

    enrolled: Crops
    owners: Labels
    probes: Crops
    truths: Labels
    strangers: Crops

    @property
    def evaluated(self) -> int:
        """How many faces of enrolled people are evaluated, corrupted ones included."""
        return len(self.probes) * (1 + len(CORRUPTION_SEEDS))

    # The same in every epoch, and slower to make than to read: at most 80 MB, by `MOST`.
    @cached_property
    def corrupted_probes(self) -> Crops:
        """(K·N, S, S, 3), each probe corrupted in every way, one after the other."""
        return np.concatenate([corrupt(self.probes, seed) for seed in CORRUPTION_SEEDS])

    @cached_property
    def corrupted_strangers(self) -> Crops:
        """The same of the strangers."""
        return np.concatenate([corrupt(self.strangers, 100 + seed) for seed in CORRUPTION_SEEDS])


@dataclass(frozen=True, eq=False)
class EvaluationResult:
    """The result of an evaluation.

    Attributes:
        rates: the usual ones.
        clean: (N,) float64, of each probe the share of `FALSE_ALARMS` at which it gets the right name, 0 to 1.
        hard: (N,) float64, the same of its corrupted versions, their mean.
        genuine: scores of the clean probes to their own people.
        strangers: scores of the clean strangers to whom they resemble most.
    """

    rates: Rates
    clean: Scores
    hard: Scores
    genuine: Scores
    strangers: Scores

    @property
    def photos(self) -> Scores:
        """(N,) float64, how reliably each probe is recognised, clean and corrupted weighing the same, 0 to 1."""
        mean: Scores = (self.clean + self.hard) / 2
        return mean

    @property
    def quality(self) -> float:
        """Mean TPIR over `FALSE_ALARMS`, of clean and of corrupted photos, 0 to 1: what decides between networks."""
        return float(self.photos.mean())

    @property
    def clean_quality(self) -> float:
        """The same of clean photos alone."""
        return float(self.clean.mean())


def validation_set(faces: FaceSet, split: Split, strangers: Crops | None) -> EvaluationSet:
    """Validation photos against templates of training photos; people held out are the strangers, unless there are others."""
    return _evaluation_set(faces, split, split.train, split.validation, strangers)


def test_set(faces: FaceSet, split: Split, strangers: Crops | None) -> EvaluationSet | None:
    """Test photos against templates of all other photos. None without test photos."""
    if not split.test:
        return None
    return _evaluation_set(faces, split, split.train + split.validation, split.test, strangers)


def evaluate(network: Network, evaluation_set: EvaluationSet, *, mirrored: bool) -> EvaluationResult:
    """Embed everything and compare.

    Args:
        mirrored: average crops with their mirror images, as enrollment does; twice the time.
    """
    templates = network.embed(evaluation_set.enrolled, mirrored=mirrored)
    clean = network.embed(evaluation_set.probes, mirrored=mirrored)
    hard = network.embed(evaluation_set.corrupted_probes, mirrored=mirrored)
    hard_truths = np.tile(evaluation_set.truths, len(CORRUPTION_SEEDS))

    found = nearest(templates, evaluation_set.owners, clean)
    found_hard = nearest(templates, evaluation_set.owners, hard)
    if len(evaluation_set.strangers):
        others = network.embed(evaluation_set.strangers, mirrored=mirrored)
        others_hard = network.embed(evaluation_set.corrupted_strangers, mirrored=mirrored)
        strangers = nearest(templates, evaluation_set.owners, others).scores
        strangers_hard = nearest(templates, evaluation_set.owners, others_hard).scores
    else:
        strangers = _impostor_scores(templates, evaluation_set.owners, clean, evaluation_set.truths)
        strangers_hard = _impostor_scores(templates, evaluation_set.owners, hard, hard_truths)
    hard_shares = _shares(found_hard, hard_truths, strangers_hard)
    return EvaluationResult(
        Rates(clean=open_set(found, evaluation_set.truths, strangers), hard=open_set(found_hard, hard_truths, strangers_hard)),
        _shares(found, evaluation_set.truths, strangers),
        hard_shares.reshape(len(CORRUPTION_SEEDS), -1).mean(axis=0),
        _own_scores(templates, evaluation_set.owners, clean, evaluation_set.truths),
        strangers,
    )


def compare(untuned: EvaluationResult, tuned: EvaluationResult, evaluation_set: EvaluationSet) -> Comparison:
    """Both side by side."""
    strangers = len(evaluation_set.strangers) or len(evaluation_set.probes)
    return Comparison(untuned=untuned.rates, tuned=tuned.rates, probes=len(evaluation_set.probes), strangers=strangers)


def _evaluation_set(
    faces: FaceSet, split: Split, enrolled: tuple[str, ...], probes: tuple[str, ...], strangers: Crops | None
) -> EvaluationSet:
    outside = faces.belong_to(split.held_out)
    enrolled_rows = _inside(rows_of(faces, enrolled), outside)
    probe_rows = _inside(rows_of(faces, probes), outside)
    if strangers is None:
        # Those of the other evaluation set stay out: what chose the model must not evaluate it.
        unseen = set(split.test) - set(probes)
        rows = [row for row in np.flatnonzero(outside) if faces.photos[row] not in unseen]
        strangers = faces.crops[np.array(rows, dtype=np.int64)]
    owners, truths = faces.labels[enrolled_rows], faces.labels[probe_rows]
    known = _some(np.flatnonzero(np.isin(truths, owners)))
    others = strangers[_some(np.arange(len(strangers)))]
    return EvaluationSet(faces.crops[enrolled_rows], owners, faces.crops[probe_rows[known]], truths[known], others)


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `MOST`, always the same ones."""
    return rows if len(rows) <= MOST else np.sort(np.random.default_rng(0).choice(rows, MOST, replace=False))


def _inside(rows: NDArray[np.int64], outside: NDArray[np.bool_]) -> NDArray[np.int64]:
    return rows[~outside[rows]]


def _own_scores(templates: NDArray[np.float32], owners: Labels, probes: NDArray[np.float32], truths: Labels) -> Scores:
    scores = np.zeros(len(probes))
    for person in np.unique(truths):
        mine = truths == person
        scores[mine] = nearest(templates[owners == person], owners[owners == person], probes[mine]).scores
    return scores


def _impostor_scores(templates: NDArray[np.float32], owners: Labels, probes: NDArray[np.float32], truths: Labels) -> Scores:
    """Each probe's score to the person it resembles most, its own left out."""
    scores = np.zeros(len(probes))
    for person in np.unique(truths):
        mine, rest = truths == person, owners != person
        scores[mine] = nearest(templates[rest], owners[rest], probes[mine]).scores
    return scores


def _shares(found: Nearest, truths: Labels, strangers: Scores) -> Scores:
    """(N,) of each probe, the share of `FALSE_ALARMS` at which it gets the right name."""
    right = found.people == truths
    thresholds = strangers.mean() + np.array(FALSE_ALARMS) * strangers.std()
    shares: Scores = (right[:, None] & (found.scores[:, None] > thresholds)).mean(axis=1)
    return shares
