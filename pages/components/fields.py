"""What an input needs to know of a field of settings."""

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo


def bounds(field: FieldInfo) -> tuple[float, float]:
    """The smallest and the largest value that can be typed; a bound that is itself excluded moves in a little."""
    low, high = 0.0, float(2**31 - 1)
    for bound in field.metadata:
        if isinstance(bound, Ge):
            low = float(bound.ge)  # type: ignore[arg-type]
        elif isinstance(bound, Gt):
            low = float(bound.gt) + step(field) / 100  # type: ignore[arg-type]
        elif isinstance(bound, Le):
            high = float(bound.le)  # type: ignore[arg-type]
        elif isinstance(bound, Lt):
            high = float(bound.lt) - step(field)  # type: ignore[arg-type]
    return low, high


def step(field: FieldInfo) -> float:
    """A tenth of the usual value's order of magnitude, so that a click is a small change."""
    usual = abs(float(field.default or 0)) or 1.0
    return float(f"1e{int(f'{usual:e}'.split('e')[1]) - 1}") if usual < 1 else 0.1
