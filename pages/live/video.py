"""A film from a file: watched once in the background, then replayed with its boxes, timeline and names."""

import mimetypes
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from pages.live.player import player
from recognition.erasure import Erased
from recognition.live.films import rewrite_film
from recognition.live.video import VideoProgress, VideoReport, WatchedVideo, annotate_video, watch_video
from recognition.pictures import Picture
from recognition.tasks import Report, Task

SLOT = "video"


@dataclass(eq=False)
class _Film:
    """A film of one browser tab: its file, and what was made of it.

    Attributes:
        watching: gives a `WatchedVideo`. None after somebody was erased, who may be in it: it has to be watched anew.
        playable: gives the film in a format that every browser plays, where this one can't play the file.
        saving: gives the film with its boxes, at the confidence `saved_at`.
        preview: the newest frame while it is being watched.
        report: the names at a confidence.
    """

    name: str
    content: bytes
    watching: Task | None = None
    playable: Task | None = None
    saving: Task | None = None
    saved_at: float = 0.0
    preview: Picture | None = None
    report: tuple[float, VideoReport] | None = None

    @property
    def kind(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "video/mp4"

    def drop(self) -> None:
        """Stop, and drop the names and faces found so far."""
        for task in (self.watching, self.saving):
            if task is not None:
                task.cancel()
        self.watching = self.saving = self.preview = self.report = None

    def named(self, watched: WatchedVideo, min_confidence: float) -> VideoReport:
        if self.report is None or self.report[0] != min_confidence:
            self.report = (min_confidence, watched.named(min_confidence))
        return self.report[1]


_films: weakref.WeakSet[_Film] = weakref.WeakSet()
"""Those of all browser tabs."""


def _forget(erased: Erased) -> None:
    if erased.person_id is not None:
        for film in list(_films):
            film.drop()


def show(min_confidence: float) -> None:
    """Upload a film, watch it being recognised, replay it. It stays until another one is wanted, or the tab is closed."""
    film: _Film | None = st.session_state.get(SLOT)
    if film is None:
        _choose()
        return
    if film.watching is None:
        film.watching = _watch(film, min_confidence)
    state = film.watching.state
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(film.name)}**", width="stretch")
        st.button("Another video", icon=":material/movie:", on_click=_discard, args=(film,))
    if state.running:
        _follow_watching(film)
    elif isinstance(state.result, WatchedVideo):
        _replay(film, film.named(state.result, min_confidence), min_confidence)
    elif state.error:
        show_error(state.error)
    else:
        st.info("Stopped.", icon=":material/stop:")


def _choose() -> None:
    upload = st.file_uploader("A video with faces", type=["mp4", "mov", "avi", "mkv", "webm", "m4v"])
    st.caption("The video is looked at frame by frame, in memory, and not stored.")
    if upload is not None:
        film = st.session_state[SLOT] = _Film(upload.name, upload.getvalue())
        _films.add(film)
        services().erasure.subscribe("the videos", _forget)
        st.rerun()


def _discard(film: _Film) -> None:
    film.drop()
    del st.session_state[SLOT]


def _watch(film: _Film, min_confidence: float) -> Task:
    app = services()

    def work(report: Report) -> WatchedVideo:
        def progress(state: VideoProgress) -> None:
            # First, since it ends a video that was dropped.
            report(
                state.fraction,
                f"{state.position.total_seconds():.0f} s, {state.frames_per_second:.0f} frames a second",
            )
            if state.preview is not None:
                film.preview = state.preview

        return watch_video(film.content, app.recognizer, min_confidence, progress)

    return Task("video", work)


@st.fragment(run_every=0.3)
def _follow_watching(film: _Film) -> None:
    """The progress; the page runs again when it is over."""
    task = film.watching
    if task is None or not task.state.running:
        st.rerun()
    if film.preview is not None:
        st.image(film.preview, width="stretch")
    st.progress(task.state.fraction, text=plain(task.state.text) or "Opening the video…")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Stop", icon=":material/stop:", on_click=task.cancel)
        st.caption("You can look at other pages meanwhile; this goes on.", width="content")


def _replay(film: _Film, report: VideoReport, min_confidence: float) -> None:
    content, kind = film.content, film.kind
    if film.playable is not None:
        state = film.playable.state
        if state.running:
            _follow(film.playable, "This browser can't play the file itself: making a copy it can play.")
            return
        if state.error:
            show_error(state.error)
        if isinstance(state.result, bytes):
            content, kind = state.result, "video/webm"
    unplayable = player(key="video_player", film=content, kind=kind, report=report)
    if unplayable and film.playable is None:
        film.playable = Task("playable video", lambda tell: rewrite_film(film.content, lambda one: one.picture, _telling(tell)))
        st.rerun()
    known = sum(person.name is not None for person in report.people)
    st.caption(
        f"{count(len(report.people), 'person', 'people')}: {known} known, {len(report.people) - known} unknown. "
        "Move “Confidence needed” and the names follow at once."
        if report.people
        else "No face in this video."
    )
    _offer_to_save(film, report, min_confidence)


def _offer_to_save(film: _Film, report: VideoReport, min_confidence: float) -> None:
    stem = Path(film.name).stem
    if film.saving is not None and film.saving.state.running:
        _follow(film.saving, "Drawing the boxes into a copy of the video.")
        return
    made = film.saving.state if film.saving is not None and film.saved_at == min_confidence else None
    with st.container(horizontal=True):
        st.download_button(
            "Timeline (.csv)", report.table(), f"{stem}-people.csv", "text/csv", icon=":material/download:", on_click="ignore"
        )
        if made is not None and isinstance(made.result, bytes):
            st.download_button(
                "Video with boxes (.webm)",
                made.result,
                f"{stem}-people.webm",
                "video/webm",
                icon=":material/download:",
                type="primary",
                on_click="ignore",
            )
        else:
            st.button(
                "Make a video with boxes", icon=":material/movie_edit:", on_click=_save, args=(film, report, min_confidence)
            )
    if made is not None and made.error:
        show_error(made.error)


def _save(film: _Film, report: VideoReport, min_confidence: float) -> None:
    film.saved_at = min_confidence
    film.saving = Task("video with boxes", lambda tell: annotate_video(film.content, report, _telling(tell)))


def _telling(report: Report) -> Callable[[float], None]:
    return lambda fraction: report(fraction, "")


@st.fragment(run_every=0.3)
def _follow(task: Task, what: str) -> None:
    """The progress; the page runs again when it is over."""
    if not task.state.running:
        st.rerun()
    st.progress(task.state.fraction, text=what)
    st.button("Stop", icon=":material/stop:", on_click=task.cancel, key="stop_copy")
