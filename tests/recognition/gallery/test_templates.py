"""Templates: reading them all at once, and embedding photos anew with another network."""

import numpy as np
import pytest

from recognition.errors import GalleryError
from recognition.gallery import Gallery
from tests.recognition.gallery.photos import NETWORK, photo, unit


def test_templates_come_back_bit_for_bit_with_whose_they_are(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    bob = gallery.enroll("Bob", [photo(3)], consented=True).person
    found = gallery.templates(NETWORK)
    assert found.person_ids.dtype == found.photo_ids.dtype == np.int64 and found.vectors.dtype == np.float32
    assert found.person_ids.tolist() == [ada.id, ada.id, bob.id]
    assert found.photo_ids.tolist() == [record.id for who in (ada, bob) for record in gallery.photos(who.id)]
    assert np.array_equal(found.vectors, np.stack([unit(1), unit(2), unit(3)]))
    assert found.names == {ada.id: "Ada", bob.id: "Bob"}
    assert found.revision == gallery.revision()


def test_a_network_without_templates_gives_an_empty_set(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    found = gallery.templates("other")
    assert len(found.person_ids) == len(found.photo_ids) == len(found.vectors) == len(found.names) == 0


def test_embedding_anew_stopped_midway_goes_on_where_it_stopped_and_loses_nothing(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(seed) for seed in range(5)], consented=True)
    missing = gallery.photos_without_template("other")
    assert missing == sorted(gallery.templates(NETWORK).photo_ids.tolist())
    assert gallery.put_templates("other", {id_: unit(id_, 512) for id_ in missing[:2]}) == 2
    assert gallery.photos_without_template("other") == missing[2:]
    assert gallery.template_counts() == {NETWORK: 5, "other": 2}
    assert gallery.put_templates("other", {id_: unit(id_, 512) for id_ in missing[2:]}) == 3
    assert gallery.photos_without_template("other") == []
    assert gallery.templates("other").vectors.shape == (5, 512)
    assert gallery.templates(NETWORK).vectors.shape == (5, 128)
    assert gallery.photo(missing[0]).networks == (NETWORK, "other")


def test_putting_a_template_again_replaces_it(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    (photo_id,) = gallery.templates(NETWORK).photo_ids.tolist()
    gallery.put_templates(NETWORK, {photo_id: unit(7)})
    assert np.array_equal(gallery.templates(NETWORK).vectors, unit(7)[None])


def test_photos_deleted_meanwhile_are_skipped(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    gone, kept = gallery.photos_without_template("other")
    gallery.delete_photo(gone)
    assert gallery.put_templates("other", {gone: unit(1), kept: unit(2)}) == 1
    gallery.delete_person(ada.id)
    assert gallery.put_templates("other", {kept: unit(2)}) == 0
    assert gallery.put_templates("other", {}) == 0
    assert gallery.template_counts() == {}


def test_a_network_has_templates_of_one_size(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    ids = gallery.photos_without_template("other")
    with pytest.raises(GalleryError, match=r"one size, got .64, 128."):
        gallery.put_templates(NETWORK, {ids[0]: unit(1, 64)})
    with pytest.raises(GalleryError, match=r"one size, got .32, 64."):
        gallery.put_templates("other", {ids[0]: unit(1, 64), ids[1]: unit(1, 32)})
    assert gallery.template_counts() == {NETWORK: 2}


def test_more_photos_than_one_query_takes_are_no_problem(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    (photo_id,) = gallery.photos_without_template("other")
    vector = unit(1)
    assert gallery.put_templates("other", dict.fromkeys(range(photo_id, photo_id + 1200), vector)) == 1


def test_dropping_a_network_s_templates_leaves_photos_and_other_networks_alone(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    ids = gallery.photos_without_template("other")
    gallery.put_templates("other", {id_: unit(id_, 512) for id_ in ids})
    before = gallery.revision()
    assert gallery.drop_templates("other") == 2
    assert gallery.revision() > before
    assert gallery.template_counts() == {NETWORK: 2} and gallery.photos_without_template("other") == ids
    assert gallery.drop_templates("other") == 0
