from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE, FACE, Window
from recognition.errors import NetworkError
from recognition.networks import Network
from recognition.networks.base import choose_device


def test_embeddings_are_unit_rows(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    crops = np.stack([collins_crop] * 3)
    for mirrored in (False, True):
        embeddings = network.embed(crops, mirrored=mirrored)
        assert embeddings.shape == (3, 128)
        assert embeddings.dtype == np.float32
        assert np.allclose(np.linalg.norm(embeddings, axis=1), 1.0, atol=1e-5)
    assert network.embed(crops[:0]).shape == (0, 128)


def test_batches_give_what_single_crops_give(
    network: Network, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> None:
    crops = np.stack([collins_crop, hopper_crop, collins_crop[:, ::-1]])
    together = network.embed(crops, batch_size=2)
    alone = np.concatenate([network.embed(crop[None]) for crop in crops])
    assert np.abs(together - alone).max() < 1e-5


def test_mirrored_embeddings_don_t_depend_on_the_side(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    pair = np.stack([collins_crop, np.ascontiguousarray(collins_crop[:, ::-1])])
    a, b = network.embed(pair, mirrored=True)
    assert np.abs(a - b).max() < 1e-5


def test_a_network_looks_at_its_own_part_of_a_crop(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    crops = np.stack([collins_crop] * 2)
    outside = crops.copy()
    outside[:, :20] = outside[:, :, -20:] = 0
    assert np.array_equal(network.embed(crops), network.embed(outside))
    wide = Network(network.spec, network.module, replace(network.architecture, window=Window(0, 0, CROP_SIZE)), network.device)
    assert network.cut(crops).shape == (2, FACE.side, FACE.side, 3) and np.array_equal(wide.cut(crops), crops)
    assert wide.preprocess(crops).shape == network.preprocess(crops).shape
    assert not np.allclose(wide.embed(crops), wide.embed(outside), atol=1e-3)


def test_what_is_written_into_the_part_it_looks_at_is_in_the_crop(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    crops = collins_crop[None].copy()
    network.cut(crops)[:] = 7
    assert (crops[0, 100, 100] == 7).all() and np.array_equal(crops[0, 0], collins_crop[0])


@pytest.mark.parametrize(
    "shape", [(1, 150, 150, 3), (CROP_SIZE, CROP_SIZE, 3), (1, CROP_SIZE, CROP_SIZE, 4), (1, 3, CROP_SIZE, CROP_SIZE)]
)
def test_wrong_shapes_are_told(network: Network, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        network.embed(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float64"):
        network.embed(np.zeros((1, CROP_SIZE, CROP_SIZE, 3)))


def test_cuda_without_cuda_is_told() -> None:
    if torch.cuda.is_available():
        assert choose_device("auto").type == "cuda"
    else:
        assert choose_device("auto").type == "cpu"
        with pytest.raises(NetworkError, match="CUDA"):
            choose_device("cuda")
