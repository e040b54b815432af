import json
from pathlib import Path

import pytest

from recognition.errors import RecognitionError, StorageError
from recognition.settings import fixed_by_environment, load_settings, save_settings, saved_file


def test_what_is_saved_is_in_force_until_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().min_confidence == 0.5
    save_settings(min_confidence=0.8, storage=Path("elsewhere"))
    assert (load_settings().min_confidence, load_settings().storage) == (0.8, Path("elsewhere"))
    monkeypatch.setenv("FAMILIAR_MIN_CONFIDENCE", "0.9")
    assert load_settings().min_confidence == 0.9
    assert fixed_by_environment("min_confidence")
    assert not fixed_by_environment("storage")
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

    def full(*args: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(StorageError, match="No space left"):
        save_settings(min_face=80)
    monkeypatch.undo()


def test_other_keys_in_the_file_are_kept() -> None:
    saved_file().write_text(json.dumps({"from_a_newer_version": 1}))
    save_settings(min_face=50)
    assert json.loads(saved_file().read_text()) == {"from_a_newer_version": 1, "min_face": 50}


def test_the_database_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILIAR_DATABASE_URL", "postgresql://user:secret@host/db")
    assert "secret" not in repr(load_settings())
