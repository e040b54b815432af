"""The faces a tuned network got wrong."""

import streamlit as st

from pages.components.text import count, plain
from pages.components.thumbnails import face_picture
from pages.train.names import Names
from training.faces.report import Guess

SHOWN = 24

CARD = 168
"""Pixels: two cards beside each other on a phone."""


def faces(guesses: list[Guess], names: Names) -> None:
    """Crop, truth, guess and score of each; photos deleted since are left out."""
    st.markdown(
        "The photos that got another person's name, with the similarity that misled it and what the untuned network had "
        "said. Look for what they have in common: a turned head, a hand, bad light, or a photo enrolled under a wrong name."
    )
    wrong = sorted((guess for guess in guesses if guess.guess != guess.truth), key=lambda guess: -guess.score)
    if not wrong:
        st.success(f"None: all {count(len(guesses), 'photo')} got the right name.", icon=":material/check:")
        return
    if not names.known:
        st.caption(f"{count(len(wrong), 'photo')}, which are not here: the model was made elsewhere.")
        return
    crops = [(guess, crop) for guess in wrong if (crop := face_picture(guess.photo)) is not None]
    with st.container(horizontal=True):
        for guess, crop in crops[:SHOWN]:
            with st.container(border=True, width=CARD):
                st.image(crop, width="stretch", output_format="JPEG", alt=names(guess.truth))
                st.markdown(f"**{plain(names(guess.truth))}**  \ntaken for {plain(names(guess.guess))}, {guess.score:.2f}")
                before = "right" if guess.untuned_guess == guess.truth else plain(names(guess.untuned_guess))
                st.caption(f"Untuned: {before}, {guess.untuned_score:.2f}")
    notes = []
    if len(crops) > SHOWN:
        notes.append(f"The {SHOWN} surest of {len(crops)} mistakes.")
    if gone := len(wrong) - len(crops):
        notes.append(f"{count(gone, 'photo')} that {'is' if gone == 1 else 'are'} no longer here left out.")
    if notes:
        st.caption(" ".join(notes))
