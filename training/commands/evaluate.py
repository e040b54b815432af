"""`python -m training evaluate verification | identification`: the standard protocols, on any pictures."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from itertools import product
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Count, Storage, counter, messages, print_json, report_errors
from recognition.detection import Detector, FineDetector
from recognition.networks import BUILT_IN, Network, Scope, load_network
from recognition.networks.base import choose_device
from recognition.networks.tuned import PREFIX
from recognition.settings import load_settings
from training.evaluation.identification import Folders, Plan, Portraits, Result, Row, compare, read_portraits
from training.evaluation.intervals import Interval
from training.evaluation.verification import VerificationResult, verify
from training.faces.corruptions import WAYS
from training.faces.settings import PRESETS, SCOPES, for_scope
from training.loop.observer import NullObserver

app = typer.Typer(help="Measure a network in the standard protocols.", no_args_is_help=True)

CLEAN, HARD = "clean", "hard"

NetworkName = Annotated[
    str | None, typer.Option("--network", help=f"A pretrained network; {BUILT_IN.key} by default.", metavar="NAME")
]
ModelId = Annotated[str | None, typer.Option("--model", help="A model that was fine-tuned here.", metavar="ID")]


@app.command()
def verification(
    images: Annotated[Path, typer.Option(help="The pictures: DIR/name/name_0001.jpg or DIR/name_0001.jpg.")],
    pairs: Annotated[Path, typer.Option(help="The pairs, in the format of LFW's pairs.txt.")],
    network: NetworkName = None,
    model: ModelId = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Verification, 1:1, in the protocol of LFW: are two pictures of one person?"""
    key = _key(network, model)
    with report_errors():
        chosen, detector = _load(key, storage)
        with counter("Comparing") as count:
            result = verify(images, pairs, detector, chosen, count)
    if as_json:
        print_json(asdict(result))
    else:
        _print_verification(chosen.spec.title, result)


@app.command()
def identification(
    people: Annotated[Path, typer.Option(help="One folder of photos a person.")],
    strangers: Annotated[list[Path], typer.Option(help="Photos of people who are never enrolled. Repeatable.", metavar="DIR")],
    enroll: Annotated[
        list[int] | None,
        typer.Option(min=1, help="How many photos of each person are enrolled, 5 by default; the rest are probes. Repeatable."),
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(help=f"A pretrained network; {BUILT_IN.key} by default. Repeatable.", metavar="NAME"),
    ] = None,
    model: ModelId = None,
    hard: Annotated[bool, typer.Option("--hard", help="Corrupt probes and strangers, in a fixed way.")] = False,
    both: Annotated[bool, typer.Option("--both", help="Probes as they are and corrupted.")] = False,
    each: Annotated[bool, typer.Option("--each", help=f"And corrupted in one way: {', '.join(WAYS)}.")] = False,
    fine_tune: Annotated[
        list[str] | None,
        typer.Option(help=f"Fine-tune on the enrolled photos first: {', '.join(PRESETS)}. Repeatable.", metavar="PRESET"),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"What of the network is trained, instead of the preset's: {', '.join(SCOPES)}. Repeatable.", metavar="SCOPE"
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**31 - 1, help="Of the training; 0 by default.")] = None,
    seeds: Annotated[int | None, typer.Option(min=1, max=1000, help="Train so often, with the seeds 0, 1, 2 …")] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Open-set identification, 1:N: who is this, if anybody enrolled?"""
    keys = network if network and model is None else [_key(network[0] if network else None, model)]
    plans = {key: _plans(key, fine_tune or [], scope or [], seed, seeds) for key in keys}
    counts = enroll or [5]
    rows: list[Row] = []
    with report_errors():
        networks = [_load(key, storage) for key in keys]
        with counter("Reading") as count:
            portraits = read_portraits(people, strangers, networks[0][1], count)
        _print_unreadable(portraits)
        for enrolled in counts:
            conditions = _conditions(portraits.enroll(enrolled), hard, both, each)
            results: list[Result] = []
            for chosen, _ in networks:
                with counter("Measuring") as count:
                    listen = partial(_Listener, count)
                    results += compare(conditions, chosen, plans[chosen.spec.key], listen)
            rows += [result.row for result in results]
            if not as_json:
                _print_identification(results, enrolled)
    if as_json:
        print_json([asdict(row) for row in rows])


class _Listener(NullObserver):
    """Shows a training's steps in the bar."""

    def __init__(self, count: Count, plan: Plan) -> None:
        self._count = count
        messages.print(f"Fine-tuning: {plan.name}, seed {plan.settings.seed}", style="dim", markup=False)

    def step(self, done: int, total: int, seconds_left: float) -> None:  # noqa: ARG002  # the bar has its own guess
        self._count(done, total)


def _key(network: str | None, model: str | None) -> str:
    if model is None:
        return network or BUILT_IN.key
    if network is not None:
        raise typer.BadParameter("give --network or --model, not both")
    return model if model.startswith(PREFIX) else f"{PREFIX}{model}"


def _load(key: str, storage: Path | None) -> tuple[Network, Detector]:
    settings = load_settings(**({} if storage is None else {"storage": storage}))
    device = choose_device(settings.device)
    return load_network(key, settings.storage, device), FineDetector(device)


def _plans(key: str, presets: list[str], scopes: list[str], seed: int | None, seeds: int | None) -> list[Plan]:
    """One training for each preset, scope and seed."""
    if seed is not None and seeds is not None:
        raise typer.BadParameter("give --seed or --seeds, not both")
    if not presets:
        if scopes or seed is not None or seeds is not None:
            raise typer.BadParameter("--scope, --seed and --seeds say how to train: add --fine-tune")
        return []
    if key.startswith(PREFIX):
        raise typer.BadParameter("a model that was tuned already can't be fine-tuned: choose a --network")
    for what, given, known in (("preset", presets, PRESETS), ("scope", scopes, SCOPES)):
        if unknown := [name for name in given if name not in known]:
            raise typer.BadParameter(f"there is no {what} {unknown[0]!r}; there are {', '.join(known)}")
    numbers = range(seeds) if seeds is not None else (seed or 0,)
    plans = []
    every: list[Scope | None] = [scope for scope in SCOPES if scope in scopes] or [None]
    for preset, scope, number in product(presets, every, numbers):
        chosen = for_scope(PRESETS[preset], scope) if scope else PRESETS[preset]
        # Nothing is kept back for a test: the probes are the test.
        settings = chosen.model_copy(update={"network": key, "test": 0.0, "seed": number})
        plans.append(Plan(f"{preset}, {scope}" if scope else preset, settings))
    return plans


def _conditions(faces: Folders, hard: bool, both: bool, each: bool) -> dict[str, Folders]:
    if both or each:
        ways = WAYS if each else ()
        return {CLEAN: faces, HARD: faces.corrupted()} | {way: faces.corrupted(way) for way in ways}
    return {HARD: faces.corrupted()} if hard else {"": faces}


def _print_unreadable(portraits: Portraits) -> None:
    for file, reason in portraits.unreadable:
        messages.print(f"Left out: {file}. {reason}", style="yellow", markup=False)


def _print_verification(title: str, result: VerificationResult) -> None:
    table = Table("Verification", title, caption=f"{result.pairs:,} pairs, {result.no_face:,} pictures without a face")
    table.add_row("Accuracy", f"{result.accuracy:.2%} ± {result.accuracy_std:.2%}")
    table.add_row("AUC", f"{result.auc:.4f}")
    table.add_row("TAR at FAR 1 %", f"{result.tar_at_far_1:.2%}")
    table.add_row("TAR at FAR 0.1 %", f"{result.tar_at_far_01:.2%}")
    table.add_row("Threshold", f"{result.threshold:.4f}")
    Console().print(table)


def _print_identification(results: list[Result], enroll: int) -> None:
    """One line a network and condition, over its seeds."""
    one = results[0].row
    caption = (
        f"{enroll} photos enrolled each, {one.probes:,} probes, {one.strangers:,} strangers; in brackets: 95 % of bootstraps "
        "over people"
    )
    table = Table("Network", "Rank-1", "TPIR at FPIR 1 %", "TPIR at FPIR 5 %", "Threshold", "Seconds", caption=caption)
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.group, []).append(result)
    for name, members in groups.items():
        rows = [member.row for member in members]
        first = rows[0]
        table.add_row(
            name if len(rows) == 1 else f"{name}, {len(rows)} seeds",
            _spread((row.rank1 for row in rows), ".2%", first.rank1_interval),
            _spread((row.tpir_at_fpir_1 for row in rows), ".2%", first.tpir_at_fpir_1_interval),
            _spread((row.tpir_at_fpir_5 for row in rows), ".2%", first.tpir_at_fpir_5_interval),
            _spread((row.threshold for row in rows), ".4f"),
            _spread((row.seconds for row in rows), ".1f"),
        )
    out = Console()
    out.print(table)
    for result in results:
        if result.slope is not None:
            line = f"Calibration of {result.row.name}: slope {result.slope:.1f}, spread {result.spread:.4f}"
            out.print(line, markup=False)


def _spread(values: Iterable[float], form: str, interval: Interval | None = None) -> str:
    """The mean, with the standard deviation where there are several; of a single one, what the people's choice explains."""
    numbers = list(values)
    text = format(mean(numbers), form)
    if len(numbers) > 1:
        return f"{text} ± {format(stdev(numbers), form)}"
    return text if interval is None else f"{text} ({interval[0]:.1%} to {interval[1]:.1%})"
