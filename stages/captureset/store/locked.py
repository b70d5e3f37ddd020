"""dvc.lock as a document: what every stage made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def outs(lock: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give every output of every stage, as DVC wrote it: path, md5, size, and nfiles of a folder."""
    return (out for stage in lock.get("stages", {}).values() for out in stage.get("outs", ()))


def addresses(lock: Mapping[str, Any]) -> dict[str, str]:
    """Return the md5 of every output that has one, by path."""
    return {out["path"]: str(out["md5"]) for out in outs(lock) if "md5" in out}
