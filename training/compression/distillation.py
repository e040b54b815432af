"""Knowledge distillation (Hinton, Vinyals and Dean 2015): a small network learns what a large one finds likely."""

import torch
from torch import Tensor, nn

from training.loop.objective import BatchResult, Objective


class Distillation(Objective[tuple[Tensor, Tensor]]):
    """(1 - weight) · cross-entropy + weight · T² · KL(softmax(teacher / T) ‖ softmax(student / T)).

    T² keeps both parts' gradients of one size, whatever the temperature.

    Args:
        teacher: (N, …) to (N, K) logits, in evaluation mode; it is not trained.
        temperature: T.
        weight: of the teacher's word against the labels', 0 to 1; at 0 the teacher is not asked.
    """

    def __init__(self, teacher: nn.Module, temperature: float, weight: float) -> None:
        super().__init__()
        # In a list, so that it is not saved, moved or trained with the objective.
        self._teacher = [teacher]
        self._temperature, self._weight = temperature, weight

    def forward(self, model: nn.Module, batch: tuple[Tensor, Tensor]) -> BatchResult:
        inputs, labels = batch
        logits: Tensor = model(inputs)
        loss = nn.functional.cross_entropy(logits, labels)
        if self._weight:
            with torch.no_grad():
                taught = self._teacher[0](inputs)
            soft = distance(logits, taught, self._temperature)
            loss = (1.0 - self._weight) * loss + self._weight * soft
        right = int((logits.detach().argmax(dim=1) == labels).sum())
        return BatchResult(loss, len(labels), {"accuracy": (right, len(labels))})


def distance(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T² · KL(softmax(teacher / T) ‖ softmax(student / T)), the mean over the batch. Both (N, K) logits."""
    said = nn.functional.log_softmax(student / temperature, dim=1)
    taught = nn.functional.log_softmax(teacher / temperature, dim=1)
    return temperature**2 * nn.functional.kl_div(said, taught, reduction="batchmean", log_target=True)
