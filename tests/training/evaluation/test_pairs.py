"""Lists of pairs: LFW's own formats, and everything that is not one."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.errors import EvaluationError
from training.evaluation.pairs import Pair, PictureName, find_pictures, parse_pairs, read_pairs

letters = st.characters(codec="utf-8", exclude_characters="\\/", exclude_categories=("Z", "C"))
names = st.text(letters, min_size=1).filter(lambda name: name not in (".", ".."))
spaced_names = st.lists(names, min_size=1, max_size=3).map(" ".join)
numbers = st.integers(0, 999_999_999)


@given(
    names.filter(lambda name: name != "B"),
    numbers,
    numbers,
    st.sampled_from(["\t", " ", "  ", "\t\t"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(name: str, first: int, second: int, between: str, end: str) -> None:
    lines = [[name, first, second], [name, first, "B", second]]
    pairs = parse_pairs(end.join(between.join(map(str, line)) for line in lines) + end, "pairs.txt")
    assert [(pair.first, pair.second) for pair in pairs] == [
        (PictureName(name, first), PictureName(name, second)),
        (PictureName(name, first), PictureName("B", second)),
    ]
    assert [pair.genuine for pair in pairs] == [True, False]


@given(spaced_names)
def test_names_may_hold_spaces_between_tabs(name: str) -> None:
    genuine, impostor = parse_pairs(f"{name}\t1\t2\n{name}\t1\tother one\t3\n", "pairs.txt")
    assert genuine.first.person == impostor.first.person == name
    assert impostor.second.person == "other one"


@given(st.text())
def test_any_text_is_pairs_or_an_error_that_names_the_file(text: str) -> None:
    try:
        pairs = parse_pairs(text, "list.txt")
    except EvaluationError as error:
        assert "list.txt" in str(error)
    else:
        assert {pair.genuine for pair in pairs} == {True, False}


@given(st.integers(1, 6), st.integers(1, 4), st.sampled_from(["\t", " "]))
def test_announced_folds_are_blocks_of_both_kinds(folds: int, each: int, between: str) -> None:
    block = ["A\t1\t2"] * each + ["A\t1\tB\t2"] * each
    pairs = parse_pairs("\n".join([f"{folds}{between}{each}", *(block * folds)]), "pairs.txt")
    assert [pair.fold for pair in pairs] == [fold for fold in range(folds) for _ in range(2 * each)]


@pytest.mark.parametrize("header", ["", "2\n", "4\n", "\ufeff", "\n\n"])
def test_a_list_without_folds_is_one_fold(tmp_path: Path, header: str) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text(header + "A 1 2\nB 1 2\nA 1 B 2\n\nA 2 B 1\n", encoding="utf-8")
    pairs = read_pairs(file)
    assert [pair.fold for pair in pairs] == [0, 0, 0, 0]
    assert [pair.genuine for pair in pairs] == [True, True, False, False]


def test_two_pictures_of_one_person_are_genuine_however_they_are_written() -> None:
    first, _ = parse_pairs("A 1 A 2\nA 1 B 1", "pairs.txt")
    assert first.genuine


@pytest.mark.parametrize(
    "line", ["A", "A 1", "A one 2", "A 1 2 3 4", "A 1 B two", "A -1 2", "../A 1 2", "A 1 .. 2", "A 1.5 2", "A 1 2147483648000"]
)
def test_a_line_that_fits_no_format_is_told_with_its_number(line: str) -> None:
    with pytest.raises(EvaluationError, match=r"pairs\.txt, line 3: expected") as told:
        parse_pairs(f"A 1 2\nA 1 B 1\n{line}\n", "pairs.txt")
    assert line in str(told.value)


def test_a_long_line_is_not_repeated_whole() -> None:
    with pytest.raises(EvaluationError) as told:
        parse_pairs("A 1 2\n" + "x" * 5000, "pairs.txt")
    assert len(str(told.value)) < 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must hold pairs"),
        ("A 1 2\n", "must hold pairs"),
        ("A 1 B 2\n", "must hold pairs"),
        ("2 2\nA 1 2\nA 1 B 2\nA 1 2\nA 1 B 2\nA 1 2\n", "announces 2 folds of 2 pairs of each kind, 8 together, but has 5"),
        ("5\nA 1 2\nA 1 B 2\n", "announces 5 pairs of each kind but has only 2"),
    ],
)
def test_a_list_that_holds_too_little_is_told(text: str, told: str) -> None:
    with pytest.raises(EvaluationError, match=told):
        parse_pairs(text, "pairs.txt")


@pytest.mark.parametrize("data", [b"\xff\xfe\x00A\x00", b"\x89PNG\r\n\x1a\n\x00\xff"])
def test_a_file_that_is_no_text_is_told(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes(data)
    with pytest.raises(EvaluationError, match=r"pairs\.txt is not a text file"):
        read_pairs(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"pairs\.txt can't be read"):
        read_pairs(tmp_path / "pairs.txt")


PAIRS = [Pair(PictureName("A", 1), PictureName("B", 12), fold=0, line=7)]


@pytest.mark.parametrize(
    "files", [("A/A_0001.jpg", "B/B_0012.PNG"), ("A_0001.webp", "B_0012.jpeg"), ("A/A_0001.jpg", "B_0012.bmp")]
)
def test_pictures_are_found_in_folders_or_without(tmp_path: Path, files: tuple[str, str]) -> None:
    for file in files:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    found = find_pictures(tmp_path, PAIRS, "pairs.txt")
    assert found == {PictureName("A", 1): tmp_path / files[0], PictureName("B", 12): tmp_path / files[1]}


def test_a_picture_that_is_not_there_is_told_with_the_line(tmp_path: Path) -> None:
    (tmp_path / "A_0001.jpg").touch()
    (tmp_path / "B_0012.txt").touch()
    with pytest.raises(EvaluationError, match=r"pairs\.txt, line 7: there is no picture B_0012"):
        find_pictures(tmp_path, PAIRS, "pairs.txt")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="There is no folder"):
        find_pictures(tmp_path / "nowhere", PAIRS, "pairs.txt")


def test_lfw_s_own_list_is_read(shared: Path) -> None:
    folder = shared / "faces" / "lfw_pairs"
    pairs = read_pairs(folder / "pairs.txt")
    assert len(pairs) == 1000
    assert sum(pair.genuine for pair in pairs) == 500
    assert len(find_pictures(folder / "images", pairs, "pairs.txt")) == 1549
