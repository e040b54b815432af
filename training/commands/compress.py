"""`python -m training compress`: a network made smaller, in this terminal."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, open_services, print_json
from recognition.detection import FineDetector
from recognition.errors import StorageError
from recognition.networks import load_network
from recognition.networks.base import choose_device
from recognition.whole_files import write_whole
from training.commands.bar import TrainingBar
from training.compression.errors import CompressionError
from training.compression.faces import FaceNetworkSubject, folder_data
from training.compression.record import Compression, Row
from training.compression.schedules import ConstantSparsity, PolynomialDecay
from training.compression.settings import (
    EXPERIMENT_METHODS,
    FACE_METHODS,
    CompressionSettings,
    ExperimentSubject,
    FaceSubject,
    Subject,
)
from training.compression.steps import STEPS, Choices, Method
from training.compression.store import read_onnx
from training.compression.using import keep_experiment, keep_model, row_named
from training.course.data.batches import Batch
from training.course.experiments.store import find_experiment
from training.evaluation.identification import read_portraits
from training.faces.dataset import from_gallery
from training.faces.objectives import FaceBatch
from training.folders import Publish
from training.jobs.compression import Prepared, check_face_network, experiment_subject, face_subject

STUDENT_EPOCHS = 3
"""Times the epochs of the other methods: a student begins with random numbers."""


def compress_command(
    experiment: Annotated[str | None, typer.Option(help="An experiment: its id or its name.", metavar="ID")] = None,
    network: Annotated[str | None, typer.Option(help="A face network: dlib, or the key of a model.", metavar="NAME")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(help=f"{', '.join(STEPS)}, or a chain such as channels+static. Repeatable.", metavar="METHOD"),
    ] = None,
    sparsity: Annotated[float, typer.Option(help="weights: share that becomes 0.")] = 0.8,
    schedule: Annotated[Literal["polynomial", "constant"], typer.Option(help="weights: when they become 0.")] = "polynomial",
    exponent: Annotated[float, typer.Option(help="weights: of the polynomial.")] = 3.0,
    begin: Annotated[float, typer.Option(help="weights: when pruning begins, in shares of the steps.")] = 0.0,
    end: Annotated[float, typer.Option(help="weights: when it ends.")] = 0.7,
    frequency: Annotated[int, typer.Option(help="weights: steps from one pruning to the next.")] = 20,
    across: Annotated[
        Literal["network", "layer"], typer.Option(help="weights: the smallest of the network, or of each layer.")
    ] = "network",
    channels: Annotated[float, typer.Option(help="channels, distil, student: share that is left out.")] = 0.5,
    rounds: Annotated[int, typer.Option(help="channels: in how many rounds they go.")] = 2,
    epochs: Annotated[int | None, typer.Option(help="Of each fine-tuning; a student's are three times as many.")] = None,
    temperature: Annotated[float, typer.Option(help="distil: of both networks' answers.")] = 4.0,
    weight: Annotated[float, typer.Option(help="distil: how much the teacher counts, 0 to 1.")] = 0.9,
    per_tensor: Annotated[bool, typer.Option("--per-tensor", help="int8: one scale a layer, not one a channel.")] = False,
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = 0,
    people: Annotated[Path | None, typer.Option(help="Measure a face network on these: one folder a person.")] = None,
    strangers: Annotated[Path | None, typer.Option(help="Photos of people who are never enrolled.")] = None,
    enroll: Annotated[int, typer.Option(min=1, help="How many photos of each person are enrolled.")] = 5,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Put the row of this method to use, as an experiment or a model. Repeatable.", metavar="METHOD"),
    ] = None,
    export: Annotated[Path | None, typer.Option(help="Write every row's ONNX file there.", file_okay=False)] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Make a network smaller by several methods, and measure all of them side by side.

    A face network is measured on everybody enrolled, or on folders with --people and --strangers.
    """
    if (experiment is None) is (network is None):
        raise typer.BadParameter("say what to compress: either --experiment ID or --network NAME")
    if (people is None) is not (strangers is None):
        raise typer.BadParameter("--people and --strangers belong together")
    try:
        dial = {"begin": begin, "end": end, "frequency": frequency, "final": sparsity}
        choices = Choices(
            schedule=PolynomialDecay(**dial, exponent=exponent) if schedule == "polynomial" else ConstantSparsity(**dial),
            across=across,
            share=channels,
            rounds=rounds,
            temperature=temperature,
            weight=weight,
            per_channel=not per_tensor,
            **({} if epochs is None else {"epochs": epochs, "student_epochs": STUDENT_EPOCHS * epochs}),
        )
        names = method or (FACE_METHODS if experiment is None else EXPERIMENT_METHODS)
        methods = tuple(choices.method(name) for name in names)
    except (ValidationError, CompressionError) as error:
        raise typer.BadParameter(_reason(error)) from error
    with open_services(storage) as services, counter("Compressing") as count:
        place, gallery = services.settings.storage, services.gallery
        prepared: Prepared[Batch] | Prepared[FaceBatch]
        if experiment is not None:
            record = find_experiment(place, experiment)
            settings = _settings(ExperimentSubject(experiment=record.id), methods, seed)
            prepared = experiment_subject(place, gallery, record.id, lambda: from_gallery(gallery, count))
        else:
            assert network is not None
            settings = _settings(FaceSubject(network=network), methods, seed)
            check_face_network(place, network)
            if people is not None and strangers is not None:
                parent = load_network(network, place, choose_device(services.settings.device))
                data = folder_data(read_portraits(people, [strangers], FineDetector(parent.device), count).enroll(enroll))
                prepared = Prepared(FaceNetworkSubject(parent, data, seed))
            else:
                prepared = face_subject(place, gallery, network, lambda: from_gallery(gallery, count), seed)
        publish = prepared.publish(gallery)
        done = prepared.compress(settings, place, TrainingBar(count, ("validation_accuracy", "right")), publish)
        for name in keep or []:
            _keep(place, done, row_named(done, name), publish)
        if export is not None:
            _export(place, done, export)
    for name, reason in done.failed:
        messages.print(f"{name} was left out. {reason}", style="yellow", markup=False)
    if as_json:
        print_json([_as_json(row) for row in done.rows])
    else:
        Console().print(_table(done))


def _settings(subject: Subject, methods: tuple[Method, ...], seed: int) -> CompressionSettings:
    try:
        return CompressionSettings(subject=subject, methods=methods, seed=seed)
    except ValidationError as error:
        raise typer.BadParameter(_reason(error)) from error


def _reason(error: ValidationError | CompressionError) -> str:
    if isinstance(error, CompressionError):
        return str(error)
    first = error.errors()[0]
    return f"{' '.join(map(str, first['loc']))}: {first['msg']}"


def _keep(storage: Path, done: Compression, row: Row, publish: Publish) -> None:
    """Put a row to use."""
    if row.model is not None:
        kept = keep_model(storage, done, row, publish)
        messages.print(f"{kept.key}  {kept.name}", markup=False, soft_wrap=True)
    else:
        record = keep_experiment(storage, done, row, publish)
        messages.print(f"{record.id}  {record.name}", markup=False, soft_wrap=True)


def _export(storage: Path, done: Compression, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for row in done.rows:
            write_whole(folder / f"{row.name}.onnx", read_onnx(storage, done.id, row))
    except OSError as error:
        raise StorageError(f"{folder} can't be written ({error.strerror or error}).") from error


def _as_json(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "accuracy": row.accuracy,
        "bytes": row.bytes,
        "parameters": row.parameters,
        "multiply_adds": row.multiply_adds,
        "ms": row.ms,
        "ms_batch": row.ms_batch,
        "memory": row.memory,
    }


def _table(done: Compression) -> Table:
    first = done.rows[0]
    table = Table(
        "Method", done.score, "Bytes", "", "Parameters", "Multiply-adds", "ms, one", "ms, batch", "MB", title=done.title
    )
    for row in done.rows:
        table.add_row(
            row.name,
            f"{row.accuracy:.2%}",
            f"{row.bytes:,}",
            f"{row.bytes / first.bytes:.1%}",
            f"{row.parameters:,}",
            f"{row.multiply_adds:,}",
            f"{row.ms:.3f}",
            f"{row.ms_batch:.3f}",
            f"{row.memory / 1e6:.1f}",
        )
    return table
