"""Settings of the service: the only reader of the environment and of its file.

A setting comes from `LIUJING_SECTION__NAME` in the environment, else from the TOML file
that `LIUJING_CONFIG` or `--config` names, else from here. Secrets are never printed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from vision.errors import InputError

PREFIX = "LIUJING_"
HIDDEN = "(set, not shown)"


class Part(BaseModel):
    """One section; a name that nobody reads is a mistake."""

    model_config = {"extra": "forbid", "frozen": True}


class StoreSettings(Part):
    """Where the city's memory lies."""

    where: SecretStr | None = Field(
        default=None, title="folder or postgresql://..., default DATA/city"
    )
    blobs: Path | None = Field(default=None, title="folder of pictures")


class ServerSettings(Part):
    """Where the service listens."""

    host: str = Field(default="127.0.0.1", title="address it listens at")
    port: int = Field(default=8600, ge=1, le=65535, title="port it listens at")
    public_url: str | None = Field(default=None, title="as others reach it, for links")
    room_mb: int = Field(default=1000, ge=0, title="megabytes that must be free")


class RawSettings(Part):
    """The quarantine of raw footage."""

    folder: Path | None = Field(default=None, title="folder, default DATA/raw")
    raw_days: float = Field(default=7.0, gt=0, le=3650, title="days until deleted")
    evidence_days: float = Field(default=180.0, gt=0, title="days pictures are kept")
    key: SecretStr | None = Field(
        default=None, min_length=12, title="encrypts footage at rest"
    )
    least_free_mb: float = Field(
        default=1000.0, ge=0, title="megabytes of the disk that stay free"
    )


class UploadSettings(Part):
    """Files that vehicles and cameras send piece by piece (tus)."""

    expires_days: float = Field(
        default=14.0, gt=0, le=3650, title="days without a byte until given up"
    )
    largest_gb: float = Field(default=64.0, gt=0, title="gigabytes of one file")
    quota_gb: float = Field(
        default=500.0, gt=0, title="gigabytes one key may have lying here"
    )
    checked_mb: float = Field(
        default=256.0, gt=0, title="megabytes of one piece with a checksum"
    )
    silent_s: float = Field(
        default=20.0, gt=0, title="seconds without a byte that end a request"
    )
    look_s: float = Field(
        default=20.0, gt=0, title="seconds a processor may take to see what a file is"
    )


class IntakeSettings(Part):
    """Drives that come in piece by piece."""

    wait_h: float = Field(
        default=24.0,
        gt=0,
        le=8760,
        title="hours without a new file after which a drive starts with what is there",
    )
    silent_h: float = Field(
        default=24.0, gt=0, title="hours after which a device counts as silent"
    )


class JobSettings(Part):
    """Drives that are worked on."""

    where: SecretStr | None = Field(
        default=None,
        title="database of the queue, default that of the store or DATA/jobs.sqlite",
    )
    watch: Path | None = Field(default=None, title="folder of drives to take in")
    tries: int = Field(default=3, ge=1, le=20, title="tries before a drive fails")
    deaths: int = Field(
        default=10,
        ge=1,
        le=100,
        title="workers that may die at one place before a drive fails",
    )
    piece_m: float = Field(default=500.0, gt=0, title="metres of one resumable piece")
    state_s: float = Field(
        default=10.0,
        gt=0,
        le=600,
        title="seconds between two states written down within a piece",
    )
    silent_s: float = Field(default=30.0, gt=0, title="silence after which one is dead")
    folder: Path | None = Field(
        default=None, title="folder of reports that workers share, default DATA/jobs"
    )
    roads: Path | None = Field(
        default=None, title="road file of the city, for drives that bring none"
    )
    camera: Path | None = Field(
        default=None, title="camera file for drives that bring none"
    )
    model: str = Field(default="street@2", title="name@version that looks")
    layout: str | None = Field(
        default="layout@1", title="name@version that reads the layout"
    )
    models: Path | None = Field(default=None, title="folder of model cards")
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", title="where models run"
    )
    spacing_m: float = Field(
        default=3.0, gt=0, le=100, title="metres driven between two frames"
    )


class CameraSettings(Part):
    """Cameras that stand and are registered."""

    folder: Path | None = Field(
        default=None, title="folder of snapshot folders, default DATA/cameras"
    )
    at_once: int = Field(
        default=4, ge=1, le=64, title="cameras that one worker watches at once"
    )
    slice_s: float = Field(
        default=60.0, gt=0, le=3600, title="seconds of watching that are one step"
    )
    state_s: float = Field(
        default=10.0, gt=0, le=600, title="seconds between two states written down"
    )
    late_s: float = Field(
        default=120.0, ge=0, le=86400, title="seconds that snapshots may come late"
    )
    try_s: float = Field(
        default=10.0, gt=0, le=60, title="seconds a camera may take for one picture"
    )


class ScoreSettings(Part):
    """How streets are scored when a drive comes in."""

    standard: str = Field(default="xuchang@1", title="name@version")
    window_days: int = Field(default=30, ge=1, le=366, title="days of a score's window")
    utc_offset_h: float = Field(default=8.0, ge=-14, le=14, title="the city's clock")


class LimitSettings(Part):
    """What one key may ask for."""

    requests_per_minute: int = Field(default=600, ge=1, title="requests a minute")
    uploads_per_minute: int = Field(
        default=6000, ge=1, title="requests a minute that send pieces of files"
    )
    failures_per_minute: int = Field(
        default=60, ge=1, title="failures a minute of one address without a key"
    )
    body_kb: int = Field(default=1024, ge=1, title="kilobytes of a request's JSON")
    page: int = Field(default=1000, ge=1, le=100_000, title="most rows on a page")
    link_minutes: float = Field(default=60.0, gt=0, title="life of a picture's link")


class HookSettings(Part):
    """Webhooks: the service tells others what changed."""

    private: bool = Field(default=False, title="may reach private addresses")
    give_up_days: float = Field(default=7.0, gt=0, title="days of failures until off")
    timeout_s: float = Field(default=10.0, gt=0, le=30, title="seconds for an answer")


class ReviewSettings(Part):
    """The review desk, Label Studio, and what reviewers are asked there."""

    url: str | None = Field(default=None, title="Label Studio's address")
    token: SecretStr | None = Field(
        default=None, title="a personal token of its administrator"
    )
    project: str = Field(default="六净一洁 复核", min_length=1, title="project's title")
    service_url: str | None = Field(
        default=None,
        title="as Label Studio reaches the service, default server.public_url",
    )
    link_days: float = Field(
        default=30.0, gt=0, le=3650, title="days a task's pictures can be seen"
    )
    open_tasks: int = Field(
        default=200, ge=1, le=10_000, title="tasks that lie open at once"
    )
    poll_s: float = Field(default=60.0, gt=0, title="seconds between two reconcilings")
    audit_share: float = Field(
        default=0.1, ge=0, le=1, title="share of tasks drawn by chance"
    )
    gold_share: float = Field(
        default=0.05, ge=0, le=1, title="share of tasks whose answer is known"
    )
    second_share: float = Field(
        default=0.05, ge=0, le=1, title="share of answers that another one checks"
    )
    enough: int = Field(
        default=20, ge=1, title="reviews of a class before scores use what they say"
    )
    operating: bool = Field(
        default=True, title="drives are inspected at the operating points of reviews"
    )
    measure_h: float = Field(
        default=24.0, gt=0, title="hours between two measurings of eyes by reviews"
    )


class Settings(BaseSettings):
    """All settings of one service.

    Attributes:
        data: everything of one machine that is not named elsewhere lies below.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    data: Path = Path("liujing-data")
    log: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    store: StoreSettings = StoreSettings()
    server: ServerSettings = ServerSettings()
    raw: RawSettings = RawSettings()
    uploads: UploadSettings = UploadSettings()
    intake: IntakeSettings = IntakeSettings()
    jobs: JobSettings = JobSettings()
    cameras: CameraSettings = CameraSettings()
    score: ScoreSettings = ScoreSettings()
    review: ReviewSettings = ReviewSettings()
    limits: LimitSettings = LimitSettings()
    hooks: HookSettings = HookSettings()

    @model_validator(mode="after")
    def _pictures_have_a_place(self) -> Self:
        if "://" in self.store_where and self.store.blobs is None:
            msg = "store.blobs must name a folder where store.where is a database"
            raise ValueError(msg)
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the environment before the file; nothing else is read."""
        del dotenv_settings, file_secret_settings
        file = settings_cls.model_config.get("toml_file")
        if file is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def store_where(self) -> str:
        """The store's folder or address."""
        where = self.store.where
        return str(self.data / "city") if where is None else where.get_secret_value()

    @property
    def jobs_url(self) -> str:
        """The address of the queue's database; that of the store if that is one."""
        where = self.jobs.where
        if where is None and "://" in self.store_where:
            return self.store_where
        if where is None:
            return f"sqlite:///{(self.data / 'jobs.sqlite').absolute()}"
        return where.get_secret_value()

    @property
    def raw_folder(self) -> Path:
        """The quarantine."""
        return self.raw.folder or self.data / "raw"

    @property
    def jobs_folder(self) -> Path:
        """Where workers keep the reports of drives."""
        return self.jobs.folder or self.data / "jobs"

    @property
    def cameras_folder(self) -> Path:
        """Where the folders of snapshots lie."""
        return self.cameras.folder or self.data / "cameras"

    def shown(self) -> dict[str, Any]:
        """Return all settings as people may see them, secrets left out."""
        return {name: _shown(getattr(self, name)) for name in type(self).model_fields}


def _shown(value: Any) -> Any:
    if isinstance(value, Part):
        return {name: _shown(getattr(value, name)) for name in type(value).model_fields}
    if isinstance(value, SecretStr):
        return HIDDEN
    return str(value) if isinstance(value, Path) else value


def load_settings(config: Path | None = None, **given: Any) -> Settings:
    """Read the settings.

    Args:
        config: TOML file; None for that which `LIUJING_CONFIG` names, if any.
        given: settings of the command line, before all others.

    Raises:
        InputError: a setting is wrong; the message names it.
    """
    named = os.environ.get(f"{PREFIX}CONFIG")
    file = config or (Path(named) if named else None)
    if file is not None and not file.is_file():
        msg = f"there is no settings file {file}; check the path"
        raise InputError(msg)

    _check_names()

    class _Read(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return _Read(**given)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in problem["loc"]) or "settings"
        text = str(problem["msg"]).removeprefix("Value error, ")
        msg = f"setting {place}: {text[0].lower()}{text[1:]}; correct it"
        raise InputError(msg) from error
    except ValueError as error:
        msg = f"{file} is not TOML: {error}; correct the file"
        raise InputError(msg) from error


def _check_names() -> None:
    """Refuse a name in the environment that nobody reads, as one in the file is.

    Raises:
        InputError: there is one.
    """
    known = {*Settings.model_fields, "config"}
    for name in sorted(os.environ):
        section = name.removeprefix(PREFIX).partition("__")[0].lower()
        if name.startswith(PREFIX) and section not in known:
            msg = f"{name} in the environment is no setting; see liujing settings"
            raise InputError(msg)
