from datetime import UTC, datetime, timedelta

import numpy as np

from recognition.alignment import CROP_SIZE
from recognition.live.appearances import GAP, MAX_ROWS, AppearanceLog
from recognition.pictures import Picture, read_picture

CROP = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
A, B = np.eye(2, 8, dtype=np.float32)


class Day:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_a_visit_is_one_row_and_a_return_after_the_gap_another() -> None:
    day = Day()
    log = AppearanceLog(0.9, day)
    for _ in range(10):
        day.pass_(1)
        log.see(1, "Ann", 0.8, A, CROP)
    log.see(1, "Ann", 0.95, A, CROP)
    (row,) = log.rows()
    assert (row.last_seen - row.first_seen).total_seconds() == 9
    assert row.confidence == 0.95
    day.pass_(GAP + 1)
    log.see(1, "Ann", 0.9, A, CROP)
    assert len(log.rows()) == 2
    assert log.rows()[0].first_seen == day.now


def test_the_face_of_a_visit_is_its_first_crop_encoded_once(collins_crop: Picture) -> None:
    log = AppearanceLog(0.9, Day())
    log.see(1, "Ann", 0.8, A, collins_crop)
    (first,) = log.rows()
    log.see(1, "Ann", 0.8, A, CROP)
    (later,) = log.rows()
    assert later.face is first.face
    assert np.abs(read_picture(first.face).astype(int) - collins_crop).mean() < 5


def test_a_visit_is_over_when_the_gap_has_passed() -> None:
    day = Day()
    log = AppearanceLog(0.9, day)
    log.see(1, "Ann", 0.8, A, CROP)
    (row,) = log.rows()
    assert not row.is_over(day.now + timedelta(seconds=GAP))
    assert row.is_over(day.now + timedelta(seconds=GAP + 0.1))


def test_two_strangers_are_two_rows_and_one_stranger_is_one() -> None:
    log = AppearanceLog(0.9, Day())
    for face in (A, B, A, B):
        log.see(None, None, None, face, CROP)
    assert [row.name for row in log.rows()] == [None, None]


def test_the_list_is_bounded_and_can_be_cleared() -> None:
    log = AppearanceLog(0.9, Day())
    for number in range(MAX_ROWS + 10):
        log.see(number, str(number), 0.9, A, CROP)
    rows = log.rows()
    assert len(rows) == MAX_ROWS
    assert rows[0].name == str(MAX_ROWS + 9)
    log.clear()
    assert log.rows() == []


def test_people_who_are_no_longer_enrolled_are_forgotten() -> None:
    log = AppearanceLog(0.9, Day())
    log.see(1, "Ann", 0.9, A, CROP)
    log.see(2, "Bob", 0.9, B, CROP)
    log.see(None, None, None, B, CROP)
    log.forget_people_not_in(frozenset({2}))
    assert [row.name for row in log.rows()] == [None, "Bob"]
