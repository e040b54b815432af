"""What there is to learn from, and what is missing."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.text import count, plain
from pages.components.thumbnails import thumbnail_url
from training.faces.dataset import from_gallery
from training.faces.settings import FitSettings
from training.faces.split import split

EXACT_UP_TO = 2_000
"""Photos up to which the split is worked out for the page, which reads them all."""

ADVISED = 5
"""Photos a person from which there are some to learn from and some to evaluate by."""


FACES = 4
"""Of each part that are shown."""

FACE = 40
"""Pixels."""


@dataclass(frozen=True)
class Parts:
    """Which photos are for what, by their ids; together with those that can't be read they are all photos.

    Attributes:
        outside: photos of the people held out.
        held_out: how many people these are.
        unreadable: how many photos have no file, or a damaged one.
    """

    train: list[int]
    validation: list[int]
    test: list[int]
    outside: list[int]
    held_out: int
    unreadable: int


def enough() -> bool:
    """Whether training makes sense; says what is missing where it doesn't."""
    people = [person for person in services().gallery.people() if person.photo_count]
    if not people:
        _missing("Nobody is enrolled yet", "Training needs at least two people, best with five photos or more each.")
    elif len(people) == 1:
        _missing(
            f"Only {plain(people[0].name)} is enrolled",
            "With one person there is nobody to tell apart. Enroll at least one more, best with five photos or more.",
        )
    elif all(person.photo_count == 1 for person in people):
        _missing(
            "Everybody has just one photo",
            "One photo is needed to learn from and another to see what was learned. Add photos, best five or more a person.",
        )
    else:
        return True
    return False


def _missing(title: str, text: str) -> None:
    with st.container(border=True):
        st.subheader(f":material/person_add: {title}")
        st.markdown(text)
        st.page_link("enroll.py", label="Enroll a face", icon=":material/arrow_forward:")


def show_data(settings: FitSettings) -> bool:
    """Say who is enrolled, and how their photos will be divided. False where nothing is left to evaluate by."""
    app = services()
    people = [person for person in app.gallery.people() if person.photo_count]
    photos = sum(person.photo_count for person in people)
    parts = None
    if photos <= EXACT_UP_TO:
        with show_errors():
            parts = _parts(
                app.settings.storage,
                app.gallery.revision(),
                settings.validation,
                settings.test,
                settings.held_out,
                settings.seed,
            )
    everybody = f":material/group: **{count(len(people), 'person', 'people')}, {count(photos, 'photo')}.** "
    if parts is None:
        st.markdown(everybody + _roughly(settings))
    else:
        st.markdown(everybody + _rest(parts))
        _show_parts(parts)
    if parts and not parts.validation:
        st.error(
            "The photos of each person show nearly the same moment, so nothing is left to see whether training helped. "
            "Add photos from another day, or from other sides.",
            icon=":material/error:",
        )
        st.page_link("enroll.py", label="Add photos", icon=":material/add_a_photo:")
        return False
    single = [person.name for person in people if person.photo_count == 1]
    few = [person.name for person in people if person.photo_count < ADVISED]
    if single:
        st.warning(
            f"{_some(single)} {'has' if len(single) == 1 else 'have'} one photo: it is learned from, but nothing is left to "
            "see whether it helped.",
            icon=":material/warning:",
        )
        st.page_link("enroll.py", label="Add photos", icon=":material/add_a_photo:")
    elif few:
        st.caption(f"{_some(few)}: fewer than {ADVISED} photos. More make the result better and its numbers surer.")
    return True


def _rest(parts: Parts) -> str:
    """What the parts themselves don't say."""
    texts = []
    if parts.unreadable:
        texts.append(f"**{parts.unreadable}** can't be read: check the files in the settings.")
    if not parts.held_out:
        texts.append("Nobody is held out to stand for strangers: there are too few people.")
    return " ".join(texts)


def _show_parts(parts: Parts) -> None:
    """How many photos are for what, with some of the faces."""
    shown = [
        (parts.train, "to learn from"),
        (parts.validation, "to choose the best epoch (validation)"),
        (parts.test, "for the final test"),
    ]
    if parts.held_out:
        people = "1 person" if parts.held_out == 1 else f"{parts.held_out} people"
        shown.append((parts.outside, f"of {people} held out: never trained on, to stand for strangers"))
    for place, (photos, what) in zip(st.columns(len(shown), gap="small", border=True), shown, strict=True):
        with place:
            st.markdown(f"**{len(photos)}** {what}")
            # From all over: neighbours are the same person's.
            some = photos[:: max(1, len(photos) // FACES)][:FACES]
            with st.container(horizontal=True, gap="xsmall"):
                for url in (thumbnail_url(photo, FACE) for photo in some):
                    if url is not None:
                        st.image(url, width=FACE, alt="")


def _roughly(settings: FitSettings) -> str:
    learn = 1 - settings.validation - settings.test
    return (
        f"About {learn:.0%} to learn from, {settings.validation:.0%} to choose the best epoch (validation), "
        f"{settings.test:.0%} for the final test. All photos of {settings.held_out:.0%} of the people are held out: never "
        "trained on, to stand for strangers."
    )


@st.cache_data(max_entries=16, show_spinner="Dividing the photos")
def _parts(storage: Path, revision: int, validation: float, test: float, held_out: float, seed: int) -> Parts:  # noqa: ARG001
    """`storage` and `revision` tell which gallery, and how it was when this was worked out."""
    faces = from_gallery(services().gallery)
    found = split(faces, validation=validation, test=test, held_out=held_out, seed=seed)
    outside = set(found.held_out)
    owner = {photo: faces.people[label] for photo, label in zip(faces.photos, faces.labels, strict=True)}
    train, validated, tested = (
        [int(photo) for photo in photos if owner[photo] not in outside]
        for photos in (found.train, found.validation, found.test)
    )
    return Parts(
        train,
        validated,
        tested,
        outside=[int(photo) for photo in faces.photos if owner[photo] in outside],
        held_out=len(outside),
        unreadable=len(faces.skipped),
    )


def _some(names: list[str]) -> str:
    """`Ann`, `Ann and Ben`, `Ann, Ben and 3 others`."""
    first = [plain(name) for name in names[:3]]
    if len(names) > 3:
        return f"{', '.join(first[:2])} and {len(names) - 2} others"
    return " and ".join([", ".join(first[:-1]), first[-1]] if len(first) > 1 else first)
