"""One person: the photos as a wall, and everything that can be done with them."""

import streamlit as st

from pages.components.context import services
from pages.components.faces import Tile, choose_faces
from pages.components.text import count, plain, show_error
from pages.components.thumbnails import portrait_url
from pages.people import deleting, merging, removals
from recognition.enrollment import PersonResult, add_pictures
from recognition.errors import RecognitionError
from recognition.gallery import ArchivedPicture, PersonSummary, PhotoRecord
from recognition.likeness import odd_photos
from recognition.networks import network_spec

_ADDED = "people_added"


def show(person: PersonSummary) -> None:
    """The person's page, under ?person=id."""
    st.button("All people", icon=":material/arrow_back:", type="tertiary", on_click=_leave)
    st.title(plain(person.name))
    st.caption(f"Added on {person.created_at:%d %B %Y}, agreed on {person.consented_at:%d %B %Y}")
    removals.show()

    with st.container(horizontal=True):
        if st.button("Rename", icon=":material/edit:"):
            _rename(person)
        if st.button("Add photos", icon=":material/add_photo_alternate:"):
            st.session_state.pop(_ADDED, None)
            _add_photos(person)
        if st.button("Merge", icon=":material/merge:", disabled=services().gallery.counts().people < 2):
            removals.next_round()
            merging.merge(person)
        if st.button(":red[Delete person]", key="delete_person", icon=":material/delete:", disabled=removals.busy()):
            deleting.delete_people([person])
    _photos(person)


def _photos(person: PersonSummary) -> None:
    """The wall of photos."""
    photos = services().gallery.photos(person.id)
    spec = network_spec(services().settings.network, services().settings.storage)
    odd = odd_photos(services().gallery.templates(spec.key), person.id, spec.calibration)
    if odd:
        with st.container(horizontal=True, vertical_alignment="center"):
            looks = "One photo looks" if len(odd) == 1 else f"{len(odd)} photos look"
            st.markdown(f":material/warning: {looks} unlike the others. Is it really {plain(person.name)}?", width="content")
            if st.button("Tick what is unlike", type="tertiary"):
                removals.next_round()
                st.session_state["people_start"] = removals.round_number()
    photos.sort(key=lambda photo: photo.id not in odd)
    number = removals.round_number()
    actions = st.container(horizontal=True, vertical_alignment="center")
    ticked = choose_faces(
        [_tile(photo, position, photo.id in odd) for position, photo in enumerate(photos, start=1)],
        key=f"photos_{person.id}_{number}",
        label=f"Photos of {person.name}",
        start=odd if st.session_state.get("people_start") == number else (),
    )
    chosen = [photo.id for photo in photos if photo.id in ticked]
    everything = len(chosen) == len(photos)
    with actions:
        st.markdown(
            f"**{count(len(photos), 'photo')}**, {len(chosen)} ticked" if chosen else f"**{count(len(photos), 'photo')}**",
            width="content",
        )
        pressed = st.button(
            f":red[Delete {count(len(chosen), 'photo')}]" if chosen and not everything else "Delete photos",
            key="delete_photos",
            icon=":material/delete:",
            disabled=not chosen or everything or removals.busy(),
            help="One photo has to stay. Delete the person instead."
            if everything and chosen
            else "Tick photos to delete them.",
        )
    if pressed:
        deleting.delete_photos(chosen)


def _tile(photo: PhotoRecord, position: int, odd: bool) -> Tile:
    note = f"{photo.created_at:%d %b %Y}"
    return Tile(photo.id, f"Photo {position}", portrait_url(photo.id), note, "Unlike the others" if odd else "")


@st.dialog("Rename", icon=":material/edit:")
def _rename(person: PersonSummary) -> None:
    name = st.text_input("New name", value=person.name, max_chars=80)
    with st.container(horizontal=True):
        pressed = st.button("Rename", type="primary", key="do_rename", disabled=not name.strip() or name == person.name)
        if st.button("Cancel", key="cancel_rename"):
            st.rerun()
    if pressed:
        try:
            services().gallery.rename(person.id, name)
        except RecognitionError as error:
            show_error(error)
        else:
            st.rerun()


# The page behind it shows the photos that were added, however the dialog is closed.
@st.dialog("Add photos", icon=":material/add_photo_alternate:", on_dismiss="rerun")
def _add_photos(person: PersonSummary) -> None:
    if isinstance(added := st.session_state.get(_ADDED), PersonResult):
        _show_added(added)
        return
    st.markdown(f"With the camera: type the name {plain(person.name)} on the Enroll page. Or choose files:")
    files = st.file_uploader("Photos", type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"], accept_multiple_files=True)
    with st.container(horizontal=True):
        pressed = st.button("Add", type="primary", disabled=not files)
        if st.button("Cancel", key="cancel_adding"):
            st.rerun()
    if not pressed:
        return
    app = services()
    bar = st.progress(0.0)

    def follow(done: int, file: str) -> None:
        bar.progress(done / len(files), text=plain(file))

    try:
        st.session_state[_ADDED] = add_pictures(
            person.id,
            [ArchivedPicture(person.name, file.name, file.getvalue()) for file in files],
            app.gallery,
            app.recognizer(),
            source="upload",
            progress=follow,
        )
    except RecognitionError as error:
        bar.empty()
        show_error(error)
    else:
        st.rerun(scope="fragment")


def _show_added(added: PersonResult) -> None:
    st.success(f"{count(added.accepted, 'photo')} added.", icon=":material/check_circle:")
    for refused in added.refused:
        st.warning(f"{plain(refused.file)}: {plain(refused.reason)}", icon=":material/block:")
    if st.button("Done", type="primary"):
        st.rerun()


def _leave() -> None:
    del st.query_params["person"]
