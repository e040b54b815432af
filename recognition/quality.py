"""Whether a face is good enough to enroll: size, light, sharpness and pose, each measured, and what to tell the person."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.measure import blur_effect

from recognition.alignment import FACE
from recognition.detection import Detection
from recognition.pictures import Picture
from recognition.session import Guidance

# A mean head: how far the tip of the nose stands out before the eyes and mouth, over the distance of the eyes and over
# the distance from eyes to mouth (25 mm, 62 mm and 68 mm: Farkas, Anthropometry of the Head and Face, 1994).
_NOSE_TO_EYES = 25 / 62
_NOSE_TO_MOUTH = 25 / 68

_STRAIGHT_NOSE = 0.54
"""Where the nose of a straight face lies between the eyes (0) and the mouth (1): the median of 1,041 LFW photos."""


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
    """What a face must reach to be enrolled: units as in `FaceQuality`. See docs/decisions.md, "Limits for enrollment"."""

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
"""Of `FACE`, in pixels."""


def head_pose(landmarks: NDArray[np.float32]) -> HeadPose:
    """Pose of a head from where its nose lies between eyes and mouth, for a mean head seen from afar.

    Args:
        landmarks: (5, 2) float32 pixels.
    """
    eyes_across = landmarks[1] - landmarks[0]
    roll = float(np.arctan2(eyes_across[1], eyes_across[0]))
    upright = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    left_eye, right_eye, nose, left_mouth, right_mouth = (landmarks @ upright.T).astype(float)
    eyes, mouth = (left_eye + right_eye) / 2, (left_mouth + right_mouth) / 2
    width = max(right_eye[0] - left_eye[0], 1e-3)
    height = max(mouth[1] - eyes[1], 1e-3)
    aside = (nose[0] - (eyes[0] + mouth[0]) / 2) / width
    lifted = _STRAIGHT_NOSE - (nose[1] - eyes[1]) / height
    return HeadPose(
        yaw=float(np.degrees(np.arctan(aside / _NOSE_TO_EYES))),
        pitch=float(np.degrees(np.arctan(lifted / _NOSE_TO_MOUTH))),
        roll=float(np.degrees(roll)),
    )


def measure(picture: Picture, face: Detection, crop: Picture) -> FaceQuality:
    """Measure a face.

    Args:
        picture: (H, W, 3) uint8 RGB, the whole picture.
        face: the face in it.
        crop: its aligned crop, (CROP_SIZE, CROP_SIZE, 3) uint8 RGB.
    """
    height, width = picture.shape[:2]
    # Hair and background may be sharp or dark while the face is not.
    inner = cv2.cvtColor(FACE.cut(crop), cv2.COLOR_RGB2GRAY)[_INNER, _INNER]
    inside = np.clip(face.box, 0, np.array([width, height, width, height], dtype=np.float32))
    area = float(np.prod(face.box[2:] - face.box[:2]))
    return FaceQuality(
        detection_score=face.score,
        face_pixels=face.size,
        # A face of one single grey has no edges to blur: 0/0.
        sharpness=float(np.clip(np.nan_to_num(1.0 - blur_effect(inner)), 0.0, 1.0)),
        brightness=float(inner.mean()),
        pose=head_pose(face.landmarks),
        visible=float(np.prod(inside[2:] - inside[:2])) / max(area, 1.0),
    )


def problem(quality: FaceQuality, limits: QualityLimits = LIMITS) -> Guidance | None:
    """What is wrong with a face, the most basic fault first; None where it is good enough to enroll."""
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
