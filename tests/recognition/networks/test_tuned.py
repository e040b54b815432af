"""The file format of networks that were tuned here."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save

from recognition.alignment import CROP_SIZE
from recognition.errors import WeightsCorruptError
from recognition.networks import BUILT_IN, Network, architecture, available_networks, load_network
from recognition.networks.tuned import Manifest, read_manifest
from recognition.networks.variants import Pruned, SameAsParent
from tests.recognition.networks.test_variants import INSIDE_A_BLOCK, without_weak_channels

VERSION_1 = """{
  "format": "familiar-model",
  "version": 1,
  "id": "0123456789ab",
  "name": "Our team",
  "parent": "%s",
  "created_at": "2026-11-02T09:30:00Z",
  "dimension": 128,
  "licence": "public domain (CC0), Davis King",
  "sha256": "%s",
  "threshold": 0.93,
  "slope": 250.0,
  "offset": -232.5
}"""
"""network.json as the app wrote it before architectures could change."""

KEY = "model:0123456789ab"


def store(storage: Path, manifest: str, weights: bytes) -> None:
    folder = storage / "models" / "0123456789ab"
    folder.mkdir(parents=True)
    (folder / "network.json").write_text(manifest)
    (folder / "weights.safetensors").write_bytes(weights)


def packed(module: torch.nn.Module) -> bytes:
    return save({name: value.contiguous() for name, value in module.state_dict().items()})


def version_1(weights: bytes) -> str:
    return VERSION_1 % (BUILT_IN.key, hashlib.sha256(weights).hexdigest())


def version_2(weights: bytes, **changes: object) -> str:
    """The same as the app writes it now."""
    kept = {name: value for name, value in json.loads(version_1(weights)).items() if name != "offset"}
    return json.dumps(kept | {"version": 2, "spread": 0.02} | changes)


def test_a_model_of_version_1_still_runs(tmp_path: Path, network: Network) -> None:
    weights = packed(network.module)
    store(tmp_path, version_1(weights), weights)
    assert [spec.title for spec in available_networks(tmp_path)][-1] == "Our team"
    manifest = read_manifest(tmp_path, KEY)
    assert manifest.architecture == SameAsParent()
    calibration = manifest.spec().calibration
    assert (calibration.threshold, calibration.slope) == (0.93, 250.0)
    assert calibration.spread == pytest.approx(0.0156)
    assert calibration.confidence(0.93) == 0.5
    tuned = load_network(KEY, tmp_path, torch.device("cpu"))
    crop = np.random.default_rng(0).integers(0, 255, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    assert np.array_equal(tuned.embed(crop), network.embed(crop))
    assert Manifest.model_validate_json(manifest.model_dump_json()) == manifest


def test_a_pruned_network_comes_back_as_it_was_kept(tmp_path: Path, network: Network) -> None:
    pruned = without_weak_channels(network, 100)
    weights = packed(pruned)
    store(tmp_path, version_2(weights, architecture=INSIDE_A_BLOCK.model_dump()), weights)
    assert isinstance(read_manifest(tmp_path, KEY).architecture, Pruned)
    loaded = load_network(KEY, tmp_path, torch.device("cpu"))
    crop = np.random.default_rng(0).integers(0, 255, (1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    same = Network(network.spec, pruned, loaded.architecture, network.device)
    assert np.array_equal(loaded.embed(crop), same.embed(crop))


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"version": 1, "architecture": {"kind": "parent"}, "offset": -1.0},
        {"version": 2, "architecture": {"kind": "something new"}},
        {"version": 2, "architecture": None},
    ],
)
def test_what_a_newer_app_wrote_is_refused_with_a_reason(tmp_path: Path, change: dict[str, object]) -> None:
    store(tmp_path, version_2(b"", **change), b"")
    with pytest.raises(WeightsCorruptError, match="damaged, or was written by a newer version"):
        read_manifest(tmp_path, KEY)
    assert KEY not in [spec.key for spec in available_networks(tmp_path)]


def test_weights_that_don_t_fit_the_description_are_refused(tmp_path: Path) -> None:
    weights = packed(architecture(BUILT_IN.key).build())
    store(tmp_path, version_2(weights, architecture=INSIDE_A_BLOCK.model_dump()), weights)
    with pytest.raises(WeightsCorruptError, match=r"Our team don't fit its network: blocks\.13\.conv1\.weight"):
        load_network(KEY, tmp_path, torch.device("cpu"))


def test_a_damaged_file_is_refused(tmp_path: Path, network: Network) -> None:
    weights = packed(network.module)
    store(tmp_path, version_1(weights), weights[:-1])
    with pytest.raises(WeightsCorruptError, match="checksum"):
        load_network(KEY, tmp_path, torch.device("cpu"))
