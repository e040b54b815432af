"""`python -m training models`: the models made by training."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, messages, open_services, print_json, progress
from recognition.networks import NETWORKS, tuned
from recognition.services import Services
from recognition.settings import fixed_by, save_settings
from training.commands.rates import rates_rows, rates_table
from training.errors import TrainingError
from training.models import (
    TunedModel,
    damaged_models,
    deleted_people,
    export_model,
    find_model,
    import_model,
    list_models,
    network_before,
    new_data,
    read_model,
    remove_model,
    rename_model,
)

app = typer.Typer(help="The models made by training.", no_args_is_help=True)

Model = Annotated[str, typer.Argument(help="A model: its key, its number or its name.", metavar="MODEL")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask.")]


@app.command("list")
def list_(storage: Storage = None, as_json: AsJson = False) -> None:
    """List all models, newest first."""
    with open_services(storage) as services:
        models = list_models(services.settings.storage)
        damaged = damaged_models(services.settings.storage)
        in_use = services.settings.network
    for key in damaged:
        messages.print(f"{key} is damaged and can't be used. Delete it.", style="yellow", markup=False, soft_wrap=True)
    if as_json:
        print_json([_summary(model, in_use) for model in models])
        return
    table = Table("Model", "Name", "From", "Made", "People", "Photos", "")
    for model in models:
        notes = ["in use"] * (model.manifest.key == in_use) + ["not recommended"] * model.training.report.advised_against
        table.add_row(
            model.manifest.key,
            model.manifest.name,
            model.manifest.parent,
            f"{model.manifest.created_at:%Y-%m-%d %H:%M}",
            str(len(model.training.people)),
            str(len(model.training.photos)),
            ", ".join(notes),
        )
    Console().print(table)


@app.command()
def show(model: Model, storage: Storage = None, as_json: AsJson = False) -> None:
    """Show what a model gained, and who came and went since."""
    with open_services(storage) as services:
        found = read_model(services.settings.storage, find_model(services.settings.storage, model))
        gone, added = deleted_people(found, services.gallery), new_data(found, services.gallery)
        in_use = services.settings.network
    training = found.training
    if as_json:
        print_json(
            _summary(found, in_use)
            | {
                "licence": found.manifest.licence,
                "threshold": found.manifest.threshold,
                "weight": training.report.weight,
                "whitened": training.report.whitened,
                "best_epoch": training.report.best_epoch,
                "seconds": training.seconds,
                "rows": rates_rows(training.report),
                "settings": training.settings.model_dump(mode="json"),
                "deleted_people": gone,
                "new_people": added.people,
                "new_photos": added.photos,
            }
        )
        return
    out = Console()
    out.print(f"{found.manifest.name} ({found.manifest.key})", style="bold", markup=False, soft_wrap=True)
    out.print(rates_table(training.report))
    out.print(training.report.verdict, markup=False)
    if gone:
        out.print(f"People it learned from who are not in the gallery any more: {gone}. Delete it, or train a new one.")
    if added.photos:
        out.print(f"Since then {added.people} people and {added.photos} photos were added: train again to learn from them.")


@app.command()
def rename(model: Model, name: Annotated[str, typer.Argument(help="The new name.")], storage: Storage = None) -> None:
    """Give a model another name."""
    with open_services(storage) as services:
        manifest = rename_model(services.settings.storage, find_model(services.settings.storage, model), name)
    messages.print(f"{manifest.key} is now called {manifest.name}.", markup=False)


@app.command()
def delete(model: Model, yes: Yes = False, storage: Storage = None) -> None:
    """Delete a model, with the templates it made."""
    with open_services(storage) as services:
        key = find_model(services.settings.storage, model)
        if not yes:
            typer.confirm(f"Delete {key}?", abort=True, err=True)
        remove_model(services.gallery, services.settings.storage, key, services.settings.network)
    messages.print(f"Deleted: {key}", markup=False)


@app.command("export")
def export_(
    model: Model,
    file: Annotated[Path, typer.Argument(help="The zip to write.", dir_okay=False)],
    storage: Storage = None,
) -> None:
    """Write a model to one file. It names nobody, but what it learned from people's faces is in it."""
    with open_services(storage) as services:
        export_model(services.settings.storage, find_model(services.settings.storage, model), file)
    messages.print(f"Written: {file}", markup=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A zip written by export.", dir_okay=False)],
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Add an exported model."""
    with open_services(storage) as services:
        received = import_model(services.settings.storage, file)
    manifest = received.manifest
    if as_json:
        print_json({"model": manifest.key, "name": manifest.name, "already_here": received.already_here})
    else:
        state = "was here already" if received.already_here else "added"
        messages.print(f"{manifest.key} {manifest.name}: {state}.", markup=False, soft_wrap=True)


@app.command()
def activate(model: Model, yes: Yes = False, storage: Storage = None) -> None:
    """Recognise people with a model from now on. An app that is running takes it up at its next start."""
    with open_services(storage) as services:
        found = read_model(services.settings.storage, find_model(services.settings.storage, model))
        report = found.training.report
        if report.advised_against and not yes:
            typer.confirm(f"{report.verdict} Use it all the same?", abort=True, err=True)
        _switch(services, found.manifest.key)
    messages.print(f"In use: {found.manifest.name}", markup=False)


@app.command()
def deactivate(storage: Storage = None) -> None:
    """Go back from the model in use to the network it was tuned from, or to the built-in one."""
    with open_services(storage) as services:
        in_use = services.settings.network
        if not tuned.is_key(in_use):
            raise TrainingError(f"No model is in use: the network is {in_use}.")
        key = network_before(services.settings.storage, in_use)
        _switch(services, key)
    messages.print(f"In use: {NETWORKS[key].title}", markup=False)


def _switch(services: Services, key: str) -> None:
    """Embed everybody's photos with a network, then keep it in the settings."""
    if fixed := fixed_by("network"):
        raise TrainingError(f"The network is set by {fixed}. Change it there.")
    with progress("Switching", 100) as advance:
        services.switch_network(key, lambda share, text: advance(round(share * 100)))
    save_settings(network=key)


def _summary(model: TunedModel, in_use: str) -> dict[str, object]:
    manifest, training = model.manifest, model.training
    return {
        "model": manifest.key,
        "name": manifest.name,
        "parent": manifest.parent,
        "created_at": manifest.created_at.isoformat(),
        "people": len(training.people),
        "photos": len(training.photos),
        "recommended": training.report.recommended,
        "clear": training.report.clear,
        "verdict": training.report.verdict,
        "in_use": manifest.key == in_use,
    }
