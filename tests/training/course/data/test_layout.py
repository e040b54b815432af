"""Folders as people make them, and what is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.course.data.layout import MAX_CLASSES, Layout, layout
from training.errors import DataError


def read(*paths: str) -> Layout:
    return layout([tuple(path.split("/")) for path in paths])


def labelled(found: Layout) -> set[tuple[str, str, bool]]:
    return {("/".join(file.path), found.classes[file.label], file.test) for file in found.files}


@pytest.mark.parametrize("top", ["", "pets/", "download/pets v2/"], ids=["bare", "one folder around", "two folders around"])
def test_one_folder_a_class_whatever_lies_around(top: str) -> None:
    found = read(f"{top}cat/1.png", f"{top}cat/2.JPG", f"{top}dog/1.png")
    assert found.classes == ("cat", "dog")
    assert labelled(found) == {
        (f"{top}cat/1.png", "cat", False),
        (f"{top}cat/2.JPG", "cat", False),
        (f"{top}dog/1.png", "dog", False),
    }
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("train", "test"), [("train", "test"), ("Training", "TESTING"), ("train", "val"), ("train", "validation")]
)
def test_a_part_can_be_set_aside_for_the_test(train: str, test: str) -> None:
    found = read(f"x/{train}/cat/1.png", f"x/{train}/dog/1.png", f"x/{test}/cat/2.png", f"x/{test}/dog/2.png")
    assert labelled(found) == {
        (f"x/{train}/cat/1.png", "cat", False),
        (f"x/{train}/dog/1.png", "dog", False),
        (f"x/{test}/cat/2.png", "cat", True),
        (f"x/{test}/dog/2.png", "dog", True),
    }


def test_validation_pictures_are_learned_from_where_there_is_a_test_too() -> None:
    found = read(*(f"{part}/{name}/{part}.png" for part in ("train", "val", "test") for name in ("a", "b")))
    assert {file.path[0] for file in found.files if file.test} == {"test"}
    assert {file.path[0] for file in found.files if not file.test} == {"train", "val"}


def test_train_is_a_class_among_other_vehicles() -> None:
    assert read("train/1.png", "bus/1.png").classes == ("bus", "train")


def test_folders_within_a_class_belong_to_it() -> None:
    found = read("cat/siamese/1.png", "dog/poodle/small/1.png", "dog/2.png")
    assert labelled(found) == {
        ("cat/siamese/1.png", "cat", False),
        ("dog/poodle/small/1.png", "dog", False),
        ("dog/2.png", "dog", False),
    }


def test_classes_are_ordered_as_people_count() -> None:
    assert read("10/1.png", "9/1.png", "1/1.png").classes == ("1", "9", "10")
    assert read("b/1.png", "A/1.png", "a2/1.png", "a10/1.png").classes == ("A", "a2", "a10", "b")


def test_what_is_not_used_is_named_except_what_systems_add() -> None:
    found = read("a/1.png", "b/1.png", "cover.png", "a/notes.txt", "__MACOSX/a/1.png", "a/.DS_Store", "b/Thumbs.db")
    assert [file.reason for file in found.left_out] == [
        "a/notes.txt is no picture by its ending.",
        "cover.png lies in no folder of a class.",
    ]


def test_accents_stored_in_two_ways_are_one_class() -> None:
    assert read("train/\u00e9/1.png", "train/o/1.png", "test/e\u0301/1.png", "test/o/1.png").classes == ("o", "\u00e9")


def test_markup_in_a_name_is_just_a_name() -> None:
    assert read("<b>*cat*</b> :smile:/1.png".replace("</b>", "<b>"), "dog/1.png").classes == ("<b>*cat*<b> :smile:", "dog")


@pytest.mark.parametrize(
    ("paths", "says"),
    [
        ([], "no pictures"),
        (["readme.txt"], "no pictures"),
        (["1.png", "2.png"], "at least two classes; there is none"),
        (["cat/1.png", "cat/2.png"], "only one, cat"),
        (["pets/cat/1.png", "pets/cat/2.png"], "only one, cat"),
        (["test/cat/1.png", "test/dog/1.png", "val/cat/1.png"], "only one, cat"),
        (["train/a/1.png", "train/b/1.png", "test/a/1.png", "test/B/1.png"], "only in training: b, only in test: B"),
        (["train/a/1.png", "train/b/1.png", "test/a/1.png"], "only in training: b[)]"),
        (["train/a/1.png", "train/b/1.png", "test/a/1.png", "test/b/1.png", "test/c/1.png"], "[(]only in test: c[)]"),
        (["a\u202e/1.png", "b/1.png"], "can't be a class.*control characters"),
        (["a" * 100 + "/1.png", "b/1.png"], "can't be a class.*100 characters"),
        ([f"{number}/1.png" for number in range(MAX_CLASSES + 1)], "1,001 classes; at most 1,000"),
    ],
)
def test_what_can_t_be_learned_from_is_told(paths: list[str], says: str) -> None:
    with pytest.raises(DataError, match=says):
        read(*paths)


names = st.sampled_from(["a", "b", "train", "test", "x.png", "y.txt", ".z", "10"])


@given(st.lists(st.lists(names, min_size=1, max_size=5).map(tuple), unique=True))
def test_every_file_is_used_or_named_or_a_systems(paths: list[tuple[str, ...]]) -> None:
    try:
        found = layout(paths)
    except DataError:
        return
    ours = {"/".join(path) for path in paths if ".z" not in path}
    used, left = {"/".join(file.path) for file in found.files}, {file.file for file in found.left_out}
    assert used | left == ours and not used & left
