"""Every table of the course comes out of torch to the digit, and every preset can be trained."""

import pytest
import torch

from training.course.presets import PRESETS
from training.course.stack import describe

TABLES = {
    "one-convolution": ([1_792, 1_843_232, 330], 1_845_354),
    "one-convolution-pool": ([1_792, 460_832, 330], 462_954),
    "two-convolutions": ([1_792, 36_928, 524_416, 1_290], 564_426),
    "letters": ([160, 8_389_120, 13_338], 8_402_618),
    "mnist": ([640, 36_928, 36_928, 5_770], 80_266),
    "all-convolutional": (
        [2_688, 83_040, 83_040, 166_080, 331_968, 331_968, 331_968, 37_056, 1_930],
        1_369_738,
    ),
    "photo-dense": ([3_915_635], 3_915_635),
    "photo-convolution": ([140], 140),
}


@pytest.mark.parametrize("key", TABLES)
def test_parameters_come_out_to_the_digit(key: str) -> None:
    layers, total = TABLES[key]
    table = describe(PRESETS[key].stack)
    assert [row.parameters for row in table.rows if row.parameters] == layers
    assert table.parameters == total
    built = PRESETS[key].build()
    assert sum(parameter.numel() for parameter in built.parameters()) == total


@pytest.mark.parametrize(
    ("key", "outputs"),
    [
        ("one-convolution", ["30×30×64", "57,600", "32", "10"]),
        ("one-convolution-pool", ["30×30×64", "15×15×64", "14,400", "32", "10"]),
        ("two-convolutions", ["32×32×64", "16×16×64", "16×16×64", "8×8×64", "4,096", "128", "10"]),
        ("letters", ["64×64×16", "32×32×16", "16,384", "512", "26"]),
        ("mnist", ["26×26×64", "13×13×64", "11×11×64", "5×5×64", "3×3×64", "576", "576", "10"]),
        ("pyramid", ["28×28×32", "14×14×32", "12×12×64", "6×6×64", "4×4×128", "2×2×128"]),
    ],
)
def test_sizes_come_out_to_the_digit(key: str, outputs: list[str]) -> None:
    rows = describe(PRESETS[key].stack).rows[1:]
    assert [row.output for row in rows if row.title != "ReLU"] == outputs


def test_a_photo_has_783126_inputs_and_the_biases_are_the_difference() -> None:
    table = describe(PRESETS["photo-dense"].stack)
    assert table.rows[1].output == "783,126"
    assert (table.rows[2].weights, table.rows[2].biases) == (3_915_630, 5)
    assert 14 * 14 * 32 == 6_272


@pytest.mark.parametrize("key", [key for key in PRESETS if key != "letters"])
def test_every_preset_learns(key: str) -> None:
    torch.manual_seed(0)
    preset = PRESETS[key]
    network = preset.build()
    batch = torch.rand(2, preset.stack.channels, preset.stack.height, preset.stack.width)
    # Weights only: a bias in front of a batch normalisation is taken away again by it and never learns.
    weights = [weight for name, weight in network.named_parameters() if name.endswith("weight")]
    before = [weight.detach().clone() for weight in weights]
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)
    loss = network(batch).square().mean()
    loss.backward()
    optimiser.step()
    assert torch.isfinite(loss)
    assert all(not torch.equal(a, b) for a, b in zip(before, weights, strict=True))
