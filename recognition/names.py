"""People's names: what is accepted, and when two of them are the same."""

import unicodedata
from collections.abc import Collection

from recognition.errors import InvalidNameError

MAX_NAME = 80
"""Characters a name may have."""

MAX_KEY = 240
"""Characters a name's key may have; compatibility characters such as ﷺ unfold into many."""

# Embeddings, overrides and isolates of text direction: they make one name look like another one.
_DIRECTION_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean_name(text: str) -> str:
    """A name as it is stored: trimmed, inner white space collapsed to single blanks, Unicode NFC.

    Any script, emoji, quote or slash is welcome: no file is ever named by a name.

    Raises:
        InvalidNameError: empty or invisible, longer than `MAX_NAME`, or with control characters.
    """
    name = tidy(text)
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise InvalidNameError("The name is empty. Type a name that can be seen.")
    if any(_is_control(character) for character in name):
        raise InvalidNameError("The name holds control characters that can't be shown. Type it in again.")
    if len(name) > MAX_NAME or len(name_key(name)) > MAX_KEY:
        raise InvalidNameError(f"The name has {len(name)} characters; at most {MAX_NAME} are taken.")
    return name


def tidy(text: str) -> str:
    """Unicode NFC, trimmed, inner white space collapsed to single blanks."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_key(name: str) -> str:
    """What names are compared, searched and ordered by: no case, no compatibility forms such as ﬁ."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def numbered(name: str, taken: Collection[str]) -> str:
    """The name, with a number behind it where another has it: `Faces (2)`.

    Args:
        name: a clean one.
        taken: the keys (`name_key`) of those that there are.
    """
    candidate, number = name, 1
    while name_key(candidate) in taken:
        number += 1
        ending = f" ({number})"
        candidate = name[: MAX_NAME - len(ending)].rstrip() + ending
    return candidate


def _is_control(character: str) -> bool:
    # Lone surrogates (Cs) can't be stored as UTF-8.
    return unicodedata.category(character) in ("Cc", "Cs") or character in _DIRECTION_CONTROLS
