"""What is searched, whichever kind it is: an experiment or a fine-tuning on faces."""

from pydantic import BaseModel, ValidationError

from training.errors import SearchError
from training.search import experiments, faces
from training.search.knobs import Knob
from training.search.settings import Base, ExperimentBase, StudySettings
from training.search.space import Choice, Dimension, Space, Value, Values, explain


def knobs_of(base: Base) -> dict[str, Knob]:
    """The settings that can be searched, by key."""
    return experiments.knobs(base.recipe) if isinstance(base, ExperimentBase) else faces.knobs(base.settings)


def usual_space(base: Base) -> Space:
    """What is searched unless a person says otherwise."""
    return Space(dimensions={key: knob.usual for key, knob in knobs_of(base).items() if knob.chosen})


def titles(base: Base) -> dict[str, str]:
    """Names of the settings, by key."""
    return {key: knob.title for key, knob in knobs_of(base).items()}


def chosen_settings(base: Base, values: Values) -> BaseModel:
    """The settings of a training with these values: a `Recipe` or `FitSettings`, which a job can be started with.

    Raises:
        ValidationError: a value is out of the bounds of its setting.
    """
    if isinstance(base, ExperimentBase):
        return experiments.with_values(base.recipe, values)
    return faces.with_values(base.settings, values)


def check(settings: StudySettings) -> None:
    """Refuse what can't be searched.

    Raises:
        SearchError: a setting that this base does not have, a range beyond its bounds, a grid that is too large.
    """
    known = titles(settings.base)
    for key, dimension in settings.space.dimensions.items():
        if key not in known:
            raise SearchError(f"{key} can't be searched here. What can: {', '.join(known)}.")
        for value in _extremes(dimension):
            try:
                chosen_settings(settings.base, {key: value})
            except ValidationError as error:
                raise SearchError(f"{known[key]}: {value} can't be used. {error.errors()[0]['msg']}.") from error
    if settings.proposals == "grid":
        settings.space.grid(settings.points)


def explained(error: ValidationError, base: Base) -> SearchError:
    """A sentence for settings of a search that don't validate."""
    return explain(error, titles(base))


def _extremes(dimension: Dimension) -> tuple[Value, ...]:
    return dimension.values if isinstance(dimension, Choice) else (dimension.low, dimension.high)
