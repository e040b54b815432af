"""int8 networks by ONNX Runtime: weights and activations as whole numbers times a scale.

x ≈ s · (q - z) with q a whole number of 8 bits; weights are symmetric (z = 0). Dynamic: activations get their scale while the
network runs. Static: from calibration pictures, before.
"""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_dynamic, quantize_static
from onnxruntime.quantization.calibrate import CalibrationMethod
from torch import Tensor

from training.compression.errors import CompressionError

How = Literal["dynamic", "static", "aware"]

CALIBRATION_BATCH = 16

LAYERS = ("Conv", "Gemm", "MatMul")
"""ONNX's names of convolutions and dense layers."""


@dataclass(frozen=True)
class LayerError:
    """How far int8 moves a layer's outputs: ‖float32 - int8‖ / ‖float32‖, over calibration pictures."""

    layer: str
    error: float


def quantize_static_int8(model: bytes, calibration: Tensor, *, per_channel: bool) -> bytes:
    """Weights and activations in int8; the scales of activations from calibration pictures.

    Args:
        model: a float32 ONNX file.
        calibration: (N, C, H, W) float32, preprocessed pictures such as the network will see.
        per_channel: a scale for each output channel of a layer's weights; otherwise one a layer.

    Raises:
        CompressionError: ONNX Runtime can't quantize a layer.
    """
    with tempfile.TemporaryDirectory() as folder, _quiet():
        target = Path(folder) / "int8.onnx"
        try:
            quantize_static(
                onnx.load_model_from_string(model),
                target,
                _Pictures(model, calibration),
                quant_format=QuantFormat.QDQ,
                # Unsigned activations with signed weights: what VNNI instructions multiply.
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=per_channel,
                calibrate_method=CalibrationMethod.MinMax,
            )
        except Exception as error:  # its errors have no common base but Exception
            raise _refused(error) from error
        return target.read_bytes()


def quantize_dynamic_int8(model: bytes, *, per_channel: bool) -> bytes:
    """Weights in int8; activations get theirs from each batch while the network runs.

    Raises:
        CompressionError: ONNX Runtime can't quantize a layer.
    """
    with tempfile.TemporaryDirectory() as folder, _quiet():
        target = Path(folder) / "int8.onnx"
        try:
            # Unsigned: ONNX Runtime has no convolution of signed weights with scales found on the way.
            quantize_dynamic(
                onnx.load_model_from_string(model),
                target,
                op_types_to_quantize=list(LAYERS),
                per_channel=per_channel,
                weight_type=QuantType.QUInt8,
            )
        except Exception as error:  # as above
            raise _refused(error) from error
        return target.read_bytes()


def layer_errors(model: bytes, quantized: bytes, batch: Tensor) -> list[LayerError]:
    """How much each convolution's and dense layer's outputs moved, from the input to the output, errors before it included.

    Args:
        model: the float32 ONNX file.
        quantized: the int8 network made from it.
        batch: (N, C, H, W) float32, preprocessed pictures.
    """
    pairs = _comparable(onnx.load_model_from_string(model).graph, onnx.load_model_from_string(quantized).graph)
    before = _intermediate(model, [pair.before for pair in pairs], batch)
    after = _intermediate(quantized, [pair.after for pair in pairs], batch)
    return [
        LayerError(pair.layer, float(np.linalg.norm(one - other) / max(float(np.linalg.norm(one)), 1e-12)))
        for pair, one, other in zip(pairs, before, after, strict=True)
    ]


class _Pair(NamedTuple):
    """A layer's output in both networks, by the tensors' names."""

    layer: str
    before: str
    after: str


def _comparable(graph: onnx.GraphProto, quantized: onnx.GraphProto) -> list[_Pair]:
    """For each layer its output, or that of the ReLU behind it where the rounding does the ReLU's work too."""
    there = {name for node in quantized.node for name in node.output}
    behind = {node.input[0]: node.output[0] for node in graph.node if node.op_type in ("Relu", "Clip")}
    pairs = []
    for node in graph.node:
        if node.op_type in LAYERS:
            output = node.output[0]
            name = output if output in there else behind.get(output, output)
            rounded = f"{name}_DequantizeLinear_Output"
            pairs.append(_Pair(_title(node), name, rounded if rounded in there else name))
    return pairs


class _Pictures(CalibrationDataReader):  # type: ignore[misc]  # untyped library
    """Hands pictures to ONNX Runtime, batch by batch."""

    def __init__(self, model: bytes, pictures: Tensor) -> None:
        name = onnx.load_model_from_string(model).graph.input[0].name
        batches = torch.split(pictures.contiguous(), CALIBRATION_BATCH)
        self._batches: Iterator[dict[str, NDArray[np.float32]]] = iter([{name: batch.numpy()} for batch in batches])

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        return next(self._batches, None)


def _intermediate(model: bytes, names: Sequence[str], batch: Tensor) -> list[NDArray[np.float32]]:
    """What the tensors of these names are for a batch; int8 networks keep the names of the float32 one's."""
    proto = onnx.load_model_from_string(model)
    there = {output.name for output in proto.graph.output}
    proto.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in names if name not in there)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found: list[NDArray[np.float32]] = session.run(list(names), {session.get_inputs()[0].name: batch.contiguous().numpy()})
    return found


def _title(node: onnx.NodeProto) -> str:
    """The torch layer's name, which its weights' name begins with."""
    return str(node.input[1]).removesuffix(".weight")


class _quiet:  # noqa: N801  # used like a function
    """ONNX Runtime's tools advise by log what is done here on purpose."""

    def __enter__(self) -> None:
        self._before = logging.root.manager.disable
        logging.disable(logging.WARNING)

    def __exit__(self, *_: object) -> None:
        logging.disable(self._before)


def _refused(error: Exception) -> CompressionError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return CompressionError(f"ONNX Runtime can't quantize a layer of this network: {reason[:200]}")
