import numpy as np
import pytest
import torch
from numpy.typing import NDArray

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


def test_crops_of_another_size_are_resized(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    large = np.repeat(np.repeat(collins_crop, 2, axis=0), 2, axis=1)
    a, b = network.embed(collins_crop[None])[0], network.embed(large[None])[0]
    assert float(a @ b) > 0.99


@pytest.mark.parametrize("shape", [(150, 150, 3), (1, 150, 150, 4), (1, 3, 150, 150)])
def test_wrong_shapes_are_told(network: Network, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be"):
        network.embed(np.zeros(shape, np.uint8))
    with pytest.raises(ValueError, match="float64"):
        network.embed(np.zeros((1, 150, 150, 3)))


def test_cuda_without_cuda_is_told() -> None:
    if torch.cuda.is_available():
        assert choose_device("auto").type == "cuda"
    else:
        assert choose_device("auto").type == "cpu"
        with pytest.raises(NetworkError, match="CUDA"):
            choose_device("cuda")
