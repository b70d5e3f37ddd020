"""One analysis of an app made a capture: its sidecar, its place in the inbox, what its user said at once."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from captureset.capture import images
from captureset.capture.envelope import SUFFIX, unpack
from captureset.capture.images import ImageFacts
from captureset.capture.stored import ARRIVED
from captureset.capture.submit import Receipt, submit
from captureset.errors import CapturesetError, InvalidDocumentError, RefusedCaptureError
from captureset.formats import jsontext
from captureset.formats.sources.ecoguide_label import text_of
from captureset.formats.taxonomy import load_taxonomy
from captureset.records.sidecar import utc, utc_text
from captureset.services.measurement import is_measurement, vision_result
from captureset.services.moments import moment_text
from captureset.services.pictures import picture_bytes
from captureset.services.plain import text
from captureset.services.pseudonyms import pseudonym, secret_of
from captureset.services.settings import Settings
from captureset.services.vision import Document, Reading, model_section, plain_result

CAPTURE_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)
ID_KEYS = ("analysis_id", "file_id")


@dataclass(frozen=True, slots=True)
class Saved:
    """A capture that is in the inbox for good."""

    receipt: Receipt
    sidecar: Document
    photo: ImageFacts

    @property
    def capture_id(self) -> str:
        """Name of the capture, the app's analysis_id."""
        return self.receipt.id


def capture_id_of(told: Any) -> str:
    """Return the capture id for an id of the app's: itself if it is one, else a UUID made from it."""
    name = str(told)
    return name if CAPTURE_ID.fullmatch(name) else _made("analysis id", name)


def named_id(*parts: Any) -> Any:
    """Return the id that an app gave in its vision result or its session, None when it gave none."""
    told = (part.get(key) for part in parts if isinstance(part, Mapping) for key in ID_KEYS)
    return next((name for name in told if name), None)


def _made(kind: str, content: str) -> str:
    digest = hashlib.sha256(f"captureset {kind}: {content}".encode(errors="replace")).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def image_paths(sidecar: Mapping[str, Any]) -> dict[str, str]:
    """Return where a capture stands in the repository.

    `inbox` is there until `captureset commit`, a file that opens as the photo; the others from then on, after
    `dvc pull`.
    """
    capture_id = sidecar["capture_id"]
    stem = f"data/images/{utc(sidecar['captured_at']):%Y/%m/%d}/{capture_id}"
    parts = (("original", "image", ""), ("background_removed", "background_removed", "_nobg"))
    files = {
        name: f"{stem}{mark}{images.SUFFIXES[sidecar[section]['format']]}"
        for name, section, mark in parts
        if section in sidecar
    }
    return {**files, "sidecar": f"{stem}.json", "inbox": f"data/inbox/{capture_id}{SUFFIX}"}


def save(settings: Settings, picture: Any, result: Any, session: Any) -> Saved:
    """Put one analysis into the inbox; the same one twice is one capture.

    Raises:
        CapturesetError: the photo may not come in, or its id is taken by another one.
        OSError: the inbox cannot be written to.
    """
    result = vision_result(result) if is_measurement(result) else result
    told, circumstances = plain_result(result), session if isinstance(session, Mapping) else {}
    photo = picture_bytes(picture, "the photo")
    seen = images.inspect(photo, "the photo")
    reading = Reading(load_taxonomy(settings.repository.categories), seen, None)
    twin = _twin(result, reading)
    sidecar = _sidecar(settings, told, circumstances, seen, reading)
    receipt, kept = _delivered(settings, photo, sidecar, twin, reading)
    return Saved(receipt, kept, seen)


def _twin(result: Any, reading: Reading) -> bytes | None:
    """Return the background-removed twin; one that is no picture is left out, which a person must know."""
    picture = result.get("background_removed_image") if isinstance(result, Mapping) else None
    if picture is None:
        return None
    try:
        data = picture_bytes(picture, "the twin")
        reading.twin = images.inspect(data, "the twin")
    except (CapturesetError, OSError):
        reading.reasons.add("twin_left_out")
        return None
    return data


def _sidecar(
    settings: Settings, told: Document, circumstances: Mapping[str, Any], photo: ImageFacts, reading: Reading
) -> Document:
    """Return the sidecar, with the facts of the pictures."""
    at, twin = _told_time(settings, told, circumstances, reading), reading.twin
    model, keys = model_section(told, reading), session_section(settings, circumstances)
    given = named_id(told, circumstances)
    linked = {key: value for key, value in keys.items() if key != "user_agent"}
    said = [photo.sha256, twin and twin.sha256, model, linked, at]
    capture_id = capture_id_of(given) if given is not None else _made("analysis", jsontext.dump(said))
    external = {} if given is None or str(given) == capture_id else {"external_id": text(str(given))[:400]}
    sections = {
        "image": _section(photo),
        "background_removed": _section(twin) if twin else None,
        "session": keys,
        "model": model,
        "extra": None if at else ARRIVED,
    }
    return {
        "schema_version": 1,
        "capture_id": capture_id,
        "captured_at": at or _arrival(settings, capture_id, photo),
        "source": {**settings.source, **external},
        **{name: section for name, section in sections.items() if section},
    }


def _section(facts: ImageFacts) -> Document:
    frame = facts.upright
    size = {"width_px": frame.width_px, "height_px": frame.height_px, "bytes": facts.size_bytes}
    return {"format": facts.format, **size, "sha256": facts.sha256}


def _told_time(settings: Settings, told: Document, circumstances: Mapping[str, Any], reading: Reading) -> str | None:
    value = circumstances.get("timestamp") or told.get("timestamp")
    moment = moment_text(value, settings.timezone)
    if value and moment is None:
        reading.reasons.add("odd_time")
    return moment


def session_section(settings: Settings, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return who and when as keyed hashes; the user agent stays in the sidecar, everything else is dropped."""
    named = {kind: str(facts[f"{kind}_id"]).strip() for kind in ("session", "user", "item") if facts.get(f"{kind}_id")}
    secret = secret_of(settings) if named else b""
    keys = {f"{kind}_key": pseudonym(secret, kind, identifier) for kind, identifier in named.items()}
    agent = text_of(facts.get("user_agent"))
    return {**keys, **({"user_agent": text(agent)[:500]} if agent else {})}


def _arrival(settings: Settings, capture_id: str, photo: ImageFacts) -> str:
    """Return now, or the time the same photo arrived at under the same id and still waits."""
    waiting = settings.repository.inbox / f"{capture_id}{SUFFIX}"
    try:
        sidecar = unpack(waiting.read_bytes(), waiting.name).sidecar
    except (OSError, RefusedCaptureError):
        sidecar = {}
    if sidecar.get("image", {}).get("sha256") == photo.sha256 and sidecar.get("extra") == ARRIVED:
        return str(sidecar["captured_at"])
    return utc_text(datetime.now(UTC))


def _delivered(
    settings: Settings, photo: bytes, sidecar: Document, twin: bytes | None, reading: Reading
) -> tuple[Receipt, Document]:
    """Submit a capture; if the model's answer breaks the schema after all, the answer goes, never the capture."""
    try:
        kept = with_review(sidecar, reading)
        return submit(settings.repository, photo, kept, twin), kept
    except InvalidDocumentError:
        reading.reasons.add("unreadable_answer")
        kept = with_review({key: value for key, value in sidecar.items() if key != "model"}, reading)
        return submit(settings.repository, photo, kept, twin), kept


def with_review(document: Document, reading: Reading) -> Document:
    """Return a document that says why a person should look, if there is a reason."""
    reasons = sorted(reading.reasons)
    return {**document, "review": {"wanted": True, "reasons": reasons}} if reasons else document
