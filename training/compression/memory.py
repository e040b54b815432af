"""`python memory.py FILE CHANNELS HEIGHT WIDTH`: prints by how many bytes loading and running an ONNX network makes a process
grow. A script of its own: nothing but ONNX Runtime is to be in that process."""

import resource
import sys
from pathlib import Path

import numpy as np
import onnxruntime


def _resident() -> int:
    """Bytes of memory that this process has; where the system doesn't tell, that it ever had."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else 1024 * peak


if __name__ == "__main__":
    before = _resident()
    session = onnxruntime.InferenceSession(Path(sys.argv[1]).read_bytes(), providers=["CPUExecutionProvider"])
    picture = np.zeros((1, *map(int, sys.argv[2:])), np.float32)
    session.run(None, {session.get_inputs()[0].name: picture})
    print(_resident() - before)
