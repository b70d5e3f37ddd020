"""What a door answers: a dict with `success`, and a sentence in `error` where it is False. Never an exception."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from captureset.errors import CapturesetError, one_line

LOG = logging.getLogger("captureset.services")
LONGEST_WORDS = 300

Answer = dict[str, Any]


def answered(work: Callable[[Answer], Mapping[str, Any]], **known: Any) -> Answer:
    """Return what a piece of work found and `success`; whatever fails becomes one sentence.

    Only what stops a program (KeyboardInterrupt, SystemExit) goes through.

    Args:
        work: is given `known`, to add to it what a failure should tell as well.
        known: what is known already, such as the analysis_id.
    """
    try:
        return {"success": True, **work(known)}
    except Exception as error:  # the app goes on, whatever it is
        if not isinstance(error, CapturesetError):
            LOG.warning("a service failed", exc_info=True)
        return {"success": False, "error": sentence(error), **known}


def sentence(error: Exception) -> str:
    """Return what went wrong and what to do, in one sentence."""
    if isinstance(error, CapturesetError):
        return str(error)
    if isinstance(error, ModuleNotFoundError):
        return f"{error.name} is not installed; install the extra with `pip install 'captureset[pipeline]'`."
    if isinstance(error, OSError) and error.strerror:
        where = one_line(str(error.filename or "a file"), LONGEST_WORDS)
        return f"{where} cannot be read or written: {error.strerror}; mend that and call again."
    return f"the call failed with {type(error).__name__}{_said(error)}; the log of captureset.services has the place."


def _said(error: Exception) -> str:
    """Return the words of an exception, nothing where it has none or cannot say them."""
    try:
        words = one_line(" ".join(str(error).split()), LONGEST_WORDS)
    except Exception:  # noqa: BLE001 - a hostile __str__
        return ""
    return f" ({words})" if words else ""
