"""Over- and underfitting in words, from the curves of a training and what it left right and wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from training.course.experiments.recipe import PerceptronNetwork, Recipe, StackNetwork, TransferNetwork
from training.course.stack import Convolution, Dense, Dropout
from training.loop.observer import EpochRecord
from training.uncertainty import Accuracy, unpaired

Kind = Literal["diverged", "nothing learned", "too few pictures", "by heart", "still improving", "underfitting", "good"]

CLEAR_GAP = 0.02
"""A gap between training and validation that is surely larger than this is learning by heart."""

LOW = 0.9
"""A training accuracy below it is too low for a network that could learn more."""

WIDE = 0.1
"""A validation accuracy that is uncertain by more than this says nothing."""

HIGH = 0.98
"""A training or validation accuracy above it leaves nothing to be gained by more epochs."""

# See docs/decisions.md, "Verdicts on experiments", for these four.


@dataclass(frozen=True)
class Verdict:
    """What became of a training.

    Attributes:
        kind: for the colour and the symbol.
        text: the numbers and what they mean, a sentence or two.
        advice: what to try next, the most promising first; each a clause after "try".
    """

    kind: Kind
    text: str
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """What a verdict is based on.

    Attributes:
        history: one record an epoch, at least one.
        best_epoch: whose weights were kept, from 1.
        train, validation: of those weights, measured alike: without dropout, on unchanged pictures.
        chance: the accuracy of always saying the most frequent class.
        recipe: what was done; what is in it already is not advised.
    """

    history: Sequence[EpochRecord]
    best_epoch: int
    train: Accuracy
    validation: Accuracy
    chance: float
    recipe: Recipe


def share(value: float) -> str:
    """An accuracy as the course writes it: 0.93; a third decimal where two would say 1.00 too early."""
    return f"{value:.3f}" if 0.995 <= value < 1.0 else f"{value:.2f}"


def judge(evidence: Evidence) -> Verdict:
    """The verdict. Differences that chance explains are never called over- or underfitting."""
    train, validation = evidence.train, evidence.validation
    numbers = f"Training {share(train.share)}, validation {share(validation.share)} ± {validation.margin:.2f}"
    rate = evidence.recipe.training.rate
    if _diverged(evidence.history):
        return Verdict("diverged", f"{numbers}. The loss grew instead of falling: it diverged.", (_lower(rate),))
    if train.interval[0] <= evidence.chance:
        text = f"{numbers}. That is no better than always saying the most frequent class ({share(evidence.chance)})."
        return Verdict("nothing learned", text, (_lower(rate), "a higher one", *_room(evidence)))
    gap = unpaired(train, validation)
    if gap.low > CLEAR_GAP:
        return Verdict("by heart", f"{numbers}: it learns by heart (overfitting).", tuple(_against_overfitting(evidence)))
    if validation.margin > WIDE:
        text = (
            f"{numbers}. With {validation.count} validation pictures one more or less is {1 / validation.count:.2f}: "
            "too few to tell how well it generalises."
        )
        return Verdict("too few pictures", text, ("more pictures", "a larger share for validation"))
    chance = " The small gap may be chance." if gap.value > CLEAR_GAP else ""
    if max(train.share, validation.share) < HIGH and _improving(evidence):
        text = f"{numbers}. It was still improving when its {len(evidence.history)} epochs were over.{chance}"
        return Verdict("still improving", text, (f"{2 * len(evidence.history)} epochs", "a higher learning rate"))
    if train.share < LOW:
        text = f"{numbers}: it misses even much of what it learned from (underfitting).{chance}"
        return Verdict("underfitting", text, (*_room(evidence), "more epochs"))
    return Verdict("good", f"{numbers}: what it learned holds for new pictures too.{chance}", tuple(_better(evidence)))


def _lower(rate: float) -> str:
    return f"a learning rate of {rate / 10:g} instead of {rate:g}"


def _diverged(history: Sequence[EpochRecord]) -> bool:
    losses = [record.train_loss for record in history]
    return not isfinite(losses[-1]) or (len(losses) > 1 and losses[-1] > losses[0])


def _improving(evidence: Evidence) -> bool:
    """The best epochs were the last, and over the last quarter the loss on the same validation pictures still fell."""
    history = evidence.history
    if len(history) < 4 or evidence.best_epoch <= 0.9 * len(history) - 1:
        return False
    before, last = history[-1 - len(history) // 4].validation_loss, history[-1].validation_loss
    return last < 0.97 * before


def _against_overfitting(evidence: Evidence) -> Iterator[str]:
    training, network = evidence.recipe.training, evidence.recipe.network
    if isinstance(network, TransferNetwork) and network.scope in ("all", "scratch"):
        yield "training only the last layer on frozen features"
    if not training.changes.any:
        yield "augmentation"
    if isinstance(network, StackNetwork) and not any(isinstance(layer, Dropout) for layer in network.stack.layers):
        yield "dropout"
    if isinstance(network, StackNetwork):
        yield "fewer parameters"
    if training.weight_decay == 0:
        yield "weight decay"
    if evidence.recipe.data.limit is not None:
        yield f"more than {evidence.recipe.data.limit} pictures a class"
    else:
        yield "more pictures"


def _room(evidence: Evidence) -> Iterator[str]:
    """What gives a network more room to learn."""
    training, network = evidence.recipe.training, evidence.recipe.network
    if isinstance(network, PerceptronNetwork) or (isinstance(network, StackNetwork) and _linear(network)):
        yield "a network with a hidden layer or a convolution"
    elif isinstance(network, StackNetwork):
        yield "a larger network"
    elif network.scope in ("head", "last"):
        yield "training more of the network than its last layer"
    if training.changes.any:
        yield "weaker augmentation"
    if isinstance(network, StackNetwork) and any(
        isinstance(layer, Dropout) and layer.share > 0 for layer in network.stack.layers
    ):
        yield "less dropout"


def _linear(network: StackNetwork) -> bool:
    """One dense layer and nothing before it that learns."""
    return sum(isinstance(layer, (Convolution, Dense)) for layer in network.stack.layers) < 2


def _better(evidence: Evidence) -> Iterator[str]:
    if evidence.train.share < HIGH:
        yield from _room(evidence)
    if evidence.validation.share < HIGH:
        yield "more pictures"
        if not evidence.recipe.training.changes.any:
            yield "augmentation"
