"""Everything that can be set, with its bounds. Read from the environment (FAMILIAR_…), `.env`, and the file that the
Settings page writes, in this order of precedence."""

import json
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    JsonConfigSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from recognition.errors import RecognitionError, StorageError
from recognition.networks import BUILT_IN

PREFIX = "FAMILIAR_"


def saved_file() -> Path:
    """Where the Settings page keeps its choices: settings.json in the current folder, or $FAMILIAR_SETTINGS_FILE."""
    return Path(os.environ.get(f"{PREFIX}SETTINGS_FILE", "settings.json"))


class Settings(BaseSettings):
    """All settings. Frozen: to change one, `save` it and load again."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", frozen=True, extra="ignore")

    storage: Path = Field(
        Path("data"), title="Storage folder", description="Where photos, templates, weights and models are kept."
    )
    database_url: str | None = Field(
        None,
        title="Database",
        description="Any SQLAlchemy address; a SQLite file in the storage folder by default.",
        repr=False,
    )
    network: str = Field(BUILT_IN.key, title="Network", description="Key of the network that embeds faces.")
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", title="Device", description="Where networks run; auto takes CUDA where there is one."
    )
    min_confidence: float = Field(
        0.5,
        ge=0.01,
        le=0.999,
        title="Sure enough to name",
        description="A face gets a name when the calibrated probability of being that person reaches this, 0 to 1.",
    )
    min_face: int = Field(
        40,
        ge=20,
        le=200,
        title="Smallest face in the live picture",
        description="In pixels of a 640-pixel picture. Smaller finds people further away and is slower.",
    )
    allowed_origins: tuple[str, ...] = Field(
        (),
        title="Allowed origins",
        description="Web origins besides the app's own that may open the camera socket, for a reverse proxy.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the signature is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        saved = JsonConfigSettingsSource(settings_cls, json_file=saved_file())
        return init_settings, env_settings, dotenv_settings, saved


def load_settings(**overrides: object) -> Settings:
    """The settings in force.

    Raises:
        RecognitionError: a value is out of its bounds, or the saved file is damaged; says which.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # values are validated, whatever their type
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecognitionError(f"The setting {where} is not usable: {first['msg']}.") from error
    except json.JSONDecodeError as error:
        raise RecognitionError(f"{saved_file()} is damaged. Delete it to go back to the defaults.") from error


def save_settings(**changes: Any) -> Settings:
    """Check changed settings, keep them in the saved file, and return what is now in force.

    Raises:
        RecognitionError: a value is out of bounds. Nothing is saved.
        StorageError: the file can't be written.
    """
    load_settings(**changes)
    path = saved_file()
    try:
        saved: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        saved |= {name: str(value) if isinstance(value, Path) else value for name, value in changes.items()}
        beside = path.with_suffix(".json.new")
        beside.write_text(json.dumps(saved, indent=2) + "\n")
        beside.replace(path)
    except (OSError, json.JSONDecodeError) as error:
        raise StorageError(f"The settings could not be saved in {path}: {error}.") from error
    return load_settings()


def fixed_by_environment(name: str) -> bool:
    """Whether a setting comes from the environment, which the Settings page can't change."""
    return f"{PREFIX}{name.upper()}" in os.environ
