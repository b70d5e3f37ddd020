"""The files of each capture, gathered from the manifests of all months."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from captureset.errors import CapturesetError
from captureset.store import pointers


@dataclass(slots=True)
class CaptureFiles:
    """The addresses of one capture's files, by part."""

    capture_id: str
    photo: str | None = None
    twin: str | None = None
    sidecar: str | None = None
    feedback: dict[str, str] = field(default_factory=dict)  # file name to md5

    def memo_key(self, version: str) -> str:
        """Return the digest of everything this capture's rows are made from."""
        parts = [version, self.photo, self.twin, self.sidecar, *sorted(self.feedback.values())]
        return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()[:32]


def grouped(months: Iterable[tuple[str, Mapping[str, str]]]) -> list[CaptureFiles]:
    """Return the captures that manifests list, given as pairs of month and rows.

    Raises:
        CapturesetError: the same part of a capture stands in two places.
    """
    captures: dict[str, CaptureFiles] = {}
    for month, manifest in months:
        for relpath, md5 in manifest.items():
            capture_id, part = pointers.capture_of(relpath)
            capture = captures.setdefault(capture_id, CaptureFiles(capture_id))
            if part == "feedback":
                capture.feedback[relpath.rpartition("/")[2]] = md5
            elif getattr(capture, part) is not None:
                raise CapturesetError(
                    f"data/captures/{month}.dvc lists the {part} of capture {capture_id} a second time, at {relpath}; "
                    "an id is one capture, revert the commit that added it."
                )
            else:
                setattr(capture, part, md5)
    return list(captures.values())
