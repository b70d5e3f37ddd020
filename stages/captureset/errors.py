"""What can go wrong, said in one sentence that names the file, the value and the remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_LISTED = 40  # problems in a message; all are in `RefusedError.problems`
LONGEST_PROBLEM, LONGEST_SENTENCE = 600, 2000
LONGEST_LIST = 2 * LONGEST_PROBLEM * MOST_LISTED


class CapturesetError(Exception):
    """A refusal a person can act on; its text is the whole message, exit code 1."""


def one_line(text: str, longest: int = LONGEST_SENTENCE) -> str:
    """Return a text in which nothing can break a line or a terminal: what is not printable is escaped."""
    if len(text) <= longest and text.isprintable():
        return text
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: longest + 1])
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where (a JSON pointer into the document), what, what to do, and a code of `REASONS`."""

    pointer: str
    message: str
    remedy: str
    reason: str = "invalid_document"

    def __str__(self) -> str:
        return one_line(f"{self.pointer or '/'}: {self.message} ({self.remedy})", LONGEST_PROBLEM)


class RefusedError(CapturesetError):
    """Something that may not come in: `reason` is a stable code, `problems` is all that was found at once.

    `details` is what a program may want to know beyond the sentence, such as the hashes of a conflict.
    """

    def __init__(
        self, reason: str, message: str, problems: Sequence[Problem], details: Mapping[str, Any] | None = None
    ) -> None:
        self.reason, self.problems, self.details = reason, tuple(problems), dict(details or {})
        super().__init__(message)


class InvalidDocumentError(RefusedError):
    """A JSON or YAML document that breaks its schema; its text lists the first problems."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        super().__init__("invalid_document", summary(source, problems), problems)


class RefusedCaptureError(RefusedError):
    """A capture or feedback that may not come in, for one reason or, when `problems` are given, for several."""

    def __init__(
        self,
        reason: str,
        message: str,
        problems: Sequence[Problem] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        said = one_line(message, LONGEST_LIST if problems else LONGEST_SENTENCE)
        fault, _, remedy = said.rstrip(".").rpartition("; ")
        super().__init__(reason, said, problems or (Problem("", fault or said, remedy, reason),), details)


def summary(source: str, problems: Sequence[Problem]) -> str:
    """Return the sentence that names the first problems and counts all."""
    noun = "problem" if len(problems) == 1 else "problems"
    more = len(problems) - MOST_LISTED
    listed = "; ".join(map(str, problems[:MOST_LISTED])) + (f"; and {more} more" if more > 0 else "")
    return f"{one_line(source, LONGEST_PROBLEM)} has {len(problems)} {noun}: {listed}."


class NotKeptError(CapturesetError):
    """The disk did not take it: nothing was acknowledged, and the same delivery may come again."""


class MissingObjectError(CapturesetError):
    """Bytes that neither the cache nor the remote can give, or gives damaged."""


class CommandFailedError(CapturesetError):
    """A git or dvc command that failed; carries what it said."""
