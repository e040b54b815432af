"""To try everything without a camera: a face that is found, two people, and a film of them."""

import streamlit as st

from pages.components.context import services
from pages.components.text import data_url, plain, show_error
from recognition import demo
from recognition.enrollment import enroll_pictures
from recognition.errors import RecognitionError
from recognition.pictures import encode_jpeg
from recognition.recognizer import Recognizer

BOX = (0.32, 0.24, 0.67, 0.70)
"""Where the face is in the demo portrait, as shares of its side: x1, y1, x2, y2."""

_HERO = """
<style>
.hero {{ position: relative; max-width: 26rem; margin: 0 auto; aspect-ratio: 1; overflow: hidden; border-radius: 1rem; }}
.hero div {{ position: absolute; inset: -6%; animation: hero-sway 9s ease-in-out infinite; }}
.hero img {{ width: 100%; height: 100%; object-fit: cover; }}
.hero i {{ position: absolute; left: {x1}%; top: {y1}%; width: {width}%; height: {height}%; border: 3px solid #d98622;
  border-radius: 10px; animation: hero-find 9s ease-in-out infinite; }}
.hero b {{ position: absolute; left: {x1}%; top: calc({y1}% - 2.1rem); padding: 0.15rem 0.6rem; border-radius: 6px;
  background: #0b7a64; color: #fff; font-size: 0.9rem; font-weight: 600; animation: hero-name 9s ease-in-out infinite; }}
@keyframes hero-sway {{ 0%, 100% {{ translate: -2% 1%; }} 50% {{ translate: 3% -2%; }} }}
@keyframes hero-find {{
  0%, 8% {{ scale: 1.75; border-color: #d98622; opacity: 0; }}
  22% {{ scale: 1.1; border-color: #d98622; opacity: 1; }}
  30%, 92% {{ scale: 1; border-color: #1aa387; opacity: 1; }}
  100% {{ scale: 1; border-color: #1aa387; opacity: 0; }}
}}
@keyframes hero-name {{ 0%, 28% {{ opacity: 0; }} 34%, 92% {{ opacity: 1; }} 100% {{ opacity: 0; }} }}
@media (prefers-reduced-motion: reduce) {{
  .hero div, .hero i, .hero b {{ animation: none; }}
  .hero i {{ border-color: #1aa387; }}
}}
</style>
<figure class="hero" role="img" aria-label="A face is found in a picture and gets a name">
<div><img src="{url}" alt=""><i></i><b>Eileen Collins</b></div>
</figure>
"""


def show_face() -> None:
    """A portrait in which a face is found and named, again and again."""
    x1, y1, x2, y2 = (100 * share for share in BOX)
    st.html(_HERO.format(url=_portrait(), x1=x1, y1=y1, width=x2 - x1, height=y2 - y1))


@st.cache_data(show_spinner=False)
def _portrait() -> str:
    return data_url(encode_jpeg(demo.portraits()[demo.COLLINS]))


def offer_people() -> None:
    """The button that enrolls two people from pictures in the public domain."""
    help_ = "Two people from pictures in the public domain, and a film of them. Delete them whenever you like."
    if not st.button("Try it without a camera", icon=":material/theaters:", help=help_):
        return
    app = services()
    try:
        with st.spinner("Adding two people…"):
            enroll_pictures(demo.demo_pictures(), app.gallery, app.recognizer(), source="upload", consented=True)
    except RecognitionError as error:
        show_error(error)
    else:
        st.rerun()


def offer_film() -> None:
    """The button that shows the film, where somebody in it is enrolled."""
    if any(map(services().gallery.find, demo.NAMES)) and st.button("Demo film", icon=":material/theaters:"):
        _show_film()


@st.dialog("Demo film", icon=":material/theaters:", width="medium")
def _show_film() -> None:
    app = services()
    try:
        with st.spinner("Looking for faces in the film…"):
            film = _named_film(app.recognizer(), app.settings.min_confidence)
    except RecognitionError as error:
        show_error(error)
        return
    st.video(film, format="video/webm", loop=True, autoplay=True, muted=True, alt="Two people with boxes and names")
    st.caption(f"As the live camera shows it: {' and '.join(map(plain, demo.NAMES))}.")
    with st.container(horizontal=True):
        st.download_button(
            "Download the film",
            demo.demo_film,
            "familiar-demo.webm",
            "video/webm",
            icon=":material/download:",
            on_click="ignore",
            help="Without boxes: choose it on the Live page, under Video.",
        )
        if st.button("Close"):
            st.rerun()


@st.cache_data(max_entries=2, show_spinner=False, hash_funcs={Recognizer: lambda one: (one.revision, one.network.spec.key)})
def _named_film(recognizer: Recognizer, min_confidence: float) -> bytes:
    """Anew for each network and whenever the gallery changes."""
    return demo.named_film(recognizer, min_confidence)
