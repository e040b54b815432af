"""What the command lines share: options, progress bars, JSON, and errors printed on stderr."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from recognition.errors import RecognitionError
from recognition.services import Services
from recognition.settings import load_settings

messages = Console(stderr=True)
"""Everything for the person at the screen; stdout is for results."""

Advance = Callable[[int], None]
"""Called with how much is done."""

Count = Callable[[int, int], None]
"""Called with how much is done and how much there is."""

Storage = Annotated[Path | None, typer.Option("--storage", help="Storage folder; the one of the settings by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def report_errors() -> Iterator[None]:
    """An error on purpose becomes a message and exit code 1."""
    try:
        yield
    except RecognitionError as error:
        messages.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error


@contextmanager
def open_services(storage: Path | None) -> Iterator[Services]:
    """The app's services, for the folder named or that of the settings; errors as in `report_errors`."""
    with report_errors():
        services = Services(load_settings(**({} if storage is None else {"storage": storage})))
        try:
            yield services
        finally:
            services.gallery.close()


@contextmanager
def counter(text: str) -> Iterator[Count]:
    """A bar on stderr that is gone when the work is, for work that finds out how much there is."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task(text, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def progress(text: str, total: int) -> Iterator[Advance]:
    """The same where it is known how much there is."""
    with counter(text) as count:
        count(0, total)
        yield lambda done: count(done, total)


def print_json(value: object) -> None:
    """Print a value on stdout as JSON."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
