"""`python -m training search`: hyperparameter search, as jobs that this terminal follows."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, open_services, print_json, report_errors
from recognition.services import Services
from training.commands.bar import TrainingBar
from training.commands.following import STOPPED, follow
from training.commands.recipes import network_of, source_of
from training.commands.search_comparison import Data, Limit, Side, compare_command
from training.course.data.choice import DataChoice
from training.course.experiments.recipe import Recipe, TrainingChoice
from training.course.presets import PRESETS
from training.errors import SearchError, TrainingError
from training.faces.settings import PRESETS as FACE_PRESETS
from training.jobs import board_of
from training.jobs.search import RunStudy
from training.search.bases import check, chosen_settings, explained, knobs_of, titles, usual_space
from training.search.experiments import COMPARABLE
from training.search.ledger import Ledger
from training.search.settings import Base, Budget, ExperimentBase, FacesBase, Proposals, Rule, Stopping, StudySettings
from training.search.space import Space
from training.search.study import Study, create_study, delete_study, find_study, free_name, list_studies, study_folder
from training.search.trials import Trial, best_of
from training.search.written import read, write, write_value

EPOCHS = 9
"""Of a whole training, unless said otherwise: two halvings by three from one epoch on."""

app = typer.Typer(help="Find the settings that train the best network.", no_args_is_help=True)
app.command("compare")(compare_command)

StudyName = Annotated[str, typer.Argument(help="A study: its name or its id.", metavar="STUDY")]
Network = Annotated[
    str, typer.Option(help=f"perceptron, {', '.join(PRESETS)}, or the key of a pretrained network.", metavar="NETWORK")
]


@app.command()
def start(
    name: Annotated[str | None, typer.Option(help="What to call the study.")] = None,
    faces: Annotated[bool, typer.Option("--faces", help="Fine-tune on everybody enrolled, instead of an experiment.")] = False,
    data: Data = "digits",
    network: Network = "two-convolutions",
    preset: Annotated[str, typer.Option(help=f"Of --faces: {', '.join(FACE_PRESETS)}.")] = "fast",
    limit: Limit = None,
    side: Side = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of a whole training.")] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            help="A setting and its values, such as training.rate=1e-4..0.1:log or training.batch=16,32; repeatable. A key "
            "alone takes its usual range. Without any, the usual settings are searched; `settings` lists all.",
            metavar="KEY[=VALUES]",
        ),
    ] = None,
    proposals: Annotated[Proposals, typer.Option(help="How settings are proposed.")] = "random",
    points: Annotated[int, typer.Option(help="Points of each range of a grid.")] = 3,
    stop: Annotated[Rule, typer.Option(help="Which trials are stopped early.")] = "hyperband",
    first: Annotated[int, typer.Option(help="Epochs before the first look.")] = 1,
    factor: Annotated[int, typer.Option(help="Of so many trials one goes on.")] = 3,
    trials: Annotated[int | None, typer.Option(help="Budget: trials.")] = None,
    minutes: Annotated[float | None, typer.Option(help="Budget: minutes.")] = None,
    total: Annotated[int | None, typer.Option("--total-epochs", help="Budget: epochs of all trials together.")] = None,
    workers: Annotated[int, typer.Option(help="Trials at a time, each in a process of its own.")] = 1,
    seed: Annotated[int, typer.Option(help="Of the proposals.")] = 0,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Start a study and follow it. Ctrl-C stops it; `resume` goes on."""
    with open_services(storage) as services:
        base = _fine_tuning(preset, epochs) if faces else _experiment(data, network, limit, side, epochs)
        if trials is None and minutes is None and total is None:
            trials = 20
        try:
            settings = StudySettings(
                base=base,
                space=_space(base, search or []),
                proposals=proposals,
                points=points,
                stopping=Stopping(rule=stop, first=first, factor=factor),
                budget=Budget(trials=trials, minutes=minutes, epochs=total),
                workers=workers,
                seed=seed,
            )
        except ValidationError as error:
            raise explained(error, base) from error
        check(settings)
        study = create_study(services.settings.storage, name or free_name(services.settings.storage), settings)
        _run(services, study)
        _print_study(services.settings.storage, study, as_json)


@app.command()
def resume(study: StudyName, storage: Storage = None, as_json: AsJson = False) -> None:
    """Go on with a study that was stopped."""
    with open_services(storage) as services:
        found = find_study(services.settings.storage, study)
        _run(services, found)
        _print_study(services.settings.storage, found, as_json)


@app.command("list")
def list_(storage: Storage = None, as_json: AsJson = False) -> None:
    """List all studies, newest first."""
    with open_services(storage) as services:
        place = services.settings.storage
        rows = [_summary(place, study) for study in list_studies(place)]
    if as_json:
        print_json(rows)
        return
    table = Table("Study", "Id", "Trials", "Best", "Made")
    for row in rows:
        best = row["best"]
        table.add_row(
            str(row["name"]),
            str(row["study"]),
            str(row["trials"]),
            "–" if best is None else f"{best:.1%}",
            str(row["created_at"]),
        )
    Console().print(table)


@app.command()
def show(study: StudyName, storage: Storage = None, as_json: AsJson = False) -> None:
    """Show the trials of a study."""
    with open_services(storage) as services:
        place = services.settings.storage
        _print_study(place, find_study(place, study), as_json)


@app.command()
def settings(
    faces: Annotated[bool, typer.Option("--faces", help="Of a fine-tuning on faces.")] = False,
    network: Network = "two-convolutions",
    as_json: AsJson = False,
) -> None:
    """List what can be searched, with the usual ranges."""
    with report_errors():
        knobs = knobs_of(_fine_tuning("fast", None) if faces else _experiment("digits", network, None, None, None))
    if as_json:
        print_json(
            [
                {"key": key, "title": knob.title, "usual": write(knob.usual), "searched": knob.chosen}
                for key, knob in knobs.items()
            ]
        )
        return
    table = Table("Key", "Setting", "Usual values", "Searched")
    for key, knob in knobs.items():
        table.add_row(key, knob.title, write(knob.usual), "yes" if knob.chosen else "")
    Console().print(table)


@app.command()
def train(study: StudyName, storage: Storage = None) -> None:
    """Train with the best settings that a study found; the app shows it, and this command ends at once."""
    with open_services(storage) as services:
        place = services.settings.storage
        found = find_study(place, study)
        best = best_of(_trials(place, found))
        if best is None:
            raise SearchError("No trial of this study has come to its end yet. Resume it first.")
        job = board_of(services).start(chosen_settings(found.settings.base, best.values), f"{found.name}, best")
    messages.print(f"Training {job} has started with the settings of trial {best.number}.", markup=False)


@app.command()
def delete(
    study: StudyName, yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False, storage: Storage = None
) -> None:
    """Delete a study with its trials. What was trained from it stays."""
    with open_services(storage) as services:
        found = find_study(services.settings.storage, study)
        if not yes:
            typer.confirm(f"Delete {found.name}?", abort=True, err=True)
        delete_study(services.settings.storage, found.id)
    messages.print(f"Deleted: {found.name}", markup=False)


def _experiment(data: str, network: str, limit: int | None, side: int | None, epochs: int | None) -> Base:
    try:
        recipe = Recipe(
            data=DataChoice(source=source_of(data), limit=limit, side=side),
            network=network_of(network, "head"),
            training=TrainingChoice(epochs=epochs or EPOCHS, schedule=COMPARABLE),
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    return ExperimentBase(recipe=recipe)


def _fine_tuning(preset: str, epochs: int | None) -> Base:
    if preset not in FACE_PRESETS:
        raise typer.BadParameter(f"the presets are {', '.join(FACE_PRESETS)}")
    settings = FACE_PRESETS[preset]
    return FacesBase(settings=settings.model_copy(update={"epochs": epochs or settings.epochs}))


def _space(base: Base, searched: list[str]) -> Space:
    knobs = knobs_of(base)
    found = {}
    for text in searched:
        key, given, values = text.partition("=")
        if key not in knobs:
            raise SearchError(f"{key} can't be searched here. What can: {', '.join(knobs)}.")
        found[key] = read(values.replace(":", " "), knobs[key]) if given else knobs[key].usual
    return Space(dimensions=found) if searched else usual_space(base)


def _run(services: Services, study: Study) -> None:
    """Run a study as a job, and follow it."""
    board = board_of(services)
    job_id = board.start(RunStudy(study=study.id))
    try:
        with counter("Searching") as count:
            # Only a study of trials has something to tell, and no epochs.
            follow(board, job_id, TrainingBar(count, ("", "")))
    except KeyboardInterrupt as interrupt:
        board.cancel(job_id)
        messages.print(f'Stopped. To go on: python -m training search resume "{study.name}"', markup=False, soft_wrap=True)
        raise typer.Exit(STOPPED) from interrupt
    job = board.get(job_id)
    if job.status != "done":
        raise TrainingError(job.error or f"The study was {job.status}. To go on, resume it.")


def _trials(storage: Path, study: Study) -> list[Trial]:
    return Ledger(study_folder(storage, study.id), study.settings).trials()


def _summary(storage: Path, study: Study) -> dict[str, object]:
    trials = _trials(storage, study)
    best = best_of(trials)
    return {
        "study": study.id,
        "name": study.name,
        "created_at": f"{study.created_at:%Y-%m-%d %H:%M}",
        "trials": sum(trial.ended for trial in trials),
        "epochs": sum(trial.epochs for trial in trials),
        "best": best and best.result,
        "values": best and dict(best.values),
    }


def _print_study(storage: Path, study: Study, as_json: bool) -> None:
    trials = _trials(storage, study)
    if as_json:
        rows = [
            {
                "trial": trial.number,
                "state": trial.state,
                "values": dict(trial.values),
                "result": trial.result,
                "epochs": trial.epochs,
                "curve": list(trial.curve),
                "seconds": trial.seconds,
                "reason": trial.reason,
            }
            for trial in trials
        ]
        print_json(_summary(storage, study) | {"rows": rows})
        return
    best = best_of(trials)
    names = titles(study.settings.base)
    table = Table("Trial", "State", "Quality", "Epochs", *(names.get(key, key) for key in study.settings.space.dimensions))
    for trial in trials:
        table.add_row(
            f"{trial.number}{' *' if trial == best else ''}",
            trial.state,
            "–" if trial.quality is None else f"{trial.quality:.1%}",
            str(trial.epochs),
            *(write_value(trial.values[key]) if key in trial.values else "" for key in study.settings.space.dimensions),
        )
    Console().print(table)
    for trial in trials:
        if trial.reason:
            messages.print(f"Trial {trial.number}: {trial.reason}", markup=False)
