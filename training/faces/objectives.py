"""What fine-tuning a face network minimises.

Two terms. Classification: a head tells the people apart, with a margin; every invented face is one more class, nobody who is
enrolled, which keeps room for strangers. Distillation: fine-tuning on a few photos makes a good face network worse for
everybody else (catastrophic forgetting), so every changed face is to be answered as the untuned network answers the unchanged
one (embedding distillation, Hinton et al. 2015, Li and Hoiem 2016).
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.faces.heads import DenseHead, MarginHead
from training.loop.objective import BatchResult, Objective


@dataclass(frozen=True, eq=False)
class FaceBatch:
    """One step's faces.

    Attributes:
        pictures: (N, 3, S, S) float32, preprocessed.
        labels: (N,) int64 classes: people first, then invented faces.
        targets: (N, D) float32 unit, the untuned network's embeddings of the faces as they are.
    """

    pictures: Tensor
    labels: Tensor
    targets: Tensor


class FaceObjective(Objective[FaceBatch]):
    """Classification by a head, plus distillation.

    Args:
        head: tells the classes apart.
        people: how many of its classes are people; the accuracy is over their photos alone.
        classification_weight, distillation_weight: of the two terms.
    """

    def __init__(
        self, head: MarginHead | DenseHead, *, people: int, classification_weight: float, distillation_weight: float
    ) -> None:
        super().__init__()
        self.head = head
        self.people = people
        self.classification_weight, self.distillation_weight = classification_weight, distillation_weight

    def forward(self, model: nn.Module, batch: FaceBatch) -> BatchResult:
        embeddings = nn.functional.normalize(model(batch.pictures).float(), dim=1)
        loss = self.classification_weight * self.head(embeddings, batch.labels)
        if self.distillation_weight:
            loss = loss + self.distillation_weight * distillation_loss(embeddings, batch.targets)
        with torch.no_grad():
            answers = self.head.logits(embeddings.detach()).argmax(dim=1)
        of_people = batch.labels < self.people
        right = int((answers == batch.labels)[of_people].sum())
        return BatchResult(loss, len(batch.labels), {"accuracy": (right, int(of_people.sum()))})


def distillation_loss(embeddings: Tensor, targets: Tensor) -> Tensor:
    """Mean cosine distance of (N, D) unit embeddings to their targets, 0 to 2."""
    return (1.0 - (embeddings * targets).sum(dim=1)).mean()
