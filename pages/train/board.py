"""The jobs of this app's storage, for the page."""

from pages.components.context import services
from training.jobs import JobBoard


def board() -> JobBoard:
    """Starts, stops and follows trainings. What it tells is in the database: it is the same for everybody who looks."""
    app = services()
    return JobBoard(app.gallery, app.settings.storage, app.settings.database_url)
