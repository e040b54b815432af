"""The dialogs that delete people and photos."""

from collections.abc import Callable, Collection, Sequence

import streamlit as st

from pages.components.context import services
from pages.components.destructive import destructive_button
from pages.components.text import count, plain, show_error
from pages.people import removals
from recognition.errors import RecognitionError
from recognition.gallery import PersonSummary
from training.erasure import CHOICES, ModelChoice, erase_people, erase_photos, models_of_people, models_of_photos
from training.models import TunedModel


@st.dialog("Delete?", icon=":material/delete:")
def delete_people(people: Sequence[PersonSummary]) -> None:
    """Delete people, with all their photos."""
    ids = [person.id for person in people]
    photos = count(sum(person.photo_count for person in people), "photo")
    names = ", ".join(f"**{plain(person.name)}**" for person in people)
    st.markdown(f"{names}, with {photos}, will not be recognised any more.")
    app = services()
    choice = _what_of_models(lambda: models_of_people(app, ids))
    if choice is not None:
        _confirm(
            lambda: app.erasure.hide_people(ids, choice),
            lambda: removals.start_erasing(lambda report: erase_people(app, ids, choice, report)),
        )


@st.dialog("Delete?", icon=":material/delete:")
def delete_photos(photo_ids: Collection[int]) -> None:
    """Delete photos of somebody who stays."""
    st.markdown(f"{count(len(photo_ids), 'photo')} will be deleted.")
    app = services()
    choice = _what_of_models(lambda: models_of_photos(app, photo_ids))
    if choice is not None:
        _confirm(
            lambda: app.erasure.hide_photos(photo_ids, choice),
            lambda: removals.start_erasing(lambda report: erase_photos(app, photo_ids, choice, report)),
        )


def _what_of_models(find: Callable[[], list[TunedModel]]) -> ModelChoice | None:
    """What is to become of the networks that learned from the faces; None, with a sentence, where that can't be asked."""
    try:
        models = find()
    except RecognitionError as error:
        # Deleted meanwhile, by somebody else.
        show_error(error)
        return None
    if not models:
        return "retrain"
    names = ", ".join(f"**{plain(model.manifest.name)}**" for model in models)
    st.markdown(f"{count(len(models), 'network')} learned from this: {names}.")
    choice = st.radio("What becomes of them, once it can't be undone any more?", list(CHOICES), format_func=CHOICES.__getitem__)
    if any(model.manifest.key == services().settings.network for model in models) and choice != "keep":
        st.caption("One of them is in use: everybody's photos are then first embedded by the network it was tuned from.")
    return choice


def _confirm(hide: Callable[[], object], erase: Callable[[], object]) -> None:
    """The buttons: delete, cancel, delete at once."""
    st.caption(
        f"Can be undone for {removals.UNDO_TEXT}. Then everything is erased from this computer for good: the photos, "
        "what was computed from them, and the trainings that read them."
    )
    problem = None
    with st.container(horizontal=True, vertical_alignment="center"):
        deleted = destructive_button("Delete", key="confirm_delete", icon=":material/delete:")
        if st.button("Cancel", key="cancel_delete"):
            st.rerun()
        now = st.button(
            ":red[Delete now]",
            key="delete_now",
            type="tertiary",
            disabled=removals.busy(),
            help="At once and for good: it can't be undone.",
        )
    if not deleted and not now:
        return
    try:
        erase() if now else hide()
    except RecognitionError as error:
        problem = error
    if problem is not None:
        show_error(problem)
        return
    removals.next_round()
    st.rerun()
