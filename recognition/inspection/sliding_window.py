"""Sliding windows of convolutions and poolings: output sizes and receptive fields.

Sizes are in pixels (or cells of a feature map) along one axis; height and width follow the same formulas.
Sources: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016) for sizes, Araujo et
al., "Computing receptive fields of convolutional neural networks" (Distill, 2019) for receptive fields.
"""

from dataclasses import dataclass
from typing import Literal, Self

from recognition.inspection.errors import FitError

Padding = Literal["none", "same", "full"] | int
"""Zeros around the picture: none, as many as keep the size at stride 1, as many as let every partial overlap
count, or a number of pixels on each side."""


@dataclass(frozen=True)
class Sliding:
    """A window that slides along one axis: of a convolution or of a pooling.

    Attributes:
        kernel: side of the window, in cells.
        stride: step, in cells.
        padding: zeros at both ends, see `Padding`.
        dilation: distance between neighbouring cells of the window; 1 is a dense window.
    """

    kernel: int
    stride: int = 1
    padding: Padding = "none"
    dilation: int = 1

    def __post_init__(self) -> None:
        if self.kernel < 1:
            raise FitError(f"A kernel has at least 1 cell, not {self.kernel}.")
        if self.stride < 1:
            raise FitError(f"The stride is the step of the window and must be at least 1, not {self.stride}.")
        if self.dilation < 1:
            raise FitError(f"The dilation must be at least 1, not {self.dilation}.")
        if isinstance(self.padding, int):
            if self.padding < 0:
                raise FitError(f"The padding can't be negative, got {self.padding}.")
        elif self.padding not in ("none", "same", "full"):
            raise FitError(f"The padding is none, same, full or a number, not {self.padding!r}.")

    @property
    def reach(self) -> int:
        """Cells from the window's first to its last: the kernel, stretched by the dilation."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def ends(self) -> tuple[int, int]:
        """Zeros before and after. "Same" with an even reach needs one more after than before, as in torch."""
        if self.padding == "none":
            return (0, 0)
        if self.padding == "full":
            return (self.reach - 1, self.reach - 1)
        if self.padding == "same":
            total = self.reach - 1
            return (total // 2, total - total // 2)
        return (self.padding, self.padding)

    def positions(self, n: int) -> int:
        """Output size on `n` cells: ⌊(n + 2p − f) / s⌋ + 1, with f the reach of the window.

        Raises:
            FitError: the window does not fit once.
        """
        return self._room(n) // self.stride + 1

    def uncovered(self, n: int) -> int:
        """Cells at the far end, padding included, that no window reaches; 0 when the stride fits."""
        return self._room(n) % self.stride

    def lost(self, n: int) -> int:
        """Pixels at the far end that no window reaches. Zeros of the padding that are left out cost nothing."""
        return max(0, self.uncovered(n) - self.ends[1])

    def warning(self, n: int) -> str | None:
        """A sentence where the size does not fit without a rest, else None."""
        rest = self.uncovered(n)
        if rest == 0:
            return None
        lost = self.lost(n)
        tail = (
            f"the last {lost} of {n} rows and columns are never looked at"
            if lost
            else "only padding is left out, no pixel is lost"
        )
        return f"The stride of {self.stride} does not divide evenly: {self._room(n)} / {self.stride} leaves {rest}, so {tail}."

    def _room(self, n: int) -> int:
        if n < 1:
            raise FitError(f"A picture has at least 1 pixel a side, not {n}.")
        room = n + sum(self.ends) - self.reach
        if room < 0:
            padded = f" ({n + sum(self.ends)} with its padding)" if sum(self.ends) else ""
            stretched = f", {self.reach} wide with its dilation," if self.dilation > 1 else ""
            raise FitError(
                f"The kernel of {self.kernel}{stretched} is larger than the picture of {n}{padded}. "
                "Take a smaller kernel or more padding."
            )
        return room


@dataclass(frozen=True)
class Span:
    """What the cells of a feature map see of the input along one axis.

    Cell i sees the pixels from `start + i * jump` up to, not including, `start + i * jump + size`; these may
    lie outside the picture, in its padding.
    """

    start: int = 0
    size: int = 1
    jump: int = 1

    def through(self, kernel: int, stride: int = 1, before: int = 0, dilation: int = 1) -> Self:
        """The span after a window of this kernel, with `before` zeros at its near end."""
        return type(self)(
            self.start - before * self.jump,
            self.size + (kernel - 1) * dilation * self.jump,
            self.jump * stride,
        )

    def joined(self, other: "Span") -> Self:
        """The span of a cell that depends on both branches (a shortcut, an Inception block)."""
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return type(self)(start, end - start, max(self.jump, other.jump))

    def seen(self, cell: int, n: int) -> tuple[int, int]:
        """First and one-past-last pixel that `cell` sees, cut at the `n` pixels of the picture."""
        first = self.start + cell * self.jump
        return (min(max(first, 0), n), min(max(first + self.size, 0), n))


def receptive_field(windows: list[Sliding]) -> Span:
    """The span after a chain of windows, first layer first."""
    span = Span()
    for window in windows:
        span = span.through(window.kernel, window.stride, window.ends[0], window.dilation)
    return span
