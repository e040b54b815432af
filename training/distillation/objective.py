"""What the distillation minimises."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training.faces.objectives import distillation_loss
from training.loop.objective import BatchResult, Objective


@dataclass(frozen=True, eq=False)
class DistilBatch:
    """One step's faces.

    Attributes:
        pictures: (N, 3, S, S) float32, the student's input.
        targets: (N, D) float32 unit, the teacher's embeddings of the clear faces.
    """

    pictures: Tensor
    targets: Tensor


class EmbeddingDistillation(Objective[DistilBatch]):
    """Cosine distance to the teacher's embedding, plus the squared difference of the similarities within the batch.

    The second part asks that faces lie to each other as they do for the teacher (relational knowledge distillation, Park et
    al. 2019), which is what names are decided by.

    Args:
        similarity_weight: of the second part.
    """

    def __init__(self, similarity_weight: float) -> None:
        super().__init__()
        self._weight = similarity_weight

    def forward(self, model: nn.Module, batch: DistilBatch) -> BatchResult:
        embeddings = nn.functional.normalize(model(batch.pictures).float(), dim=1)
        distance = distillation_loss(embeddings, batch.targets)
        loss = distance
        if self._weight:
            between = embeddings @ embeddings.T - batch.targets @ batch.targets.T
            loss = distance + self._weight * between.square().mean()
        size = len(batch.pictures)
        return BatchResult(loss, size, {"cosine": (float(1.0 - distance.detach()) * size, size)})


def mean_cosine(embeddings: Tensor, targets: Tensor) -> float:
    """Mean cosine similarity of (N, D) unit rows to their targets."""
    with torch.inference_mode():
        return 1.0 - float(distillation_loss(embeddings, targets))
