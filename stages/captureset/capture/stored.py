"""What a capture becomes in DVC: its images without private metadata, its sidecar with the facts of both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from captureset.capture import extent, images
from captureset.capture.envelope import Envelope
from captureset.capture.stripping import admitted
from captureset.capture.submit import prepare
from captureset.formats import jsontext
from captureset.records.taxonomy import Taxonomy

ARRIVED = {"captured_at_is": "arrival"}  # an app's `extra` when nobody told the time
FOUND_AT_COMMIT = ("bytes", "stored_sha256", "removed", "pixel_sha256", "object_xywh_px")


def captured_files(envelope: Envelope, name: str, taxonomy: Taxonomy) -> dict[str, bytes]:
    """Return the files a capture becomes, by name: images decoded strictly and stripped, then the sidecar.

    In the sidecar `sha256` stays that of the delivered bytes; `bytes`, `stored_sha256` and `removed` tell of the
    stored ones.

    Raises:
        RefusedCaptureError: an image is damaged or is not what the sidecar says.
        InvalidDocumentError: every problem of the sidecar.
    """
    checked = prepare(envelope.photo, envelope.sidecar, envelope.twin, taxonomy, name)
    sidecar, stem = dict(checked.sidecar), checked.capture_id
    files: dict[str, bytes] = {}
    parts = (("image", "", envelope.photo), ("background_removed", "_nobg", envelope.twin))
    for key, mark, data in parts:
        if data is not None:
            stored, found = _stored(data, f"{name} ({key})")
            if mark and (place := extent.object_box(stored)):
                found["object_xywh_px"] = list(place.xywh_px)
            told = {field: value for field, value in sidecar[key].items() if field not in FOUND_AT_COMMIT}
            sidecar[key] = {**told, **found}
            files[f"{stem}{mark}{images.SUFFIXES[sidecar[key]['format']]}"] = stored
    files[f"{stem}.json"] = jsontext.dump(sidecar).encode()
    return files


def _stored(data: bytes, name: str) -> tuple[bytes, dict[str, Any]]:
    stripped, pixel_sha256 = admitted(data, name)
    return stripped.data, {
        "bytes": len(stripped.data),
        "stored_sha256": hashlib.sha256(stripped.data).hexdigest(),
        "removed": list(stripped.removed),
        "pixel_sha256": pixel_sha256,
    }


def same_delivery(one: bytes, other: bytes) -> bool:
    """Say whether two committed sidecars tell of one delivery.

    What was stored of it may differ: older versions removed less, or nothing. So may the time, where nobody told it
    and the moment of arrival stands for it.
    """
    return _delivered(json.loads(one)) == _delivered(json.loads(other))


def _delivered(sidecar: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        key: {name: value for name, value in sidecar[key].items() if name not in FOUND_AT_COMMIT}
        for key in ("image", "background_removed")
        if key in sidecar
    }
    arrived = {"captured_at": None} if sidecar.get("extra") == ARRIVED else {}
    return {**sidecar, **parts, **arrived}
