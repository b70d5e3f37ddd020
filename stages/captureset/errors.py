"""What can go wrong, said in one sentence that names the file, the value and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CapturesetError(Exception):
    """A refusal a person can act on; its text is the whole message, exit code 1."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a document: where (a JSON pointer), what, and what to do."""

    pointer: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message} ({self.remedy})"


class InvalidDocumentError(CapturesetError):
    """A JSON or YAML document that breaks its schema; carries every problem at once."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        noun = "problem" if len(self.problems) == 1 else "problems"
        listed = "; ".join(map(str, self.problems))
        super().__init__(f"{source} has {len(self.problems)} {noun}: {listed}.")


class RefusedCaptureError(CapturesetError):
    """A capture or feedback that may not come in; `reason` is a stable code."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class MissingObjectError(CapturesetError):
    """Bytes that neither the cache nor the remote can give, or gives damaged."""


class CommandFailedError(CapturesetError):
    """A git or dvc command that failed; carries what it said."""
