"""Is this face good enough to enroll? Size, light, sharpness and pose, each measured and put into words."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import blur_effect

from recognition.detection import Detection
from recognition.pictures import Picture
from recognition.session import Guidance

# A head in millimetres, x to the picture's right, y down, z away from the camera: mean adult proportions (eyes 62 mm
# apart, mouth 48 mm wide; Farkas, Anthropometry of the Head and Face, 1994), in the order of MTCNN's landmarks.
_HEAD = np.array(
    [[-31.0, -35.0, 27.0], [31.0, -35.0, 27.0], [0.0, 0.0, 0.0], [-24.0, 33.0, 22.0], [24.0, 33.0, 22.0]]
)


@dataclass(frozen=True)
class HeadPose:
    """Where a head points, in degrees. Positive: yaw to the person's own left, pitch up, roll to its own left shoulder.

    Estimated from five landmarks on a mean head, so good for "turn left", not for measuring.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class FaceQuality:
    """What was measured of one face.

    Attributes:
        detection_score: the detector's confidence, 0 to 1.
        face_pixels: size of the face in the picture, in pixels.
        sharpness: 0 (all blur) to 1, of the inner face: one minus the blur effect of Crete et al. (2007).
        brightness: mean luma of the inner face, 0 to 255.
        pose: where the head points.
        visible: share of the face's box that lies inside of the picture, 0 to 1.
    """

    detection_score: float
    face_pixels: float
    sharpness: float
    brightness: float
    pose: HeadPose
    visible: float


@dataclass(frozen=True)
class QualityLimits:
    """What a face must reach to be enrolled.

    Each number was read off 1,041 LFW photos (benchmarks/quality.py): they refuse the worst 1 % or less of press
    photos, and nearly all of the same photos after a blur of 3 pixels or a shrink to 22 pixels.
    """

    min_detection: float = 0.95
    min_face_pixels: float = 70.0
    min_sharpness: float = 0.33
    min_brightness: float = 45.0
    max_brightness: float = 215.0
    max_yaw: float = 40.0
    max_pitch: float = 40.0
    max_roll: float = 35.0
    min_visible: float = 0.85


LIMITS = QualityLimits()

_INNER = slice(30, -30)


def head_pose(landmarks: NDArray[np.float32]) -> HeadPose:
    """Pose of a head from its five landmarks, (5, 2) float32 pixels, by a perspective fit to a mean head (cv2.solvePnP)."""
    points = landmarks.astype(np.float64)
    centre = points.mean(axis=0)
    # The camera is not known: a focal length of ten eye distances is a webcam's usual view of a face.
    focal = 10.0 * max(float(np.linalg.norm(points[1] - points[0])), 1.0)
    camera = np.array([[focal, 0.0, centre[0]], [0.0, focal, centre[1]], [0.0, 0.0, 1.0]])
    found, rotation, _ = cv2.solvePnP(_HEAD, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not found:
        return HeadPose(0.0, 0.0, 0.0)
    pitch, yaw, roll = cv2.RQDecomp3x3(cv2.Rodrigues(rotation)[0])[0]
    # OpenCV's y axis points down and the person looks towards the camera: both turns change their sign.
    return HeadPose(yaw=-float(yaw), pitch=-float(pitch), roll=float(roll))


def measure(picture: Picture, face: Detection, crop: Picture) -> FaceQuality:
    """Measure a face.

    Args:
        picture: (H, W, 3) uint8 RGB, the whole picture.
        face: the face in it.
        crop: its aligned crop, (150, 150, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    # Hair and background, sharp or dark as they may be, say nothing about the face.
    inner = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)[_INNER, _INNER]
    inside = np.clip(face.box, 0, np.array([width, height, width, height], dtype=np.float32))
    area = float(np.prod(face.box[2:] - face.box[:2]))
    return FaceQuality(
        detection_score=face.score,
        face_pixels=face.size,
        # A face of one single grey has no edges to blur: 0/0.
        sharpness=float(np.clip(np.nan_to_num(1.0 - blur_effect(inner)), 0.0, 1.0)),  # type: ignore[no-untyped-call]
        brightness=float(inner.mean()),
        pose=head_pose(face.landmarks),
        visible=float(np.prod(inside[2:] - inside[:2])) / max(area, 1.0),
    )


def problem(quality: FaceQuality, limits: QualityLimits = LIMITS) -> Guidance | None:
    """What is wrong with a face, the most basic thing first; None where it is good enough to enroll."""
    pose = quality.pose
    checks: tuple[tuple[bool, str, str], ...] = (
        (quality.visible < limits.min_visible, "cut_off", "Part of the face is outside the picture"),
        (quality.face_pixels < limits.min_face_pixels, "too_small", "Face too small: move closer"),
        (quality.brightness < limits.min_brightness, "too_dark", "Too dark: turn towards the light"),
        (quality.brightness > limits.max_brightness, "too_bright", "Too bright: avoid direct light on the face"),
        (
            abs(pose.yaw) > limits.max_yaw or abs(pose.pitch) > limits.max_pitch or abs(pose.roll) > limits.max_roll,
            "turned_away",
            "Turned too far away: look towards the camera",
        ),
        (quality.sharpness < limits.min_sharpness, "blurred", "Blurred: hold still"),
        (quality.detection_score < limits.min_detection, "unclear", "The face is not clear: is something in front of it?"),
    )
    return next((Guidance(code, text) for wrong, code, text in checks if wrong), None)
