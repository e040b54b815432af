"""The state of the network and of the training, in a line each."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from recognition.networks import available_networks, network_spec
from training.jobs import board_of


def show_status() -> None:
    """Who is enrolled, what recognises them, and what learns."""
    app = services()
    counts = app.gallery.counts()
    network = network_spec(app.settings.network, app.settings.storage)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium"):
        if counts.people:
            enrolled = f"{count(counts.people, 'person', 'people')}, {count(counts.photos, 'photo')}"
            st.markdown(f":material/group: {enrolled}", width="content")
        st.markdown(f":material/neurology: Network: {plain(network.title)}", width="content")
        st.markdown(f":material/model_training: {_training()}", width="content")


def _training() -> str:
    app = services()
    running = [job for job in board_of(app).list() if not job.ended]
    if running:
        job = running[0]
        return f"Training: {100 * job.done // job.total} % done" if job.total else "Training: starting"
    tuned = [spec for spec in available_networks(app.settings.storage) if spec.parent is not None]
    if tuned:
        return f"Training: {count(len(tuned), 'network')} trained on your people"
    return "Training: none yet"
