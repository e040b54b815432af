"""A face network of our own: it learns to answer every face, however bad the picture, as a better one answers the clear face.

No name is needed for that, only faces. `python -m training distil` is the way in; docs/decisions.md, "A network of our own",
has what was tried.
"""

from training.distillation.distil import Distilled, DistilSettings, distil
from training.distillation.unlabelled import UnlabelledFaces, read_faces

__all__ = ["DistilSettings", "Distilled", "UnlabelledFaces", "distil", "read_faces"]
