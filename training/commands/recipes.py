"""What an experiment is made of, as it is written on a command line."""

from pathlib import Path

from training.course.data.choice import Digits, EnrolledFaces, Folder, Source, Stored
from training.course.experiments.recipe import NetworkChoice, PerceptronNetwork, StackNetwork, TransferNetwork
from training.course.presets import PRESETS


def source_of(text: str) -> Source:
    """digits, faces, the path of a folder or zip, or the key of a data set kept.

    Raises:
        ValidationError: no data set can have such a key.
    """
    if text == "digits":
        return Digits()
    if text == "faces":
        return EnrolledFaces()
    path = Path(text)
    return Folder(path=path.absolute()) if path.exists() else Stored(key=text)


def network_of(text: str, scope: str) -> NetworkChoice:
    """perceptron, the key of a preset, or that of a pretrained network, which is trained in a scope.

    Raises:
        ValidationError: there is no such scope.
    """
    if text == "perceptron":
        return PerceptronNetwork()
    if text in PRESETS:
        return StackNetwork(stack=PRESETS[text].stack, preset=text)
    return TransferNetwork.model_validate({"backbone": text, "scope": scope})
