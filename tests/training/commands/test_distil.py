"""`python -m training distil` as a user runs it, in the same process."""

import json
from pathlib import Path

from typer.testing import CliRunner

from recognition.networks.familiar import load_familiar
from training.__main__ import app

run = CliRunner(env={"COLUMNS": "200"}).invoke


def test_a_network_is_made(faces_zip: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.safetensors"
    command = ["distil", "--faces", str(faces_zip), "--out", str(out), "--teacher", "dlib", "--epochs", "1", "--rate", "1e-5"]
    place = ["--validation", "8", "--batch-size", "16", "--storage", str(tmp_path / "storage"), "--json"]
    done = run(app, [*command, *place])
    assert done.exit_code == 0, done.stderr
    recipe = json.loads(done.stdout)
    assert (recipe["teacher"], recipe["student"], recipe["faces"]) == ("dlib", "dlib", 32)
    assert recipe["cosine_clear"] > 0.95
    load_familiar(out)
    assert not list(tmp_path.glob("own.safetensors.*")), "checkpoints go when the weights are written"


def test_what_can_t_be_done_is_told(faces_zip: Path, tmp_path: Path) -> None:
    common = ["distil", "--faces", str(faces_zip), "--out", str(tmp_path / "own.safetensors"), "--storage", str(tmp_path)]
    assert "too few" in run(app, [*common, "--teacher", "dlib"]).stderr
    assert "mobilefacenet.pt is not on this machine" in run(app, common).stderr
    assert "--rate" in run(app, [*common, "--rate", "0"]).stderr
    assert not (tmp_path / "own.safetensors").exists()
