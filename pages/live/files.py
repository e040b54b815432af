"""The Live page's other sources: a picture or a video file."""

import weakref
from dataclasses import dataclass

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from pages.live.appearance_table import appearance_table
from recognition.drawing import Label, draw
from recognition.erasure import Erased
from recognition.errors import RecognitionError
from recognition.live.video import VideoProgress, VideoReport, recognise_video
from recognition.pictures import Picture, read_picture
from recognition.tasks import Report, Task, TaskState


def picture(min_confidence: float) -> None:
    """Upload a picture, see the names in it."""
    upload = st.file_uploader("A picture with faces", type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff"])
    if upload is None:
        st.caption("The picture is looked at in memory and not stored.")
        return
    try:
        image = read_picture(upload.getvalue(), upload.name)
        with st.spinner("Looking for faces…"):
            recognizer = services().recognizer()
            faces = recognizer.identify(image)
    except RecognitionError as error:
        show_error(error)
        return
    if not faces:
        st.image(image, width="stretch")
        st.info("No face found in this picture.", icon=":material/search_off:")
        return
    named = [(face, face.named(min_confidence)) for face in faces]
    waiting = bool(recognizer.index.waiting)
    labels = [
        Label(face.face.box, match.name, match.confidence)
        if match
        else Label(face.face.box, None, None if waiting else face.match.confidence if face.match else 0.0)
        for face, match in named
    ]
    st.image(draw(image, labels), width="stretch")
    known = sum(match is not None for _, match in named)
    st.caption(f"{count(len(faces), 'face')}: {known} known, {len(faces) - known} unknown.")


@dataclass(eq=False)
class _Watching:
    """A video being watched: the task and its newest preview. No task: somebody was erased, and it has to be watched anew."""

    task: Task | None
    preview: Picture | None = None

    def drop(self) -> None:
        """Stop, and drop the names and faces found so far."""
        if self.task is not None:
            self.task.cancel()
        self.task = self.preview = None


_watched: weakref.WeakSet[_Watching] = weakref.WeakSet()
"""The videos of all browser tabs."""


def _forget(erased: Erased) -> None:
    if erased.person_id is not None:
        for watching in list(_watched):
            watching.drop()


def video(min_confidence: float) -> None:
    """Upload a video, watch it being recognised, get the list of who was in it."""
    upload = st.file_uploader("A video with faces", type=["mp4", "mov", "avi", "mkv", "webm", "m4v"])
    watching: _Watching | None = st.session_state.get("video")
    if upload is None:
        if watching:
            watching.drop()
            del st.session_state["video"]
        st.caption("The video is looked at frame by frame and not stored.")
        return
    run = (upload.file_id, min_confidence)
    if watching is None or watching.task is None or st.session_state.get("video_run") != run:
        if watching:
            watching.drop()
        st.session_state["video"] = _start(upload.getvalue(), min_confidence)
        st.session_state["video_run"] = run
    watching = st.session_state["video"]
    state = watching.task.state if watching.task else None
    if state is None or state.running:
        _watch()
    else:
        _outcome(watching, state)


def _start(data: bytes, min_confidence: float) -> _Watching:
    app = services()
    app.erasure.subscribe("the videos", _forget)

    def work(report: Report) -> VideoReport:
        def progress(state: VideoProgress) -> None:
            # First, since it ends a video that was dropped.
            report(
                state.fraction,
                f"{state.position.total_seconds():.0f} s, {state.frames_per_second:.0f} frames a second",
            )
            if state.preview is not None:
                watching.preview = state.preview

        return recognise_video(data, app.recognizer, min_confidence, progress)

    watching = _Watching(None)
    watching.task = Task("video", work)
    _watched.add(watching)
    return watching


@st.fragment(run_every=0.3)
def _watch() -> None:
    """The progress; the page runs again when it is over."""
    watching: _Watching = st.session_state["video"]
    task = watching.task
    if task is None or not task.state.running:
        st.rerun()
    state = task.state
    if watching.preview is not None:
        st.image(watching.preview, width="stretch")
    st.progress(state.fraction, text=plain(state.text) or "Opening the video…")
    st.button("Stop", icon=":material/stop:", on_click=task.cancel)


def _outcome(watching: _Watching, state: TaskState) -> None:
    if watching.preview is not None:
        st.image(watching.preview, width="stretch")
    if state.status == "cancelled":
        st.info("Stopped.", icon=":material/stop:")
    elif state.error:
        show_error(state.error)
    elif isinstance(state.result, VideoReport):
        report = state.result
        st.success(f"{report.frames:,} frames, {report.length.total_seconds():.0f} seconds.", icon=":material/check:")
        if report.appearances:
            appearance_table(report.appearances, time_format="mm:ss")
        else:
            st.caption("No face in this video.")
