"""`python -m training distil`: a face network that learns from a better one, in this terminal."""

import shutil
from pathlib import Path
from typing import Annotated

import torch
import typer
from pydantic import ValidationError
from rich.console import Console

from recognition.console import AsJson, Storage, counter, messages, print_json, report_errors
from recognition.networks import load_network
from recognition.networks.base import choose_device
from recognition.settings import load_settings
from training.commands.bar import TrainingBar
from training.commands.following import STOPPED
from training.distillation import DistilSettings, distil, read_faces
from training.distillation.weights import Recipe, write_weights

DEFAULTS = DistilSettings()


def distil_command(
    faces: Annotated[Path, typer.Option(help="A zip of aligned faces without names, 128×128 pixels each.", dir_okay=False)],
    out: Annotated[Path, typer.Option(help="Write the student's weights there: safetensors, float16.", dir_okay=False)],
    teacher: Annotated[str, typer.Option(help="The network to learn from.", metavar="KEY")] = "mobilefacenet",
    student: Annotated[str, typer.Option(help="The network that learns.", metavar="KEY")] = "dlib",
    from_scratch: Annotated[bool, typer.Option("--from-scratch", help="Start the student from random numbers.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Learn from so many faces, to see what fewer give.")] = None,
    epochs: Annotated[int, typer.Option(help="Each shows every face twice, clear and corrupted.")] = DEFAULTS.epochs,
    rate: Annotated[float, typer.Option(help="Largest learning rate.")] = DEFAULTS.rate,
    batch_size: Annotated[int, typer.Option(help="Pictures in a step.")] = DEFAULTS.batch_size,
    validation: Annotated[int, typer.Option(help="Faces held back to measure on.")] = DEFAULTS.validation,
    seed: Annotated[int, typer.Option(help="Of all random numbers.")] = DEFAULTS.seed,
    threads: Annotated[int | None, typer.Option(min=1, help="Of the processor; all of them without.")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Where checkpoints are kept; beside the weights without.", file_okay=False)
    ] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Make a network: a student answers every face, however bad the picture, as the teacher answers the clear one.

    Stopped or killed, the same command goes on after the last epoch.
    """
    chosen = _settings(
        epochs=epochs, rate=rate, batch_size=batch_size, validation=validation, seed=seed, from_scratch=from_scratch
    )
    folder = work or out.with_name(out.name + ".work")
    if threads is not None:
        torch.set_num_threads(threads)
    with report_errors():
        settings = load_settings(**({} if storage is None else {"storage": storage}))
        device = choose_device(settings.device)
        teaching, learning = (load_network(key, settings.storage, device) for key in (teacher, student))
        with counter("Reading faces") as count:
            unlabelled = read_faces(faces, progress=count)
        if limit is not None:
            unlabelled = unlabelled.first(limit)
        try:
            with counter("Distilling") as count:
                bar = TrainingBar(count, ("validation_corrupted", "similarity on corrupted faces"))
                distilled = distil(unlabelled, teaching, learning, chosen, folder, bar)
        except KeyboardInterrupt as error:
            messages.print("Stopped. The same command goes on after the last epoch.")
            raise typer.Exit(STOPPED) from error
        last = distilled.history[-1].metrics
        recipe = Recipe(
            settings=chosen,
            teacher=teacher,
            student=student,
            faces=len(unlabelled),
            fingerprint=unlabelled.fingerprint,
            seconds=distilled.seconds,
            cosine_clear=last["validation_clear"],
            cosine_corrupted=last["validation_corrupted"],
        )
        write_weights(distilled, recipe, out)
    shutil.rmtree(folder, ignore_errors=True)
    if as_json:
        print_json(recipe.model_dump(mode="json"))
    else:
        Console().print(
            f"{out}: cosine similarity to the teacher {recipe.cosine_clear:.3f} on clear and {recipe.cosine_corrupted:.3f} on "
            f"corrupted faces, {recipe.seconds:.0f} s.",
            markup=False,
        )


def _settings(**chosen: object) -> DistilSettings:
    try:
        return DistilSettings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"--{str(first['loc'][0]).replace('_', '-')}: {first['msg']}") from error
