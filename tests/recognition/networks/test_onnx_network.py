"""Networks that ONNX Runtime runs, and files that only look like one."""

import onnx
import pytest
import torch
from onnx import TensorProto, helper

from recognition.errors import NetworkError, WeightsCorruptError
from recognition.networks import BUILT_IN, architecture
from recognition.networks.onnx_network import OnnxNetwork, check_received, pack, unpack
from recognition.networks.variants import Exported


def model(*operators: str, inputs: int = 1) -> bytes:
    """A chain of operators on (N, 3)."""
    names = [f"x{number}" for number in range(len(operators) + 1)]
    nodes = [helper.make_node(kind, [one], [other]) for kind, one, other in zip(operators, names, names[1:], strict=False)]
    takes = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 3]) for name in [names[0], *"abc"[: inputs - 1]]]
    gives = [helper.make_tensor_value_info(names[-1], TensorProto.FLOAT, ["n", 3])]
    graph = helper.make_graph(nodes, "graph", takes, gives)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString()


def test_it_is_a_module_without_layers_or_parameters() -> None:
    network = OnnxNetwork(model("Relu")).eval()
    x = torch.tensor([[1.0, -1.0, 2.0], [-3.0, 0.0, 4.0]])
    assert torch.equal(network(x), x.relu())
    assert not list(network.parameters()) and not list(network.children())


def test_a_file_is_packed_and_unpacked() -> None:
    data = model("Relu")
    packed = pack(data)
    assert unpack(packed) == data
    for damaged in (b"", b"nonsense", packed[:-8], packed[: len(packed) // 2]):
        with pytest.raises(WeightsCorruptError):
            unpack(damaged)


@pytest.mark.parametrize("data", [b"", b"nonsense", model("Unheard"), model("Relu", inputs=2)])
def test_what_is_no_network_is_refused(data: bytes) -> None:
    with pytest.raises(WeightsCorruptError):
        OnnxNetwork(data)


def test_a_picture_of_another_size_is_refused() -> None:
    with pytest.raises(WeightsCorruptError, match="can't run"):
        OnnxNetwork(model("Relu"))(torch.zeros(1, 4))


def test_a_received_file_may_not_ask_for_more_than_a_network_needs() -> None:
    check_received(model("Relu", "Sigmoid"))
    with pytest.raises(WeightsCorruptError, match="NonZero"):
        check_received(model("Relu", "NonZero"))
    with pytest.raises(WeightsCorruptError, match="not an ONNX network"):
        check_received(b"\xff\xff")
    outside = onnx.load_model_from_string(model("Relu"))
    tensor = helper.make_tensor("w", TensorProto.FLOAT, [1], [0.0])
    tensor.external_data.add(key="location", value="../../secret")
    outside.graph.initializer.append(tensor)
    with pytest.raises(WeightsCorruptError, match="other files"):
        check_received(outside.SerializeToString())


def test_only_its_file_can_build_it() -> None:
    exported = Exported(numbers="int8").apply(architecture(BUILT_IN.key))
    assert exported.input_size == architecture(BUILT_IN.key).input_size
    with pytest.raises(NetworkError, match="its file alone"):
        exported.build()
