"""Searching the settings of an experiment of the course."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch

from training.course.data.pictures import Split
from training.course.experiments.initial import make_network
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    Recipe,
    StackNetwork,
    TransferNetwork,
)
from training.course.experiments.training import digest, run_experiment
from training.course.stack import BatchNormalisation, Convolution, Dense, Dropout, LayerSpec, Stack
from training.search.knobs import Knob, put
from training.search.space import Choice, RealRange, Value, Values
from training.search.subject import Report

Layers = tuple[LayerSpec, ...]

COMPARABLE: Final = "constant"
"""The schedule of rates under which the first epochs are those of a shorter training, so that trials can be compared early. See
docs/decisions.md, "Search: a constant rate"."""


def knobs(recipe: Recipe) -> dict[str, Knob]:
    """What can be searched for the network of a recipe, by key: dotted paths into the recipe, and changes of its layers."""
    found = {
        "training.rate": Knob("Learning rate", _rates(recipe.network), chosen=True),
        "training.batch": Knob("Pictures a step", Choice(values=(16, 32, 64, 128)), chosen=True),
    }
    if isinstance(recipe.network, PerceptronNetwork):
        return found
    found["training.weight_decay"] = Knob("Weight decay", RealRange(low=1e-6, high=1e-2, log=True), chosen=True)
    found["training.optimiser"] = Knob("Optimiser", Choice(values=("sgd", "momentum", "adam", "adamw")))
    found["training.schedule"] = Knob("Schedule", Choice(values=("constant", "cosine")))
    found["training.smoothing"] = Knob("Label smoothing", RealRange(low=0.0, high=0.2))
    if isinstance(recipe.network, StackNetwork):
        found |= _of_layers(recipe.network.stack.layers)
    elif isinstance(recipe.network, (TransferNetwork, ExperimentNetwork)):
        found["network.scope"] = Knob("What is trained", Choice(values=("head", "last", "all")))
    return found | {
        "training.changes.flip": Knob("Augmentation: mirror", Choice(values=(False, True))),
        "training.changes.shift": Knob("Augmentation: shift", RealRange(low=0.0, high=0.2)),
        "training.changes.rotate": Knob("Augmentation: turn, degrees", RealRange(low=0.0, high=20.0)),
        "training.changes.zoom": Knob("Augmentation: zoom", RealRange(low=0.0, high=0.2)),
        "training.changes.light": Knob("Augmentation: light", RealRange(low=0.0, high=0.4)),
        "training.changes.erase": Knob("Augmentation: erase", RealRange(low=0.0, high=0.4)),
    }


def with_values(recipe: Recipe, values: Values) -> Recipe:
    """The recipe with these values.

    Raises:
        ValidationError: a value is out of the bounds of its setting.
    """
    for key, value in values.items():
        if key in _CHANGES:
            assert isinstance(recipe.network, StackNetwork)
            stack = _with_layers(recipe.network.stack, _CHANGES[key](recipe.network.stack.layers, value))
            recipe = recipe.model_copy(update={"network": recipe.network.model_copy(update={"stack": stack})})
        else:
            recipe = put(recipe, key, value)
    return recipe


@dataclass(frozen=True, eq=False)
class ExperimentSubject:
    """A `Subject`: the best epoch's accuracy on the validation pictures.

    Attributes:
        recipe: with the settings that aren't searched.
        split: its pictures.
        storage: where pretrained networks are.
    """

    recipe: Recipe
    split: Split
    storage: Path
    data: str

    @classmethod
    def of(cls, recipe: Recipe, split: Split, storage: Path) -> "ExperimentSubject":
        """A subject without the test pictures: they don't even get to the workers.

        Raises:
            FitError, TrainingError, NetworkError: the network can't be made for these pictures; says why.
        """
        with torch.random.fork_rng(devices=[]):
            make_network(recipe.network, split.shape, len(split.classes), storage)
        return cls(recipe, replace(split, test=split.test.take(slice(0))), storage, digest(split))

    def train(self, values: Values, report: Callable[[int, float], None], folder: Path) -> float:  # noqa: ARG002  # short
        """Without checkpoints: a trial that is interrupted begins anew."""
        recipe = with_values(self.recipe, values)
        observer = Report(report, "validation_accuracy")
        return run_experiment(recipe, self.split, self.storage, observer=observer).validation_accuracy


def _rates(network: NetworkChoice) -> RealRange:
    """What has learned before must not be overwritten by large steps; the perceptron's rule takes much larger ones."""
    match network:
        case PerceptronNetwork():
            return RealRange(low=1e-3, high=1.0, log=True)
        case TransferNetwork(scope="last" | "all") | ExperimentNetwork(scope="last" | "all"):
            return RealRange(low=1e-5, high=1e-2, log=True)
        case _:
            return RealRange(low=1e-4, high=1e-1, log=True)


def _of_layers(layers: Layers) -> dict[str, Knob]:
    """What can be searched in a stack of layers; its last layer has to stay as wide as there are classes."""
    inner = layers[: _last(layers)]
    times = Choice(values=(0.25, 0.5, 1.0, 2.0))
    found = {}
    if any(isinstance(layer, Convolution) for layer in inner):
        found["filters"] = Knob("Filters, times", times, chosen=True)
        found["normalisation"] = Knob("Batch normalisation", Choice(values=(False, True)))
    if any(isinstance(layer, Dense) for layer in inner):
        found["units"] = Knob("Units, times", times)
    if layers and isinstance(layers[_last(layers)], Dense):
        found["dropout"] = Knob("Dropout", RealRange(low=0.0, high=0.7), chosen=True)
    return found


def _last(layers: Layers) -> int:
    """Place of the layer that gives the classes' scores."""
    places = [place for place, layer in enumerate(layers) if isinstance(layer, (Convolution, Dense))]
    return places[-1] if places else len(layers)


def _scaled(layers: Layers, kind: type[Convolution | Dense], size: str, times: Value) -> Layers:
    """Every layer of a kind but the last one, so many times as wide."""
    last = _last(layers)
    return tuple(
        layer.model_copy(update={size: max(1, round(getattr(layer, size) * float(times)))})
        if isinstance(layer, kind) and place != last
        else layer
        for place, layer in enumerate(layers)
    )


def _with_dropout(layers: Layers, share: Value) -> Layers:
    """This share in every dropout; where there is none, in one before the last layer."""
    if not any(isinstance(layer, Dropout) for layer in layers):
        last = _last(layers)
        layers = (*layers[:last], Dropout(), *layers[last:])
    return tuple(Dropout(share=float(share)) if isinstance(layer, Dropout) else layer for layer in layers)


def _with_normalisation(layers: Layers, normalised: Value) -> Layers:
    """Batch normalisation behind every convolution but the last layer, or nowhere."""
    plain = [layer for layer in layers if not isinstance(layer, BatchNormalisation)]
    if not normalised:
        return tuple(plain)
    last = _last(tuple(plain))
    found: list[LayerSpec] = []
    for place, layer in enumerate(plain):
        found += [layer, BatchNormalisation()] if isinstance(layer, Convolution) and place != last else [layer]
    return tuple(found)


def _with_layers(stack: Stack, layers: Layers) -> Stack:
    # Validated, not copied: a search may ask for more filters than a layer can have.
    return Stack.model_validate(stack.model_dump() | {"layers": [layer.model_dump() for layer in layers]})


_CHANGES: dict[str, Callable[[Layers, Value], Layers]] = {
    "filters": lambda layers, times: _scaled(layers, Convolution, "filters", times),
    "units": lambda layers, times: _scaled(layers, Dense, "units", times),
    "dropout": _with_dropout,
    "normalisation": _with_normalisation,
}
