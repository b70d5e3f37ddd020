"""What a repository already has of an app's labels: captures and feedback, committed or waiting in the inbox."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from captureset.capture import inbox
from captureset.capture.envelope import SUFFIX, unpack
from captureset.capture.intake import known_files
from captureset.errors import RefusedCaptureError
from captureset.formats import jsontext
from captureset.formats.sources.ecoguide import UUID
from captureset.store import pointers
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository

REVISION = re.compile(r"eco-(\d{4})-([0-9a-f]{32})")
FEEDBACK = re.compile(r"(?P<capture>[^.]+)\.feedback\.(?P<feedback>[^.]+)\.json")


class KnownCaptures:
    """What is committed or waiting, read when it is asked for; a snapshot of the moment it was made."""

    def __init__(self, repository: Repository) -> None:
        self.store = ObjectStore(repository.root)
        months = pointers.read(repository.pointers)
        self.committed = known_files(self.store, months) if months else {}
        self.waiting = inbox.waiting(repository)

    def ids(self) -> set[str]:
        """Return the UUIDs that name a capture."""
        return {name for name in (*self.committed, *self._envelopes) if UUID.fullmatch(name)}

    def sidecar(self, capture_id: str) -> dict[str, Any] | None:
        """Return the sidecar of a capture, None when there is no such capture, or only a torn envelope of it.

        Raises:
            CapturesetError: neither cache nor remote has it.
        """
        for path, md5 in self.committed.get(capture_id, {}).items():
            if path.endswith(f"/{capture_id}.json"):
                return dict(jsontext.parse(self.store.read(md5), path))
        waiting = self._envelopes.get(capture_id)
        try:
            return unpack(waiting.read_bytes(), waiting.name).sidecar if waiting else None
        except RefusedCaptureError:
            return None

    def feedback_ids(self, capture_id: str) -> set[str]:
        """Return the ids of what was said about a capture."""
        return self._feedback.get(capture_id, set())

    def revision(self, capture_id: str) -> tuple[int, str] | None:
        """Return number and content key of the newest label that was imported, None when no feedback says."""
        found = (REVISION.fullmatch(feedback_id) for feedback_id in self.feedback_ids(capture_id))
        return max(((int(match[1]), match[2]) for match in found if match), default=None)

    def feedback(self, capture_id: str, feedback_id: str) -> dict[str, Any]:
        """Return one feedback.

        Raises:
            CapturesetError: neither cache nor remote has it.
        """
        name = f"{capture_id}.feedback.{feedback_id}.json"
        for md5 in self.committed.get(name, {}).values():
            return dict(jsontext.parse(self.store.read(md5), name))
        return dict(jsontext.read(next(path for path in self.waiting.feedback if path.name == name)))

    @cached_property
    def _envelopes(self) -> dict[str, Path]:
        return {path.name.removesuffix(SUFFIX): path for path in self.waiting.captures}

    @cached_property
    def _feedback(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for name in self._names():
            match = FEEDBACK.fullmatch(name)
            if match:
                found[match["capture"]].add(match["feedback"])
        return found

    def _names(self) -> Iterator[str]:
        yield from self.committed
        yield from (path.name for path in self.waiting.feedback)
