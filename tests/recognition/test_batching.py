import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor

from recognition.batching import Batcher


def test_alone_a_call_is_computed_as_it_is() -> None:
    assert torch.equal(Batcher(lambda batch: batch * 2)(torch.ones(3, 2)), torch.full((3, 2), 2.0))


def test_calls_that_wait_are_computed_together_and_each_gets_its_own() -> None:
    begun, go = threading.Event(), threading.Event()
    sizes: list[int] = []

    def compute(batch: Tensor) -> Tensor:
        sizes.append(len(batch))
        if len(sizes) == 1:
            begun.set()
            go.wait(10)
        return batch + 1

    batcher = Batcher(compute)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher, torch.zeros(1, 1))
        begun.wait(10)
        others = [pool.submit(batcher, torch.full((1, 1), float(number))) for number in range(1, 7)]
        while len(batcher._waiting) < 6:
            threading.Event().wait(0.001)
        go.set()
        assert first.result(10).item() == 1
        assert [other.result(10).item() for other in others] == [2, 3, 4, 5, 6, 7]
    assert sizes == [1, 6]


def test_the_limit_bounds_a_batch_and_shapes_are_not_mixed() -> None:
    sizes: list[tuple[int, ...]] = []

    def compute(batch: Tensor) -> Tensor:
        sizes.append(tuple(batch.shape))
        return batch

    batcher = Batcher(compute, limit=4)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(batcher, [torch.zeros(3, 1 + number % 2) for number in range(20)]))
    assert max(size[0] for size in sizes) <= 4


def test_an_error_reaches_everybody_it_concerns_and_the_next_call_works() -> None:
    def compute(batch: Tensor) -> Tensor:
        if batch.sum() < 0:
            raise RuntimeError("negative")
        return batch

    batcher = Batcher(compute)
    with pytest.raises(RuntimeError, match="negative"):
        batcher(-torch.ones(1, 1))
    assert batcher(torch.ones(1, 1)).item() == 1
