"""What waits in the inbox."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.capture.durable import UNFINISHED
from captureset.capture.envelope import SUFFIX
from captureset.store.repository import Repository

FEEDBACK = re.compile(r"[a-z0-9-]+\.feedback\.[a-z0-9-]+\.json")
UNFINISHED_S = 24 * 3600


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


def clear(repository: Repository, paths: Sequence[Path]) -> None:
    """Remove deliveries that are committed, and the batch folders they leave empty."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in sorted({path.parent for path in paths} - {repository.inbox}):
        if not any(folder.iterdir()):
            folder.rmdir()


def sweep(repository: Repository) -> None:
    """Remove what writers that were killed left unfinished; a name of the last day may still be written."""
    long_ago = time.time() - UNFINISHED_S
    for folder in (repository.inbox, repository.quarantine):
        for path in folder.glob(UNFINISHED):
            if path.stat().st_mtime < long_ago:
                path.unlink(missing_ok=True)
