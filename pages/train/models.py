"""The tuned networks: listed, compared, renamed, deleted, sent and received."""

import io

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.context import services
from pages.components.dialogs import change_button
from pages.components.text import count, duration, plain, show_error
from pages.train.gallery_changes import show_gallery_changes
from pages.train.verdict import KINDS, row
from recognition.errors import RecognitionError
from recognition.networks import BACKBONES
from training.faces.report import Report
from training.faces.settings import FitSettings
from training.models import (
    Compressed,
    TunedModel,
    damaged_models,
    export_to_memory,
    import_model,
    list_models,
    remove_model,
    rename_model,
)


def show() -> None:
    """All models, and what can be done with them."""
    if message := st.session_state.pop("models_message", None):
        st.success(plain(message), icon=":material/check_circle:")
    storage = services().settings.storage
    models = list_models(storage)
    if not models:
        st.markdown("No network has been tuned here yet. Train one, or import a model that somebody exported.")
    for model in models:
        _show_model(model)
    for key in damaged_models(storage):
        _damaged(key)
    if len(models) > 1:
        _compare(models)
    _import()


def _show_model(model: TunedModel) -> None:
    manifest, training = model.manifest, model.training
    in_use = manifest.key == services().settings.network
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(manifest.name)}**", width="content")
            if in_use:
                st.badge("In use", icon=":material/check:")
            if training.report.advised_against:
                st.badge("Not recommended", icon=":material/do_not_disturb_on:", color="orange")
            elif not training.report.clear:
                st.badge("No clear difference", icon=":material/drag_handle:", color="gray")
        before, after = training.report.measured.untuned, training.report.measured.tuned
        st.markdown(
            f"From {BACKBONES[manifest.parent].title}, {manifest.created_at.astimezone():%d %B %Y, %H:%M}, "
            f"{count(len(training.people), 'person', 'people')}, {count(len(training.photos), 'photo')}.  \n"
            f"The right name, while 1 in 100 strangers gets one: {before.clean.tpir_at_fpir_1:.1%} → "
            f"**{after.clean.tpir_at_fpir_1:.1%}** of the photos as they are, {before.hard.tpir_at_fpir_1:.1%} → "
            f"**{after.hard.tpir_at_fpir_1:.1%}** of the same made worse."
        )
        show_gallery_changes(model)
        _actions(model, in_use)


def _actions(model: TunedModel, in_use: bool) -> None:
    manifest = model.manifest
    with st.container(horizontal=True):
        st.button(
            "Result", key=f"result_{manifest.id}", icon=":material/monitoring:", on_click=open_result, args=(manifest.name,)
        )
        if st.button("Rename", key=f"rename_{manifest.id}", icon=":material/edit:"):
            _rename(model)
        if st.button("Export", key=f"export_{manifest.id}", icon=":material/archive:"):
            _export(model)
        if st.button(
            "Delete",
            key=f"delete_{manifest.id}",
            icon=":material/delete:",
            disabled=in_use,
            help="It is in use: choose another network in the settings first." if in_use else None,
        ):
            _delete(manifest.key, manifest.name)


def open_result(name: str) -> None:
    """Show a model's report; the page goes there when it runs next."""
    st.session_state["result"] = name
    st.session_state["train_go"] = "Result"


def _damaged(key: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/broken_image: The model {key.partition(':')[2]} is damaged and can't be used.")
        if st.button("Delete", key=f"delete_{key}", icon=":material/delete:"):
            _delete(key, key.partition(":")[2])


@st.dialog("Rename", icon=":material/edit:")
def _rename(model: TunedModel) -> None:
    manifest = model.manifest
    st.text_input("New name", value=manifest.name, max_chars=80, key=f"new_name_{manifest.id}")
    change_button(
        "Rename",
        lambda: rename_model(services().settings.storage, manifest.key, st.session_state[f"new_name_{manifest.id}"]),
    )


@st.dialog("Delete this model?", icon=":material/delete:")
def _delete(key: str, name: str) -> None:
    app = services()

    def remove() -> None:
        remove_model(app.gallery, app.settings.storage, key, app.settings.network)
        st.session_state["models_message"] = f"{name} deleted."

    st.markdown(f"{plain(name)} and the face data it made are erased from this computer. This can't be undone.")
    change_button("Delete for good", remove)


@st.dialog("Export", icon=":material/archive:")
def _export(model: TunedModel) -> None:
    st.markdown(
        f"{plain(model.manifest.name)} as one file, to import on another computer. It holds no name and no photo, but numbers "
        "that were learned from faces: ask those people before you give it away."
    )
    try:
        with st.spinner("Packing…"):
            data = export_to_memory(services().settings.storage, model.manifest.key)
    except RecognitionError as error:
        show_error(error)
        return
    st.download_button(
        f"Download ({len(data) / 1e6:.1f} MB)",
        data,
        f"familiar-model-{model.manifest.id}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


def _import() -> None:
    # The key changes after an import, so that the file is not there to be imported again.
    turn = st.session_state.setdefault("import_turn", 0)
    with st.expander("Import a model", icon=":material/upload:"):
        upload = st.file_uploader("A file that was exported from this app", type=["zip"], key=f"import_model_{turn}")
        st.button(
            "Import", key="import_now", icon=":material/upload:", disabled=upload is None, on_click=_receive, args=(upload,)
        )
        if problem := st.session_state.pop("import_error", None):
            show_error(problem)


def _receive(upload: UploadedFile) -> None:
    try:
        received = import_model(services().settings.storage, io.BytesIO(upload.getvalue()))
    except RecognitionError as error:
        st.session_state["import_error"] = str(error)
        return
    name = received.manifest.name
    st.session_state["models_message"] = f"{name} is here already." if received.already_here else f"{name} imported."
    st.session_state["import_turn"] += 1


def _compare(models: list[TunedModel]) -> None:
    by_name = {model.manifest.name: model for model in models}
    with st.expander("Compare two", icon=":material/compare:"):
        left, right = st.columns(2, gap="medium")
        first = by_name[left.selectbox("First", list(by_name), 0, key="compare_first")]
        second = by_name[right.selectbox("Second", list(by_name), 1, key="compare_second")]
        one, other = _facts(first), _facts(second)
        st.table(
            pd.DataFrame({"": list(one), "First": list(one.values()), "Second": list(other.values())}),
            hide_index=True,
            border="horizontal",
        )
        if first.training.fingerprint != second.training.fingerprint:
            st.caption("They were made and evaluated with different photos: compare what each gained, not the rates.")


def _facts(model: TunedModel) -> dict[str, str]:
    training, compared = model.training, model.training.report.measured
    facts = {
        "From": BACKBONES[model.manifest.parent].title,
        "People": f"{len(training.people):,}",
        "Photos": f"{len(training.photos):,}",
        "Better than the untuned one": _better(training.report),
        "Time": duration(training.seconds),
        "Epochs, best": f"{len(training.history)}, {training.report.best_epoch}",
    } | _settings(training.settings)
    for kind, title in KINDS.items():
        before, after = row(compared.untuned, kind), row(compared.tuned, kind)
        for name in before:
            facts[f"{name}, {title}"] = f"{before[name]:.1%} → {after[name]:.1%}"
    return facts


def _settings(settings: FitSettings | Compressed) -> dict[str, str]:
    if isinstance(settings, Compressed):
        return {"Compressed": settings.method}
    return {
        "Trained": settings.scope,
        "Head": settings.head,
        "Augmentation": settings.augmentation.strength,
        "Learning rate": f"{settings.learning_rate:g}",
    }


def _better(report: Report) -> str:
    if not report.clear:
        return "no clear difference"
    return "yes" if report.recommended else "no"
