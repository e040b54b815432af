"""`python -m training data`: the data sets of the course's experiments."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, print_json, report_errors
from recognition.settings import load_settings
from training.course.data.folders import title_of
from training.course.data.library import (
    Added,
    DataSet,
    add_pictures,
    damaged_data_sets,
    delete_data_set,
    list_data_sets,
)
from training.course.data.published import PUBLISHED, download
from training.course.data.report import problems

app = typer.Typer(help="The data sets of the course's experiments.", no_args_is_help=True)


@app.command("list")
def list_(storage: Storage = None, as_json: AsJson = False) -> None:
    """List the data sets that were imported or downloaded. The digits and the enrolled faces are always there."""
    with _folder(storage) as place:
        sets, damaged = list_data_sets(place), damaged_data_sets(place)
    for key in damaged:
        messages.print(f"{key} is damaged and can't be used. Delete it.", style="yellow", markup=False, soft_wrap=True)
    if as_json:
        print_json([_summary(data_set) for data_set in sets])
        return
    table = Table("Key", "Title", "Classes", "Training", "Test", "Size", "From")
    for data_set in sets:
        height, width, channels = data_set.shape
        table.add_row(
            data_set.key,
            data_set.title,
            str(len(data_set.classes)),
            f"{sum(data_set.report.train.values()):,}",
            "" if data_set.report.test is None else f"{sum(data_set.report.test.values()):,}",
            f"{height}×{width}×{channels}",
            data_set.source,
        )
    Console().print(table)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A folder or zip of pictures, one folder a class, split or not.")],
    name: Annotated[str | None, typer.Option(help="What to call it; by default like the folder or zip.")] = None,
    side: Annotated[int | None, typer.Option(min=8, max=512, help="Height and width to bring all pictures to.")] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Read a folder or zip of pictures and keep it."""
    with _folder(storage) as place, counter("Reading pictures") as count:
        added = add_pictures(place, path, name or title_of(path), side, count)
    _tell(added, as_json)


@app.command("download")
def download_(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(PUBLISHED)}.", metavar="NAME")],
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Download a well-known data set; started again after it broke off, it goes on from there."""
    if name not in PUBLISHED:
        raise typer.BadParameter(f"there is no {name!r} to download; there are {', '.join(PUBLISHED)}")
    with _folder(storage) as place, counter("Downloading") as count:
        added = download(place, PUBLISHED[name], count)
    _tell(added, as_json)


@app.command()
def delete(
    key: Annotated[str, typer.Argument(help="The data set's key, as listed.")],
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    storage: Storage = None,
) -> None:
    """Delete a data set. Experiments that learned from it stay."""
    with _folder(storage) as place:
        if not yes:
            typer.confirm(f"Delete {key}?", abort=True, err=True)
        delete_data_set(place, key)
    messages.print(f"Deleted: {key}", markup=False)


@contextmanager
def _folder(storage: Path | None) -> Iterator[Path]:
    """The storage folder; errors become messages. Nobody who is enrolled has to do with it, so the gallery stays closed."""
    with report_errors():
        yield load_settings(**({} if storage is None else {"storage": storage})).storage


def _tell(added: Added, as_json: bool) -> None:
    data_set = added.data_set
    for problem in problems(data_set.report):
        messages.print(problem, style="yellow", markup=False, soft_wrap=True)
    if as_json:
        print_json(_summary(data_set) | {"already_here": added.already_here})
    else:
        state = "was here already" if added.already_here else "added"
        messages.print(f"{data_set.key} {data_set.title}: {state}.", markup=False, soft_wrap=True)


def _summary(data_set: DataSet) -> dict[str, object]:
    return {
        "key": data_set.key,
        "title": data_set.title,
        "classes": list(data_set.classes),
        "train": data_set.report.train,
        "test": data_set.report.test,
        "shape": list(data_set.shape),
        "source": data_set.source,
        "created_at": data_set.created_at.isoformat(),
        "problems": problems(data_set.report),
    }
