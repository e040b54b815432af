"""What a training gained: the verdict, the numbers, and the pictures behind them."""

import streamlit as st

from pages.components.context import services
from pages.components.panels import bound
from pages.components.text import count, duration
from pages.components.use_tuned import use_button
from pages.train import changes, confusion, embedding_map, history, mistakes, similarities, verdict
from pages.train.gallery_changes import show_gallery_changes
from pages.train.names import Names
from recognition.networks import BACKBONES
from training.faces.settings import SCOPES, FitSettings
from training.models import Compressed, Training, TunedModel, list_models

PANELS = ("Wrong faces", "Mixed up", "By person", "Similarities", "Map", "Curves")


def show() -> None:
    """The report of one model, chosen above it."""
    models = {model.manifest.name: model for model in list_models(services().settings.storage)}
    if not models:
        with st.container(border=True):
            st.subheader(":material/model_training: No tuned network yet")
            st.markdown("When a training is done, what it gained is shown here.")
        return
    if st.session_state.get("result") not in models:
        st.session_state.pop("result", None)
    model = models[st.selectbox("Model", list(models), width=480, **bound("result"))]
    verdict.verdict(model.training.report)
    show_gallery_changes(model)
    if model.manifest.key == services().settings.network:
        st.badge("In use for the live camera", icon=":material/check:")
    else:
        use_button(model, "Use for the live camera")
    names = Names(services().gallery, model)
    changes.show(model, names)
    verdict.table(model.training.report)
    _made(model)
    _panels(model, names)


def _made(model: TunedModel) -> None:
    training = model.training
    mixed = (
        f" The result lies between the old weights and the new, {training.report.weight:.0%} of the way: that did best."
        if training.report.weight < 1
        else ""
    )
    whitened = (
        " In the end its last layer was solved once more, so that it listens less to light, blur and whatever else "
        "augmentation changes (whitening)."
        if training.report.whitened
        else ""
    )
    st.caption(
        f"From {BACKBONES[model.manifest.parent].title}, {count(len(training.people), 'person', 'people')}, "
        f"{count(len(training.photos), 'photo')}{_learned(training)}. {_how(training.settings)}{mixed}{whitened}"
    )


def _learned(training: Training) -> str:
    if not training.history:
        return ""
    return f", {duration(training.seconds)}, {count(len(training.history), 'epoch')}"


def _how(settings: FitSettings | Compressed) -> str:
    return f"{settings.method}." if isinstance(settings, Compressed) else SCOPES[settings.scope]


def _panels(model: TunedModel, names: Names) -> None:
    report = model.training.report
    for name, tab in zip(PANELS, st.tabs(list(PANELS), key="report", bind="query-params"), strict=True):
        # Only the open panel computes.
        if not tab.open:
            continue
        with tab:
            if name in PANELS[:4] and not report.guesses:
                st.info("There were no photos to evaluate it on.", icon=":material/info:")
            elif name == "Wrong faces":
                mistakes.faces(report.guesses, names)
            elif name == "Mixed up":
                confusion.matrix(report.guesses, names)
            elif name == "By person":
                confusion.recall(report.guesses, names)
            elif name == "Similarities":
                similarities.histograms(report)
            elif name == "Map":
                embedding_map.maps(report.map, names)
            else:
                st.markdown("How loss and accuracy moved while it learned. Training and validation close together is healthy.")
                if model.training.history:
                    history.curves(model.training.history, report.best_epoch)
                else:
                    st.info("Nothing was trained: only how its numbers are kept has changed.", icon=":material/info:")
