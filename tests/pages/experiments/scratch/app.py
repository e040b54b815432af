"""The smallest app around the panel: what `streamlit run` starts in the browser tests."""

import streamlit as st
from starlette.routing import Mount

from recognition.server import create_api
from recognition.services import shared_cameras

cameras = shared_cameras()
app = st.App("page.py", routes=[Mount("/api", app=create_api(cameras.sessions, cameras.tokens))])
