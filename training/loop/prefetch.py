"""The next batch is made while the network learns from this one."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetched(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, each made in a thread of its own while the one before is used.

    Making them must not draw from torch's random numbers, which the training draws from meanwhile. An error in the making is
    raised where the item would have come. See docs/decisions.md, "Augmentation in a thread of its own".
    """
    end = object()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch") as thread:
        pending = thread.submit(next, items, end)
        while (item := pending.result()) is not end:
            pending = thread.submit(next, items, end)
            yield item  # type: ignore[misc]  # whatever is not the end is an item
