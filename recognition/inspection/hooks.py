"""Looking at a network while it runs, and leaving it as it was."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from recognition.inspection.errors import InspectionError


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


def module_named(network: nn.Module, name: str) -> nn.Module:
    """The layer of that name.

    Raises:
        InspectionError: there is no such layer.
    """
    try:
        return network.get_submodule(name)
    except AttributeError as error:
        raise InspectionError(f"The network has no layer called {name}.") from error
