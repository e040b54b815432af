"""Zips of faces without names."""

import zipfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.transform import SimilarityTransform

from recognition.alignment import TEMPLATE
from training.distillation.unlabelled import LANDMARKS, SIDE


def picture_of(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A face crop as the zip has faces, (128, 128, 3) uint8 RGB."""
    matrix = SimilarityTransform.from_estimate(TEMPLATE, LANDMARKS).params[:2]
    return np.asarray(cv2.warpAffine(crop, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REFLECT), np.uint8)


def zip_of(target: Path, pictures: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w") as out:
        for name, data in pictures.items():
            out.writestr(name, data)
    return target
