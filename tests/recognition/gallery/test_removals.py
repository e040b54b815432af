"""What is deleted or merged is hidden at once, comes back exactly as it was, or is erased to the last byte."""

from pathlib import Path

import pytest

from recognition.errors import GalleryError, NameTakenError, NotEnrolledError
from recognition.gallery import Counts, Gallery, check, export_zip, import_zip
from recognition.gallery.encoded import pack
from tests.recognition.gallery.photos import NETWORK, photo, unit
from tests.traces import bytes_on_disk


def everything(gallery: Gallery) -> object:
    """All that can be seen."""
    people = gallery.people()
    templates = gallery.templates(NETWORK)
    photos = {one.name: [record.id for record in gallery.photos(one.id)] for one in people}
    return people, photos, templates.person_ids.tolist(), templates.vectors.tolist(), gallery.counts()


def enrolled(gallery: Gallery, name: str, *seeds: int) -> int:
    return gallery.enroll(name, [photo(seed) for seed in seeds], consented=True).person.id


def names(gallery: Gallery) -> list[str]:
    return [person.name for person in gallery.people()]


def test_whoever_is_hidden_is_found_nowhere_and_comes_back_as_they_were(gallery: Gallery, tmp_path: Path) -> None:
    ada, bob = enrolled(gallery, "Ada", 1, 2), enrolled(gallery, "Bob", 3)
    first = gallery.photos(ada)[0].id
    before, revision = everything(gallery), gallery.revision()
    removal = gallery.hide_people([ada], "keep")
    assert (removal.people, len(removal.photo_ids), removal.aftermath, removal.into) == (("Ada",), 2, "keep", None)
    assert gallery.revision() > revision, "so that every index is made anew"
    assert names(gallery) == ["Bob"] and gallery.counts() == Counts(1, 1) and gallery.people("ad") == []
    assert gallery.find("Ada") is None and set(gallery.templates(NETWORK).person_ids.tolist()) == {bob}
    assert gallery.photos_without_template("other") == [photo.id for photo in gallery.photos(bob)]
    for ask in (gallery.person, gallery.photos, lambda _: gallery.photo(first), lambda _: gallery.crop_png(first)):
        with pytest.raises(NotEnrolledError):
            ask(ada)
    assert export_zip(gallery, tmp_path / "copy.zip").people == 1
    assert check(gallery).good, "its files are still somebody's"
    with gallery.hold_photos([first]) as there:
        assert there, "a training that reads them goes on, until they are erased"
    assert [one.name for one in gallery.undo(removal.id)] == ["Ada"]
    assert everything(gallery) == before and gallery.removals() == []
    with pytest.raises(NotEnrolledError, match="too late"):
        gallery.undo(removal.id)


def test_hidden_photos_come_back_but_not_all_of_somebody_s_can_be_hidden(gallery: Gallery, tmp_path: Path) -> None:
    ada = enrolled(gallery, "Ada", 1, 2, 3)
    before = everything(gallery)
    first, second, third = (one.id for one in gallery.photos(ada))
    removal = gallery.hide_photos([first, second])
    assert (removal.owners, removal.people, removal.photo_ids) == (("Ada",), (), {first, second})
    person = gallery.person(ada)
    assert (person.photo_count, person.cover_photo_id) == (1, third)
    assert export_zip(gallery, tmp_path / "copy.zip").photos == 1
    with pytest.raises(GalleryError, match="Delete the person instead"):
        gallery.hide_photos([third])
    gallery.undo(removal.id)
    assert everything(gallery) == before


def test_a_merge_is_undone_with_the_very_photos_that_moved(gallery: Gallery) -> None:
    ada, bob = enrolled(gallery, "Ada", 1, 2), enrolled(gallery, "Bob", 3)
    hidden = gallery.hide_photos([gallery.photos(ada)[0].id])
    before = everything(gallery)
    merge = gallery.merge(ada, bob)
    gallery.add_photos(bob, [photo(4)])
    gallery.undo(hidden.id)
    assert gallery.person(bob).photo_count == 4
    gallery.undo(merge.id)
    assert gallery.person(ada).photo_count == 2 and gallery.person(bob).photo_count == 2
    gallery.delete_photo(gallery.photos(bob)[-1].id)
    gallery.hide_photos([gallery.photos(ada)[0].id])
    assert everything(gallery) == before


@pytest.mark.parametrize("first_undone", [0, 1])
def test_merges_of_merges_are_undone_in_any_order(gallery: Gallery, first_undone: int) -> None:
    ada, bob, cid = (enrolled(gallery, name, seed) for seed, name in enumerate(("Ada", "Bob", "Cid")))
    before = everything(gallery)
    merges = [gallery.merge(ada, bob).id, gallery.merge(bob, cid).id]
    assert gallery.person(cid).photo_count == 3
    gallery.undo(merges.pop(first_undone))
    gallery.undo(merges.pop())
    assert everything(gallery) == before


def test_a_merged_person_whose_photos_are_erased_with_the_other_can_not_come_back(gallery: Gallery) -> None:
    ada, bob = enrolled(gallery, "Ada", 1), enrolled(gallery, "Bob", 2)
    merge = gallery.merge(ada, bob)
    gallery.delete_person(bob)
    assert gallery.removals() == []
    with pytest.raises(NotEnrolledError):
        gallery.undo(merge.id)


def test_a_name_is_free_as_soon_as_its_person_is_hidden(gallery: Gallery) -> None:
    old = gallery.hide_people([enrolled(gallery, "Ada", 1)])
    enrolled(gallery, "ada", 2)
    with pytest.raises(NameTakenError):
        enrolled(gallery, "Ada", 3)
    assert [one.name for one in gallery.undo(old.id)] == ["Ada (2)"]
    assert names(gallery) == ["ada", "Ada (2)"]


def test_photos_enrolled_again_are_shown_again_and_the_rest_can_come_back(gallery: Gallery) -> None:
    removal = gallery.hide_people([enrolled(gallery, "Ada", 1, 2)])
    receipt = gallery.enroll("Ada", [photo(1), photo(1), photo(3)], consented=True)
    assert (receipt.added, [duplicate.position for duplicate in receipt.duplicates]) == (2, [1])
    (again,) = gallery.undo(removal.id)
    assert (again.name, again.photo_count) == ("Ada (2)", 1) and check(gallery).good
    assert len(gallery.templates(NETWORK).vectors) == 3


def test_a_copy_restores_whoever_was_just_deleted(gallery: Gallery, tmp_path: Path) -> None:
    ada = enrolled(gallery, "Ada", 1, 2)
    export_zip(gallery, tmp_path / "copy.zip")
    removal = gallery.hide_people([ada])
    assert (import_zip(gallery, tmp_path / "copy.zip").photos, names(gallery)) == (2, ["Ada"])
    with pytest.raises(NotEnrolledError):
        gallery.erase(removal.id)
    assert gallery.counts() == Counts(1, 2) and check(gallery).good


def test_what_is_erased_after_a_while_leaves_no_byte_behind(gallery: Gallery, storage: Path) -> None:
    enrolled(gallery, "Somebody Else", 9)
    ada = enrolled(gallery, "Ada Lovelace", 1, 2)
    traces = [b"Ada Lovelace", pack(unit(1)), pack(unit(2)), gallery.picture(gallery.photos(ada)[0].id)]
    removal = gallery.hide_people([ada])
    assert all(trace in bytes_on_disk(storage) for trace in traces)
    assert gallery.erase(removal.id).erased
    assert not any(trace in bytes_on_disk(storage) for trace in traces)
    assert check(gallery).good and names(gallery) == ["Somebody Else"]
