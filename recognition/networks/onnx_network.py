"""Networks that ONNX Runtime runs: exported ones, in float32 or int8. They come from a file and are never trained."""

import io
import warnings
import zlib
from collections.abc import Iterator
from typing import Final

import onnx
import onnxruntime
import torch
from google.protobuf.message import DecodeError
from torch import Tensor, nn

from recognition.errors import WeightsCorruptError

LARGEST: Final = 512 * 2**20
"""Bytes of an unpacked file; the largest backbone known has 110 MiB of weights."""

# fmt: off
OPERATORS: Final = frozenset({
    "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "ConvInteger",
    "DequantizeLinear", "Div", "DynamicQuantizeLinear", "Flatten", "Gather", "Gemm", "GlobalAveragePool",
    "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "MatMul", "MatMulInteger", "MaxPool", "Mul",
    "PRelu", "Pad", "QuantizeLinear", "Range", "ReduceMean", "Relu", "Reshape", "Shape", "Sigmoid", "Slice", "Softmax",
    "Sqrt", "Squeeze", "Sub", "Tanh", "Transpose", "Unsqueeze",
})
# fmt: on
"""What a received file may ask for. Loops, and what makes large tensors from small numbers, are not among it."""


def pack(model: bytes) -> bytes:
    """An ONNX file deflated, as models are kept: int8 weights shrink by a quarter."""
    return zlib.compress(model, 9)


def unpack(data: bytes) -> bytes:
    """The ONNX file again.

    Raises:
        WeightsCorruptError: it is not what `pack` gave, or larger than `LARGEST`.
    """
    inflate = zlib.decompressobj()
    try:
        model = inflate.decompress(data, LARGEST)
    except zlib.error as error:
        raise WeightsCorruptError("The file is not a packed ONNX network, or is damaged.") from error
    if not inflate.eof:
        raise WeightsCorruptError("The file is not a whole packed ONNX network, or far too large.")
    return model


def run_by_onnx(module: nn.Module, input_size: int) -> "OnnxNetwork":
    """The same network run by ONNX Runtime, which adds batch norms and activations to the convolutions before them.

    Args:
        module: in evaluation mode, on the CPU; (N, 3, input_size, input_size) to (N, D). Later changes of it don't count.
    """
    file = io.BytesIO()
    # Tracing needs tensors that know autograd. The exporter that replaces this one takes half a minute.
    with torch.inference_mode(False), torch.no_grad(), warnings.catch_warnings(action="ignore"):
        batch = torch.zeros(1, 3, input_size, input_size)
        torch.onnx.export(
            module,
            (batch,),
            file,  # type: ignore[arg-type]  # this exporter writes to open files too
            dynamo=False,
            input_names=["input"],
            dynamic_axes={"input": {0: "faces"}},
        )
    return OnnxNetwork(file.getvalue())


class OnnxNetwork(nn.Module):
    """An exported network as a module: it runs as one piece, and has neither layers to look into nor parameters to train.

    Takes and gives what the network it was exported from does, on the CPU.

    Args:
        model: the content of an ONNX file with one input and one output, whose first dimension is the batch.

    Raises:
        WeightsCorruptError: not such a file.

    Attributes:
        size: of that content, in bytes.
    """

    def __init__(self, model: bytes) -> None:
        super().__init__()
        self.size = len(model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        # Waiting threads would take the processor from the camera's detector.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors have no common base but Exception
            raise WeightsCorruptError(f"ONNX Runtime can't use this network: {_first_line(error)}.") from error
        if len(self._session.get_inputs()) != 1 or len(self._session.get_outputs()) != 1:
            raise WeightsCorruptError("The ONNX network must have one input and one output.")
        self._input = self._session.get_inputs()[0].name

    def forward(self, x: Tensor) -> Tensor:
        """(N, …) float32 to (N, …) float32, on the device of `x`.

        Raises:
            WeightsCorruptError: the file's network doesn't take such an input.
        """
        try:
            (output,) = self._session.run(None, {self._input: x.detach().cpu().contiguous().numpy()})
        except Exception as error:  # as above
            raise WeightsCorruptError(f"ONNX Runtime can't run this network: {_first_line(error)}.") from error
        return torch.from_numpy(output).to(x.device)


def check_received(model: bytes) -> None:
    """Refuse an ONNX file of somebody else's that asks for more than a face network needs.

    Raises:
        WeightsCorruptError: says what.
    """
    try:
        proto = onnx.load_model_from_string(model)
    except DecodeError as error:
        raise WeightsCorruptError("The file is not an ONNX network, or is damaged.") from error
    if proto.functions or (unknown := sorted({node.op_type for node in proto.graph.node} - OPERATORS)):
        what = f"operators we don't run: {', '.join(unknown)}" if not proto.functions else "functions of its own"
        raise WeightsCorruptError(f"The ONNX network has {what}.")
    if any(tensor.external_data for tensor in _tensors(proto.graph)):
        raise WeightsCorruptError("The ONNX network keeps weights in other files.")


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
