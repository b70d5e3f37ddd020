"""Refused deliveries: their bytes as they came, the reason beside each. A person looks, retries or drops them."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captureset.capture.durable import kept, remove, sync_folder, write_new, write_over
from captureset.capture.envelope import SUFFIX, unpack
from captureset.errors import CapturesetError, RefusedCaptureError, RefusedError
from captureset.formats import jsontext
from captureset.store.repository import Repository

REASON = ".reason.json"
LONGEST_NAME = 200  # bytes; file systems have room for 255
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


def keep(
    repository: Repository, name: str, data: bytes, error: RefusedError, content: Callable[[bytes], Any] = bytes
) -> Path:
    """Put refused bytes into quarantine, the reason beside them, and return where; all is on disk for good.

    What is there under this name with the same content stays one file; with other content the new one gets a number.
    """
    name = _short(name)
    names = itertools.chain([name], (f"{name}.{number}" for number in itertools.count(2)))
    target = next(path for path in map(repository.quarantine.joinpath, names) if _holds(path, data, content))
    reason = {"reason": error.reason, "message": str(error), **error.details}
    write_over(target.with_name(target.name + REASON), jsontext.dump(reason).encode())
    return target


def _holds(path: Path, data: bytes, content: Callable[[bytes], Any]) -> bool:
    """Say whether a file holds this content, after writing it where there was none."""
    if write_new(path, data):
        return True
    try:
        there = path.read_bytes()
        return there == data or bool(content(there) == content(data))
    except (FileNotFoundError, CapturesetError):
        return False  # dropped at this very moment, or something else altogether


def _short(name: str) -> str:
    """Return the name, or a digest in its place when a number and `.reason.json` would make it too long for a disk."""
    raw = os.fsencode(name)
    return name if len(raw) <= LONGEST_NAME else hashlib.sha256(raw).hexdigest() + Path(name).suffix


def take(repository: Repository, path: Path, error: RefusedError) -> Path:
    """Move a refused delivery out of the inbox, its bytes as they came; killed anywhere, it is in one of the two."""
    target = keep(repository, path.name, path.read_bytes(), error)
    remove(path)
    return target


def conflict(said: str, taken: Mapping[str, str], refused: Mapping[str, str]) -> RefusedCaptureError:
    """Return the refusal of an id that is taken, which names the SHA-256 of both contents."""
    of = next(key for key in ("file", "photo") if key in taken)
    sentence = (
        f"{said} with other content (its {of} has SHA-256 {taken[of]}, the refused one {refused[of]}); "
        "give the new one another id, its bytes are in data/quarantine."
    )
    return RefusedCaptureError("conflict", sentence, details={"sha256": {"taken": {**taken}, "refused": {**refused}}})


def hashes(data: bytes, name: str) -> dict[str, str]:
    """Return the SHA-256 of a delivery, and of the photo and twin in it if it is a capture."""
    found = {"file": hashlib.sha256(data).hexdigest()}
    if name.endswith(SUFFIX):
        found |= image_hashes(unpack(data, name).sidecar)
    return found


def image_hashes(sidecar: Mapping[str, Any]) -> dict[str, str]:
    """Return the SHA-256 of photo and twin as they were delivered."""
    parts = {"photo": "image", "twin": "background_removed"}
    return {word: str(sidecar[key]["sha256"]) for word, key in parts.items() if key in sidecar}


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
    with kept("what is in quarantine"):
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
        one.path.with_name(one.name + REASON).unlink(missing_ok=True)  # first: alone it would be a reason for nothing
        one.path.unlink(missing_ok=True)
    if refused:
        sync_folder(repository.quarantine)
    return sum(one.size_bytes for one in refused)
