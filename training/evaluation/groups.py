"""Whom a network mixes up: false matches between different people of one group, at the threshold that the app decides by.

The pictures are labelled as UTKFace labels them: `age_gender_group_number`. Such labels are somebody's guesses from the
picture; they are good enough to see whether a network errs more for some than for others, and for nothing else.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recognition.networks import Embeddings, Network
from training.distillation.unlabelled import UnlabelledFaces, read_faces
from training.errors import DataError
from training.faces.dataset import Progress

GENDERS = ("men", "women")
ORIGINS = ("White", "Black", "Asian", "Indian", "others")
"""UTKFace's words for its labels 0, 1 …"""

_LABELS = re.compile(r"(?P<age>[0-9]{1,3})_(?P<gender>[01])_(?P<origin>[0-4])_[^/]*$")


@dataclass(frozen=True, eq=False)
class LabelledFaces:
    """Faces of different people, each in a group.

    Attributes:
        faces: the pictures.
        groups: (N,) what to call each one's group.
        unlabelled: pictures that were left out because their names have no labels.
    """

    faces: UnlabelledFaces
    groups: NDArray[np.str_]
    unlabelled: int


@dataclass(frozen=True)
class GroupRow:
    """One group.

    Attributes:
        faces: how many.
        false_match_rate: share of pairs of its people that the network would take for one person, 0 to 1.
        times_all: that rate over the rate of all pairs whatever their groups.
    """

    group: str
    faces: int
    false_match_rate: float
    times_all: float


def read_groups(source: Path, progress: Progress = lambda done, total: None) -> LabelledFaces:
    """Read a zip of pictures of 128×128 pixels named `age_gender_group_number`.

    Raises:
        ArchiveError: it is no zip, or an unsafe one.
        DataError: a picture is of another size, or no name has labels.
    """
    faces = read_faces(source, progress=progress)
    found = [_LABELS.search(Path(name).stem) for name in faces.names]
    rows = np.flatnonzero([labels is not None for labels in found])
    if not len(rows):
        raise DataError(f"No name in {source.name} has labels: names are age_gender_group_number, such as 26_1_2_0001.")
    groups = [f"{ORIGINS[int(labels['origin'])]} {GENDERS[int(labels['gender'])]}" for labels in found if labels is not None]
    return LabelledFaces(faces.subset(rows), np.array(groups), len(found) - len(rows))


def false_matches(faces: LabelledFaces, network: Network, threshold: float | None = None) -> list[GroupRow]:
    """False matches between different people by group, the group with most first.

    Args:
        threshold: cosine similarity from which two faces are one person; the network's default without.
    """
    crops = faces.faces.crops(np.arange(len(faces.faces)))
    return count_matches(
        network.embed(crops, mirrored=True),
        faces.groups,
        network.spec.calibration.threshold if threshold is None else threshold,
    )


def count_matches(embeddings: Embeddings, groups: NDArray[np.str_], threshold: float) -> list[GroupRow]:
    """The same from (N, D) unit rows of different people."""
    similar = np.triu(embeddings @ embeddings.T >= threshold, k=1)
    everybody = float(similar.sum()) / max(len(groups) * (len(groups) - 1) / 2, 1)
    rows = []
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group)
        pairs = len(inside) * (len(inside) - 1) / 2
        rate = float(similar[np.ix_(inside, inside)].sum()) / max(pairs, 1)
        rows.append(GroupRow(str(group), len(inside), rate, rate / everybody if everybody else 0.0))
    return sorted(rows, key=lambda row: -row.false_match_rate)
