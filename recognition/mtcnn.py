"""MTCNN's cascade (Zhang et al. 2016) around facenet-pytorch's three networks.

The same steps and constants as facenet-pytorch's `detect_face`, but candidates are cropped and shrunk by OpenCV.
See docs/decisions.md, "Detector".
"""

import cv2
import numpy as np
import torch
from facenet_pytorch import MTCNN
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.ops import nms

from recognition.pictures import Picture

FACTOR = 0.709
"""Each level of the picture pyramid is this much smaller than the one before: half the area."""

P_NET_SIZE, R_NET_SIZE, O_NET_SIZE = 12, 24, 48
"""Pixels of a face as each network sees it."""

P_NET_STRIDE = 2
P_NET_SCORE, R_NET_SCORE, O_NET_SCORE = 0.6, 0.7, 0.7
"""Scores, 0 to 1, above which a network keeps a candidate (facenet-pytorch's defaults)."""

LEVEL_OVERLAP, FACE_OVERLAP = 0.5, 0.7
"""Overlap, 0 to 1, above which the worse of two candidates is dropped: within a level of the pyramid, and otherwise."""

BATCH = 512
"""Candidates in one call of a network; bounds memory."""

Boxes = NDArray[np.float32]
"""(N, 4) float32 x1, y1, x2, y2 in pixels."""

Floats = NDArray[np.float32]

NO_FACES = (np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.float32))
"""Boxes, landmarks and scores of no face."""


class Cascade:
    """Finds faces in a picture. Only reads its networks, so safe between threads.

    Args:
        min_face: smallest face looked for, in pixels.
        device: where the networks run.
    """

    def __init__(self, min_face: int, device: torch.device) -> None:
        self.min_face, self.device = min_face, device
        # channels_last: torch's pooling inside the networks is twice as fast on it.
        networks = MTCNN(keep_all=True, device=device).eval().to(memory_format=torch.channels_last)
        self._pnet, self._rnet, self._onet = networks.pnet, networks.rnet, networks.onet

    def detect(self, picture: Picture) -> tuple[Boxes, Floats, Floats]:
        """All faces of a picture, (H, W, 3) uint8 RGB, in no order.

        Returns:
            Boxes (N, 4), landmarks (N, 5, 2) in pixels, scores (N,) from 0 to 1; all float32.
        """
        boxes, crops = _crops(picture, _squares(self._run_pnet(picture)), R_NET_SIZE)
        if not len(boxes):
            return NO_FACES
        offsets, scores = self._forward(self._rnet, crops)
        passed = scores[:, 1] > R_NET_SCORE
        boxes, offsets, scores = boxes[passed], offsets[passed], scores[passed, 1]
        separate = _nms(boxes, scores, FACE_OVERLAP)

        boxes, crops = _crops(picture, _squares(_apply_offsets(boxes[separate], offsets[separate])), O_NET_SIZE)
        if not len(boxes):
            return NO_FACES
        offsets, points, scores = self.run_onet(crops)
        passed = scores[:, 1] > O_NET_SCORE
        boxes, offsets, points, scores = boxes[passed], offsets[passed], points[passed], scores[passed, 1]
        sides = boxes[:, 2:] - boxes[:, :2] + 1
        landmarks = np.stack([points[:, :5], points[:, 5:]], axis=2) * sides[:, None] + boxes[:, None, :2] - 1
        boxes = _apply_offsets(boxes, offsets)
        kept = _nms_over_smaller_box(boxes, scores, FACE_OVERLAP)
        return boxes[kept], landmarks[kept], scores[kept]

    def run_onet(self, crops: NDArray[np.uint8]) -> tuple[Floats, Floats, Floats]:
        """O-Net alone.

        Args:
            crops: (N, 48, 48, 3) uint8 RGB, a face in each.

        Returns:
            Offsets of the face's box (N, 4) and its landmarks (N, 10: five x, five y) in sides of the crop, and scores (N, 2)
            of no face and a face.
        """
        offsets, points, scores = self._forward(self._onet, crops)
        return offsets, points, scores

    def _run_pnet(self, picture: Picture) -> Boxes:
        """P-Net at every level of the picture pyramid: candidate boxes, corrected by its offsets."""
        height, width = picture.shape[:2]
        boxes, offsets, scores = [np.zeros((0, 4), np.float32)], [np.zeros((0, 4), np.float32)], [np.zeros(0, np.float32)]
        scale = P_NET_SIZE / self.min_face
        base, base_scale = picture, 1.0
        while min(height, width) * scale >= P_NET_SIZE:
            # Halving is the fastest way to shrink; what is left to do is done on a picture that is small already.
            while scale <= base_scale / 2:
                base, base_scale = _shrunk(base, (base.shape[1] // 2, base.shape[0] // 2)), base_scale / 2
            level = _shrunk(base, (int(width * scale + 1), int(height * scale + 1)))
            level_offsets, level_scores = self._forward(self._pnet, level[None])
            y, x = np.nonzero(level_scores[0, 1] >= P_NET_SCORE)
            corner = np.stack([x, y], axis=1) * P_NET_STRIDE
            found = np.floor(np.hstack([(corner + 1) / scale, (corner + P_NET_SIZE) / scale]).astype(np.float32))
            found_scores = level_scores[0, 1, y, x]
            kept = _nms(found, found_scores, LEVEL_OVERLAP)
            boxes.append(found[kept])
            offsets.append(level_offsets[0, :, y, x][kept])
            scores.append(found_scores[kept])
            scale *= FACTOR
        all_boxes, all_offsets, all_scores = np.concatenate(boxes), np.concatenate(offsets), np.concatenate(scores)
        kept = _nms(all_boxes, all_scores, FACE_OVERLAP)
        sides = np.tile(all_boxes[kept, 2:] - all_boxes[kept, :2], 2)
        return np.asarray(all_boxes[kept] + all_offsets[kept] * sides, np.float32)

    def _forward(self, network: nn.Module, pictures: NDArray[np.uint8]) -> tuple[Floats, ...]:
        """A network's outputs for pictures (N, H, W, 3) uint8 RGB, `BATCH` at a time."""
        with torch.inference_mode():
            batch: Tensor = torch.from_numpy(pictures).to(self.device).permute(0, 3, 1, 2).float()
            parts = [network(part) for part in torch.split((batch - 127.5) * 0.0078125, BATCH)]
            return tuple(torch.cat(answers).cpu().numpy() for answers in zip(*parts, strict=True))


def _squares(boxes: Boxes) -> Boxes:
    """Squares around the boxes' centres with their longer sides."""
    sides = boxes[:, 2:] - boxes[:, :2]
    longest = sides.max(axis=1, keepdims=True)
    corner = boxes[:, :2] + (sides - longest) / 2
    return np.hstack([corner, corner + longest])


def _shrunk(picture: Picture, size: tuple[int, int]) -> Picture:
    """Shrunk to a size (width, height)."""
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _crops(picture: Picture, boxes: Boxes, size: int) -> tuple[Boxes, NDArray[np.uint8]]:
    """What of each box is inside the picture, resized to (size, size); boxes wholly outside are left out."""
    height, width = picture.shape[:2]
    low = np.maximum(boxes[:, :2].astype(int), 1) - 1
    high = np.minimum(boxes[:, 2:].astype(int), (width, height))
    inside = (high > low).all(axis=1)
    crops = np.zeros((int(inside.sum()), size, size, 3), np.uint8)
    for crop, (x1, y1), (x2, y2) in zip(crops, low[inside], high[inside], strict=True):
        cv2.resize(picture[y1:y2, x1:x2], (size, size), dst=crop, interpolation=cv2.INTER_AREA)
    return boxes[inside], crops


def _apply_offsets(boxes: Boxes, offsets: Floats) -> Boxes:
    """Boxes corrected by a network's offsets, which are in sides of the box."""
    sides = boxes[:, 2:] - boxes[:, :2] + 1
    return np.asarray(boxes + offsets * np.tile(sides, 2), np.float32)


def _nms(boxes: Boxes, scores: Floats, threshold: float) -> NDArray[np.int64]:
    """Non-maximum suppression: rows of the boxes that no better one overlaps by an IoU above `threshold`."""
    kept = nms(torch.from_numpy(boxes), torch.from_numpy(scores), threshold)
    return np.asarray(kept.numpy(), np.int64)


def _nms_over_smaller_box(boxes: Boxes, scores: Floats, threshold: float) -> list[int]:
    """The same with the intersection over the smaller box: of a face and a part of it only the better one is kept."""
    areas = np.prod(boxes[:, 2:] - boxes[:, :2] + 1, axis=1)
    kept: list[int] = []
    for row in np.argsort(-scores):
        others = boxes[kept]
        shared = np.minimum(others[:, 2:], boxes[row, 2:]) - np.maximum(others[:, :2], boxes[row, :2]) + 1
        part = np.prod(np.maximum(shared, 0), axis=1) / np.minimum(areas[kept], areas[row])
        if not (part > threshold).any():
            kept.append(int(row))
    return kept
