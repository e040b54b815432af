"""The app: Streamlit pages and, beside them on the same port, the /api that the camera talks to."""

import contextlib
import gc
import logging
import threading
import time
from collections.abc import AsyncIterator

import streamlit as st
from starlette.routing import Mount

from recognition.errors import RecognitionError
from recognition.server.api import create_api
from recognition.services import housekeeping, shared_cameras, shared_services
from training import erasure

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")

log = logging.getLogger(__name__)

HOUSEKEEPING_SECONDS = 30.0

logging.getLogger("alembic").setLevel(logging.WARNING)


def _allowed_origins() -> tuple[str, ...]:
    try:
        return shared_services().settings.allowed_origins
    except RecognitionError:
        # The pages tell what is wrong; they need a server for it.
        return ()


def _warm_up() -> None:
    with contextlib.suppress(RecognitionError):
        erasure.subscribe(shared_services())
        shared_services().warm_up()
        erasure.finish_erasures(shared_services())
        erasure.start_due(shared_services())
    # Streamlit collects garbage after every run of a page, and looks at all of PyTorch for it: 0.2 s a second on the Live
    # page, in which no camera gets an answer. What is loaded by now stays for good and need not be looked at.
    gc.collect()
    gc.freeze()


def _run_housekeeping() -> None:
    while True:
        time.sleep(HOUSEKEEPING_SECONDS)
        try:
            housekeeping()
            erasure.start_due(shared_services())
        except RecognitionError as error:
            # A busy database or a drive that is away: the next round may find it.
            log.warning("housekeeping: %s", error)


@contextlib.asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    threading.Thread(target=_warm_up, name="warm-up", daemon=True).start()
    threading.Thread(target=_run_housekeeping, name="housekeeping", daemon=True).start()
    yield


cameras = shared_cameras()
api = create_api(cameras.sessions, cameras.tokens, allowed_origins=_allowed_origins())
app = st.App("pages/main.py", routes=[Mount("/api", app=api)], lifespan=lifespan)
