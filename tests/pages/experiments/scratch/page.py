"""The newest experiment, to be tried."""

import streamlit as st

from pages.components.context import services
from pages.experiments.try_it import panel
from training.course.experiments.store import list_experiments

st.title("Try it")
panel(list_experiments(services().settings.storage)[0].id)
