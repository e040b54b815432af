"""From pictures to enrolled photos: one quality gate for camera, upload and command line."""

from recognition.enrollment.batch import BatchResult, PersonResult, add_pictures, enroll_pictures
from recognition.enrollment.gate import Candidate, Refusal, assess, main_face
from recognition.enrollment.guided import MIN_PHOTOS, GuidedRound

__all__ = [
    "MIN_PHOTOS",
    "BatchResult",
    "Candidate",
    "GuidedRound",
    "PersonResult",
    "Refusal",
    "add_pictures",
    "assess",
    "enroll_pictures",
    "main_face",
]
