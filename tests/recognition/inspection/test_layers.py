"""Networks as lists of layers, and what their cells see: checked against gradients."""

from collections import OrderedDict

import pytest
import torch
import torchvision
from torch import Tensor, nn

from recognition.inspection.layers import Layer, part_title, summarise
from recognition.inspection.sliding_window import Sliding, receptive_field


def by_name(layers: tuple[Layer, ...]) -> dict[str, Layer]:
    return {layer.name: layer for layer in layers}


def test_a_chain_is_described_layer_by_layer(chain: nn.Sequential, batch: Tensor) -> None:
    summary = summarise(chain, batch)
    assert [layer.kind for layer in summary.layers] == [type(module).__name__ for module in chain]
    first, *_, last = summary.layers
    assert (first.title, first.kernel, first.stride, first.padding) == ("Convolution", (5, 5), (2, 2), (0, 0))
    assert (first.output, first.parameters, first.is_map) == ("15×15×8", 608, True)
    assert (last.output, last.parameters, last.is_map) == ("12", 204, False)
    assert summary.parameters == summary.trainable == sum(p.numel() for p in chain.parameters())
    windows = [Sliding(5, stride=2), Sliding(2, stride=2), Sliding(3, padding=1)]
    field = summary.layers[3].field
    assert field is not None and field.rows == field.columns == receptive_field(windows)


def test_shortcuts_branches_and_padding_are_followed(branches: nn.Module, batch: Tensor) -> None:
    layers = by_name(summarise(branches, batch).layers)
    assert "unused" not in layers
    assert layers["relu"].field is not None and layers["relu"].field.size == (7, 7)
    assert layers["wide"].field is not None and layers["wide"].field.size == (7, 19)
    assert layers["tall"].field is not None and layers["tall"].field.size == (19, 7)
    # Joined, shifted by one row and column of padding, then widened by the pooling's second cell.
    assert layers["pool"].field is not None and layers["pool"].field.size == (21, 21)
    assert layers["dense"].field is not None
    assert layers["dense"].field.box(0, 0, 33, 33) == (0, 0, 33, 33)


@pytest.mark.parametrize("name", ["relu", "wide", "tall", "pool"])
def test_no_gradient_comes_from_outside_the_receptive_field(branches: nn.Module, batch: Tensor, name: str) -> None:
    layer = by_name(summarise(branches, batch).layers)[name]
    assert layer.field is not None
    _positive(branches)
    for row, column in ((0, 0), (layer.shape[1] // 2, layer.shape[2] // 3)):
        x1, y1, x2, y2 = layer.field.box(row, column, 33, 33)
        touched = _touched(branches, name, row, column)
        assert touched.any()
        rows, columns = touched.any(1).nonzero().flatten(), touched.any(0).nonzero().flatten()
        assert (columns.min().item(), rows.min().item()) == (x1, y1)
        assert (columns.max().item() + 1, rows.max().item() + 1) == (x2, y2)


def _positive(network: nn.Module) -> None:
    """Weights of one sign, so that no gradient cancels or dies in a ReLU; the pooling hears all its cells."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(0.1)
    network.pool = nn.AvgPool2d(2)


def _touched(network: nn.Module, name: str, row: int, column: int) -> Tensor:
    seen: list[Tensor] = []
    # A copy: the shared ReLU works in place.
    hook = network.get_submodule(name).register_forward_hook(lambda _m, _i, out: seen.append(out + 0))
    modes = network.training
    network.eval()
    picture = torch.ones(1, 3, 33, 33, requires_grad=True)
    network(picture)
    hook.remove()
    network.train(modes)
    [gradient] = torch.autograd.grad(seen[-1][0, :, row, column].sum(), picture)
    return gradient[0].abs().sum(0) > 0


def test_torchvisions_resnet_is_understood() -> None:
    network = torchvision.models.resnet18(weights=None)
    summary = summarise(network, torch.zeros(1, 3, 96, 96))
    assert summary.parameters == 11_689_512
    layers = by_name(summary.layers)
    assert layers["conv1"].output == "48×48×64"
    # The known receptive fields of ResNet-18 (Araujo et al., 2019).
    assert layers["layer1.1.conv2"].field is not None and layers["layer1.1.conv2"].field.size == (43, 43)
    assert layers["layer4.1.conv2"].field is not None and layers["layer4.1.conv2"].field.size == (435, 435)
    titles = [part.title for part in summary.parts]
    assert titles[:6] == ["Convolution", "Batch normalisation", "ReLU", "Max-pooling", "Layer1, block 1", "Layer1, block 2"]
    assert layers["layer4.1.conv2"].part == "layer4, block 2"


def test_multiply_adds_are_those_of_one_input(chain: nn.Sequential, batch: Tensor) -> None:
    first, *_, last = summarise(chain, batch).layers
    assert first.multiply_adds == 15 * 15 * 8 * (5 * 5 * 3 + 1)  # the bias is added once a cell
    assert last.multiply_adds == last.parameters == 204
    twice = summarise(chain, torch.cat([batch, batch]))
    assert twice.multiply_adds == summarise(chain, batch).multiply_adds


def test_a_layer_that_runs_twice_counts_twice() -> None:
    shared = nn.Conv2d(4, 4, 3, padding=1)
    network = nn.Sequential(shared, nn.ReLU(), shared)
    relu, convolution = summarise(network, torch.zeros(1, 4, 8, 8)).layers
    assert (relu.name, convolution.name) == ("1", "0")
    assert convolution.parameters == 4 * (4 * 9 + 1)
    assert convolution.multiply_adds == 2 * 8 * 8 * convolution.parameters
    assert convolution.field is not None and convolution.field.size == (5, 5)


class Resizing(nn.Module):
    """Brings pictures to its own size first, as a pretrained network behind its preprocessing does."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 5)
        self.up = nn.Upsample(scale_factor=2)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.interpolate(x / 2, (64, 48), mode="bilinear", antialias=True)
        return self.up(self.conv(x))


def test_fields_count_pixels_of_the_size_that_a_network_resizes_pictures_to(chain: nn.Sequential, batch: Tensor) -> None:
    assert summarise(chain, batch).field_size == (33, 33)
    summary = summarise(Resizing(), batch)
    assert summary.field_size == (64, 48)
    convolution, enlarged = (layer.field for layer in summary.layers)
    assert convolution is not None and convolution.size == (5, 5)
    # Maps that are resized later are no picture: what a cell of theirs sees is not known.
    assert enlarged is not None and enlarged.box(0, 0, 64, 48) == (0, 0, 48, 64)


class Padded(nn.Conv2d):
    """A convolution by another name."""


def test_layers_are_called_by_their_number_and_what_they_do() -> None:
    network = nn.Sequential(Padded(1, 2, 3), nn.ReLU(), nn.Flatten())
    summary = summarise(network, torch.zeros(1, 1, 5, 5))
    convolution, relu, _ = summary.layers
    assert (convolution.kind, convolution.title, convolution.label) == ("Conv2d", "Convolution", "Layer 1: Convolution")
    assert relu.label == "Layer 2: ReLU"
    assert [part.title for part in summary.parts] == ["Convolution", "ReLU", "Flatten"]


def test_layers_of_a_block_say_which() -> None:
    block = nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 1, 1), relu=nn.ReLU()))
    network = nn.Sequential(OrderedDict(stem=nn.Conv2d(1, 1, 1), blocks=nn.Sequential(block, nn.Sequential(nn.Tanh()))))
    summary = summarise(network, torch.zeros(1, 1, 5, 5))
    assert [layer.label for layer in summary.layers] == [
        "Layer 1: Convolution",
        "Layer 2: Convolution, block 1",
        "Layer 3: ReLU, block 1",
        "Layer 4: Tanh, block 2",
    ]
    stem, first, second = summary.parts
    assert (stem.title, first.title, second.title) == ("Convolution", "Block 1", "Tanh")
    assert first.last_map is summary.layers[2]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", ""),
        ("stem", "stem"),
        ("blocks.3", "block 4"),
        ("layer1.0", "layer1, block 1"),
        ("repeat_1.2.branch0", "repeat 1, block 3, branch0"),
    ],
)
def test_paths_are_read_as_words(path: str, words: str) -> None:
    assert part_title(path) == words


def test_a_network_that_fails_leaves_no_hooks(branches: nn.Module) -> None:
    with pytest.raises(RuntimeError):
        summarise(branches, torch.zeros(1, 5, 33, 33))
