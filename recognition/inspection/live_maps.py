"""A camera session that shows the network at work on the largest face."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from recognition.alignment import align
from recognition.erasure import Erased
from recognition.errors import RecognitionError
from recognition.gallery import TemplateSet
from recognition.inspection import views
from recognition.inspection.attribution import Method
from recognition.inspection.layers import Summary
from recognition.inspection.people import Candidate, answer_of, nearest
from recognition.inspection.touch import Touched, touchable
from recognition.live.naming import LiveRecognition
from recognition.networks import Network
from recognition.pictures import Picture, encode_jpeg
from recognition.recognizer import Recognizer
from recognition.session import FrameResult

QUALITY = 85
"""Of the JPEG of heat maps."""

SHARES = 3
"""Names at the end of the network, so many at most."""

STARVED_AFTER = 3.0
"""Seconds without a drawing, while faces come, after which nobody seems to be looking."""

TEMPLATES_FRESH = 1.0
"""Seconds after which the templates are read again: somebody who is deleted is gone from the heat maps by then."""


FROZEN = "Frozen: no face is in view. This is the last one."


@dataclass(frozen=True)
class Heat:
    """How heat maps are made: of the maps of this layer, by this method."""

    layer: str
    method: Method = "layercam"


class LiveMaps:
    """One camera's feature maps; a `TouchSession`, and a `DrawingSession` that draws why a face gets its name.

    Frames come from one thread, maps and drawings are asked for by others, what is looked at is set by the page: all may
    do so at the same time.

    Args:
        recognizer: gives the recognizer in force; it finds and names faces.
        network: what is looked into; need not be the recognizer's.
        summary: its layers.
        templates: reads the enrolled people's templates of that network.
        touched: what is looked at closely first.
        min_confidence: from which a face gets its name, 0 to 1.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        recognizer: Callable[[], Recognizer],
        network: Network,
        summary: Summary,
        templates: Callable[[], TemplateSet],
        touched: Touched,
        min_confidence: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.network = network
        self._summary = summary
        self._recognition = LiveRecognition(recognizer, min_confidence, clock)
        self._min_confidence = min_confidence
        self._read_templates = templates
        self._templates: tuple[float, TemplateSet] | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._touched = touched
        self._channels: dict[str, int] = {}
        self._heat: Heat | None = None
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

    def show(self, touched: Touched) -> None:
        """Choose what is looked at closely from now on."""
        with self._lock:
            if touched != self._touched:
                self._touched = touched
                self._stamp += 1

    def explain(self, heat: Heat) -> None:
        """Choose how the heat maps are drawn from now on."""
        with self._lock:
            if heat != self._heat:
                self._heat = heat
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

    def touch(self) -> bytes:
        """The network at work on the newest face, as JSON: `network` is None before the first one, `frozen` says in words
        why it stands still. Called by one thread at a time."""
        with self._lock:
            touched, crop, visible, stamp = self._touched, self._crop, self._visible, self._stamp
        network, frozen = None, "" if visible else FROZEN
        if crop is None:
            frozen = "Looking for a face."
        else:
            try:
                answer = answer_of(self._nearest(crop, SHARES), self.network.spec.calibration, self._min_confidence)
                network = touchable(self.network, crop, self._summary, self._settled(touched), answer)
                self._channels[touched.layer] = network["channel"]
            except RecognitionError as error:
                frozen = str(error)
        return json.dumps({"stamp": stamp, "frozen": frozen, "network": network}).encode()

    def draw(self) -> bytes:
        """Why the newest face gets its name, as a JPEG; dimmed while no face is in view. Called by one thread at a time."""
        with self._lock:
            heat, crop, visible = self._heat, self._crop, self._visible
            self._last_drawing = (self._stamp, self._clock())
        picture = np.full((views.SIDE, 4 * views.SIDE, 3), 128, np.uint8)
        self._problem = None
        if crop is not None and heat is not None:
            try:
                picture = self._why(heat, crop)
            except RecognitionError as error:
                self._problem = str(error)
        return encode_jpeg(picture if visible else (picture * 0.35).astype(np.uint8), QUALITY)

    def _why(self, heat: Heat, crop: Picture) -> Picture:
        people = self._nearest(crop, 2)
        self._people = tuple(people)
        if not people:
            raise RecognitionError("Nobody is enrolled for this network, so there is no name to explain.")
        return views.draw_heats(
            views.as_seen(self.network, crop), views.heats_of(self.network, crop, people, heat.layer, heat.method)
        )

    def _settled(self, touched: Touched) -> Touched:
        """With a channel, where none is chosen: the one of the frame before, or another would be shown every moment."""
        return replace(touched, channel=self._channels.get(touched.layer)) if touched.channel is None else touched

    def _nearest(self, crop: Picture, count: int) -> list[Candidate]:
        templates = self._fresh_templates()
        return nearest(templates, views.embed_one(self.network, crop), count) if len(templates.photo_ids) else []

    def _fresh_templates(self) -> TemplateSet:
        now = self._clock()
        if self._templates is None or now - self._templates[0] >= TEMPLATES_FRESH:
            self._templates = (now, self._read_templates())
        return self._templates[1]
