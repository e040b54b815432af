"""Every byte that a folder or an object holds, to see whether somebody is really gone."""

import gc
from collections.abc import Iterator
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType

import numpy as np
import torch


def bytes_on_disk(folder: Path) -> bytes:
    """The content of all files below a folder, their names included."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return b"".join(str(path).encode() + path.read_bytes() for path in files)


def bytes_in_memory(*roots: object) -> bytes:
    """All texts, bytes and numbers that can be reached from objects, closures included; modules and classes are not entered."""
    return b"\0".join(_values(roots))


def _values(roots: tuple[object, ...]) -> Iterator[bytes]:
    seen: dict[int, object] = {}
    waiting: list[object] = list(roots)
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, (ModuleType, type, FrameType, CodeType, BuiltinFunctionType)):
            continue
        seen[id(one)] = one
        match one:
            case str():
                yield one.encode()
            case bytes() | bytearray() | memoryview():
                yield bytes(one)
            case np.ndarray() if one.dtype != object:
                yield one.tobytes()
                waiting.append(one.base)
            case torch.Tensor():
                yield one.detach().cpu().numpy().tobytes()
            case FunctionType():
                # Not its globals, which lead to everything.
                waiting.extend((one.__closure__, one.__defaults__, one.__kwdefaults__))
            case _:
                waiting.extend(gc.get_referents(one))
