"""What can be searched, and what a value does to the settings of a training."""

import pytest

from training.course.experiments.recipe import PerceptronNetwork, Recipe, StackNetwork, TransferNetwork
from training.course.presets import PRESETS
from training.course.stack import BatchNormalisation, Convolution, Dense, Dropout
from training.errors import SearchError
from training.faces.settings import FitSettings, for_scope
from training.search import experiments, faces
from training.search.bases import check, chosen_settings, knobs_of, usual_space
from training.search.settings import Base, ExperimentBase, FacesBase, StudySettings
from training.search.space import Choice, RealRange, Space, WholeRange


def experiment(network: str) -> ExperimentBase:
    return ExperimentBase(recipe=Recipe(network=StackNetwork(stack=PRESETS[network].stack, preset=network)))


BASES: dict[str, Base] = {
    **{name: experiment(name) for name in ("two-convolutions", "mnist", "all-convolutional", "photo-dense")},
    "perceptron": ExperimentBase(recipe=Recipe(network=PerceptronNetwork())),
    "transfer": ExperimentBase(recipe=Recipe(network=TransferNetwork(backbone="vgg16"))),
    **{f"faces-{scope}": FacesBase(settings=for_scope(FitSettings(), scope)) for scope in ("head", "last", "all", "scratch")},
}


@pytest.mark.parametrize("base", BASES.values(), ids=BASES)
def test_every_usual_range_is_within_the_bounds_of_its_setting(base: Base) -> None:
    everything = Space(dimensions={key: knob.usual for key, knob in knobs_of(base).items()})
    check(StudySettings(base=base, space=everything))
    assert usual_space(base).dimensions.items() <= everything.dimensions.items()
    values = {key: dimension.points(3)[-1] for key, dimension in everything.dimensions.items()}
    settings = chosen_settings(base, values)
    assert settings != (base.recipe if isinstance(base, ExperimentBase) else base.settings)


def test_values_of_a_recipe_land_where_they_belong() -> None:
    recipe = experiments.with_values(
        experiment("mnist").recipe,
        {"training.rate": 0.02, "training.changes.flip": True, "filters": 0.5, "dropout": 0.25, "normalisation": True},
    )
    assert recipe.training.rate == 0.02 and recipe.training.changes.flip
    assert isinstance(recipe.network, StackNetwork)
    layers = recipe.network.stack.layers
    assert [layer.filters for layer in layers if isinstance(layer, Convolution)] == [32, 32, 32]
    assert [layer.share for layer in layers if isinstance(layer, Dropout)] == [0.25]
    places = [place for place, layer in enumerate(layers) if isinstance(layer, Convolution)]
    assert all(isinstance(layers[place + 1], BatchNormalisation) for place in places), "before ReLU"
    assert layers[-1] == Dense(units=10), "as many as there are classes"


def test_the_layer_that_gives_the_scores_keeps_its_width() -> None:
    recipe = experiments.with_values(experiment("all-convolutional").recipe, {"filters": 2.0, "normalisation": True})
    assert isinstance(recipe.network, StackNetwork)
    *_, last = (layer for layer in recipe.network.stack.layers if isinstance(layer, Convolution))
    assert last.filters == 10 and recipe.network.stack.layers[0] == Convolution(filters=192, padding="same")
    again = experiments.with_values(recipe, {"normalisation": False, "filters": 0.5})
    assert again == experiment("all-convolutional").recipe


def test_dropout_comes_before_the_last_layer_where_there_was_none() -> None:
    recipe = experiments.with_values(experiment("two-convolutions").recipe, {"dropout": 0.5})
    assert isinstance(recipe.network, StackNetwork)
    assert recipe.network.stack.layers[-2:] == (Dropout(share=0.5), Dense(units=10))


def test_values_of_a_fine_tuning_land_where_they_belong() -> None:
    settings = faces.with_values(FitSettings(), {"augmentation.strength": "light", "whitening_floor": 0.5, "batch_size": 8})
    assert settings.augmentation.strength == "light" and settings.augmentation.parts == FitSettings().augmentation.parts
    assert (settings.whitening_floor, settings.batch_size) == (0.5, 8)


@pytest.mark.parametrize(
    ("key", "dimension", "sentence"),
    [
        ("training.rate", RealRange(low=0.1, high=100), r"Learning rate: 100\.0 can't be used\. Input should be less than"),
        ("training.batch", WholeRange(low=0, high=8), "Pictures a step: 0 can't be used"),
        ("training.optimiser", Choice(values=("adam", "magic")), "Optimiser: magic can't be used"),
        ("filters", Choice(values=(1000.0,)), r"Filters, times: 1000\.0 can't be used"),
        ("colour", Choice(values=("red",)), "colour can't be searched here. What can: training.rate"),
    ],
)
def test_a_value_that_no_training_takes_is_refused(key: str, dimension: Choice | RealRange | WholeRange, sentence: str) -> None:
    with pytest.raises(SearchError, match=sentence):
        check(StudySettings(base=experiment("mnist"), space=Space(dimensions={key: dimension})))
