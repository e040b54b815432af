"""Everywhere the same faces get a name: live picture, files, command line, API, Evaluate and "Why this name?"."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn
from typer.testing import CliRunner

from pages.feature_maps import why_name
from recognition.__main__ import app as command_line
from recognition.calibration import Calibration
from recognition.detection import Detection
from recognition.identification import GalleryIndex
from recognition.inspection.people import Candidate
from recognition.live.naming import LiveRecognition
from recognition.networks import BACKBONES, BUILT_IN, Network, NetworkSpec, architecture
from recognition.pictures import encode_png
from recognition.recognizer import Recognizer
from recognition.server.schema import Result
from recognition.services import Services
from training.evaluation.gallery import GalleryEvaluation

TUNED = replace(
    BUILT_IN,
    key="model:0123456789ab",
    calibration=Calibration(threshold=0.61, slope=31.7, spread=0.11, source="measured on strangers after the training"),
)
SPECS = [*BACKBONES.values(), TUNED]

CONFIDENCES = (0.05, 0.5, 0.9)
STEPS = (-0.5, -0.01, -1e-4, 1e-4, 0.01, 0.5)
"""Scores are tried this far from the required one, in spreads of the strangers' scores."""

PICTURE = np.full((200, 200, 3), 90, np.uint8)
LANDMARKS = np.array([[80, 80], [120, 80], [100, 105], [85, 130], [115, 130]], np.float32)


class OneFace:
    """Sees the same face in every picture."""

    def __init__(self) -> None:
        self.face = Detection(np.array([50, 40, 150, 160], np.float32), LANDMARKS, 0.99)

    def detect(self, picture: NDArray[np.uint8]) -> list[Detection]:
        return [self.face]

    def follow(self, picture: NDArray[np.uint8], boxes: Sequence[NDArray[np.float32]]) -> list[Detection | None]:
        return [self.face for _ in boxes]


class Scored(Network):
    """Gives every face the same similarity to the one enrolled person, whose template is the first axis."""

    def __init__(self, spec: NetworkSpec, score: float) -> None:
        root = BUILT_IN.key if spec is TUNED else spec.key
        super().__init__(spec, nn.Identity(), architecture(root), torch.device("cpu"))
        self.vector = np.zeros(spec.dimension, np.float32)
        self.vector[:2] = score, np.sqrt(1 - score**2)

    def embed(self, crops: NDArray[np.uint8], *, mirrored: bool = False, batch_size: int = 64) -> NDArray[np.float32]:
        return np.tile(self.vector, (len(crops), 1))


def recognizer_of(spec: NetworkSpec, score: float) -> Recognizer:
    template = np.eye(1, spec.dimension, dtype=np.float32)
    index = GalleryIndex(np.array([1]), template, {1: "Ann"}, spec.calibration)
    return Recognizer(OneFace(), OneFace(), Scored(spec, score), index)


def decisions(
    recognizer: Recognizer, least: float, file: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bool]:
    """Whether each place gives the face its name."""
    (identified,) = recognizer.identify(PICTURE)
    assert identified.match is not None
    score = identified.match.score
    result = LiveRecognition(lambda: recognizer, least).frame(PICTURE)
    message = Result.of(1, result, {})

    @contextmanager
    def opened(storage: Path | None) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(settings=services.settings, recognizer=lambda: recognizer, complete_templates=lambda report: 0)

    monkeypatch.setattr("recognition.__main__.open_services", opened)
    printed = CliRunner().invoke(command_line, ["identify", str(file), "--min-confidence", str(least), "--json"])
    assert printed.exit_code == 0, printed.output
    (face,) = json.loads(printed.stdout)[0]["faces"]

    ids, other = np.array([1]), np.array([-1.0])
    own = GalleryEvaluation(ids, ids, np.array([score]), other, np.array([2]), other, {1: "Ann", 2: "Ben"})
    threshold = recognizer.network.spec.calibration.required_score(least)

    services.settings = services.settings.model_copy(update={"min_confidence": least})
    person = Candidate(1, "Ann", score, recognizer.network.embed(PICTURE[None])[0])
    subject = SimpleNamespace(network=recognizer.network)
    verdict = why_name._verdict(subject, [person])  # type: ignore[arg-type]
    return {
        "files": identified.named(least) is not None,
        "live": result.faces[0].name == "Ann",
        "api": message.faces[0].name == "Ann",
        "command line": face["name"] == "Ann",
        "evaluate": own.errors(threshold).unrecognised == 0,
        "why": verdict.startswith("It is **Ann"),
    }


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.key)
def test_every_place_decides_alike(spec: NetworkSpec, app: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "face.png"
    file.write_bytes(encode_png(PICTURE))
    for least in CONFIDENCES:
        for step in STEPS:
            score = spec.calibration.required_score(least) + step * spec.calibration.spread
            if not -1.0 < score < 1.0:
                continue
            found = decisions(recognizer_of(spec, score), least, file, app, monkeypatch)
            assert set(found.values()) == {step > 0}, (least, step, found)
