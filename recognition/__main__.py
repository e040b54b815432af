"""The command line: `python -m recognition enroll | identify | people | export | import | networks`.

Exit codes: 0 all done; 1 an error, printed on stderr; 2 wrong usage; 3 done, but some pictures were refused or unreadable.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, open_services, print_json, progress, report_errors
from recognition.enrollment import enroll_pictures
from recognition.errors import NetworkError, PictureError
from recognition.gallery import export_zip, import_zip, iter_folder_pictures
from recognition.networks import NETWORKS, is_available, pretrained
from recognition.networks.weights import download, install_from_file, weights_path
from recognition.pictures import SUFFIXES, read_picture
from recognition.recognizer import IdentifiedFace
from recognition.settings import Settings, load_settings

SOME_REFUSED = 3

app = typer.Typer(help="Face recognition on this computer.", no_args_is_help=True, pretty_exceptions_enable=False)


networks = typer.Typer(help="The pretrained face networks.", no_args_is_help=True)
app.add_typer(networks, name="networks")


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
    with open_services(storage) as services:
        total = sum(file.suffix.lower() in SUFFIXES for file in folder.rglob("*"))
        with progress("Enrolling", total) as advance:
            result = enroll_pictures(
                iter_folder_pictures(folder),
                services.gallery,
                services.recognizer(),
                source="command line",
                consented=True,
                progress=lambda done, file: advance(done),
            )
    if as_json:
        print_json(
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
        float | None,
        typer.Option(min=0.01, max=0.999, help="Confidence threshold: from which confidence on a face gets its name."),
    ] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Name the faces in pictures."""
    with open_services(storage) as services:
        required = services.settings.min_confidence if min_confidence is None else min_confidence
        with progress("Embedding enrolled photos", 100) as advance:
            services.complete_templates(lambda share, text: advance(round(share * 100)))
        recognizer = services.recognizer()
        results: list[FileFaces] = []
        with progress("Identifying", len(files)) as advance:
            for done, file in enumerate(files):
                try:
                    results.append(FileFaces(file, recognizer.identify(read_picture(file))))
                except PictureError as error:
                    results.append(FileFaces(file, [], str(error)))
                advance(done + 1)
    if as_json:
        print_json([_file_json(result, required) for result in results])
    else:
        for result in results:
            _print_faces(result, required)
    if any(result.error for result in results):
        raise typer.Exit(SOME_REFUSED)


@app.command()
def people(storage: Storage = None, as_json: AsJson = False) -> None:
    """List everyone enrolled."""
    with open_services(storage) as services:
        everyone = services.gallery.people()
    if as_json:
        print_json([{"id": p.id, "name": p.name, "photos": p.photo_count} for p in everyone])
        return
    table = Table("Name", "Photos", "Enrolled")
    for person in everyone:
        table.add_row(person.name, str(person.photo_count), f"{person.created_at:%Y-%m-%d}")
    Console().print(table)


@app.command("export")
def export_(file: Annotated[Path, typer.Argument(help="The zip to write.", dir_okay=False)], storage: Storage = None) -> None:
    """Write the whole gallery into one zip. It holds faces and names: keep it safe."""
    with open_services(storage) as services:
        export_zip(services.gallery, file)
    messages.print(f"Written: {file}", markup=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A zip written by export.", dir_okay=False)], storage: Storage = None
) -> None:
    """Add the people of an exported gallery to this one."""
    with open_services(storage) as services:
        import_zip(services.gallery, file)
        counts = services.gallery.counts()
    messages.print(f"The gallery now has {counts.people} people and {counts.photos} photos.")


@networks.command("list")
def list_networks(storage: Storage = None, as_json: AsJson = False) -> None:
    """List the networks that recognise people, and which are on this machine."""
    with report_errors():
        settings = _settings(storage)
    rows = [(spec, is_available(spec, settings.storage), spec.key == settings.network) for spec in NETWORKS.values()]
    if as_json:
        print_json([{"key": spec.key, "title": spec.title, "here": here, "in_use": used} for spec, here, used in rows])
        return
    table = Table("Key", "Network", "")
    for spec, here, used in rows:
        table.add_row(spec.key, f"{spec.title}: {spec.description}", "in use" if used else "here" if here else "not here")
    Console().print(table)


@networks.command()
def install(
    key: Annotated[str, typer.Argument(help="Of the network: see `networks list`.")],
    file: Annotated[Path | None, typer.Option(help="A weights file that you have, instead of a download.")] = None,
    storage: Storage = None,
) -> None:
    """Get a network's weights onto this machine. The network in use stays: switch on the Settings page."""
    with report_errors():
        place = _settings(storage).storage
        network = pretrained(key)
        weights = network.spec.weights
        if weights is None:
            raise NetworkError(f"{network.spec.title} is built in: there is nothing to install.")
        if file is not None:
            install_from_file(network, file, place)
        elif not is_available(network.spec, place):
            with counter("Downloading") as count:
                download(weights, weights_path(place, weights), count)
    messages.print(f"{network.spec.title} is on this machine.", markup=False)


def _settings(storage: Path | None) -> Settings:
    return load_settings(**({} if storage is None else {"storage": storage}))


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
