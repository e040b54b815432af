"""Networks as ONNX files, checked against PyTorch."""

import io
from contextlib import redirect_stdout
from copy import deepcopy
from itertools import pairwise

import onnx
import torch
from torch import Tensor, nn

from recognition.networks.dlib_resnet import Affine
from recognition.networks.onnx_network import OnnxNetwork
from training.compression.errors import CompressionError

OPSET = 20

TOLERANCE = 1e-3
"""Largest difference that is allowed between ONNX Runtime and PyTorch, as a share of the largest output: both add up in
float32, in another order."""


def export(module: nn.Module, shape: tuple[int, int, int]) -> bytes:
    """A network as an ONNX file that takes batches of any size.

    Args:
        module: in evaluation mode; (N, C, H, W) to (N, …).
        shape: channels, height and width of its input.

    Raises:
        CompressionError: it has a layer that can't be exported.
    """
    folded = folded_affines(module).to(memory_format=torch.contiguous_format)
    batch = torch.zeros(2, *shape)
    try:
        with torch.inference_mode(), redirect_stdout(io.StringIO()):
            program = torch.onnx.export(
                folded,
                (batch,),
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=["input"],
                output_names=["output"],
                dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
            )
    except Exception as error:  # torch.export and the ONNX translation raise errors of many families
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise CompressionError(f"This network has a layer that can't be exported to ONNX: {reason[:200]}") from error
    assert program is not None
    model: bytes = _without_notes(program.model_proto).SerializeToString()
    return model


def difference(model: bytes, module: nn.Module, batch: Tensor) -> float:
    """The largest difference between ONNX Runtime's and PyTorch's outputs, as a share of the largest output.

    Raises:
        CompressionError: it is above `TOLERANCE`.
        WeightsCorruptError: ONNX Runtime can't run it.
    """
    with torch.inference_mode():
        expected = module(batch)
    found = OnnxNetwork(model)(batch)
    apart = float((found - expected).abs().max() / expected.abs().max().clamp_min(1e-12))
    if not apart <= TOLERANCE:
        raise CompressionError(
            f"The exported network gives other answers than PyTorch: {apart:.1%} apart. It is not kept; please report this."
        )
    return apart


def folded_affines(module: nn.Module) -> nn.Module:
    """A copy whose scale-and-shift layers are part of the convolutions before them: the same function, fewer layers."""
    folded = deepcopy(module)
    with torch.no_grad():
        for holder in list(folded.modules()):
            names = [name for name, _ in holder.named_children()]
            for convolution, affine in pairwise(names):
                _fold(holder, convolution, affine)
    return folded


def _fold(holder: nn.Module, convolution: str, affine: str) -> None:
    conv, scaling = getattr(holder, convolution), getattr(holder, affine)
    if not isinstance(conv, nn.Conv2d) or not isinstance(scaling, Affine):
        return
    assert conv.bias is not None
    conv.weight.mul_(scaling.gamma.view(-1, 1, 1, 1))
    conv.bias.mul_(scaling.gamma).add_(scaling.beta)
    setattr(holder, affine, nn.Identity())


def _without_notes(model: onnx.ModelProto) -> onnx.ModelProto:
    """Without the stack traces of whoever exported it, which are larger than a small network and name folders."""
    graph = model.graph
    # Shapes in between too: tools that rewrite layers infer them again, and stumble over old ones.
    del graph.value_info[:]
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
    return model
