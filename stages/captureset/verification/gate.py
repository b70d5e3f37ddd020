"""What the gate found: one row a check, passed, failed or not applicable; nothing is passed that could not run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not_applicable"
MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one export; `faults` are sentences that name file, value and remedy."""

    check: str
    subject: str
    status: str
    proves: str
    faults: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """Return the check as it stands in verify.json."""
        return {
            "check": self.check,
            "subject": self.subject,
            "status": self.status,
            "proves": self.proves,
            "faults": list(self.faults),
        }


@dataclass(slots=True)
class Gate:
    """Collects checks; the verdict is `passed` only when at least one ran and none failed."""

    checks: list[Check] = field(default_factory=list)

    def check(self, name: str, subject: str, proves: str, faults: Iterable[str]) -> bool:
        """Run a check, given as the faults it finds, and return whether it passed; the first 20 faults are kept."""
        found = tuple(islice(faults, MOST_FAULTS))
        self.checks.append(Check(name, subject, FAILED if found else PASSED, proves, found))
        return not found

    def not_applicable(self, name: str, subject: str, why: str) -> None:
        """Note a check that has nothing to look at."""
        self.checks.append(Check(name, subject, NOT_APPLICABLE, why))

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.status == FAILED]

    @property
    def verdict(self) -> str:
        """`passed` or `failed`."""
        ran = any(check.status == PASSED for check in self.checks)
        return PASSED if ran and not self.failed else FAILED
