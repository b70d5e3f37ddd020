"""The parts of a judgement: each asked, timed and listed, whatever the others found; what could not run has failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from captureset.errors import CapturesetError, one_line

PASSED, FAILED, NOT_VERIFIED = "passed", "failed", "not_verified"

Ask = Callable[[], str]  # returns what held in a few words, raises what does not


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was asked; `why` is what held, the one sentence of what does not, or why nobody asked."""

    name: str
    verdict: str
    why: str
    seconds: float

    def line(self) -> str:
        """Return the part in one line of text."""
        took = "" if self.verdict == NOT_VERIFIED else f" ({self.seconds:.1f} s)"
        return f"{self.verdict.replace('_', ' '):<12} {self.name}: {self.why}{took}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of one commit; `stand_in` is the same of a quickstart repository, where the data were not here."""

    subject: str  # pull-request, or a tag
    commit: str
    parts: tuple[Part, ...]
    said: str
    changes: tuple[str, ...] = ()  # since the last release, line by line
    stand_in: tuple[Part, ...] = ()

    @property
    def failed(self) -> list[Part]:
        """The parts that failed, the stand-in's among them."""
        return [part for part in (*self.parts, *self.stand_in) if part.verdict == FAILED]

    @property
    def verdict(self) -> str:
        """`passed` only when something was asked and nothing failed."""
        asked = any(part.verdict == PASSED for part in self.parts)
        return PASSED if asked and not self.failed else FAILED

    @property
    def data_verified(self) -> bool:
        """Whether this repository's own data were looked at and found true."""
        return self.verdict == PASSED and all(part.verdict == PASSED for part in self.parts)

    def document(self) -> dict[str, Any]:
        """Return all of it for scripts."""
        return {**asdict(self), "verdict": self.verdict, "data_verified": self.data_verified}


@dataclass
class Panel:
    """Asks part after part; every answer is told at once and kept."""

    tell: Callable[[Part], None]
    prefix: str = ""  # of the names
    parts: list[Part] = field(default_factory=list)

    def ask(self, name: str, ask: Ask) -> bool:
        """Ask one part; return whether it passed. Nothing it raises reaches the caller."""
        began = time.monotonic()
        try:
            verdict, why = PASSED, ask()
        except CapturesetError as error:
            verdict, why = FAILED, str(error)
        except Exception as error:  # noqa: BLE001 - what could not run has failed, and the other parts still run
            verdict, why = FAILED, f"it could not run, {type(error).__name__}: {error}; mend that, then run it again"
        self._keep(Part(self.prefix + name, verdict, one_line(why), round(time.monotonic() - began, 2)))
        return verdict == PASSED

    def leave_out(self, names: Sequence[str], why: str) -> None:
        """List parts that nobody can ask here."""
        for name in names:
            self._keep(Part(self.prefix + name, NOT_VERIFIED, why, 0.0))

    def _keep(self, part: Part) -> None:
        self.parts.append(part)
        self.tell(part)
