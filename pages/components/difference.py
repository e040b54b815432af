"""How much better one network is than another, in a sentence with its certainty."""

from pages.components.text import plain
from training.uncertainty import Difference


def sentence(better: str, other: str, found: Difference) -> str:
    """Which of two is better, and how surely, as Markdown. found: of the first one less the other's."""
    better, other = f"**{plain(better)}**", f"**{plain(other)}**"
    interval = f"{_points(found.low)} to {_points(found.high)} points"
    where = "" if found.paired else " They were tested on different pictures."
    if found.clear:
        return f"{better} is better than {other} by {_points(found.value)} points ({interval}).{where}"
    if found.value == 0:
        return f"{better} and {other} are right equally often.{where}"
    return (
        f"No clear difference between {better} and {other}: {_points(found.value)} points, and the truth may lie anywhere from "
        f"{interval}.{where}"
    )


def _points(share: float) -> str:
    return f"{100 * share:.1f}".replace("-", "−")
