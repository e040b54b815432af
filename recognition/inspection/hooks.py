"""Looking at a network while it runs, and leaving it as it was."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from recognition.inspection.errors import InspectionError
from recognition.inspection.receptive_field import FieldTracker


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode, its parameters frozen; all modes and flags come back after."""
    modes = [(module, module.training) for module in network.modules()]
    flags = [(parameter, parameter.requires_grad) for parameter in network.parameters()]
    try:
        network.eval().requires_grad_(False)
        yield
    finally:
        for module, training in modes:
            module.training = training
        for parameter, flag in flags:
            parameter.requires_grad_(flag)


@contextmanager
def watching(network: nn.Module, names: Iterable[str]) -> Iterator[dict[str, Tensor]]:
    """Keep the outputs of the named layers of every forward pass inside the block.

    Args:
        network: any network.
        names: as in `named_modules`.

    Yields:
        name to output, filled by the forward pass; the last call counts where a layer is called twice.

    Raises:
        InspectionError: there is no such layer.
    """
    modules = {name: module_named(network, name) for name in names}
    outputs: dict[str, Tensor] = {}
    handles = []

    def recorder(name: str) -> Callable[[nn.Module, object, object], None]:
        def record(_module: nn.Module, _inputs: object, output: object) -> None:
            if isinstance(output, Tensor):
                # A copy: the next layer may be a ReLU that works in place.
                outputs[name] = output.detach().clone()

        return record

    with evaluating(network):
        try:
            for name, module in modules.items():
                handles.append(module.register_forward_hook(recorder(name)))
            yield outputs
        finally:
            for handle in handles:
                handle.remove()


def outputs_of(network: nn.Module, batch: Tensor, names: Iterable[str]) -> dict[str, Tensor]:
    """One forward pass; the outputs of the named layers, without gradients.

    Raises:
        InspectionError: there is no such layer, or the forward pass does not reach it.
    """
    wanted = list(names)
    with watching(network, wanted) as outputs, torch.inference_mode():
        network(batch)
    for name in wanted:
        if name not in outputs:
            raise InspectionError(f"The network has a layer {name}, but does not use it.")
    return outputs


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer.

    Attributes:
        module: the layer.
        given, gave: its input and its output, of one tensor each.
        ways: where the input was added up from two tensors, these two, the one that saw more of the picture first: through
            a block, and past it. Not looked for where the layer has a window: those of many cells would say too much.
    """

    module: nn.Module
    given: Tensor
    gave: Tensor
    ways: tuple[Tensor, ...]


def call_of(network: nn.Module, batch: Tensor, name: str) -> Call:
    """One forward pass; what the named layer got and gave, without gradients. Its last call counts.

    Raises:
        InspectionError: there is no such layer, the forward pass does not reach it, or it takes something else than a tensor.
    """
    module = module_named(network, name)
    calls: list[Call] = []
    given: list[tuple[Tensor, tuple[Tensor, ...]]] = []
    fields = FieldTracker(batch)
    sums = _Sums(fields)

    def before(_module: nn.Module, inputs: tuple[object, ...]) -> None:
        if inputs and isinstance(inputs[0], Tensor):
            # Copies: this layer or a later one may work in place.
            given.append((inputs[0].detach().clone(), sums.summands(inputs[0])))

    def after(_module: nn.Module, _inputs: object, output: object) -> None:
        if given and isinstance(output, Tensor):
            taken, ways = given.pop()
            calls[:] = [Call(module, taken, output.detach().clone(), ways)]

    with ExitStack() as stack:
        stack.enter_context(evaluating(network))
        stack.callback(module.register_forward_pre_hook(before).remove)
        stack.callback(module.register_forward_hook(after).remove)
        stack.enter_context(torch.inference_mode())
        if getattr(module, "kernel_size", None) is None:
            stack.enter_context(fields)
            stack.enter_context(sums)
        network(batch)
    if not calls:
        raise InspectionError(f"The network has a layer {name}, but does not use it as others are used.")
    return calls[0]


class _Sums(TorchFunctionMode):
    """While active, knows of the newest sum of two tensors which two these were."""

    def __init__(self, fields: FieldTracker) -> None:
        super().__init__()
        self._fields = fields
        self._newest: tuple[Tensor, tuple[Tensor, ...]] | None = None

    def summands(self, result: Tensor) -> tuple[Tensor, ...]:
        """Those of this tensor, the one with the larger receptive field first; none where it is not the newest sum."""
        if self._newest is None or self._newest[0] is not result:
            return ()
        return self._newest[1]

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        name = getattr(func, "__name__", "")
        tensors = [value for value in args if isinstance(value, Tensor)]
        ways: tuple[Tensor, ...] = ()
        if name in ("add", "add_", "__add__", "__iadd__", "__radd__") and len(args) == len(tensors) == 2 and not kwargs:
            alike = tensors[0].shape == tensors[1].shape
            # Copied before the call, which may be in place.
            seen = [(self._reach(tensor), tensor.detach().clone()) for tensor in tensors] if alike else []
            ways = tuple(copy for _, copy in sorted(seen, key=lambda pair: -pair[0]))
        result = func(*args, **(kwargs or {}))
        if ways:
            self._newest = (result, ways)
        return result

    def _reach(self, tensor: Tensor) -> int:
        field = self._fields.field(tensor)
        return 0 if field is None else max(field.size)


def module_named(network: nn.Module, name: str) -> nn.Module:
    """The layer of that name.

    Raises:
        InspectionError: there is no such layer.
    """
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        raise InspectionError(f"The network has no layer called {name}.") from error
