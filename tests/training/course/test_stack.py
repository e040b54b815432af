"""Stacks of layers: sizes and counts from torch, and every misfit said in words."""

import pytest
import torch

from recognition.inspection.errors import FitError, InspectionError
from training.course.stack import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling,
    Pooling,
    Relu,
    Stack,
    build,
    describe,
)


def test_counts_do_not_need_the_memory_of_the_network() -> None:
    huge = Stack(height=4096, width=4096, channels=3, layers=(Flatten(), Dense(units=100_000)))
    assert describe(huge).parameters == 4096 * 4096 * 3 * 100_000 + 100_000
    with pytest.raises(InspectionError, match="we build at most"):
        build(huge)


def test_a_built_stack_gives_the_described_shapes_and_counts() -> None:
    stack = Stack(
        height=20,
        width=30,
        channels=3,
        layers=(
            Convolution(filters=8, kernel=4, stride=3, padding="same"),
            BatchNormalisation(),
            Relu(),
            Pooling(size=3, stride=2, how="average"),
            Convolution(filters=6, kernel=3, padding="full"),
            Dropout(share=0.2),
            GlobalAveragePooling(),
            Dense(units=5, bias=False),
            BatchNormalisation(),
        ),
    )
    network, table = build(stack), describe(stack)
    x = torch.rand(2, 3, 20, 30)
    assert sum(parameter.numel() for parameter in network.parameters()) == table.parameters
    for module, row in zip(network, table.rows[1:], strict=True):
        x = module(x)
        assert tuple(x.shape[1:]) == row.shape, row.title
    assert [row.output for row in table.rows[:2]] == ["20×30×3", "7×10×8"]
    assert table.rows[8].biases == 0 and table.rows[8].parameters == 30
    assert (table.rows[2].weights, table.rows[2].biases) == (8, 8)


def test_a_stack_survives_its_json() -> None:
    stack = Stack(layers=(Convolution(padding="same"), Pooling(), Flatten(), Dense(units=3)))
    assert Stack.read(stack.write()) == stack
    assert stack.write().count("kind") == 4
    assert '"filters"' not in stack.write()


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        '{"layers": [{"kind": "magic"}]}',
        '{"layers": [{"kind": "convolution", "stride": 0}]}',
        '{"layers": [{"kind": "dense", "units": -1}]}',
        '{"height": 1000000}',
    ],
)
def test_foreign_json_is_refused_in_words(text: str) -> None:
    with pytest.raises(InspectionError, match="not a stack of layers"):
        Stack.read(text)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((Dense(),), "Layer 1, Dense 10: a dense layer takes one row"),
        ((Flatten(), Convolution()), "Layer 2, .*needs maps"),
        ((Convolution(kernel=9),), "kernel of 9 is larger than the picture of 8"),
        ((Pooling(), Pooling(), Pooling(), Pooling()), "Layer 4, .*larger than the picture of 1"),
    ],
)
def test_layers_that_do_not_follow_each_other_are_named(layers: tuple[object, ...], message: str) -> None:
    with pytest.raises(FitError, match=message):
        describe(Stack(height=8, width=8, channels=1, layers=layers))


def test_a_window_that_leaves_pixels_out_is_warned_of() -> None:
    table = describe(Stack(height=13, width=13, channels=1, layers=(Pooling(),)))
    assert table.rows[1].warning is not None and "last 1 of 13" in table.rows[1].warning


def test_the_second_side_must_fit_too() -> None:
    with pytest.raises(FitError, match="larger than the picture of 2"):
        describe(Stack(height=8, width=2, channels=1, layers=(Convolution(kernel=3, stride=2),)))
