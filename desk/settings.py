"""What an office may set, read from `desk.toml` and checked before anything starts."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from engine.errors import InputError
from engine.pack import DEFAULT_PACK

__all__ = ["SETTINGS_VARIABLE", "Settings", "default_database", "from_environment", "read_settings"]

SETTINGS_VARIABLE = "ZHUBAN_DESK_SETTINGS"
"""How the starting process hands its settings to its workers."""


def default_database() -> str:
    """The embedded database of this user (`ZHUBAN_DESK_DB` overrides)."""
    given = os.environ.get("ZHUBAN_DESK_DB")
    if given:
        return given
    folder = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "zhuban"
    return f"sqlite:///{folder / 'desk.sqlite'}"


class Settings(BaseModel):
    """Everything that differs from office to office (docs/deploy.md lists the keys).

    Attributes:
        db: `sqlite:///PATH` or `postgresql://…`.
        pack: The pack used until another is switched to.
        mask: Mask names, phones and numbers before storing; off only with a warning.
        retention_days: Texts older than this are deleted, counts stay; 0 keeps them.
        duplicate_days: Same matter at the same place within so many days is hinted.
        sso_header: A request header that names the user; empty means off.
        sso_proxies: Only these peers may send that header.
        rate_per_second: Requests a second for a token that has no rate of its own.
        body_limit, upload_limit: Bytes of a request, of an uploaded file.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    db: str = Field(default_factory=default_database)
    pack: str = DEFAULT_PACK
    mask: bool = True
    retention_days: Annotated[int, Field(ge=0)] = 0
    duplicate_days: Annotated[int, Field(ge=1, le=365)] = 30
    session_hours: Annotated[int, Field(ge=1, le=168)] = 12
    lockout_failures: Annotated[int, Field(ge=1)] = 5
    lockout_minutes: Annotated[int, Field(ge=1)] = 15
    sso_header: str = ""
    sso_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    rate_per_second: Annotated[float, Field(gt=0)] = 200.0
    body_limit: Annotated[int, Field(ge=1024)] = 1_000_000
    upload_limit: Annotated[int, Field(ge=1024)] = 20_000_000
    secure_cookies: bool = False
    timezone: str = "Asia/Shanghai"
    workers: Annotated[int, Field(ge=1, le=64)] = 1

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"没有时区「{value}」") from None
        return value

    @field_validator("db")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
            raise ValueError("数据库地址形如 sqlite:///路径 或 postgresql://用户@主机/库")
        return value


def read_settings(config: Path | None, **given: object) -> Settings:
    """Settings from a file, overridden by what the command line gives.

    Args:
        config: A TOML file, or None.
        given: Values of the command line; None means not given.

    Raises:
        InputError: The file cannot be read, or a value is refused; names the key.
    """
    values: dict[str, object] = {}
    if config is not None:
        try:
            values = tomllib.loads(config.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{config}：无法读取（{error}）") from None
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{config}：不是有效的 TOML（{error}）") from None
    values.update({key: value for key, value in given.items() if value is not None})
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        said = str(first["ctx"]["error"]) if "ctx" in first and "error" in first["ctx"] else first["msg"]
        raise InputError(f"{config or '设置'}：{key}：{said}") from None


def from_environment() -> Settings:
    """The settings that the starting process left for this worker."""
    left = os.environ.get(SETTINGS_VARIABLE)
    return Settings.model_validate_json(left) if left else Settings()
