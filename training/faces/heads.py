"""Classification heads: what tells people apart by their embeddings while a network learns.

A head is only there to learn with. Afterwards people are told apart by their templates, so that somebody enrolled later
is recognised too, and a stranger can be nobody: a softmax over the enrolled always names one of them.
"""

from pytorch_metric_learning import losses
from torch import Tensor, nn

from training.faces.settings import FitSettings, Head

SCALE = 100.0
"""Steepness of the softmax over cosines. See docs/decisions.md, "Scale and margin of the heads"."""

COSINE_MARGIN = 0.02
ARC_MARGIN = 1.5
"""CosFace's in cosine, ArcFace's in degrees. See docs/decisions.md, "Scale and margin of the heads"."""


class MarginHead(nn.Module):
    """Cosine softmax with a margin: CosFace (Wang et al. 2018) or ArcFace (Deng et al. 2019).

    Args:
        kind: which of the two.
        prototypes: (C, D) float32, a first guess at each class's direction.
        smoothing: label smoothing, 0 to 1.
    """

    def __init__(self, kind: Head, prototypes: Tensor, smoothing: float) -> None:
        super().__init__()
        classes, dimension = prototypes.shape
        if kind == "cosface":
            self.loss = losses.CosFaceLoss(classes, dimension, margin=COSINE_MARGIN, scale=SCALE)
        else:
            self.loss = losses.ArcFaceLoss(classes, dimension, margin=ARC_MARGIN, scale=SCALE)
        self.loss.W.data.copy_(prototypes.T)
        self.loss.cross_entropy = nn.CrossEntropyLoss(reduction="none", label_smoothing=smoothing)

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The loss of (N, D) unit embeddings with (N,) labels."""
        loss: Tensor = self.loss(embeddings, labels)
        return loss

    def logits(self, embeddings: Tensor) -> Tensor:
        """(N, C), without the margin."""
        logits: Tensor = self.loss.get_logits(embeddings)
        return logits

    def scores(self, embeddings: Tensor) -> Tensor:
        """(N, C) cosines to each class, -1 to 1."""
        return self.logits(embeddings) / SCALE


class DenseHead(nn.Module):
    """One dense layer with dropout and softmax, as tutorials have it.

    Args:
        prototypes: (C, D) float32; only the shape is used.
        smoothing: label smoothing, 0 to 1.
        dropout: share of the embedding's numbers that are left out while learning.
    """

    def __init__(self, prototypes: Tensor, smoothing: float, dropout: float) -> None:
        super().__init__()
        classes, dimension = prototypes.shape
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(dimension, classes)
        self.cross_entropy = nn.CrossEntropyLoss(label_smoothing=smoothing)

    def forward(self, embeddings: Tensor, labels: Tensor) -> Tensor:
        """The loss of (N, D) unit embeddings with (N,) labels."""
        loss: Tensor = self.cross_entropy(self.logits(embeddings), labels)
        return loss

    def logits(self, embeddings: Tensor) -> Tensor:
        """(N, C)."""
        # Unit vectors alone would keep the softmax flat.
        logits: Tensor = self.dense(self.dropout(embeddings * embeddings.shape[1] ** 0.5))
        return logits

    def scores(self, embeddings: Tensor) -> Tensor:
        """(N, C) probabilities of each class, which add up to 1 for a stranger too."""
        return self.logits(embeddings).softmax(dim=1)


def make_head(settings: FitSettings, prototypes: Tensor) -> MarginHead | DenseHead:
    """The head of a training, for (C, D) float32 first guesses at the classes."""
    if settings.head == "dense":
        return DenseHead(prototypes, settings.label_smoothing, settings.dropout)
    return MarginHead(settings.head, prototypes, settings.label_smoothing)
