"""A trained head as the one that answers, which is what most tutorials do."""

import numpy as np
import pytest

from recognition.networks import Network
from training.evaluation.identification import Folders, Plan, compare
from training.faces.corruptions import corrupt
from training.faces.dataset import FaceSet
from training.faces.settings import FitSettings, for_scope


def test_a_head_alone_is_judged_by_its_own_answers(faces: FaceSet, network: Network) -> None:
    folders = Folders(faces, faces.crops[::5], np.arange(4), corrupt(faces.crops[2::5]), 0)
    tiny = FitSettings(epochs=2, epoch_faces=16, batch_size=8, mixup_ratio=1.0, test=0.0)
    untuned, head = compare({"": folders}, network, [Plan("head", for_scope(tiny, "head"))])
    assert untuned.row.rank1 == head.row.rank1 == 1.0
    # Cosines to what the head has learned, not to the mean templates.
    assert head.row.threshold != pytest.approx(untuned.row.threshold)
