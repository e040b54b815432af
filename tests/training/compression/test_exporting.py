"""Networks as ONNX files: exported, rounded to int8, measured."""

from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

from recognition.networks import Network
from recognition.networks.dlib_resnet import Affine
from recognition.networks.onnx_network import OnnxNetwork
from training.compression.errors import CompressionError
from training.compression.exporting import difference, export, folded_affines
from training.compression.measuring import memory, multiply_adds, speeds
from training.compression.quantization import layer_errors, quantize_dynamic_int8, quantize_static_int8

SHAPE = (1, 12, 12)


class Unknown(nn.Module):
    """A layer that ONNX has no word for."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.eigvals(x @ x.transpose(-1, -2)).real.flatten(1)


@pytest.fixture(scope="module")
def small() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 8, 3), nn.ReLU())
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(72, 5)).eval().to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def model(small: nn.Module) -> bytes:
    return export(small, SHAPE)


@pytest.fixture(scope="module")
def pictures() -> Tensor:
    return torch.randn(40, *SHAPE, generator=torch.Generator().manual_seed(1))


def test_an_export_gives_the_same_answers_for_any_batch(small: nn.Module, model: bytes, pictures: Tensor) -> None:
    assert difference(model, small, pictures) < 1e-5
    assert OnnxNetwork(model)(pictures[:1]).shape == (1, 5)
    assert str(Path.cwd()) not in model.decode("latin-1")


def test_an_export_that_answers_otherwise_is_refused(small: nn.Module, model: bytes, pictures: Tensor) -> None:
    with pytest.raises(CompressionError, match="other answers"):
        difference(model, nn.Sequential(small, nn.Softmax(1)), pictures)


def test_a_layer_without_a_word_in_onnx_is_a_clear_sentence() -> None:
    with pytest.raises(CompressionError, match="can't be exported"):
        export(nn.Sequential(nn.Conv2d(1, 2, 3), Unknown()).eval(), SHAPE)


@pytest.mark.parametrize("per_channel", [True, False])
def test_int8_answers_nearly_the_same(model: bytes, pictures: Tensor, per_channel: bool) -> None:
    exact = OnnxNetwork(model)(pictures)
    for quantized in (
        quantize_static_int8(model, pictures, per_channel=per_channel),
        quantize_dynamic_int8(model, per_channel=per_channel),
    ):
        found = OnnxNetwork(quantized)(pictures)
        assert float((found - exact).norm() / exact.norm()) < 0.05
        errors = layer_errors(model, quantized, pictures)
        assert [error.layer for error in errors] == ["0", "4", "7"]
        assert all(0.0 < error.error < 0.05 for error in errors)
        kinds = {tensor.data_type for tensor in onnx.load_model_from_string(quantized).graph.initializer}
        assert kinds & {onnx.TensorProto.INT8, onnx.TensorProto.UINT8}


def test_what_is_no_network_can_not_be_rounded(pictures: Tensor) -> None:
    with pytest.raises(CompressionError, match="can't quantize"):
        quantize_static_int8(onnx.ModelProto().SerializeToString(), pictures, per_channel=True)


def test_costs_are_measured(small: nn.Module, model: bytes) -> None:
    found = speeds({"PyTorch": small, "ONNX": OnnxNetwork(model)}, SHAPE)
    assert all(speed.one > 0 and speed.batch > 0 for speed in found.values())
    # 10×10×6×9 + 3×3×8×54 + 5×72, with the biases, and one for each channel of the batch normalisation.
    assert multiply_adds(small, SHAPE) == pytest.approx(5400 + 3888 + 360, rel=0.1)
    assert memory(model, SHAPE) > 100_000


def test_the_built_in_networks_affine_layers_become_part_of_its_convolutions(network: Network) -> None:
    folded = folded_affines(network.module)
    assert not any(isinstance(layer, Affine) for layer in folded.modules())
    x = torch.randn(1, 3, 150, 150)
    with torch.inference_mode():
        assert torch.allclose(folded(x), network.module(x), atol=1e-5)
