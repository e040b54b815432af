"""What the quality measures are on real photos, and whom the limits for enrollment refuse.

    python -m benchmarks.quality FOLDER …

Each folder is searched for pictures. The largest face of each is measured as it is, after a Gaussian blur of 3 pixels, and
after the picture was shrunk until the face has 22 pixels and enlarged again.
"""

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from recognition.alignment import align
from recognition.detection import Detection, FineDetector
from recognition.errors import PictureError
from recognition.pictures import SUFFIXES, Picture, read_picture
from recognition.quality import FaceQuality, measure, problem

BLUR, FEW_PIXELS = 3.0, 22.0
PERCENTILES = (0, 1, 5, 50, 95, 99, 100)

Change = Callable[[Picture, Detection], Picture]


def blurred(picture: Picture, face: Detection) -> Picture:  # noqa: ARG001  # like `shrunk`
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), BLUR), np.uint8)


def shrunk(picture: Picture, face: Detection) -> Picture:
    scale = FEW_PIXELS / face.size
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def measures(quality: FaceQuality) -> dict[str, float]:
    return {
        "detection score": quality.detection_score,
        "face pixels": quality.face_pixels,
        "sharpness": quality.sharpness,
        "brightness": quality.brightness,
        "yaw": quality.pose.yaw,
        "pitch": quality.pose.pitch,
        "roll": quality.pose.roll,
        "visible": quality.visible,
    }


def main(folders: list[Path]) -> None:
    detector = FineDetector()
    changes: dict[str, Change] = {"as it is": lambda picture, _: picture, "blurred": blurred, "22 pixels": shrunk}
    found: dict[str, list[FaceQuality]] = {name: [] for name in changes}
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES):
        try:
            picture = read_picture(path)
        except PictureError as error:
            print(error)
            continue
        # Where the face is does not change; a detector that no longer finds it would only hide bad quality.
        for face in detector.detect(picture)[:1]:
            for name, change in changes.items():
                changed = change(picture, face)
                found[name].append(measure(changed, face, align(changed, face.landmarks)))
    if not found["as it is"]:
        raise SystemExit("No face in these folders.")
    print(f"{len(found['as it is'])} faces")
    print("percentile".ljust(16), *(f"{percentile:>8}" for percentile in PERCENTILES))
    for name in measures(found["as it is"][0]):
        values = np.percentile([measures(quality)[name] for quality in found["as it is"]], PERCENTILES)
        print(name.ljust(16), *(f"{value:8.2f}" for value in values))
    for name, qualities in found.items():
        refused = Counter(guidance.code for quality in qualities if (guidance := problem(quality)))
        print(f"refused, {name}: {refused.total() / len(qualities):.1%}", dict(refused.most_common()))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
