"""One person: photos, and everything that can be done with them."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from pages.people import erasing
from recognition.enrollment import add_pictures
from recognition.errors import RecognitionError
from recognition.gallery import ArchivedPicture, PersonSummary, PhotoRecord
from training.erasure import ModelChoice, erase_person, erase_photo, models_of_person, models_of_photo
from training.models import TunedModel


def show(person: PersonSummary) -> None:
    """The person's page, under ?person=id."""
    st.button("All people", icon=":material/arrow_back:", type="tertiary", on_click=_leave)
    st.title(plain(person.name))
    st.caption(
        f"{count(person.photo_count, 'photo')}, enrolled on {person.created_at:%d %B %Y}, "
        f"agreed on {person.consented_at:%d %B %Y}"
    )

    with st.container(horizontal=True):
        if st.button("Rename", icon=":material/edit:"):
            _rename(person)
        if st.button("Add photos", icon=":material/add_photo_alternate:"):
            _add_photos(person)
        if st.button("Merge", icon=":material/merge:", disabled=services().gallery.counts().people < 2):
            _merge(person)
        if st.button("Delete person", icon=":material/delete:"):
            _delete(person)

    with st.container(horizontal=True, gap="medium"):
        for photo in services().gallery.photos(person.id):
            _photo(photo, only=person.photo_count == 1)


def show_crop(photo_id: int) -> None:
    """A photo's face crop, or a sentence where its file can't be read."""
    try:
        st.image(services().gallery.crop_png(photo_id), width=142)
    except RecognitionError:
        st.markdown(":material/broken_image: The file is missing.")


def _photo(photo: PhotoRecord, *, only: bool) -> None:
    with st.container(border=True, width=176):
        show_crop(photo.id)
        st.caption(f"{photo.source}, {photo.created_at:%d %b %Y}")
        if st.button(
            "Delete",
            key=f"delete_photo_{photo.id}",
            icon=":material/delete:",
            type="tertiary",
            disabled=only or erasing.busy(),
            help="The last photo goes with the person: delete the person instead." if only else None,
        ):
            models = models_of_photo(services(), photo.id)
            if models:
                _delete_photo(photo, models)
            else:
                _erase_photo(photo, "retrain")


@st.dialog("Rename", icon=":material/edit:")
def _rename(person: PersonSummary) -> None:
    name = st.text_input("New name", value=person.name, max_chars=80)
    if st.button("Rename", type="primary", disabled=not name.strip() or name == person.name):
        try:
            services().gallery.rename(person.id, name)
        except RecognitionError as error:
            show_error(error)
        else:
            st.rerun()


@st.dialog("Add photos", icon=":material/add_photo_alternate:")
def _add_photos(person: PersonSummary) -> None:
    st.markdown(f"With the camera: type the name {plain(person.name)} on the Enroll page. Or choose files:")
    files = st.file_uploader("Photos", type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"], accept_multiple_files=True)
    if not st.button("Add", type="primary", disabled=not files):
        return
    app = services()
    bar = st.progress(0.0)

    def follow(done: int, file: str) -> None:
        bar.progress(done / len(files), text=plain(file))

    try:
        result = add_pictures(
            person.id,
            [ArchivedPicture(person.name, file.name, file.getvalue()) for file in files],
            app.gallery,
            app.recognizer(),
            source="upload",
            progress=follow,
        )
    except RecognitionError as error:
        show_error(error)
        return
    bar.empty()
    st.success(f"{count(result.accepted, 'photo')} added.", icon=":material/check_circle:")
    for refused in result.refused:
        st.warning(f"{plain(refused.file)}: {plain(refused.reason)}", icon=":material/block:")
    if st.button("Done"):
        st.rerun()


@st.dialog("Merge two people", icon=":material/merge:")
def _merge(person: PersonSummary) -> None:
    gallery = services().gallery
    others = [other for other in gallery.people() if other.id != person.id]
    other = st.selectbox("Who is the same person?", others, format_func=lambda choice: choice.name)
    st.markdown(
        f"All photos of {plain(other.name)} go to {plain(person.name)}, and {plain(other.name)} is gone from the list. "
        "This can't be undone."
    )
    if st.button("Merge", type="primary"):
        gallery.merge(other.id, person.id)
        st.session_state["people_message"] = "Merged."
        st.rerun()


@st.dialog("Delete this person?", icon=":material/delete:")
def _delete(person: PersonSummary) -> None:
    app = services()
    st.markdown(
        f"{plain(person.name)}, {count(person.photo_count, 'photo')} and everything computed from them are erased from "
        "this computer: templates, lists of who was in view, trainings that learn from the face. This can't be undone."
    )
    try:
        models = models_of_person(app, person.id)
    except RecognitionError as error:
        # Deleted meanwhile, by somebody else.
        show_error(error)
        return
    choice = erasing.choose_models(models)
    if st.button("Delete for good", type="primary", icon=":material/delete_forever:", disabled=erasing.busy()):
        erasing.start(lambda report: erase_person(app, person.id, choice, report))
        del st.query_params["person"]
        st.rerun()


@st.dialog("Delete this photo?", icon=":material/delete:")
def _delete_photo(photo: PhotoRecord, models: list[TunedModel]) -> None:
    choice = erasing.choose_models(models)
    if st.button("Delete for good", type="primary", icon=":material/delete_forever:", disabled=erasing.busy()):
        _erase_photo(photo, choice)


def _erase_photo(photo: PhotoRecord, choice: ModelChoice) -> None:
    app = services()
    erasing.start(lambda report: erase_photo(app, photo.id, choice, report))
    st.rerun()


def _leave() -> None:
    del st.query_params["person"]
