"""Pictures a second of an experiment's training, beside the loop that PyTorch's tutorials begin with.

    python -m benchmarks.course mnist=PATH [cifar10=PATH …] [--pictures N] [--rounds N]

The peer is a DataLoader with default settings over files in folders (torchvision's ImageFolder and ToTensor) and a plain loop
in float32. Both train the same network with the same batch and optimiser on the same pictures; decoding them is in both
times: the app does it once, the peer each epoch. Rounds alternate, so that a busy machine is busy for both; the ratio of each
round is printed, and the median.
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
import torchvision
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from training.course.data.choice import DataChoice, Folder
from training.course.data.loading import load_split
from training.course.data.pictures import Pictures, Split, SplitSettings
from training.course.experiments.networks import fit_stack
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.training import run_experiment
from training.course.presets import PRESETS
from training.course.stack import build

NETWORKS = {
    "mnist": ("softmax-regression", "one-convolution-digits", "mnist"),
    "cifar10": ("one-convolution-pool", "two-convolutions"),
}
EPOCHS = 8
"""As in most of the course's recipes."""
BATCH = 64


def write_folders(pictures: Pictures, classes: tuple[str, ...], root: Path) -> None:
    """One folder a class, one PNG a picture, as tutorials have them."""
    for number, (image, label) in enumerate(zip(pictures.images, pictures.labels, strict=True)):
        folder = root / classes[label]
        folder.mkdir(exist_ok=True)
        Image.fromarray(image.squeeze()).save(folder / f"{number}.png")


def peer(network: nn.Module, root: Path, grey: bool) -> float:
    """Seconds of the tutorial's loop."""
    steps = [torchvision.transforms.Grayscale()] if grey else []
    began = time.perf_counter()
    data = ImageFolder(root, torchvision.transforms.Compose([*steps, torchvision.transforms.ToTensor()]))
    loader = DataLoader(data, batch_size=BATCH, shuffle=True)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    for _ in range(EPOCHS):
        for inputs, labels in loader:
            loss = nn.functional.cross_entropy(network(inputs), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return time.perf_counter() - began


def ours(preset: str, split: Split, storage: Path) -> float:
    """Seconds of an experiment's training, validation of one batch included."""
    recipe = Recipe(
        network=StackNetwork(stack=PRESETS[preset].stack),
        training=TrainingChoice(batch=BATCH, epochs=EPOCHS, schedule="constant"),
    )
    return run_experiment(recipe, split, storage).seconds


def measure(name: str, path: Path, pictures: int, rounds: int) -> None:
    began = time.perf_counter()
    whole = load_split(DataChoice(source=Folder(path=path)), SplitSettings(), Path())
    decoding = (time.perf_counter() - began) / sum(map(len, (whole.train, whole.validation, whole.test)))
    print(f"{name}: decoded once at {1 / decoding:,.0f} pictures a second")
    some, few = whole.train.take(slice(0, None, max(1, len(whole.train) // pictures))), whole.validation.take(slice(64))
    split = Split(whole.title, whole.classes, some, few, few)
    for preset in NETWORKS[name]:
        ratios = []
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                write_folders(some, whole.classes, root)
                network = build(fit_stack(PRESETS[preset].stack, split.shape, len(split.classes)))
                slow = peer(network, root, split.shape[2] == 1)
            quick = ours(preset, split, Path()) + decoding * len(some)
            shown = EPOCHS * len(some)
            ratios.append(slow / quick)
            print(
                f"  {PRESETS[preset].title}: {shown / quick:,.0f} a second, tutorial {shown / slow:,.0f}, × {slow / quick:.1f}"
            )
        print(f"  {PRESETS[preset].title}: median × {median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="+", metavar="NAME=PATH")
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for pair in arguments.data:
        name, _, path = pair.partition("=")
        if name not in NETWORKS or not path:
            parser.error(f"{pair}: say mnist=PATH or cifar10=PATH")
        measure(name, Path(path), arguments.pictures, arguments.rounds)


if __name__ == "__main__":
    main()
