"""What is searched as a person writes it: `0.0001..0.1 log`, `8..64`, `sgd, adam`."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from training.search.knobs import Knob
from training.search.space import Choice, Dimension, Value, WholeRange, explain

_DIMENSION: TypeAdapter[Dimension] = TypeAdapter(Dimension)


def write(dimension: Dimension) -> str:
    """A dimension as text that `read` takes."""
    if isinstance(dimension, Choice):
        return ", ".join(write_value(value) for value in dimension.values)
    return f"{dimension.low:g}..{dimension.high:g}{' log' if dimension.log else ''}"


def write_value(value: Value) -> str:
    """A value in words: yes and no, short numbers."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def read(text: str, knob: Knob) -> Dimension:
    """What a person wrote for a setting: a range, or a list of values.

    Raises:
        SearchError: neither, or one that can't be.
    """
    low, dots, rest = text.partition("..")
    if not dots:
        return make(knob, values=text)
    high, *words = rest.split() or [""]
    return make(knob, low=read_value(low), high=read_value(high), log=words == ["log"])


def make(
    knob: Knob, low: Value | None = None, high: Value | None = None, *, log: bool = False, values: str | None = None
) -> Dimension:
    """A dimension of a setting from a range, or from a list of values with commas between them.

    Raises:
        SearchError: says what is wrong with it.
    """
    data: dict[str, Any]
    if values is None:
        kind = "whole" if isinstance(knob.usual, WholeRange) else "real"
        data = {"kind": kind, "low": low, "high": high, "log": log}
    else:
        data = {"kind": "choice", "values": [read_value(part) for part in values.split(",") if part.strip()]}
    try:
        return _DIMENSION.validate_python(data)
    except ValidationError as error:
        raise explain(error, dict.fromkeys((data["kind"],), knob.title)) from error


def read_value(text: str) -> Value:
    """A whole number, a number, yes or no, or a word."""
    word = text.strip()
    if word.casefold() in ("yes", "true"):
        return True
    if word.casefold() in ("no", "false"):
        return False
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
