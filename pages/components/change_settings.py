"""Changing settings from any page."""

from pages.components.context import services
from pages.components.text import show_error
from recognition.errors import RecognitionError
from recognition.settings import fixed_by, load_settings, save_settings


def change_settings(**changes: object) -> bool:
    """Use changed settings from now on, and save them; those that the environment fixes stay.

    Returns:
        Whether that went well. What can't be used is not saved, and why is shown.
    """
    free = {name: value for name, value in changes.items() if not fixed_by(name)}
    try:
        services().use_settings(load_settings(**free))
        save_settings(**free)
    except RecognitionError as error:
        show_error(error)
        return False
    return True
