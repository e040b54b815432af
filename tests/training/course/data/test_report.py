"""What is said about a data set before something is learned from it."""

import pytest

from tests.training.course.data.folders_of import classes, png, zipped
from training.course.data.balance import imbalance
from training.course.data.folders import read_pictures
from training.course.data.report import Report, problems


def report(files: dict[str, bytes]) -> Report:
    return read_pictures(zipped(files), "test").report


def test_a_clean_data_set_has_no_problems() -> None:
    assert problems(report(classes("cat", "dog"))) == []


def test_copies_are_found_across_formats_and_said_to_leak() -> None:
    found = report(
        classes("cat", "dog", under="train/")
        | classes("cat", "dog", under="test/", first=20)
        | {"train/cat/copy.png": png(1), "test/cat/copy.png": png(2), "test/dog/copy.png": png(20)}
    )
    groups = {group.files: (group.classes, group.leaks) for group in found.duplicates}
    assert groups == {
        ("train/cat/1.png", "train/cat/copy.png"): (("cat",), False),
        ("train/cat/2.png", "test/cat/copy.png"): (("cat",), True),
        ("test/cat/0.png", "test/dog/copy.png"): (("cat", "dog"), False),
    }
    leak, torn, repeated = problems(found)
    assert "train/cat/2.png and test/cat/copy.png" in leak and "better than it is" in leak
    assert "cat or dog" in torn and "label is wrong" in torn
    assert "more than once" in repeated


def test_what_was_left_out_is_named_up_to_a_few() -> None:
    (said,) = problems(report(classes("cat", "dog") | {f"cat/torn {number}.png": b"" for number in range(5)}))
    assert said.startswith("5 files are left out. cat/torn 0.png is ") and said.endswith("And 2 more.")
    (said,) = problems(report(classes("cat", "dog") | {"cat/torn.png": b""}))
    assert said.startswith("1 file is left out.") and "more" not in said


def test_small_classes_are_named() -> None:
    unsplit = classes("cat", "dog") | classes("owl", each=2, first=50) | classes("eel", each=1, first=60)
    assert problems(report(unsplit)) == [
        "eel, owl have fewer than 3 pictures to learn from. Add some, or leave these classes out."
    ]
    split = classes("cat", each=4, under="train/") | classes("dog", each=1, under="train/", first=9)
    assert problems(report(split | classes("cat", "dog", under="test/", first=20))) == [
        "dog has fewer than 2 pictures to learn from. Add some, or leave this class out."
    ]


@pytest.mark.parametrize(("counts", "times"), [([5, 5], 1), ([2, 10, 4], 5), ([3, 0], float("inf"))])
def test_imbalance_is_the_largest_class_over_the_smallest(counts: list[int], times: float) -> None:
    assert imbalance(counts) == times
