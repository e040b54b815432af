"""What is learned from."""

import numpy as np
import torch

from recognition.networks import Network
from training.faces.augmentation import Augmentation
from training.faces.dataset import FaceSet
from training.faces.training_set import FaceBatches, TrainingSet, mixup, prepare


def test_a_mix_lies_between_two_people_and_is_repeatable(faces: FaceSet) -> None:
    made = mixup(faces.crops, faces.labels, 6, np.random.default_rng(1))
    assert made.shape == (6, *faces.crops.shape[1:])
    assert np.array_equal(made, mixup(faces.crops, faces.labels, 6, np.random.default_rng(1)))
    low, high = faces.crops.min(axis=0), faces.crops.max(axis=0)
    assert (made >= low).all()
    assert (made <= high).all()


def test_one_person_alone_mixes_with_nobody(faces: FaceSet) -> None:
    assert len(mixup(faces.crops[:3], faces.labels[:3], 4, np.random.default_rng(0))) == 0


def test_every_invented_face_is_a_person_of_its_own(faces: FaceSet, training_set: TrainingSet) -> None:
    assert (len(training_set), training_set.photos) == (30, 20)
    assert training_set.labels[20:].tolist() == list(range(4, 14))
    assert training_set.prototypes.shape == (14, 128)
    assert torch.allclose(training_set.prototypes[5], training_set.targets[21], atol=1e-5)
    photos = training_set.real()
    assert (len(photos), photos.photos, len(photos.targets), len(photos.prototypes)) == (20, 20, 20, 4)
    assert np.array_equal(photos.crops, faces.crops)


def test_people_with_few_photos_are_drawn_as_often_as_others(faces: FaceSet, network: Network) -> None:
    kept = np.array([0, 5, 6, 7, 8, 9])
    training_set = prepare(faces.crops[kept], np.array([0, 1, 1, 1, 1, 1]), network, 0, seed=0)
    batches = FaceBatches(training_set, network, Augmentation(strength="none"), faces=600, size=50, seed=0)
    labels = torch.cat([batch.labels for batch in batches.epoch(1)])
    assert len(labels) == 600
    assert abs(float((labels == 0).float().mean()) - 0.5) < 0.08


def test_an_epoch_is_drawn_from_its_seed_and_number_alone(network: Network, training_set: TrainingSet) -> None:
    batches = FaceBatches(training_set, network, Augmentation(), faces=10, size=4, seed=3)
    torch.manual_seed(0)
    first = list(batches.epoch(2))
    torch.manual_seed(1)
    again, other = list(batches.epoch(2)), list(batches.epoch(3))
    assert [len(batch.labels) for batch in first] == [4, 4, 2] and len(batches) == 3
    assert all(torch.equal(one.pictures, two.pictures) for one, two in zip(first, again, strict=True))
    assert not torch.equal(first[0].pictures, other[0].pictures)
