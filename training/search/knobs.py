"""The settings that can be searched, each with its usual range."""

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from training.search.space import Dimension, Value

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Knob:
    """A setting that can be searched.

    Attributes:
        title: its name in tables.
        usual: what it is searched over, unless a person says otherwise.
        chosen: whether it is searched, unless a person says otherwise.
    """

    title: str
    usual: Dimension
    chosen: bool = False


def put(settings: Model, path: str, value: Value) -> Model:
    """The settings with another value at a dotted path, such as `training.rate`.

    Raises:
        ValidationError: the value is out of its bounds.
    """
    data: dict[str, Any] = settings.model_dump()
    *parts, last = path.split(".")
    place = data
    for part in parts:
        place = place[part]
    place[last] = value
    return type(settings).model_validate(data)
