"""Which input pixels a cell of a feature map can see, for any network: chains, shortcuts, Inception branches.

Every torch function that runs is watched, and each tensor carries the field of its cells: windows widen it,
sums and concatenations join it, everything else passes it on. Nothing has to be known about the network's
code.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

from recognition.inspection.sliding_window import Sliding, Span


@dataclass(frozen=True)
class Field:
    """The receptive field of a feature map's cells; see `Span`. Pixels of the network's input."""

    rows: Span
    columns: Span

    @property
    def size(self) -> tuple[int, int]:
        """Height and width, uncut: deep layers see more than the whole picture."""
        return (self.rows.size, self.columns.size)

    def box(self, row: int, column: int, height: int, width: int) -> tuple[int, int, int, int]:
        """x1, y1, x2, y2 (one past the last) of what the cell sees, cut at a `height` × `width` input."""
        top, bottom = self.rows.seen(row, height)
        left, right = self.columns.seen(column, width)
        return (left, top, right, bottom)

    def joined(self, other: "Field") -> "Field":
        return Field(self.rows.joined(other.rows), self.columns.joined(other.columns))

    def whole(self, height: int, width: int) -> "Field":
        """The field of one value that depends on all `height` × `width` cells."""
        return Field(self.rows.through(height, height), self.columns.through(width, width))


class FieldTracker(TorchFunctionMode):
    """While active, knows the receptive field of every tensor computed from `source` (N, C, H, W).

    Attributes:
        size: height and width of the picture whose pixels the fields count: the source, or what a network that brings
            pictures to its own size makes of it first.
    """

    def __init__(self, source: Tensor) -> None:
        super().__init__()
        height, width = source.shape[2:]
        self.size = (height, width)
        self._fields: MutableMapping[Tensor, Field] = WeakIdKeyDictionary()
        self._fields[source] = Field(Span(), Span())

    def field(self, tensor: Tensor) -> Field | None:
        """Its field, None where it does not come from the source."""
        return self._fields.get(tensor)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        named = dict(kwargs or {})
        # Taken before the call: an in-place function changes its input.
        sources = [(tensor, field) for tensor in _tensors(args) if (field := self.field(tensor)) is not None]
        shapes = [tuple(tensor.shape) for tensor, _ in sources]
        result = func(*args, **named)
        if sources and isinstance(result, Tensor):
            fields = [
                self._after(func, field, shape, tuple(result.shape), args, named)
                for (_, field), shape in zip(sources, shapes, strict=True)
            ]
            joined = fields[0]
            for field in fields[1:]:
                joined = joined.joined(field)
            self._fields[result] = joined
        return result

    def _after(
        self,
        func: Callable[..., Any],
        field: Field,
        shape: tuple[int, ...],
        result: tuple[int, ...],
        args: Sequence[Any],
        named: Mapping[str, Any],
    ) -> Field:
        name = getattr(func, "__name__", "")
        if name == "conv2d":
            return _through(field, args[1].shape[2:], *_options(args, named, 3, "stride", "padding", "dilation"))
        if name in ("max_pool2d", "avg_pool2d"):
            kernel = args[1] if len(args) > 1 else named["kernel_size"]
            stride, padding, dilation = _options(args, named, 2, "stride", "padding", "dilation")
            # The fifth argument of average pooling is something else: it has no dilation.
            return _through(field, kernel, stride or kernel, padding, dilation if name == "max_pool2d" else 1)
        if name == "pad" and len(shape) == 4:
            left, _, top, _ = (*(args[1] if len(args) > 1 else named["pad"]), 0, 0)[:4]
            return Field(field.rows.through(1, before=top), field.columns.through(1, before=left))
        if name == "interpolate" and field == Field(Span(), Span()):
            self.size = (result[2], result[3])
            return field
        if len(shape) == 4 and result[2:] != shape[2:]:
            # Global pooling, flatten and whatever we don't know: each value may depend on every cell.
            return field.whole(*shape[2:])
        return field


def _through(field: Field, kernel: Any, stride: Any, padding: Any, dilation: Any) -> Field:
    spans = []
    for axis, span in enumerate((field.rows, field.columns)):
        cells, apart = _of_axis(kernel, axis), _of_axis(dilation, axis)
        if isinstance(padding, str):
            before = Sliding(cells, padding="same" if padding == "same" else "none", dilation=apart).ends[0]
        else:
            before = _of_axis(padding, axis)
        spans.append(span.through(cells, _of_axis(stride, axis), before, apart))
    return Field(*spans)


def _of_axis(value: Any, axis: int) -> int:
    """torch takes one number for both axes, or one for each."""
    if isinstance(value, Sequence):
        return int(value[axis if len(value) > 1 else 0])
    return int(value)


def _options(args: Sequence[Any], named: Mapping[str, Any], first: int, *names: str) -> list[Any]:
    """Arguments that may come by position or by name; torch's defaults for stride, padding, dilation."""
    defaults = {"stride": None if first == 2 else 1, "padding": 0, "dilation": 1}
    return [
        args[first + number] if len(args) > first + number else named.get(name, defaults[name])
        for number, name in enumerate(names)
    ]


def _tensors(values: Iterable[Any]) -> Iterable[Tensor]:
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, (tuple, list)):
            yield from _tensors(value)
