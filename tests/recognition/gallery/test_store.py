"""Enrolling people and finding them again."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from recognition.errors import (
    GalleryError,
    InvalidNameError,
    NameTakenError,
    NotEnrolledError,
    StorageError,
)
from recognition.gallery import Counts, Duplicate, Gallery, NothingNewError
from recognition.pictures import read_picture
from tests.recognition.gallery.photos import LANDMARKS, NETWORK, QUALITY, photo, unit


def test_a_person_comes_back_with_every_photo_as_it_was_enrolled(gallery: Gallery) -> None:
    before = datetime.now(UTC)
    new = photo(1, source="upload")
    receipt = gallery.enroll("  Ada  Lovelace ", [new, photo(2)], consented=True)
    person = receipt.person
    assert (person.name, person.photo_count, receipt.added, receipt.duplicates) == ("Ada Lovelace", 2, 2, ())
    assert before <= person.created_at == person.consented_at <= datetime.now(UTC)
    assert gallery.person(person.id) == gallery.find("ADA LOVELACE") == person
    first, second = gallery.photos(person.id)
    assert person.cover_photo_id == first.id < second.id
    assert (first.person_id, first.source, first.quality, first.networks) == (person.id, "upload", QUALITY, (NETWORK,))
    assert np.array_equal(first.landmarks, LANDMARKS)
    assert gallery.photo(second.id).sha256 == second.sha256
    assert np.array_equal(gallery.crop(first.id), new.crop)
    shown = read_picture(gallery.picture(first.id))
    assert np.abs(shown.astype(int) - new.picture).mean() < 3
    assert gallery.picture(first.id).startswith(b"\xff\xd8\xff") and gallery.crop_png(first.id).startswith(b"\x89PNG")
    assert gallery.counts() == Counts(people=1, photos=2)


def test_what_was_enrolled_is_there_after_opening_again(storage: Path) -> None:
    with Gallery.open(storage) as gallery:
        person = gallery.enroll("Ada", [photo(1)], consented=True).person
    with Gallery.open(storage) as gallery:
        assert gallery.people() == [person]
        assert len(gallery.templates(NETWORK).vectors) == 1


def test_without_consent_nobody_is_enrolled(gallery: Gallery) -> None:
    with pytest.raises(GalleryError, match="consent"):
        gallery.enroll("Ada", [photo(1)], consented=False)
    assert gallery.counts() == Counts(0, 0)


def test_without_a_photo_nobody_is_enrolled(gallery: Gallery) -> None:
    with pytest.raises(GalleryError, match="no photo"):
        gallery.enroll("Ada", [], consented=True)
    with pytest.raises(InvalidNameError):
        gallery.enroll("", [photo(1)], consented=True)


def test_a_name_is_given_once_whatever_its_case(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    with pytest.raises(NameTakenError, match="Ada is already enrolled"):
        gallery.enroll("ADA", [photo(2)], consented=True)
    assert gallery.counts() == Counts(1, 1)


def test_photos_stored_already_are_skipped_and_say_whose_they_are(gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1)], consented=True)
    receipt = gallery.enroll("Bob", [photo(2), photo(1), photo(2)], consented=True)
    assert (receipt.added, receipt.duplicates) == (1, (Duplicate(1, "Ada"), Duplicate(2, "Bob")))
    revision = gallery.revision()
    with pytest.raises(NothingNewError, match="already enrolled, as Ada, Bob") as refusal:
        gallery.enroll("Cid", [photo(1), photo(2)], consented=True)
    assert refusal.value.duplicates == (Duplicate(0, "Ada"), Duplicate(1, "Bob"))
    assert gallery.find("Cid") is None and gallery.revision() == revision


def test_photos_are_added_to_a_person(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    receipt = gallery.add_photos(ada.id, [photo(1), photo(2)])
    assert (receipt.person.photo_count, receipt.added, receipt.duplicates) == (2, 1, (Duplicate(0, "Ada"),))
    again = gallery.add_photos(ada.id, [photo(2)])
    assert (again.person.photo_count, again.added, again.duplicates) == (2, 0, (Duplicate(0, "Ada"),))


def test_search_looks_anywhere_in_the_name_and_takes_every_character_literally(gallery: Gallery) -> None:
    for seed, name in enumerate(["bob", "Ada", "50% Eve", "Mal_lory", "Straße", "Éva"]):
        gallery.enroll(name, [photo(seed)], consented=True)

    def names(search: str) -> list[str]:
        return [person.name for person in gallery.people(search)]

    assert names("") == ["50% Eve", "Ada", "bob", "Mal_lory", "Straße", "Éva"]
    assert names("A") == ["Ada", "Mal_lory", "Straße", "Éva"]
    assert [person.name for person in gallery.people("A", most=2)] == ["Ada", "Mal_lory"]
    assert names("%") == ["50% Eve"]
    assert names("_") == ["Mal_lory"]
    assert names("STRASSE") == ["Straße"]
    assert names(" éV ") == ["Éva"]
    assert names("\\") == names("x" * 100_000) == []


def test_a_person_is_renamed_even_to_another_case_of_the_same_name(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    gallery.enroll("Bob", [photo(2)], consented=True)
    assert gallery.rename(ada.id, "ADA").name == "ADA"
    with pytest.raises(NameTakenError):
        gallery.rename(ada.id, "bob")
    with pytest.raises(InvalidNameError):
        gallery.rename(ada.id, "\n")


def test_merging_moves_the_photos_and_deletes_the_source(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    bob = gallery.enroll("Bob", [photo(3)], consented=True).person
    merge = gallery.merge(ada.id, bob.id)
    assert (merge.people, merge.into, merge.photo_ids) == (("Ada",), "Bob", frozenset())
    assert gallery.person(bob.id).photo_count == 3
    assert set(gallery.templates(NETWORK).person_ids) == {bob.id}
    with pytest.raises(NotEnrolledError):
        gallery.person(ada.id)
    with pytest.raises(GalleryError, match="same person"):
        gallery.merge(bob.id, bob.id)


def test_the_number_of_somebody_deleted_is_never_given_away(gallery: Gallery) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    gallery.delete_person(ada.id)
    assert gallery.enroll("Bob", [photo(1)], consented=True).person.id > ada.id


@pytest.mark.parametrize("number", [999, 0, -1, 2**80])
def test_who_is_not_there_is_said_to_be_not_enrolled(gallery: Gallery, number: int) -> None:
    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    for ask in (
        gallery.person,
        gallery.photos,
        gallery.photo,
        gallery.picture,
        gallery.crop,
        gallery.delete_person,
        gallery.delete_photo,
        lambda number: gallery.add_photos(number, [photo(2)]),
        lambda number: gallery.add_photos(number, [photo(1)]),
        lambda number: gallery.rename(number, "Bob"),
        lambda number: gallery.merge(number, ada.id),
        lambda number: gallery.merge(ada.id, number),
    ):
        with pytest.raises(NotEnrolledError):
            ask(number)
    assert gallery.people() == [ada]


def test_the_revision_grows_with_every_change_and_only_then(gallery: Gallery) -> None:
    seen = [gallery.revision()]

    def changed() -> bool:
        seen.append(gallery.revision())
        return seen[-1] > seen[-2]

    ada = gallery.enroll("Ada", [photo(1)], consented=True).person
    assert changed()
    gallery.people()
    gallery.templates(NETWORK)
    assert not changed()
    gallery.add_photos(ada.id, [photo(2)])
    assert changed()
    gallery.rename(ada.id, "Bob")
    assert changed()
    gallery.put_templates("other", {gallery.photos(ada.id)[0].id: unit(1)})
    assert changed()
    gallery.delete_photo(gallery.photos(ada.id)[0].id)
    assert changed()
    gallery.delete_person(ada.id)
    assert changed()


def test_any_database_url_is_taken(storage: Path, tmp_path: Path) -> None:
    with Gallery.open(storage, f"sqlite:///{tmp_path / 'elsewhere.db'}") as gallery:
        gallery.enroll("Ada", [photo(1)], consented=True)
    assert (tmp_path / "elsewhere.db").exists() and not (storage / "gallery.sqlite3").exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////missing/folder/gallery.db", "postgresql+missing://somewhere/db", "firebird://x"]
)
def test_a_database_that_can_not_be_opened_is_a_storage_error(storage: Path, url: str) -> None:
    with pytest.raises(StorageError):
        Gallery.open(storage, url)


def test_nothing_is_logged_that_names_anybody(gallery: Gallery, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ada = gallery.enroll("Ada Lovelace", [photo(1)], consented=True).person
        gallery.rename(ada.id, "Countess of Lovelace")
        gallery.delete_person(ada.id)
    assert "Lovelace" not in caplog.text
