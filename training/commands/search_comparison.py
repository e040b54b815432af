"""`python -m training search compare`: what stopping early gains, measured."""

from dataclasses import asdict
from statistics import mean
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, messages, open_services, print_json
from training.commands.recipes import source_of
from training.course.data.choice import DataChoice
from training.course.data.loading import load_split
from training.search.comparison import METHODS, Compared, compare, small_recipe

Data = Annotated[str, typer.Option(help="digits, the key of a data set kept, or the path of a folder or zip.", metavar="DATA")]
Limit = Annotated[int | None, typer.Option(help="Training pictures a class, at most.")]
Side = Annotated[int | None, typer.Option(help="Side that pictures are resized to, in pixels.")]


def compare_command(
    data: Data = "digits",
    limit: Limit = 300,
    side: Side = 16,
    epochs: Annotated[int, typer.Option(min=1, help="Of a whole training.")] = 9,
    total: Annotated[int, typer.Option("--total-epochs", min=1, help="Of each search.")] = 81,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds to take the mean of.")] = 3,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Random search against Hyperband, with as many epochs of training in total."""
    with open_services(storage) as services:
        place = services.settings.storage
        recipe = small_recipe(DataChoice(source=source_of(data), limit=limit, side=side), epochs)
        split = load_split(recipe.data, recipe.split, place)
        rows = []
        for row in compare(recipe, split, place, epochs=total, seeds=range(seeds)):
            messages.print(f"{row.method}, seed {row.seed}: {row.validation_accuracy:.1%}", style="dim", markup=False)
            rows.append(row)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    table = Table("Method", "Seed", "Tried", "Epochs", "Validation", "Test", "Seconds")
    for row in rows:
        table.add_row(*_cells([row]))
    for method in METHODS:
        table.add_row(*_cells([row for row in rows if row.method == method]), style="bold")
    Console().print(table)


def _cells(rows: list[Compared]) -> list[str]:
    """One of them, or the mean of some of one method."""
    return [
        rows[0].method,
        str(rows[0].seed) if len(rows) == 1 else "mean",
        f"{mean(row.configurations for row in rows):.3g}",
        f"{mean(row.epochs for row in rows):.3g}",
        f"{mean(row.validation_accuracy for row in rows):.1%}",
        f"{mean(row.test_accuracy for row in rows):.1%}",
        f"{mean(row.seconds for row in rows):.0f}",
    ]
