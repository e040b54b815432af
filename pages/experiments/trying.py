"""Which experiment's network is tried."""

from pages.components.context import services
from pages.experiments import try_it
from pages.experiments.results import choose_experiment, show_nothing_yet
from training.course.experiments.store import list_experiments


def panel() -> None:
    """The choice, and what its network makes of what it is shown."""
    records = {record.id: record for record in list_experiments(services().settings.storage)}
    if records:
        try_it.panel(choose_experiment(records))
    else:
        show_nothing_yet("Then draw, upload or hold something into the camera here, and see what it makes of it.")
