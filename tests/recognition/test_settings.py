import json
import os
from pathlib import Path

import pytest

from recognition.errors import RecognitionError, StorageError
from recognition.settings import Settings, fixed_by, load_settings, save_settings, saved_file


def test_what_is_saved_is_in_force_until_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().min_confidence == 0.5
    save_settings(min_confidence=0.8, storage=Path("elsewhere"))
    assert (load_settings().min_confidence, load_settings().storage) == (0.8, Path("elsewhere"))
    monkeypatch.setenv("FAMILIAR_MIN_CONFIDENCE", "0.9")
    assert load_settings().min_confidence == 0.9
    assert fixed_by("min_confidence") == "the environment variable FAMILIAR_MIN_CONFIDENCE"
    assert fixed_by("storage") is None
    assert load_settings(min_confidence=0.3).min_confidence == 0.3


@pytest.mark.parametrize("change", [{"min_confidence": 7}, {"min_face": 0}, {"device": "toaster"}])
def test_values_out_of_bounds_are_told_and_not_saved(change: dict[str, object]) -> None:
    with pytest.raises(RecognitionError, match=next(iter(change))):
        save_settings(**change)
    assert not saved_file().exists()


def test_a_damaged_file_is_told() -> None:
    saved_file().write_text("{")
    with pytest.raises(RecognitionError, match="damaged"):
        load_settings()


def test_a_full_disk_keeps_the_old_file(monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(min_face=60)
    file = saved_file()

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        save_settings(min_face=80)
    assert json.loads(file.read_text()) == {"min_face": 60}
    assert list(file.parent.iterdir()) == [file]


def test_other_keys_in_the_file_are_kept() -> None:
    saved_file().write_text(json.dumps({"from_a_newer_version": 1}))
    save_settings(min_face=50)
    assert json.loads(saved_file().read_text()) == {"from_a_newer_version": 1, "min_face": 50}


def test_the_database_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILIAR_DATABASE_URL", "postgresql://user:secret@host/db")
    assert "secret" not in repr(load_settings())


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.env` of the test's own."""
    path = tmp_path / ".env"
    monkeypatch.setitem(Settings.model_config, "env_file", path)
    return path


def test_dotenv_comes_before_what_is_saved_and_is_named_as_the_reason(dotenv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(min_face=60, device="cpu")
    dotenv.write_text("FAMILIAR_MIN_FACE=80\nfamiliar_network=facenet\nFAMILIAR_OTHER=1\n")
    assert (load_settings().min_face, load_settings().network) == (80, "facenet")
    assert fixed_by("min_face") == "FAMILIAR_MIN_FACE in .env"
    assert fixed_by("network") == "FAMILIAR_NETWORK in .env"
    assert fixed_by("device") is None
    monkeypatch.setenv("familiar_min_face", "100")
    assert load_settings().min_face == 100
    assert fixed_by("min_face") == "the environment variable FAMILIAR_MIN_FACE"


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example, https://b.example:8443",
        "https://A.example/,https://b.example:8443,",
        '["https://a.example", "https://b.example:8443"]',
    ],
)
def test_origins_are_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch, dotenv: Path, text: str) -> None:
    expected = ("https://a.example", "https://b.example:8443")
    monkeypatch.setenv("FAMILIAR_ALLOWED_ORIGINS", text)
    assert load_settings().allowed_origins == expected
    monkeypatch.delenv("FAMILIAR_ALLOWED_ORIGINS")
    dotenv.write_text(f"FAMILIAR_ALLOWED_ORIGINS='{text}'")
    assert load_settings().allowed_origins == expected
    dotenv.unlink()
    saved_file().write_text(json.dumps({"allowed_origins": expected}))
    assert load_settings().allowed_origins == expected


def test_no_origin_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILIAR_ALLOWED_ORIGINS", "")
    assert load_settings().allowed_origins == ()


@pytest.mark.parametrize(
    "text", ["a.example", "https://a.example/app", "ftp://a.example", "https://", "[", '["x"', "https://[", "*"]
)
def test_an_origin_that_no_browser_sends_is_told(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("FAMILIAR_ALLOWED_ORIGINS", text)
    with pytest.raises(RecognitionError, match="allowed_origins"):
        load_settings()


@pytest.mark.parametrize("source", ["environment", "dotenv", "saved", "argument"])
def test_the_home_folder_is_meant_wherever_it_is_written(monkeypatch: pytest.MonkeyPatch, dotenv: Path, source: str) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    if source == "environment":
        monkeypatch.setenv("FAMILIAR_STORAGE", "~/faces")
    elif source == "dotenv":
        dotenv.write_text("FAMILIAR_STORAGE=~/faces")
    elif source == "saved":
        saved_file().write_text('{"storage": "~/faces"}')
    settings = load_settings(storage="~/faces") if source == "argument" else load_settings()
    assert settings.storage == Path("/home/somebody/faces")


def test_a_home_folder_of_nobody_is_told() -> None:
    with pytest.raises(RecognitionError, match=r"storage.*no home folder ~nobody-of-this-name"):
        load_settings(storage="~nobody-of-this-name/faces")
