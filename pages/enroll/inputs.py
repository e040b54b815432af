"""The two questions that come with every photo: whose it is, and whether they agreed."""

from streamlit.delta_generator import DeltaGenerator


def ask_name(place: DeltaGenerator, key: str) -> str:
    """The name, while it is typed."""
    return place.text_input("Whose photos are these?", key=key, max_chars=80, placeholder="Name", live=True) or ""


def ask_consent(place: DeltaGenerator, key: str, label: str = "They agreed to their face being stored here") -> bool:
    """Whether they agreed. Saving asks for it again."""
    return place.checkbox(
        label,
        key=key,
        help="The face is stored on this computer as photos and as numbers computed from them, and used to recognise "
        "the person. It can be deleted at any time on the People page.",
    )
