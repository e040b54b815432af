"""The command line: `python -m recognition enroll | identify | people | export | import`.

Exit codes: 0 all done; 1 an error, told on stderr; 2 wrong usage; 3 done, but some pictures were refused or unreadable.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from recognition.enrollment import enroll_pictures
from recognition.errors import PictureError, RecognitionError
from recognition.gallery import export_zip, import_zip, iter_folder_pictures
from recognition.pictures import SUFFIXES, read_picture
from recognition.recognizer import IdentifiedFace
from recognition.services import Services, embed_missing
from recognition.settings import load_settings

SOME_REFUSED = 3

app = typer.Typer(help="Face recognition on this computer.", no_args_is_help=True, pretty_exceptions_enable=False)
messages = Console(stderr=True)

Advance = Callable[[int], None]

Storage = Annotated[Path | None, typer.Option("--storage", help="Storage folder; the one of the settings by default.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True)
class FileFaces:
    """The faces of one file, or why there are none."""

    file: Path
    faces: list[IdentifiedFace]
    error: str | None = None


@app.command()
def enroll(
    folder: Annotated[Path, typer.Argument(help="One folder a person, named by the person.", file_okay=False)],
    consent: Annotated[
        bool, typer.Option("--consent", help="Confirm that everybody in these photos agrees to be enrolled.")
    ] = False,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Enroll people from a folder of folders of photos."""
    if not consent:
        raise typer.BadParameter("people must agree to be enrolled: confirm it with --consent")
    with _services(storage) as services:
        total = sum(file.suffix.lower() in SUFFIXES for file in folder.rglob("*"))
        with _progress("Enrolling", total) as advance:
            result = enroll_pictures(
                iter_folder_pictures(folder),
                services.gallery,
                services.recognizer(),
                source="command line",
                consented=True,
                progress=lambda done, file: advance(done),
            )
    if as_json:
        _print_json(
            [
                {
                    "person": person.person,
                    "accepted": person.accepted,
                    "refused": [{"file": refused.file, "reason": refused.reason} for refused in person.refused],
                }
                for person in result.people
            ]
        )
    else:
        table = Table("Person", "Accepted", "Refused")
        for person in result.people:
            reasons = "\n".join(f"{refused.file}: {refused.reason}" for refused in person.refused)
            table.add_row(person.person, str(person.accepted), reasons)
        Console().print(table)
    if result.refused:
        raise typer.Exit(SOME_REFUSED)


@app.command()
def identify(
    files: Annotated[list[Path], typer.Argument(help="Pictures.")],
    min_confidence: Annotated[
        float | None, typer.Option(min=0.01, max=0.999, help="From which probability a face gets its name.")
    ] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Name the faces in pictures."""
    with _services(storage) as services:
        sure = services.settings.min_confidence if min_confidence is None else min_confidence
        recognizer = services.recognizer()
        embed_missing(services.gallery, recognizer.network)
        results: list[FileFaces] = []
        with _progress("Looking", len(files)) as advance:
            for done, file in enumerate(files):
                try:
                    results.append(FileFaces(file, recognizer.identify(read_picture(file))))
                except PictureError as error:
                    results.append(FileFaces(file, [], str(error)))
                advance(done + 1)
    if as_json:
        _print_json([_file_json(result, sure) for result in results])
    else:
        for result in results:
            _print_faces(result, sure)
    if any(result.error for result in results):
        raise typer.Exit(SOME_REFUSED)


@app.command()
def people(storage: Storage = None, as_json: AsJson = False) -> None:
    """List everyone enrolled."""
    with _services(storage) as services:
        everyone = services.gallery.people()
    if as_json:
        _print_json([{"id": p.id, "name": p.name, "photos": p.photo_count} for p in everyone])
        return
    table = Table("Name", "Photos", "Enrolled")
    for person in everyone:
        table.add_row(person.name, str(person.photo_count), f"{person.created_at:%Y-%m-%d}")
    Console().print(table)


@app.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="The zip to write.", dir_okay=False)], storage: Storage = None
) -> None:
    """Write the whole gallery into one zip. It holds faces and names: keep it safe."""
    with _services(storage) as services:
        export_zip(services.gallery, file)
    messages.print(f"Written: {file}", markup=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A zip written by export.", dir_okay=False)], storage: Storage = None
) -> None:
    """Add the people of an exported gallery to this one."""
    with _services(storage) as services:
        import_zip(services.gallery, file)
        counts = services.gallery.counts()
    messages.print(f"The gallery now has {counts.people} people and {counts.photos} photos.")


@contextmanager
def _services(storage: Path | None) -> Iterator[Services]:
    """The app's services; an error on purpose becomes a message and exit code 1."""
    try:
        services = Services(load_settings(**({} if storage is None else {"storage": storage})))
        try:
            yield services
        finally:
            services.gallery.close()
    except RecognitionError as error:
        messages.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error


@contextmanager
def _progress(text: str, total: int) -> Iterator[Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda done: bar.update(task, completed=done)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _file_json(result: FileFaces, min_confidence: float) -> dict[str, object]:
    entry: dict[str, object] = {
        "file": str(result.file),
        "faces": [_face_json(face, min_confidence) for face in result.faces],
    }
    return entry | ({"error": result.error} if result.error else {})


def _face_json(face: IdentifiedFace, min_confidence: float) -> dict[str, object]:
    named = face.named(min_confidence)
    return {
        "box": [round(float(value), 1) for value in face.face.box],
        "name": named.name if named else None,
        "score": round(face.match.score, 4) if face.match else None,
        "confidence": round(face.match.confidence, 4) if face.match else None,
    }


def _print_faces(result: FileFaces, min_confidence: float) -> None:
    out = Console()
    if result.error:
        out.print(f"{result.file}: {result.error}", markup=False)
    elif not result.faces:
        out.print(f"{result.file}: no face found", markup=False)
    for face in result.faces:
        named = face.named(min_confidence)
        text = f"{named.name} ({named.confidence:.0%})" if named else "unknown"
        out.print(f"{result.file}: {text}", markup=False)


if __name__ == "__main__":
    app()
