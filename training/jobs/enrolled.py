"""Everybody enrolled as a data set of the course: each person is a class."""

from recognition.alignment import FACE
from training.course.data.pictures import Pictures, PictureSet
from training.faces.dataset import FaceSet


def faces_as_pictures(faces: FaceSet) -> PictureSet:
    """The faces without their margin, labelled by name."""
    return PictureSet("Enrolled faces", faces.names, Pictures(FACE.cut(faces.crops), faces.labels))
