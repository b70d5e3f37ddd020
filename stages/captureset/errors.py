"""What can go wrong, said in one sentence that names the file, the value and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LISTED = 40  # problems in a message; all are in `InvalidDocumentError.problems`
LONGEST_PROBLEM = 600


class CapturesetError(Exception):
    """A refusal a person can act on; its text is the whole message, exit code 1."""


def one_line(text: str, longest: int = 2000) -> str:
    """Return a text in which nothing can break a line or a terminal: what is not printable is escaped."""
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: longest + 1])
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where (a JSON pointer), what, and what to do."""

    pointer: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return one_line(f"{self.pointer or '/'}: {self.message} ({self.remedy})", LONGEST_PROBLEM)


class InvalidDocumentError(CapturesetError):
    """A JSON or YAML document that breaks its schema; carries every problem at once, its text the first ones."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        more = len(self.problems) - MOST_LISTED
        listed = "; ".join(map(str, self.problems[:MOST_LISTED])) + (f"; and {more} more" if more > 0 else "")
        super().__init__(f"{one_line(source, LONGEST_PROBLEM)} has {len(self.problems)} {noun}: {listed}.")


class RefusedCaptureError(CapturesetError):
    """A capture or feedback that may not come in; `reason` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(one_line(message))


class MissingObjectError(CapturesetError):
    """Bytes that neither the cache nor the remote can give, or gives damaged."""


class CommandFailedError(CapturesetError):
    """A git or dvc command that failed; carries what it said."""
