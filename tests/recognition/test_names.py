"""Names: what is taken, what is refused, which are the same."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.errors import InvalidNameError
from recognition.gallery import Gallery
from recognition.names import MAX_KEY, MAX_NAME, clean_name, name_key
from tests.recognition.gallery.photos import photo


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada \t Lovelace\n", "Ada Lovelace"),
        ("Zoe\u0301", "Zoé"),
        ("../../etc/passwd", "../../etc/passwd"),
        ('O\'Brien "Bob"; DROP TABLE person', 'O\'Brien "Bob"; DROP TABLE person'),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("عبد الله", "عبد الله"),
        ("山田太郎", "山田太郎"),
        ("?", "?"),
    ],
)
def test_a_name_of_any_script_is_trimmed_and_kept(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "  \n", "\u200b\u200d", "\u0301"])
def test_a_name_nobody_can_see_is_refused(typed: str) -> None:
    with pytest.raises(InvalidNameError, match="empty"):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["a\x00b", "a\x1bb", "a\u202eb", "a\ud800"])
def test_control_characters_are_refused(typed: str) -> None:
    with pytest.raises(InvalidNameError, match="control characters"):
        clean_name(typed)


@pytest.mark.parametrize("typed", ["x" * (MAX_NAME + 1), "ﷺ" * MAX_NAME])
def test_a_name_that_is_too_long_is_refused(typed: str) -> None:
    with pytest.raises(InvalidNameError, match="at most 80"):
        clean_name(typed)


@settings(deadline=None)
@given(st.text(max_size=100))
def test_a_cleaned_name_is_stable_and_within_bounds(typed: str) -> None:
    try:
        name = clean_name(typed)
    except InvalidNameError as error:
        assert str(error).endswith(".")
        return
    assert clean_name(name) == name
    assert unicodedata.is_normalized("NFC", name)
    assert 1 <= len(name) <= MAX_NAME
    assert len(name_key(name)) <= MAX_KEY
    assert name_key(name_key(name)) == name_key(name)
    name.encode("utf-8")


@pytest.mark.parametrize(("one", "other"), [("STRASSE", "straße"), ("ﬁn", "FIN"), ("ＡＤＡ", "ada")])
def test_names_that_differ_only_in_case_or_form_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30))
def test_every_accepted_name_comes_back_from_the_database(shared_gallery: Gallery, typed: str) -> None:
    try:
        name = clean_name(typed)
    except InvalidNameError:
        return
    person = shared_gallery.people()[0]
    shared_gallery.rename(person.id, name)
    found = shared_gallery.find(typed)
    assert found is not None and found.name == name
    assert [p.name for p in shared_gallery.people(typed)] == [name]


@pytest.fixture(scope="module")
def shared_gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    gallery = Gallery.open(tmp_path_factory.mktemp("names"))
    gallery.enroll("somebody", [photo(1)], consented=True)
    return gallery
