"""What an app tells its services once: the `config` dict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from captureset.errors import CapturesetError
from captureset.store.repository import Repository

KOREA = timezone(timedelta(hours=9))
SOURCE_NAME = "ecoguide"
EXPECTED = "give a dict with data_storage_path, the folder of the captureset repository"


@dataclass(frozen=True, slots=True)
class Settings:
    """`timezone` is for times without an offset; `pseudonym_key` None: the environment's or the repository's own."""

    repository: Repository
    source: Mapping[str, str]
    timezone: tzinfo
    pseudonym_key: bytes | None = None


def settings_of(config: Any) -> Settings:
    """Return the settings in an app's config; None means the repository around the current folder.

    Raises:
        CapturesetError: it names no captureset repository, or an unknown time zone.
    """
    if config is None:
        config = {"data_storage_path": "."}
    if not isinstance(config, Mapping) or not isinstance(config.get("data_storage_path"), str | Path):
        raise CapturesetError(f"config names no data_storage_path; {EXPECTED}.")
    folder = Path(config["data_storage_path"])
    if not folder.is_dir():
        raise CapturesetError(f"config: data_storage_path {str(folder)!r} is no folder; {EXPECTED}.")
    version = config.get("source_version")
    source = {"kind": "app", "name": str(config.get("source_name") or SOURCE_NAME)}
    return Settings(
        Repository.find(folder),
        {**source, "version": str(version)} if version else source,
        _timezone(config.get("timezone")),
        _key(config.get("pseudonym_key")),
    )


def _timezone(name: Any) -> tzinfo:
    """Return a time zone; Korea's, where no clock is ever changed, needs no time zone database."""
    if name is None or name == "Asia/Seoul":
        return KOREA
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise CapturesetError(f"config: timezone {name!r} is unknown; write it as Asia/Seoul.") from None


def _key(key: Any) -> bytes | None:
    if key is None or isinstance(key, bytes):
        return key
    if isinstance(key, str):
        return key.encode()
    raise CapturesetError("config: pseudonym_key is neither text nor bytes; give a long random text.")
