"""Heads: what tells people apart while learning."""

import pytest
import torch
from torch import nn

from training.faces.heads import make_head
from training.faces.settings import FitSettings, Head


@pytest.mark.parametrize("head", ["cosface", "arcface", "dense"])
def test_a_head_learns_to_tell_clusters_apart(head: Head) -> None:
    torch.manual_seed(0)
    centres = nn.functional.normalize(torch.randn(3, 16), dim=1)
    labels = torch.arange(60) % 3
    points = nn.functional.normalize(centres[labels] + 0.1 * torch.randn(60, 16), dim=1)
    module = make_head(FitSettings(head=head, label_smoothing=0.0), torch.randn(3, 16))
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    for _ in range(80):
        loss = module(points, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    module.eval()
    assert (module.logits(points).argmax(dim=1) == labels).all()


def test_a_margin_makes_the_task_harder() -> None:
    prototypes = torch.eye(4)
    head = make_head(FitSettings(head="cosface", label_smoothing=0.0), prototypes)
    points = nn.functional.normalize(prototypes + 20, dim=1)
    plain = nn.functional.cross_entropy(head.logits(points), torch.arange(4))
    assert head(points, torch.arange(4)) > plain
