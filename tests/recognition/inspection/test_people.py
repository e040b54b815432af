import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.gallery import TemplateSet
from recognition.inspection.errors import FitError
from recognition.inspection.people import nearest


def unit(*values: float) -> NDArray[np.float32]:
    vector = np.array(values, np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def templates() -> TemplateSet:
    """Ann has two photos (10, 11), Bea one (12)."""
    return TemplateSet(
        person_ids=np.array([1, 1, 2]),
        photo_ids=np.array([10, 11, 12]),
        vectors=np.stack([unit(1, 0, 0), unit(0, 1, 0), unit(0, 0, 1)]),
        names={1: "Ann", 2: "Bea"},
        revision=1,
    )


def test_the_best_comes_first_with_the_mean_template(templates: TemplateSet) -> None:
    ann, bea = nearest(templates, unit(1, 1, 0))
    assert (ann.person_id, ann.name, bea.name) == (1, "Ann", "Bea")
    assert ann.score == pytest.approx(1.0)
    assert bea.score == pytest.approx(0.0)
    np.testing.assert_allclose(ann.template, unit(1, 1, 0), atol=1e-6)


def test_the_photo_that_is_looked_at_is_left_out(templates: TemplateSet) -> None:
    (ann, _) = nearest(templates, unit(1, 0, 0), without_photo=11)
    assert ann.score == pytest.approx(1.0)
    assert [person.name for person in nearest(templates, unit(1, 0, 0), without_photo=12)] == ["Ann"]


def test_only_as_many_as_wanted(templates: TemplateSet) -> None:
    assert len(nearest(templates, unit(1, 0, 0), 1)) == 1


def test_an_empty_gallery_has_nobody() -> None:
    empty = TemplateSet(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, 1)
    assert nearest(empty, unit(1, 0, 0)) == []


def test_an_embedding_of_another_network_is_refused(templates: TemplateSet) -> None:
    with pytest.raises(FitError, match="4 numbers"):
        nearest(templates, unit(1, 0, 0, 0))
