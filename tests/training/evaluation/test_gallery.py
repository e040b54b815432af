"""The own gallery judged by its own photos, against the plain definitions."""

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.gallery import TemplateSet
from recognition.networks import Network
from tests.training.evaluation.folders import versions
from training.evaluation import gallery
from training.evaluation.gallery import NOBODY, difference, evaluate_gallery

Picture = NDArray[np.uint8]


def templates(vectors: NDArray[np.float64], people: list[int]) -> TemplateSet:
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    names = {person: f"Person {person}" for person in people}
    return TemplateSet(np.array(people, dtype=np.int64), np.arange(100, 100 + len(people)), unit, names, revision=1)


def crowd(photos: list[int], spread: float = 0.4, dimension: int = 16, seed: int = 0) -> TemplateSet:
    """People around random centres, with so many photos each; ids are not rows."""
    draw = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(photos)), photos)
    centres = draw.normal(size=(len(photos), dimension))
    vectors = centres[owners] + spread * draw.normal(size=(len(owners), dimension))
    order = draw.permutation(len(owners))
    return templates(vectors[order], [int(person) * 10 + 3 for person in owners[order]])


def cosine(one: NDArray[np.float32], rest: NDArray[np.float32]) -> float:
    mean = rest.astype(float).sum(axis=0)
    return float(one @ mean / np.linalg.norm(mean))


@pytest.mark.parametrize("chunk", [1, 7, gallery.CHUNK])
def test_scores_are_those_of_leaving_one_photo_out(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(gallery, "CHUNK", chunk)
    data = crowd([3, 1, 5, 2])
    evaluated = evaluate_gallery(data)
    for row, (person, vector) in enumerate(zip(data.person_ids, data.vectors, strict=True)):
        mine = data.person_ids == person
        rest = mine & (np.arange(len(mine)) != row)
        if rest.any():
            assert evaluated.own_scores[row] == pytest.approx(cosine(vector, data.vectors[rest]), abs=1e-6)
        else:
            assert np.isnan(evaluated.own_scores[row])
        others = {
            int(other): cosine(vector, data.vectors[data.person_ids == other]) for other in set(data.person_ids[~mine].tolist())
        }
        best = max(others, key=lambda other: others[other])
        assert evaluated.other_ids[row] == best
        assert evaluated.other_scores[row] == pytest.approx(others[best], abs=1e-6)
    # Every photo against each of the three other people.
    assert len(evaluated.impostors) == 11 * 3
    assert evaluated.impostors.max() == pytest.approx(evaluated.other_scores.max())


def test_errors_are_counted_at_any_threshold() -> None:
    evaluated = evaluate_gallery(crowd([4, 4, 4, 1], spread=0.9))
    for threshold in np.linspace(-1, 1, 21):
        errors = evaluated.errors(threshold)
        comparable = ~np.isnan(evaluated.own_scores)
        recognised = comparable & (evaluated.own_scores >= threshold) & (evaluated.own_scores >= evaluated.other_scores)
        assert errors.probes == 12
        assert errors.unrecognised == 12 - recognised.sum()
        assert errors.tpir == pytest.approx(recognised.sum() / 12)
        assert errors.strangers == 13
        assert errors.named == (evaluated.other_scores >= threshold).sum()
        assert errors.fpir == pytest.approx(errors.named / 13)
        assert errors.fnmr == pytest.approx((evaluated.genuine < threshold).mean())
        assert errors.fmr == pytest.approx((evaluated.impostors >= threshold).mean())


def test_the_curve_falls_in_one_error_where_it_rises_in_the_other() -> None:
    curve = evaluate_gallery(crowd([4, 4, 4], spread=0.9)).curve()
    assert (np.diff(curve.fmr) >= 0).all()
    assert (np.diff(curve.fnmr) <= 0).all()
    assert (curve.fmr[0], curve.fnmr[-1]) == (0.0, 0.0)


def test_the_area_under_the_curve_is_the_share_of_pairs_in_the_right_order() -> None:
    evaluated = evaluate_gallery(crowd([4, 4, 4], spread=0.9))
    right = (evaluated.genuine[:, None] > evaluated.impostors).mean()
    assert evaluated.auc() == pytest.approx(right)


def test_open_set_rates_count_wrong_names_as_errors() -> None:
    # The last photo of person 2 lies with person 1.
    data = templates(np.array([[1, 0], [1, 0.01], [0, 1], [0.01, 1], [1, 0.02]], float), [1, 1, 2, 2, 2])
    rates = evaluate_gallery(data).open_set()
    assert rates.rank1 == pytest.approx(4 / 5)


def test_a_person_with_one_photo_is_only_a_stranger() -> None:
    evaluated = evaluate_gallery(crowd([1, 1, 1]))
    assert len(evaluated.genuine) == 0
    assert len(evaluated.strangers) == 3
    assert not evaluated.measurable
    assert [person.recognised for person in evaluated.people(0.5)] == [None] * 3
    with pytest.raises(ValueError, match="two photos"):
        evaluated.curve()
    with pytest.raises(ValueError, match="two photos"):
        evaluated.open_set()


def test_one_person_alone_has_nobody_to_be_mixed_up_with() -> None:
    data = crowd([3])
    evaluated = evaluate_gallery(data)
    assert len(evaluated.strangers) == len(evaluated.impostors) == 0
    assert not evaluated.measurable
    assert evaluated.confused_pairs(data, 0.5) == []
    (person,) = evaluated.people(-1.0)
    assert (person.nearest_id, person.recognised, person.mistaken) == (NOBODY, 3, 0)


def test_an_empty_gallery_is_no_error() -> None:
    empty = TemplateSet(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, 0)
    evaluated = evaluate_gallery(empty)
    assert not evaluated.measurable
    assert evaluated.people(0.5) == []
    assert evaluated.confused_pairs(empty, 0.5) == []


def test_who_is_taken_for_whom_with_the_two_faces_most_alike() -> None:
    vectors = np.array([[1, 0, 0], [0.9, 0.1, 0], [0.8, 0.6, 0], [0, 1, 0], [0.1, 1, 0], [0, 0, 1], [0, 0.1, 1]], float)
    data = templates(vectors, [1, 1, 2, 2, 2, 3, 3])
    worst, *rest = evaluate_gallery(data).confused_pairs(data, 0.5)
    # The third vector belongs to 2 and lies nearer to 1.
    assert (worst.person_id, worst.other_id, worst.wrong, worst.nearest) == (2, 1, 1, 3)
    assert worst.photo_id == 102
    assert worst.other_photo_id == 101
    assert all(pair.wrong == 0 for pair in rest)
    assert [pair.score for pair in rest] == sorted((pair.score for pair in rest), reverse=True)
    assert len(evaluate_gallery(data).confused_pairs(data, 0.5, most=1)) == 1
    # Above every score nobody gets a wrong name.
    assert all(pair.wrong == 0 for pair in evaluate_gallery(data).confused_pairs(data, 0.999))


def test_people_are_listed_hardest_first() -> None:
    vectors = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0.9], [0, 0.2, 1]], float)
    data = templates(vectors, [1, 1, 2, 2, 3])
    hardest, easy, single = evaluate_gallery(data).people(0.8)
    assert (hardest.person_id, hardest.photos, hardest.recognised) == (2, 2, 0)
    assert (easy.person_id, easy.recognised, easy.lowest) == (1, 2, pytest.approx(1.0))
    assert (single.person_id, single.photos, single.recognised, single.lowest) == (3, 1, None, None)
    assert single.nearest_id == 2


def test_the_photos_beside_a_threshold_are_the_nearest_on_each_side() -> None:
    evaluated = evaluate_gallery(crowd([4, 4, 4, 1], spread=0.9))
    found = evaluated.beside(0.5, 3)
    for photos, scores, above in (
        (found.recognised, evaluated.own_scores, True),
        (found.unrecognised, evaluated.own_scores, False),
        (found.named, evaluated.other_scores, True),
        (found.unknown, evaluated.other_scores, False),
    ):
        there = scores[(scores >= 0.5) if above else (scores < 0.5)]
        assert [photo.score for photo in photos] == sorted(there, key=lambda score: abs(score - 0.5))[:3]
    assert evaluated.beside(2.0, 3).recognised == []


def test_two_networks_are_compared_photo_by_photo() -> None:
    good, bad = crowd([5, 5, 5], spread=0.1), crowd([5, 5, 5], spread=3.0)
    one, other = evaluate_gallery(good), evaluate_gallery(bad)
    found = difference((one, 0.5), (other, 0.5))
    assert found is not None and found.clear and found.value > 0
    right = [15 - evaluated.errors(0.5).unrecognised for evaluated in (one, other)]
    assert found.value == pytest.approx((right[0] - right[1]) / 15)
    alike = difference((one, 0.5), (one, 0.5))
    assert alike is not None and not alike.clear and alike.value == 0
    # A threshold of one's own: above every score nobody is named.
    strict = difference((one, 2.0), (one, 0.5))
    assert strict is not None and strict.value == -1
    assert difference((evaluate_gallery(crowd([1, 1])), 0.5), (one, 0.5)) is None


def test_many_photos_take_memory_by_their_number_not_its_square() -> None:
    data = crowd([5] * 2_000)
    tracemalloc.start()
    evaluated = evaluate_gallery(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # All 20 million impostor scores at once, with their mask, would be 180 MB.
    assert peak < 100e6
    assert len(evaluated.impostors) == pytest.approx(gallery.SAMPLE, rel=0.01)
    assert evaluated.impostors.mean() == pytest.approx(evaluate_gallery(crowd([5] * 200)).impostors.mean(), abs=0.02)


def test_real_faces_of_two_people_are_apart(network: Network, collins_crop: Picture, hopper_crop: Picture) -> None:
    crops = np.stack(versions(collins_crop, 3) + versions(hopper_crop, 3))
    data = templates(network.embed(crops, mirrored=True).astype(float), [1, 1, 1, 2, 2, 2])
    evaluated = evaluate_gallery(data)
    assert evaluated.genuine.min() > evaluated.strangers.max()
    errors = evaluated.errors(float((evaluated.genuine.min() + evaluated.strangers.max()) / 2))
    assert (errors.unrecognised, errors.named) == (0, 0)
