"""Activations, kernels and the layers that have none to show."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from recognition.inspection import feature_maps as fm
from recognition.inspection.errors import FitError, InspectionError, NotAnImageError
from recognition.inspection.hooks import outputs_of, watching
from recognition.inspection.layers import summarise


def test_maps_are_what_the_layer_gave(chain: nn.Sequential, batch: Tensor) -> None:
    maps = fm.feature_maps(chain, batch, "1")
    with torch.no_grad():
        np.testing.assert_array_equal(maps, chain[:2](batch)[0].numpy())


def test_in_place_relus_do_not_change_what_was_seen_before(branches: nn.Module, batch: Tensor) -> None:
    maps = fm.feature_maps(branches, batch, "norm")
    assert maps.min() < 0


def test_flags_and_modes_come_back_even_after_an_error(chain: nn.Sequential, batch: Tensor) -> None:
    chain[3].requires_grad_(False)
    chain[1].eval()
    try:
        with pytest.raises(ZeroDivisionError), watching(chain, ["0"]):
            assert not chain.training
            raise ZeroDivisionError
        assert chain.training and not chain[1].training
        assert chain[0].weight.requires_grad and not chain[3].weight.requires_grad
    finally:
        chain[3].requires_grad_(True)
        chain[1].train()


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        ("7", "dense and flatten"),
        ("6", "dense and flatten"),
        ("5", "single number"),
        ("9", "no layer called 9"),
    ],
)
def test_layers_without_maps_say_so(chain: nn.Sequential, batch: Tensor, layer: str, message: str) -> None:
    with pytest.raises(InspectionError, match=message):
        fm.feature_maps(chain, batch, layer)


def test_a_layer_the_network_does_not_use_says_so(branches: nn.Module, batch: Tensor) -> None:
    with pytest.raises(InspectionError, match="does not use it"):
        outputs_of(branches, batch, ["unused"])


def test_channels_are_sorted_by_strength() -> None:
    maps = np.stack([np.full((4, 4), value, np.float32) for value in (0.5, -3, 2, 0)])
    order = fm.by_strength(maps)
    assert order.tolist() == [1, 2, 0, 3]


def test_two_thousand_channels_make_one_readable_page() -> None:
    maps = np.random.default_rng(0).normal(size=(2048, 3, 3)).astype(np.float32)
    page = fm.by_strength(maps)[:64]
    sheet = fm.draw_maps(maps, page, columns=8, side=32)
    assert sheet.shape == (8 * 34 - 2, 8 * 34 - 2, 3)
    assert sheet.dtype == np.uint8


def test_kernels_of_the_first_layer_come_in_colour(chain: nn.Sequential) -> None:
    pictures = fm.kernel_pictures(chain, "0")
    assert len(pictures) == 8 and pictures[0].shape == (5, 5, 3)
    assert pictures[0].max() == 255 or pictures[0].min() == 0
    deep = fm.kernel_pictures(chain, "3", limit=4, input_channel=7)
    assert len(deep) == 4 and deep[0].shape == (3, 3, 3)
    with pytest.raises(FitError, match="8 input channels"):
        fm.kernel_pictures(chain, "3", input_channel=8)
    with pytest.raises(NotAnImageError, match="no convolution"):
        fm.kernel_pictures(chain, "1")
    with pytest.raises(NotAnImageError, match="1×1"):
        fm.kernel_pictures(nn.Sequential(nn.Conv2d(3, 4, 1)), "0")


@pytest.mark.parametrize("channels", [1, 3])
def test_weights_on_raw_pixels_are_templates(channels: int) -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(4 * 6 * channels, 5), nn.ReLU(), nn.Linear(5, 2))
    weights = torch.zeros(5, channels, 4, 6)
    weights[3, 0, 1, 5], weights[3, 0, 2, 0] = 2.0, -2.0
    with torch.no_grad():
        network[2].weight.copy_(weights.flatten(1))  # type: ignore[operator, union-attr]
    templates = fm.template_pictures(network, "2", (4, 6, channels), limit=4)
    assert [template.shape for template in templates] == [(4, 6, 3)] * 4
    # Red speaks for it, blue against it (in colour: red, and the lack of it); the others see nothing anywhere.
    red, blue = templates[3][1, 5], templates[3][2, 0]
    assert red[0] > red[2] and blue[0] < blue[2]
    assert len(np.unique(templates[0].reshape(-1, 3), axis=0)) == 1
    summary = summarise(network, torch.zeros(1, channels, 4, 6))
    assert [fm.looks_at_pixels(layer, summary) for layer in summary.layers] == [False, False, True, False, False]
    for layer in ("0", "4"):
        with pytest.raises(NotAnImageError, match="don't belong to pixels"):
            fm.template_pictures(network, layer, (4, 6, channels))


def test_the_most_changed_channel_comes_first(chain: nn.Sequential, batch: Tensor) -> None:
    before = fm.feature_maps(chain, batch, "0")
    after = before.copy()
    after[5] *= -1
    change = fm.changed(before, after)
    assert change.channels[0] == 5
    assert change.amounts[5] == pytest.approx(2) and change.amounts[0] == 0
    with pytest.raises(FitError, match="differ"):
        fm.changed(before, before[:2])
