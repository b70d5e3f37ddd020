"""Refused deliveries: their bytes as they came, the reason beside each. A person looks, retries or drops them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.capture.durable import sync_folder, write_new
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.store.repository import Repository

REASON = ".reason.json"
NUMBERED = re.compile(r"(.+\.(?:capture|json))\.\d+")
UNKNOWN = {"reason": "unknown", "message": "Its reason is missing; retry it to hear it again."}


@dataclass(frozen=True, slots=True)
class Refused:
    """One delivery in quarantine; `details` is the whole reason file."""

    name: str
    reason: str
    message: str
    size_bytes: int
    path: Path
    details: dict[str, Any]

    @property
    def inbox_name(self) -> str:
        """The name it was delivered under, without the number that kept it apart from another of that name."""
        numbered = NUMBERED.fullmatch(self.name)
        return numbered[1] if numbered else self.name


def listed(repository: Repository) -> list[Refused]:
    """Return the refused deliveries by name.

    Raises:
        CapturesetError: a reason is no JSON.
    """
    files = sorted(path for path in repository.quarantine.glob("*") if path.is_file() and path.name[0] != ".")
    return [_refused(path) for path in files if not path.name.endswith(REASON)]


def _refused(path: Path) -> Refused:
    beside = path.with_name(path.name + REASON)
    found = jsontext.read(beside) if beside.exists() else UNKNOWN
    details = found if isinstance(found, dict) else UNKNOWN
    message = " ".join(str(details.get("message", "")).split())
    return Refused(path.name, str(details.get("reason", "unknown")), message, path.stat().st_size, path, details)


def find(repository: Repository, name: str) -> Refused:
    """Return one refused delivery by its name in the list.

    Raises:
        CapturesetError: there is none.
    """
    for refused in listed(repository):
        if refused.name == name:
            return refused
    raise CapturesetError(f"{name!r} is not in data/quarantine; `captureset quarantine list` names what is.")


def retry(repository: Repository, refused: Sequence[Refused]) -> list[Path]:
    """Put deliveries back into the inbox, for the next `captureset commit` to judge, and return where they stand.

    Raises:
        CapturesetError: another delivery of that name waits there; what came before it in the list is done.
    """
    return [_put_back(repository, one) for one in refused]


def _put_back(repository: Repository, refused: Refused) -> Path:
    target, data = repository.inbox / refused.inbox_name, refused.path.read_bytes()
    if not write_new(target, data) and target.read_bytes() != data:
        raise CapturesetError(
            f"{target.name} waits in the inbox with other content, so {refused.name} stays in quarantine; "
            "run `captureset commit` first."
        )
    drop(repository, [refused])
    return target


def drop(repository: Repository, refused: Sequence[Refused]) -> int:
    """Delete deliveries and their reasons for good and return how many bytes that were."""
    for one in refused:
        one.path.unlink(missing_ok=True)
        one.path.with_name(one.name + REASON).unlink(missing_ok=True)
    if refused:
        sync_folder(repository.quarantine)
    return sum(one.size_bytes for one in refused)
