"""When something happened, as an app tells it: ISO text, a datetime, seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from captureset.formats.sources.ecoguide_label import moment_of, number_of
from captureset.records.sidecar import utc_text


def moment_text(told: Any, zone: tzinfo) -> str | None:
    """Return a time in UTC as a sidecar has it, None when nothing that can be read was told.

    Args:
        told: text or datetime, local where it has no offset; a number is seconds since 1970.
        zone: where local is.
    """
    seconds = number_of(told)
    if seconds is not None:
        try:
            told = datetime.fromtimestamp(seconds, UTC).isoformat()
        except (OverflowError, ValueError, OSError):
            return None
    moment = moment_of(told.isoformat() if isinstance(told, datetime) else told)
    if moment is None:
        return None
    return utc_text(moment if moment.tzinfo else moment.replace(tzinfo=zone))
