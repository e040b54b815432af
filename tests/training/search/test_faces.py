"""A trial of a fine-tuning on faces."""

from pathlib import Path

from tests.training.conftest import SMALL
from training.faces.dataset import FaceSet
from training.search.faces import FaceSubject


def test_a_trial_is_judged_by_validation_photos_each_epoch_and_at_the_end(faces: FaceSet, tmp_path: Path) -> None:
    subject = FaceSubject(SMALL.model_copy(update={"whitening": 16}), faces, tmp_path)
    told: list[tuple[int, float]] = []
    result = subject.train(
        {"whitening_floor": 4.0, "augmentation.strength": "light"}, lambda *said: told.append(said), tmp_path / "work"
    )
    assert [epoch for epoch, _ in told] == [1, 2]
    assert all(0 <= quality <= 1 for quality in (result, *(quality for _, quality in told)))
    assert subject.data == faces.fingerprint
