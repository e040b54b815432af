"""Error rates of face recognition, from scores alone. Names follow ISO/IEC 19795-1.

Verification (1:1) compares two faces: a pair of one person is genuine, of two an impostor. Identification (1:N) compares a
probe with everyone enrolled; in the open set some probes are of nobody enrolled.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score, roc_curve

from recognition.identification import mean_templates
from recognition.networks import Embeddings

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curve:
    """How the two errors of verification move with the threshold.

    Attributes:
        thresholds: (T,) float64, falling.
        fmr: share of impostor pairs at or above each threshold (false matches), 0 to 1.
        fnmr: share of genuine pairs below it (false non-matches), 0 to 1.
    """

    thresholds: Scores
    fmr: Scores
    fnmr: Scores


@dataclass(frozen=True)
class Verification:
    """The result of a verification protocol; rates from 0 to 1.

    Attributes:
        accuracy, accuracy_std: mean and standard deviation over the folds; the threshold of a fold is chosen on the others.
        auc: area under the ROC curve.
        tar_at_far_1, tar_at_far_01: genuine pairs accepted where 1 % and 0.1 % of impostors are.
        threshold: the most accurate one over all pairs.
    """

    accuracy: float
    accuracy_std: float
    auc: float
    tar_at_far_1: float
    tar_at_far_01: float
    threshold: float


@dataclass(frozen=True)
class OpenSet:
    """The result of open-set identification; rates from 0 to 1.

    Attributes:
        rank1: enrolled people's probes whose nearest person is the right one.
        tpir_at_fpir_1, tpir_at_fpir_5: probes that are right and score above the threshold that 1 % and 5 % of the
            strangers reach.
        threshold: the score at FPIR 1 %.
    """

    rank1: float
    tpir_at_fpir_1: float
    tpir_at_fpir_5: float
    threshold: float


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest enrolled person of each probe.

    Attributes:
        people: (N,) int64, whose template is nearest.
        scores: (N,) float64, cosine to it.
    """

    people: NDArray[np.int64]
    scores: Scores


def nearest(templates: Embeddings, owners: NDArray[np.int64], probes: Embeddings) -> Nearest:
    """Compare (N, D) probes with everyone's mean template, as the live camera does."""
    people, means = mean_templates(owners, templates)
    scores = probes.astype(np.float64) @ means.T
    best = scores.argmax(axis=1)
    return Nearest(people[best], scores[np.arange(len(scores)), best])


def open_set(found: Nearest, truths: NDArray[np.int64], strangers: Scores, missed: int = 0) -> OpenSet:
    """Open-set rates.

    Args:
        found: of the probes of enrolled people.
        truths: (N,) int64, who they really are.
        strangers: (S,) the strangers' scores to whom they resemble most.
        missed: probes of enrolled people in which no face was found. They count as errors.
    """
    right = found.people == truths
    total = len(truths) + missed

    def tpir(rate: float) -> tuple[float, float]:
        threshold = threshold_at(strangers, rate)
        return float((right & (found.scores > threshold)).sum() / total), threshold

    at_1, threshold = tpir(0.01)
    at_5, _ = tpir(0.05)
    return OpenSet(float(right.sum() / total), at_1, at_5, threshold)


def threshold_at(strangers: Scores, rate: float) -> float:
    """The score that at most the share `rate` of the strangers is above."""
    if not len(strangers):
        raise ValueError("a threshold needs strangers")
    return float(np.sort(strangers)[::-1][int(len(strangers) * rate)])


def verification(scores: Scores, genuine: NDArray[np.bool_], folds: NDArray[np.int64], wrong: int = 0) -> Verification:
    """The protocol of LFW (Huang et al. 2007, image-restricted).

    Args:
        scores: (N,) of the pairs.
        genuine: (N,) whether a pair is of one person.
        folds: (N,) which fold a pair is in. With one fold the threshold is chosen and measured on the same pairs.
        wrong: pairs without a score, because a face was not found; they count as errors and lower the accuracy of all
            folds alike.

    Raises:
        ValueError: not both genuine and impostor pairs.
    """
    if genuine.all() or not genuine.any():
        raise ValueError("verification needs pairs of one person and of two")
    share = len(scores) / (len(scores) + wrong)
    accuracies = []
    names = np.unique(folds)
    for fold in names:
        inside = folds == fold
        others = ~inside if len(names) > 1 else inside
        threshold = best_threshold(scores[others], genuine[others])
        accuracies.append(float(((scores[inside] >= threshold) == genuine[inside]).mean()) * share)
    impostors = scores[~genuine]
    own = scores[genuine]
    return Verification(
        accuracy=float(np.mean(accuracies)),
        accuracy_std=float(np.std(accuracies)),
        auc=float(roc_auc_score(genuine, scores)),
        tar_at_far_1=float((own > threshold_at(impostors, 0.01)).mean()) * share,
        tar_at_far_01=float((own > threshold_at(impostors, 0.001)).mean()) * share,
        threshold=best_threshold(scores, genuine),
    )


def best_threshold(scores: Scores, genuine: NDArray[np.bool_]) -> float:
    """The threshold with the most pairs right: half-way between the two scores it separates."""
    order = np.argsort(-scores, kind="stable")
    ranked, labels = scores[order], genuine[order]
    right = np.concatenate([[0], np.cumsum(labels)]) + np.concatenate([np.cumsum(~labels[::-1])[::-1], [0]])
    # Between equal scores there is no threshold.
    possible = np.concatenate([[True], ranked[1:] != ranked[:-1], [True]])
    accepted = int(np.argmax(np.where(possible, right, -1)))
    if accepted == 0:
        return float(np.nextafter(ranked[0], np.inf))
    if accepted == len(ranked):
        return float(ranked[-1])
    return float((ranked[accepted - 1] + ranked[accepted]) / 2)


def curve(scores: Scores, genuine: NDArray[np.bool_]) -> Curve:
    """FMR and FNMR over all thresholds; ROC and DET curves are two ways to plot it."""
    fmr, tar, thresholds = roc_curve(genuine, scores)
    return Curve(thresholds, fmr, 1.0 - tar)


def platt(genuine: Scores, impostors: Scores) -> tuple[float, float]:
    """Slope and offset of confidence = 1 / (1 + exp(-(slope * score + offset))), both kinds weighing the same.

    Platt 1999. The fit is ridge-penalised so little that only perfectly separated scores notice.
    """
    scores = np.concatenate([genuine, impostors])[:, None]
    labels = np.concatenate([np.ones(len(genuine)), np.zeros(len(impostors))])
    fit = LogisticRegression(C=1e6, class_weight="balanced", max_iter=1000).fit(scores, labels)
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])
