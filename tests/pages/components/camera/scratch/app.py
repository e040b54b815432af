"""The smallest app around the camera component: what `streamlit run` starts in the browser tests."""

import streamlit as st
from starlette.routing import Mount

from recognition.server import create_api
from tests.pages.components.camera.scratch.backend import REGISTRY, TOKENS

app = st.App("page.py", routes=[Mount("/api", app=create_api(REGISTRY, TOKENS))])
