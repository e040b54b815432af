"""Who is like whom, and which photo is unlike the others, with the built-in network on real faces."""

import numpy as np
import pytest

from recognition.gallery import TemplateSet
from recognition.likeness import MIN_PHOTOS, odd_photos, similar_people
from recognition.networks import Network
from recognition.pictures import Picture


@pytest.fixture(scope="module")
def templates(network: Network, collins_crop: Picture, hopper_crop: Picture) -> TemplateSet:
    """Person 1: four of Collins and one of Hopper. Person 2: Collins. Person 3: Hopper."""
    lights = (0.7, 0.8, 0.9, 1.0)
    crops = [*(collins_crop * light for light in lights), hopper_crop, collins_crop * 0.6, hopper_crop * 0.7]
    vectors = network.embed(np.stack([crop.astype(np.uint8) for crop in crops]), mirrored=True)
    people = np.array([1, 1, 1, 1, 1, 2, 3], np.int64)
    return TemplateSet(people, np.arange(10, 17, dtype=np.int64), vectors, {1: "A", 2: "B", 3: "C"}, 1)


def test_the_most_similar_person_comes_first(templates: TemplateSet) -> None:
    alike = similar_people(templates, 2)
    assert list(alike) == [1, 3] and 1.0 >= alike[1] > alike[3]
    assert list(similar_people(templates, 3)) == [1, 2], "one of the photos is hers"
    assert similar_people(templates, 99) == {}


def test_the_photo_of_somebody_else_is_odd(templates: TemplateSet, network: Network) -> None:
    assert odd_photos(templates, 1, network.spec.calibration) == {14}
    assert odd_photos(templates, 2, network.spec.calibration) == frozenset(), "nothing to compare with"
    assert MIN_PHOTOS > 2
