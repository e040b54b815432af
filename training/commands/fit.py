"""`python -m training fit`: a training in this terminal."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from recognition.console import AsJson, Storage, counter, messages, open_services, print_json
from recognition.detection import FineDetector
from recognition.errors import RecognitionError
from recognition.networks import BUILT_IN, Scope, load_network
from recognition.networks.base import choose_device
from recognition.networks.tuned import Manifest
from recognition.services import Services
from training.commands.bar import TrainingBar
from training.commands.rates import rates_rows, rates_table
from training.errors import DataError
from training.faces.augmentation import PARTS, Strength
from training.faces.dataset import FaceSet, faces_in, from_folder, from_gallery
from training.faces.fine_tuning import fit
from training.faces.result import Trained
from training.faces.settings import PRESETS, SCOPES, FitSettings, Head, for_scope
from training.jobs import terminal
from training.loop.checkpoint import STATE
from training.loop.observer import Observer, Observers
from training.loop.tensorboard import TensorBoard
from training.models import default_name, free_name, save_model, unless_deleted

STOPPED = 130
"""The exit code that shells expect after Ctrl-C."""


def fit_command(
    data: Annotated[Path | None, typer.Option(help="Learn from these photos: one folder a person.", file_okay=False)] = None,
    gallery: Annotated[bool, typer.Option("--gallery", help="Learn from everybody enrolled.")] = False,
    preset: Annotated[str, typer.Option(help=f"How long: {', '.join(PRESETS)}.", metavar="PRESET")] = "balanced",
    name: Annotated[str | None, typer.Option(help="What to call the model.")] = None,
    network: Annotated[
        str | None, typer.Option(help=f"The network to start from; {BUILT_IN.key} by default.", metavar="KEY")
    ] = None,
    scope: Annotated[Scope | None, typer.Option(help=" ".join(f"{key} – {text}" for key, text in SCOPES.items()))] = None,
    head: Annotated[Head | None, typer.Option(help="What tells the people apart while learning.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Rounds over the photos.")] = None,
    augmentation: Annotated[Strength | None, typer.Option(help="How much photos are changed at random.")] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(help=f"A kind of change to leave out: {', '.join(PARTS)}. Repeatable.", metavar="PART"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random numbers; the same seed gives the same model.")] = None,
    strangers: Annotated[
        Path | None,
        typer.Option(help="Photos of people who are not among them, to set the threshold by.", file_okay=False),
    ] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="Write curves for TensorBoard there.", file_okay=False)] = None,
    work: Annotated[Path | None, typer.Option(help="Where checkpoints are kept.", file_okay=False)] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --work.")] = False,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a network and keep the model in the storage folder."""
    if (data is None) is not gallery:
        raise typer.BadParameter("say what to learn from: either --data DIR or --gallery")
    if resume and work is None:
        raise typer.BadParameter("--resume needs --work DIR, the folder with the checkpoint")
    settings = _settings(preset, network, scope, head, epochs, augmentation, without or [], seed)
    with open_services(storage) as services:
        place = services.settings.storage
        if name is not None:
            name = free_name(place, name)
        device = choose_device(services.settings.device)
        parent = load_network(settings.network, place, device)
        detector = FineDetector(device)
        with counter("Reading photos") as count:
            faces = from_gallery(services.gallery, count) if data is None else from_folder(data, detector, count)
        _print_skipped(faces)
        others = None
        if strangers is not None:
            with counter("Reading strangers") as count:
                others = faces_in(strangers, detector, count)
        with (
            _checkpoints(place, work) as folder,
            counter("Training") as count,
            nullcontext() if tensorboard is None else TensorBoard(tensorboard) as curves,
        ):
            observers: list[Observer] = [TrainingBar(count, ("validation_rank1", "rank-1"))]
            if curves is not None:
                observers.append(curves)
            if data is None:
                terminal.claim_photos(folder, faces.photos)
                observers.append(terminal.StopWhenDeleted(services.gallery, faces.photos))
            trained = fit(faces, settings, parent, folder, Observers(*observers), resume=resume, strangers=others)
            chosen = name or default_name(trained.parent, len(faces.people))
            manifest = _save(services, trained, chosen, parent.spec.licence, faces if data is None else None)
    report = trained.report
    if as_json:
        print_json(
            {
                "model": manifest.key,
                "recommended": report.recommended,
                "clear": report.clear,
                "verdict": report.verdict,
                "rows": rates_rows(report),
                "seconds": trained.seconds,
            }
        )
        return
    out = Console()
    out.print(rates_table(report))
    out.print(report.verdict, markup=False)
    out.print(f"{manifest.key}  {manifest.name}", markup=False, soft_wrap=True)


def _settings(
    preset: str,
    network: str | None,
    scope: Scope | None,
    head: Head | None,
    epochs: int | None,
    strength: Strength | None,
    without: list[str],
    seed: int | None,
) -> FitSettings:
    """The preset with what was chosen instead."""
    if preset not in PRESETS:
        raise typer.BadParameter(f"the presets are {', '.join(PRESETS)}")
    base = for_scope(PRESETS[preset], scope) if scope else PRESETS[preset]
    chosen = {"network": network, "head": head, "epochs": epochs, "seed": seed}
    changes: dict[str, Any] = {key: value for key, value in chosen.items() if value is not None}
    augmentation: dict[str, Any] = {} if strength is None else {"strength": strength}
    if unknown := set(without) - set(PARTS):
        raise typer.BadParameter(f"--without {', '.join(sorted(unknown))}: the kinds are {', '.join(PARTS)}")
    if without:
        augmentation["parts"] = frozenset(PARTS) - frozenset(without)
    changes["augmentation"] = base.augmentation.model_copy(update=augmentation)
    try:
        return FitSettings.model_validate(dict(base) | changes)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"--{first['loc'][0]}: {first['msg']}") from error


def _print_skipped(faces: FaceSet) -> None:
    for photo, reason in faces.skipped:
        messages.print(f"{photo}: {reason}", style="yellow", markup=False)


@contextmanager
def _checkpoints(storage: Path, work: Path | None) -> Iterator[Path]:
    """The folder of checkpoints. One of our own goes when the model is saved; after a stop, say how to go on from it."""
    folder = work or terminal.new_work_folder(storage)
    try:
        yield folder
    except (KeyboardInterrupt, RecognitionError) as error:
        # The way on is told for any end, a full disk too; without the photos it began with there is none.
        if (folder / STATE).is_file() and not isinstance(error, DataError):
            way = f'To go on from the last epoch, run the same command with --work "{folder}" --resume'
            messages.print(way, markup=False, soft_wrap=True)
        elif work is None:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, KeyboardInterrupt):
            messages.print("Stopped.")
            raise typer.Exit(STOPPED) from error
        raise
    if work is None:
        shutil.rmtree(folder, ignore_errors=True)


def _save(services: Services, trained: Trained, name: str, licence: str, enrolled: FaceSet | None) -> Manifest:
    """Keep the model; one of enrolled people only while all of them are still enrolled."""
    storage = services.settings.storage
    if enrolled is None:
        return save_model(storage, name, trained, licence)
    return save_model(
        storage,
        name,
        trained,
        licence,
        gallery=services.gallery.identity(),
        publish=partial(unless_deleted, services.gallery, enrolled.photos),
    )
