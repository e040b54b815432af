"""What has happened to the gallery since a model was trained."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import count
from training.models import NewData, TunedModel, deleted_people, new_data, of_this_gallery


def show_gallery_changes(model: TunedModel) -> None:
    """Say who came and who went, where that is so."""
    app = services()
    if not of_this_gallery(model, app.gallery):
        st.info(
            "Made from other photos than those enrolled here: it recognises your people all the same, and its report shows "
            "numbers instead of names and faces.",
            icon=":material/move_to_inbox:",
        )
        return
    forgotten, added = _changes(app.settings.storage, app.gallery.revision(), model.manifest.key, model)
    if forgotten:
        st.warning(
            f"Trained on {'somebody who has' if forgotten == 1 else f'{forgotten} people who have'} been deleted since: "
            "traces of their faces are in its numbers. Delete it or train again.",
            icon=":material/person_off:",
        )
    if added.people:
        st.info(
            f"People enrolled since: {added.people}. Train again to include them; they are recognised already.",
            icon=":material/person_add:",
        )
    elif added.photos:
        st.caption(f"{count(added.photos, 'photo')} added since. Train again to learn from them too.")


@st.cache_data(max_entries=64, show_spinner=False)
def _changes(storage: Path, revision: int, key: str, _model: TunedModel) -> tuple[int, NewData]:  # noqa: ARG001
    """`storage`, `revision` and `key` tell which gallery and model, and how it was when this was worked out."""
    gallery = services().gallery
    return deleted_people(_model, gallery), new_data(_model, gallery)
