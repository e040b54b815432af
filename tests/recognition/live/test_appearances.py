from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recognition.live.appearances import GAP, MAX_ROWS, AppearanceLog


def face() -> bytes:
    return b"jpeg"


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
        log.see(1, "Ann", 0.8, A, face)
    log.see(1, "Ann", 0.95, A, face)
    (row,) = log.rows()
    assert (row.last_seen - row.first_seen).total_seconds() == 9
    assert row.confidence == 0.95
    day.pass_(GAP + 1)
    log.see(1, "Ann", 0.9, A, face)
    assert len(log.rows()) == 2
    assert log.rows()[0].first_seen == day.now


def test_the_face_of_a_visit_is_its_first_one_and_no_other_is_encoded() -> None:
    log = AppearanceLog(0.9, Day())
    log.see(1, "Ann", 0.8, A, lambda: b"first")
    log.see(1, "Ann", 0.8, A, lambda: pytest.fail("encoded again"))
    assert [row.face for row in log.rows()] == [b"first"]


def test_its_version_tells_of_new_names_and_rows_and_not_of_time() -> None:
    day = Day()
    log = AppearanceLog(0.9, day)
    versions = [log.version]
    row = log.see(None, None, None, A, face)
    versions.append(log.version)
    day.pass_(1)
    assert log.see(None, None, None, A, face) == row
    assert log.version == versions[-1]
    log.name(row, 1, "Ann")
    versions.append(log.version)
    log.forget_people_not_in(frozenset())
    versions.append(log.version)
    assert versions == sorted(set(versions))


def test_a_stranger_who_is_named_is_that_person_in_all_their_rows_and_goes_on_as_them() -> None:
    day = Day()
    log = AppearanceLog(0.9, day)
    log.see(None, None, None, A, face)
    day.pass_(GAP + 1)
    log.see(None, None, None, B, face)
    row = log.see(None, None, None, A, face)
    log.name(row, 1, "Ann")
    assert [row.name for row in log.rows()] == ["Ann", None, "Ann"]
    assert log.see(1, "Ann", 0.9, A, face) == row
    log.name(-1, 2, "Bob")
    assert "Bob" not in [row.name for row in log.rows()]


def test_two_strangers_are_two_rows_and_one_stranger_is_one() -> None:
    log = AppearanceLog(0.9, Day())
    for embedding in (A, B, A, B):
        log.see(None, None, None, embedding, face)
    assert [row.name for row in log.rows()] == [None, None]


def test_the_list_is_bounded() -> None:
    log = AppearanceLog(0.9, Day())
    for number in range(MAX_ROWS + 10):
        log.see(number, str(number), 0.9, A, face)
    rows = log.rows()
    assert len(rows) == MAX_ROWS
    assert rows[0].name == str(MAX_ROWS + 9)


def test_people_who_are_no_longer_enrolled_are_forgotten() -> None:
    log = AppearanceLog(0.9, Day())
    log.see(1, "Ann", 0.9, A, face)
    log.see(2, "Bob", 0.9, B, face)
    log.see(None, None, None, B, face)
    log.forget_people_not_in(frozenset({2}))
    assert [row.name for row in log.rows()] == [None, "Bob"]
