"""What waits in the inbox, and where refused things go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from captureset.capture.envelope import SUFFIX
from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.store.repository import Repository

FEEDBACK = re.compile(r"[a-z0-9-]+\.feedback\.[a-z0-9-]+\.json")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Paths in the inbox: envelopes, feedback files, and strangers that nothing here wrote."""

    captures: tuple[Path, ...]
    feedback: tuple[Path, ...]
    strangers: tuple[Path, ...]

    def __len__(self) -> int:
        return len(self.captures) + len(self.feedback)


def waiting(repository: Repository) -> Waiting:
    """Return what is in the inbox, sorted by name; an imported batch is a folder of its own."""
    files = sorted(
        (path for path in repository.inbox.rglob("*") if path.is_file() and not _hidden(path, repository.inbox)),
        key=lambda path: (path.name, str(path)),
    )
    captures = tuple(path for path in files if path.name.endswith(SUFFIX))
    feedback = tuple(path for path in files if FEEDBACK.fullmatch(path.name))
    known = {*captures, *feedback}
    return Waiting(captures, feedback, tuple(path for path in files if path not in known))


def _hidden(path: Path, inbox: Path) -> bool:
    """Say whether a path is still being written: such names begin with a dot."""
    return any(part.startswith(".") for part in path.relative_to(inbox).parts)


def quarantine(repository: Repository, path: Path, error: CapturesetError) -> Path:
    """Move a refused delivery out of the inbox, its bytes as they came, the reason beside it."""
    repository.quarantine.mkdir(parents=True, exist_ok=True)
    target = repository.quarantine / path.name
    number = 1
    while target.exists() and target.read_bytes() != path.read_bytes():
        number += 1
        target = repository.quarantine / f"{path.name}.{number}"
    reason = getattr(error, "reason", "invalid_document")
    jsontext.write(target.with_name(target.name + ".reason.json"), {"reason": reason, "message": str(error)})
    path.replace(target)
    return target


def clear(repository: Repository, paths: list[Path]) -> None:
    """Remove deliveries that are committed, and the batch folders they leave empty."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in sorted({path.parent for path in paths} - {repository.inbox}):
        if not any(folder.iterdir()):
            folder.rmdir()
