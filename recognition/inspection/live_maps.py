"""A camera session that shows what the network sees: its drawings follow the largest face."""

import threading
import time
from collections.abc import Callable

import numpy as np

from recognition.alignment import align
from recognition.erasure import Erased
from recognition.errors import RecognitionError
from recognition.gallery import TemplateSet
from recognition.inspection import views
from recognition.inspection.layers import Summary
from recognition.inspection.people import Candidate, nearest
from recognition.inspection.views import View
from recognition.live.naming import LiveRecognition
from recognition.networks import Network
from recognition.pictures import Picture, encode_jpeg
from recognition.recognizer import Recognizer
from recognition.session import FrameResult

QUALITY = 85
"""Of the JPEG: a grid of 32 maps is about 50 kB."""

STARVED_AFTER = 3.0
"""Seconds without a drawing, while faces come, after which nobody seems to be looking."""

TEMPLATES_FRESH = 1.0
"""Seconds after which the templates are read again: somebody who is deleted is gone from the heat maps by then."""


class LiveMaps:
    """One camera's feature maps; a `DrawingSession`.

    Frames come from one thread, drawings are asked for by another, views are set by the page: all three may do so at
    the same time.

    Args:
        recognizer: gives the recognizer in force; it finds and names faces.
        network: what is looked into; need not be the recognizer's.
        summary: its layers.
        templates: reads the enrolled people's templates of that network.
        view: what to show first.
        min_confidence: from which a face gets its name, 0 to 1.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        recognizer: Callable[[], Recognizer],
        network: Network,
        summary: Summary,
        templates: Callable[[], TemplateSet],
        view: View,
        min_confidence: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.network = network
        self._summary = summary
        self._recognition = LiveRecognition(recognizer, min_confidence, clock)
        self._read_templates = templates
        self._templates: tuple[float, TemplateSet] | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._view = view
        self._crop: Picture | None = None
        self._visible = False
        self._stamp = 0
        self._last_drawing: tuple[int, float] = (0, clock())
        self._problem: str | None = None
        self._people: tuple[Candidate, ...] = ()

    @property
    def stamp(self) -> int:
        """Grows with every new face crop and every change of the view."""
        return self._stamp

    @property
    def crop(self) -> Picture | None:
        """The newest aligned face, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB; None before the first."""
        return self._crop

    @property
    def people(self) -> tuple[Candidate, ...]:
        """Whom the face in the newest heat maps was compared with, best first."""
        return self._people

    @property
    def starved(self) -> bool:
        """Whether there has long been something to draw and nobody asked for it: the stream has been lost."""
        drawn, at = self._last_drawing
        return self._stamp > drawn and self._clock() - at > STARVED_AFTER

    @property
    def problem(self) -> str | None:
        """Why the newest drawing is empty, in a sentence."""
        return self._problem

    def show(self, view: View) -> None:
        """Choose what is drawn from now on."""
        with self._lock:
            if view != self._view:
                self._view = view
                self._stamp += 1

    def frame(self, picture: Picture) -> FrameResult:
        """Follow and name the faces of a frame, (H, W, 3) uint8 RGB, and keep the largest one's crop."""
        result = self._recognition.frame(picture)
        # Largest first.
        crop = align(picture, result.faces[0].landmarks) if result.faces else None
        with self._lock:
            visible = crop is not None
            if visible or self._visible:
                self._stamp += 1
            self._visible = visible
            self._crop = crop if crop is not None else self._crop
        return result

    def round(self) -> None:
        """There is no enrollment round here."""

    def discard(self, photo_id: str) -> None:
        """No photos are kept."""

    def forget(self, erased: Erased) -> None:
        """Drop the face, the templates and the names that the drawings are made of."""
        self._recognition.forget(erased)
        with self._lock:
            self._crop, self._templates, self._people = None, None, ()
            self._stamp += 1

    def draw(self) -> bytes:
        """The newest face through the network as a JPEG; dimmed while no face is in view. Called by one thread at a time."""
        with self._lock:
            view, crop, visible = self._view, self._crop, self._visible
            self._last_drawing = (self._stamp, self._clock())
        picture = np.full((views.SIDE, 4 * views.SIDE, 3), 128, np.uint8)
        self._problem = None
        if crop is not None:
            try:
                picture = self._drawn(view, crop)
            except RecognitionError as error:
                self._problem = str(error)
        return encode_jpeg(picture if visible else (picture * 0.35).astype(np.uint8), QUALITY)

    def _drawn(self, view: View, crop: Picture) -> Picture:
        match view.show:
            case "grid":
                return views.draw_grid(views.maps_of(self.network, crop, view.layer), view.order, view.page)
            case "channel":
                maps = views.maps_of(self.network, crop, view.layer)
                return views.draw_row(list(views.channel_pictures(self._seen(crop), maps, view.channel).values()))
            case "depth":
                return views.draw_stages(views.stages_of(self.network, crop, self._summary.layers))
            case "why":
                return self._why(view, crop)

    def _why(self, view: View, crop: Picture) -> Picture:
        people = nearest(self._fresh_templates(), views.embed_one(self.network, crop))
        self._people = tuple(people)
        if not people:
            raise RecognitionError("Nobody is enrolled for this network, so there is no name to explain.")
        return views.draw_heats(self._seen(crop), views.heats_of(self.network, crop, people, view.layer, view.method))

    def _seen(self, crop: Picture) -> Picture:
        """What the network looks at of a face."""
        seen: Picture = self.network.cut(crop[None])[0]
        return seen

    def _fresh_templates(self) -> TemplateSet:
        now = self._clock()
        if self._templates is None or now - self._templates[0] >= TEMPLATES_FRESH:
            self._templates = (now, self._read_templates())
        return self._templates[1]
