"""What a training changed, face by face: the name before and the name now."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain
from pages.components.thumbnails import face_picture
from pages.train.names import Names
from recognition.errors import NetworkError
from recognition.networks import BACKBONES, NetworkSpec, network_spec
from training.faces.report import Guess
from training.models import TunedModel

SHOWN = 12

CARD = 150
"""Pixels: two cards beside each other on a phone."""

WORSE = {
    "small": "as from far away",
    "dark": "as in the dark",
    "covered": "as with a mask",
    "blurred": "as when moving",
}


@dataclass(frozen=True)
class Change:
    """A photo whose name changed. before, now: keys of people, None for unknown."""

    guess: Guess
    before: str | None
    now: str | None

    @property
    def gained(self) -> bool:
        """Whether the name is right now."""
        return self.now == self.guess.truth


def changes(guesses: Sequence[Guess], untuned: NetworkSpec, tuned: NetworkSpec, min_confidence: float) -> list[Change]:
    """The photos that would get another name than before at a confidence threshold of 0 to 1, the surest first."""

    def name(spec: NetworkSpec, person: str, score: float) -> str | None:
        return person if spec.calibration.accepts(score, min_confidence) else None

    found = [
        Change(guess, name(untuned, guess.untuned_guess, guess.untuned_score), name(tuned, guess.guess, guess.score))
        for guess in guesses
    ]
    return sorted((change for change in found if change.before != change.now), key=lambda change: -change.guess.score)


def show(model: TunedModel, names: Names) -> None:
    """The changed faces, those named right now first."""
    report = model.training.report
    guesses = [*report.guesses, *report.hard_guesses]
    if not guesses or not names.known:
        return
    settings = services().settings
    found = changes(guesses, _untuned(model), model.manifest.spec(), settings.min_confidence)
    tried = f"{count(len(report.guesses), 'photo')} it was not trained on"
    if report.hard_guesses:
        tried += f", and the same made worse: {len(guesses)} in all"
    if not found:
        st.markdown(f"**Every face keeps its name.** Asked about {tried}.")
        return
    gained = sum(change.gained for change in found)
    st.markdown(f"**Names that changed: {gained} to the right one, {len(found) - gained} to a wrong one or none**")
    _cards(sorted(found, key=lambda change: not change.gained), names)
    st.caption(
        f"The names are those that Live would give at the confidence needed of {settings.min_confidence:.0%}. Asked about "
        f"{tried}; the {count(len(guesses) - len(found), 'other')} got the same name before and now."
    )


def _cards(found: Sequence[Change], names: Names) -> None:
    faces = [(change, face_picture(change.guess.photo, change.guess.corruption)) for change in found]
    shown = [(change, face) for change, face in faces if face is not None]
    with st.container(horizontal=True):
        for change, face in shown[:SHOWN]:
            with st.container(border=True, width=CARD):
                st.image(face, width="stretch", output_format="JPEG", alt=names(change.guess.truth))
                st.markdown(f":gray[before:] {_said(change.before, names)}  \n:gray[now:] **{_said(change.now, names)}**")
                right = (
                    ":green[:material/check: right]"
                    if change.gained
                    else f":red[:material/close: it is {plain(names(change.guess.truth))}]"
                )
                st.caption(right + (f", {WORSE[change.guess.corruption]}" if change.guess.corruption else ""))
    if len(shown) > SHOWN:
        st.caption(f"{SHOWN} of {len(shown)}.")


def _said(key: str | None, names: Names) -> str:
    return "Unknown" if key is None else plain(names(key))


def _untuned(model: TunedModel) -> NetworkSpec:
    """What it was trained from."""
    try:
        return network_spec(model.training.settings.network, services().settings.storage)
    except NetworkError:
        # A tuned network that has been deleted since.
        return BACKBONES[model.manifest.parent]
