"""What is evaluated: a network on the own gallery, perhaps beside another one, at a threshold."""

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from pages.components.change_settings import change_settings
from pages.components.context import services
from pages.components.difference import sentence
from pages.components.panels import bound
from pages.components.text import count, plain
from pages.components.threshold import threshold_slider, usual_percent
from pages.evaluate import templates
from recognition.gallery import TemplateSet
from recognition.networks import NetworkSpec, available_networks
from recognition.settings import fixed_by
from training.evaluation.gallery import GalleryEvaluation, difference, evaluate_gallery

NOTHING = "Nothing"


@dataclass(frozen=True, eq=False)
class EvaluatedNetwork:
    """A network and what the gallery's photos say of it. `title` differs from that of every other network."""

    title: str
    spec: NetworkSpec
    templates: TemplateSet
    evaluation: GalleryEvaluation

    def required_score(self, min_confidence: float) -> float:
        """The similarity from which a face gets a name at a confidence threshold of 0 to 1."""
        return self.spec.calibration.required_score(min_confidence)


@dataclass(frozen=True, eq=False)
class Subject:
    """What the panels show.

    Attributes:
        evaluated: the network.
        other: the one it is compared with, or None.
        min_confidence: the confidence threshold from which a face gets a name, 0 to 1, for both.
    """

    evaluated: EvaluatedNetwork
    other: EvaluatedNetwork | None
    min_confidence: float

    @property
    def threshold(self) -> float:
        """The similarity from which a face gets a name by the evaluated network."""
        return self.evaluated.required_score(self.min_confidence)

    @property
    def networks(self) -> list[EvaluatedNetwork]:
        """One or two."""
        return [self.evaluated] if self.other is None else [self.evaluated, self.other]


def choose() -> Subject | None:
    """The inputs and what goes wrong at the threshold, in words; None while there is nothing to show.

    Raises:
        RecognitionError: the gallery can't be read.
    """
    specs = titles(available_networks(services().settings.storage))
    known = list(specs)
    in_use = next((title for title in known if specs[title].key == services().settings.network), known[0])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _only_from("network", known)
        title = st.selectbox("Network", known, known.index(in_use), width=280, **bound("network"))
        others = [other for other in known if other != title]
        beside = NOTHING
        if others:
            _only_from("beside", [NOTHING, *others])
            start = _tuned_and_ready(specs, others)
            beside = st.selectbox("Compare with", [NOTHING, *others], start, width=280, **bound("beside"))
    evaluated = evaluate(title, specs[title])
    other = evaluate(beside, specs[beside]) if beside != NOTHING else None
    if evaluated is None:
        return None
    subject = Subject(evaluated, other, _choose_confidence(evaluated))
    if other is not None and (text := compared(evaluated, other, subject.min_confidence)) is not None:
        st.info(text, icon=":material/balance:")
    return subject


def compared(one: EvaluatedNetwork, other: EvaluatedNetwork, min_confidence: float) -> str | None:
    """Which of two networks gives more of the photos their right names, and how surely, as Markdown; None without photos."""
    first, second = ((network.evaluation, network.required_score(min_confidence)) for network in (one, other))
    found = difference(first, second)
    if found is None:
        return None
    if found.value < 0:
        return compared(other, one, min_confidence)
    tuned = [network for network in (one, other) if network.spec.parent is not None]
    flattered = (
        f" {plain(tuned[0].title)} may have learned from these very photos, which flatters it: its result on the Train page is "
        "about photos that it had not seen."
        if len(tuned) == 1
        else ""
    )
    return f"Right names: {sentence(one.title, other.title, found)}{flattered}"


def titles(specs: list[NetworkSpec]) -> dict[str, NetworkSpec]:
    """Networks by title; models of one name get the start of their number."""
    often = Counter(spec.title for spec in specs)
    return {
        spec.title if often[spec.title] == 1 else f"{spec.title} ({spec.key.rpartition(':')[2][:6]})": spec for spec in specs
    }


def _tuned_and_ready(specs: dict[str, NetworkSpec], others: list[str]) -> int:
    """Which to compare with at first: the newest model that has seen all photos, or nothing."""
    gallery = services().gallery
    for number, title in enumerate(others, start=1):
        if specs[title].parent is not None and not gallery.photos_without_template(specs[title].key):
            return number
    return 0


def evaluate(title: str, spec: NetworkSpec) -> EvaluatedNetwork | None:
    """What the gallery's photos say of a network; None, with what can be done, while there is nothing to evaluate."""
    return _evaluated(title, spec) if templates.ready(spec) else None


def evaluate_if_seen(title: str, spec: NetworkSpec) -> EvaluatedNetwork | None:
    """The same without a word, of the photos that the network has seen; None without any."""
    gallery = services().gallery
    return _evaluated(title, spec) if len(gallery.photos_without_template(spec.key)) < gallery.counts().photos else None


def _evaluated(title: str, spec: NetworkSpec) -> EvaluatedNetwork:
    app = services()
    found, evaluation = _compared(str(app.settings.storage), spec.key, app.gallery.revision())
    return EvaluatedNetwork(title, spec, found, evaluation)


@st.cache_resource(max_entries=8, show_spinner="Comparing every photo with everybody")
def _compared(storage: str, key: str, revision: int) -> tuple[TemplateSet, GalleryEvaluation]:  # noqa: ARG001  # make it anew
    found = services().gallery.templates(key)
    return found, evaluate_gallery(found)


def _choose_confidence(evaluated: EvaluatedNetwork) -> float:
    left, right = st.columns(2, gap="medium", vertical_alignment="center")
    with left:
        min_confidence = threshold_slider(key="confidence", shared=True)
    with right:
        threshold = evaluated.required_score(min_confidence)
        _show_errors(evaluated.evaluation, threshold)
        st.caption(f"A name needs a similarity of {threshold:.3f} by this network.")
        if min_confidence != usual_percent() / 100:
            _offer_live(min_confidence)
    return min_confidence


def _offer_live(min_confidence: float) -> None:
    """Live's slider shows a confidence too, which means the same for every network: it is what is carried over."""
    fixed = fixed_by("min_confidence")
    with st.container(horizontal=True):
        if st.button(
            "Use this in Live",
            icon=":material/videocam:",
            type="primary",
            disabled=fixed is not None,
            help=f"It is set by {fixed}." if fixed else "From now on a name needs this confidence in Live and everywhere else.",
        ) and change_settings(min_confidence=min_confidence):
            st.rerun()
        label = f"Back to {usual_percent()} %, as on the Live page"
        st.button(label, icon=":material/undo:", type="tertiary", on_click=_forget)


def _show_errors(evaluation: GalleryEvaluation, threshold: float) -> None:
    errors = evaluation.errors(threshold)
    parts = []
    if errors.probes:
        parts.append(f"**{errors.unrecognised:,} of {count(errors.probes, 'photo')}** would not be recognised")
    if errors.strangers:
        parts.append(f"**{errors.named:,} of {count(errors.strangers, 'stranger')}** would get a name")
    st.markdown("; ".join(parts) + ".", help=STRANGERS)


STRANGERS = "A photo is compared as if it had not been enrolled. As a stranger, its whole person is left out too."


def _only_from(key: str, choices: list[str]) -> None:
    """A model in the address may be gone."""
    if st.session_state.get(key) not in choices:
        st.session_state.pop(key, None)


def _forget() -> None:
    """Back to the threshold of the settings."""
    st.session_state.pop("confidence", None)
