"""Everything that can be set, with its bounds. Read from the environment (FAMILIAR_…), `.env`, and the file that the
Settings page writes, in this order of precedence."""

import json
import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    JsonConfigSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from recognition.errors import RecognitionError, StorageError
from recognition.networks import BUILT_IN
from recognition.whole_files import write_whole

PREFIX = "FAMILIAR_"

DOTENV = ".env"


def saved_file() -> Path:
    """Where the Settings page keeps its choices: settings.json in the current folder, or $FAMILIAR_SETTINGS_FILE."""
    return Path(os.environ.get(f"{PREFIX}SETTINGS_FILE", "settings.json"))


def _expand_home(folder: Path) -> Path:
    """`~` and `~name` as the home folder that they stand for."""
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise ValueError(f"there is no home folder {folder.parts[0]}") from error


def _split(origins: object) -> object:
    """`https://a.example, https://b.example`, or the same as a JSON list."""
    if not isinstance(origins, str):
        return origins
    if origins.lstrip().startswith("["):
        return json.loads(origins)
    return [origin.strip() for origin in origins.split(",") if origin.strip()]


def _check_origin(origin: str) -> str:
    """An origin as a browser sends it: scheme, host and perhaps a port, without a slash at the end."""
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{origin} is not a web origin such as https://faces.example")
    return f"{parts.scheme}://{parts.netloc.lower()}"


Origin = Annotated[str, AfterValidator(_check_origin)]


class Settings(BaseSettings):
    """All settings. Frozen: to change one, `save_settings` and load again."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=DOTENV, frozen=True, extra="ignore")

    storage: Annotated[Path, AfterValidator(_expand_home)] = Field(
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
        title="Confidence needed",
        description="A face gets a name when its confidence reaches this, 0 to 1. At 0.5 about 1 in 100 strangers gets one.",
    )
    min_face: int = Field(
        40,
        ge=20,
        le=200,
        title="Smallest face in the live picture",
        description="In pixels of a 640-pixel picture. Smaller finds people further away and is slower.",
    )
    allowed_origins: Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)] = Field(
        (),
        title="Allowed origins",
        description="Web origins besides the app's own that may open the camera socket, for a reverse proxy; "
        "with commas between them.",
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
        write_whole(path, (json.dumps(saved, indent=2) + "\n").encode())
    except (OSError, json.JSONDecodeError) as error:
        raise StorageError(f"The settings could not be saved in {path}: {error}.") from error
    return load_settings()


def fixed_by(name: str) -> str | None:
    """What decides a setting before the saved file does, so that the Settings page can't change it.

    Returns:
        `the environment variable FAMILIAR_…` or `FAMILIAR_… in .env`; None where the saved file or the default holds.
    """
    variable = f"{PREFIX}{name.upper()}"
    if name in EnvSettingsSource(Settings)():
        return f"the environment variable {variable}"
    if name in DotEnvSettingsSource(Settings)():
        return f"{variable} in {DOTENV}"
    return None
