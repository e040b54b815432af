"""Batches made ahead in a thread of their own."""

import threading
from collections.abc import Iterator

import pytest

from training.loop.prefetch import prefetched


def test_items_come_in_order_from_another_thread() -> None:
    makers: set[int] = set()

    def items() -> Iterator[int | None]:
        for number in range(5):
            makers.add(threading.get_ident())
            yield None if number == 2 else number

    assert list(prefetched(items())) == [0, 1, None, 3, 4]
    assert makers and threading.get_ident() not in makers
    assert list(prefetched(iter(()))) == []


def test_the_next_item_is_made_while_this_one_is_used() -> None:
    second_made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_made.set()
        yield 2

    for item in prefetched(items()):
        assert second_made.wait(10), f"nothing was made while {item} was used"


def test_an_error_comes_where_the_item_would_have_come() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise OSError("gone")

    found = []
    with pytest.raises(OSError, match="gone"):
        for item in prefetched(items()):
            found.append(item)  # one by one, to see how far it comes
    assert found == [1]


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    items = prefetched(iter(range(100)))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
