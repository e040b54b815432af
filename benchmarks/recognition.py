"""All networks side by side: recognition, speed, size, and whom they mix up.

    python -m benchmarks.recognition --people DIR --strangers DIR [--strangers DIR …] --images DIR --pairs pairs.txt
                                     [--groups ZIP] [--storage DIR] [--json]

Every network that is on this machine: those in the box, those installed in the storage folder, those tuned there. Recognition
is `python -m training evaluate identification --enroll 5 --both --each` and `evaluate verification`, untuned; milliseconds a
face are the median of rounds in which the networks take turns.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer

from recognition.console import AsJson, Storage, counter, messages, print_json, report_errors
from recognition.detection import FineDetector
from recognition.networks import Crops, Network, available_networks, load_network
from recognition.networks.base import choose_device
from recognition.settings import load_settings
from training.evaluation.groups import GroupRow, LabelledFaces, false_matches, read_groups
from training.evaluation.identification import Folders, Row, compare, read_portraits
from training.evaluation.verification import VerificationResult, verify
from training.faces.corruptions import WAYS

ENROLLED = 5
ROUNDS = 15
BATCH = 32


@dataclass(frozen=True)
class Line:
    """One network.

    Attributes:
        parameters: of the CNN; they take four bytes each in memory.
        ms_one, ms_batch: milliseconds a face, one at a time and in batches.
        rows: by what was done to the probes.
        groups: false matches by group.
    """

    network: str
    parameters: int
    ms_one: float
    ms_batch: float
    rows: dict[str, Row]
    verification: VerificationResult | None
    groups: list[GroupRow]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def speeds(networks: list[Network], crops: Crops) -> list[tuple[float, float]]:
    """Milliseconds a face of each network, one at a time and in batches; they take turns, so that noise meets all alike."""
    one: list[list[float]] = [[] for _ in networks]
    many: list[list[float]] = [[] for _ in networks]
    for turn in range(ROUNDS + 1):
        for number, network in enumerate(networks):
            took = seconds(partial(network.embed, crops[:1])), seconds(partial(network.embed, crops))
            if turn:  # the first is the warm-up
                one[number].append(took[0] * 1000)
                many[number].append(took[1] * 1000 / len(crops))
    return [(median(a), median(b)) for a, b in zip(one, many, strict=True)]


def measured(network: Network, conditions: dict[str, Folders]) -> dict[str, Row]:
    return dict(zip(conditions, (result.row for result in compare(conditions, network)), strict=True))


def percent(row: Row) -> str:
    low, high = row.tpir_at_fpir_1_interval
    return f"{row.rank1:.1%} | {row.tpir_at_fpir_1:.1%} ({low:.0%} to {high:.0%}) | {row.tpir_at_fpir_5:.1%}"


def print_tables(lines: list[Line]) -> None:
    """As Markdown."""
    print("| network | | rank-1 | TPIR at FPIR 1 % (95 %) | TPIR at FPIR 5 % |\n|---|---|---|---|---|")
    for line in lines:
        for name, row in line.rows.items():
            print(f"| {line.network} | {name} | {percent(row)} |")
    print(
        "\n| network | LFW accuracy | TAR at FAR 0.1 % | ms a face, one | in batches | parameters |\n|---|---|---|---|---|---|"
    )
    for line in lines:
        lfw = f"{line.verification.accuracy:.2%} | {line.verification.tar_at_far_01:.1%}" if line.verification else "– | –"
        print(f"| {line.network} | {lfw} | {line.ms_one:.1f} | {line.ms_batch:.1f} | {line.parameters:,} |")
    if lines and lines[0].groups:
        groups = sorted({row.group: row.faces for row in lines[0].groups}.items())
        print("\nFalse matches in 10,000 pairs of different people, at the default threshold; in brackets times all pairs'.\n")
        print(f"| network | {' | '.join(f'{name} ({faces})' for name, faces in groups)} |\n|---|{'---|' * len(groups)}")
        for line in lines:
            found = {row.group: row for row in line.groups}
            cells = [f"{found[name].false_match_rate * 1e4:.1f} (× {found[name].times_all:.1f})" for name, _ in groups]
            print(f"| {line.network} | {' | '.join(cells)} |")


def main(
    people: Annotated[Path, typer.Option(help="One folder of photos a person.")],
    strangers: Annotated[list[Path], typer.Option(help="Photos of people who are never enrolled. Repeatable.")],
    images: Annotated[Path | None, typer.Option(help="Pictures of the pairs.")] = None,
    pairs: Annotated[Path | None, typer.Option(help="Verification pairs, as LFW's pairs.txt.")] = None,
    groups: Annotated[Path | None, typer.Option(help="A zip of faces named age_gender_group_number.")] = None,
    network: Annotated[list[str] | None, typer.Option(help="Only these. Repeatable.", metavar="KEY")] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """All networks side by side."""
    with report_errors():
        settings = load_settings(**({} if storage is None else {"storage": storage}))
        device = choose_device(settings.device)
        keys = network or [spec.key for spec in available_networks(settings.storage)]
        networks = [load_network(key, settings.storage, device) for key in keys]
        detector = FineDetector(device)
        with counter("Reading faces") as count:
            faces = read_portraits(people, strangers, detector, count).enroll(ENROLLED)
        labelled: LabelledFaces | None = None
        if groups is not None:
            with counter("Reading groups") as count:
                labelled = read_groups(groups, count)
        conditions = {"clear": faces, "hard": faces.corrupted()} | {f"– {way}": faces.corrupted(way) for way in WAYS}
        lines = []
        times = speeds(networks, faces.probes[np.arange(BATCH) % len(faces.probes)])
        for one, (ms_one, ms_batch) in zip(networks, times, strict=True):
            messages.print(one.spec.title, style="dim", markup=False)
            checked = None
            if images is not None and pairs is not None:
                with counter("Comparing pairs") as count:
                    checked = verify(images, pairs, detector, one, count)
            lines.append(
                Line(
                    one.spec.title,
                    sum(parameter.numel() for parameter in one.module.parameters()),
                    ms_one,
                    ms_batch,
                    measured(one, conditions),
                    checked,
                    [] if labelled is None else false_matches(labelled, one),
                )
            )
    if as_json:
        print_json([asdict(line) for line in lines])
    else:
        print_tables(lines)


if __name__ == "__main__":
    typer.run(main)
