"""What a student changes in a stack with one choice: hidden layers, activation, dropout, batch normalisation."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from recognition.inspection.errors import InspectionError
from training.course.stack import (
    Activation,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    LayerSpec,
    Relu,
    Stack,
)

MAX_HIDDEN, MAX_UNITS = 5, 4096

Function = Literal["ReLU", "leaky ReLU", "ELU", "GELU", "tanh", "sigmoid"]
"""Activations by name."""


def dense_network(hidden: Sequence[int] = ()) -> Stack:
    """Flattened pixels, hidden layers of so many units with ReLU, and a last layer; without hidden layers, softmax regression.

    Input and last layer are fitted to the data when it is trained.
    """
    inner = [layer for units in hidden for layer in (Dense(units=units), Relu())]
    return Stack(layers=(Flatten(), *inner, Dense(units=10)))


def read_units(text: str) -> tuple[int, ...]:
    """Hidden layers as a person writes them: `128, 64`.

    Raises:
        InspectionError: not one to five numbers from 1 to 4,096.
    """
    words = text.replace(",", " ").split()
    if not 1 <= len(words) <= MAX_HIDDEN or not all(
        re.fullmatch("[0-9]{1,4}", word) and 1 <= int(word) <= MAX_UNITS for word in words
    ):
        raise InspectionError(
            f"Hidden layers are one to {MAX_HIDDEN} numbers of units from 1 to {MAX_UNITS:,}, such as 128, 64; not “{text}”."
        )
    return tuple(int(word) for word in words)


def activation_of(stack: Stack) -> Function | None:
    """The activation that all of its layers have; None where there is none, or where they differ."""
    functions = {_function(layer) for layer in stack.layers if isinstance(layer, (Relu, Activation))}
    return functions.pop() if len(functions) == 1 else None


def with_activation(stack: Stack, function: Function) -> Stack:
    """Every activation replaced by this one."""
    chosen: LayerSpec = Relu() if function == "ReLU" else Activation(function=function)
    return _of(stack, [chosen if isinstance(layer, (Relu, Activation)) else layer for layer in stack.layers])


def dropout_of(stack: Stack) -> float:
    """The largest share that a layer silences; 0 without dropout."""
    return max((layer.share for layer in stack.layers if isinstance(layer, Dropout)), default=0.0)


def with_dropout(stack: Stack, share: float) -> Stack:
    """This share in every dropout layer; where there is none, one before the last layer that learns.

    0 takes them away. Only one layer that learns gets none: dropping pixels is noise, not regularisation.
    """
    if share == 0:
        return _of(stack, [layer for layer in stack.layers if not isinstance(layer, Dropout)])
    if any(isinstance(layer, Dropout) for layer in stack.layers):
        return _of(stack, [Dropout(share=share) if isinstance(layer, Dropout) else layer for layer in stack.layers])
    learning = [place for place, layer in enumerate(stack.layers) if isinstance(layer, (Convolution, Dense))]
    if len(learning) < 2:
        return stack
    last = learning[-1]
    return _of(stack, [*stack.layers[:last], Dropout(share=share), *stack.layers[last:]])


def is_batch_normalised(stack: Stack) -> bool:
    """Whether any layer is."""
    return any(isinstance(layer, BatchNormalisation) for layer in stack.layers)


def with_batch_normalisation(stack: Stack, wanted: bool) -> Stack:
    """Batch normalisation before every activation that follows a layer that learns, or nowhere."""
    plain = [layer for layer in stack.layers if not isinstance(layer, BatchNormalisation)]
    return _of(stack, list(_normalised(plain)) if wanted else plain)


def _normalised(layers: Sequence[LayerSpec]) -> Iterator[LayerSpec]:
    for before, layer in zip((None, *layers), layers, strict=False):
        if isinstance(layer, (Relu, Activation)) and isinstance(before, (Convolution, Dense)):
            yield BatchNormalisation()
        yield layer


def _function(layer: Relu | Activation) -> Function:
    return layer.function if isinstance(layer, Activation) else "ReLU"


def _of(stack: Stack, layers: Sequence[LayerSpec]) -> Stack:
    return stack.model_copy(update={"layers": tuple(layers)})
