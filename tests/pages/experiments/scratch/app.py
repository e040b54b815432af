"""The smallest app around the panel: what `streamlit run` starts in the browser tests."""

import gc

import altair  # noqa: F401  # loaded before the freeze
import streamlit as st
from starlette.routing import Mount

from recognition.server import create_api
from recognition.services import shared_cameras
from training.course.experiments import predictor  # noqa: F401  # so is PyTorch

# As the whole app does when it has warmed up: Streamlit collects garbage after every run, and would look at all of it.
gc.collect()
gc.freeze()
cameras = shared_cameras()
app = st.App("page.py", routes=[Mount("/api", app=create_api(cameras.sessions, cameras.tokens))])
