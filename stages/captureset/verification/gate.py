"""The gate: every rule asked of one folder. What could not run has failed; what does not apply is never a pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from captureset.errors import CapturesetError
from captureset.verification.case import Case, Fault, NotApplicableError
from captureset.verification.rules import REPOSITORY, RULES, TRAINER, Rule

PASSED, FAILED, NOT_APPLICABLE = "passed", "failed", "not_applicable"
MOST_FAULTS = 100  # of one rule in one folder that are kept; all are counted
ABOUT_DOCUMENTS = {  # all other rules look at images, and of none they prove nothing
    *("category_list", "class_mapping", "head", "strict_json", "orphans", "portable"),
    *("empties", "caches", "identical", "clean_status"),
}
REPOSITORY_ONLY = "it needs the repository that wrote the folder, with its manifest"


@dataclass(frozen=True, slots=True)
class Check:
    """What one rule found in one folder; `why` is said of a rule that does not apply."""

    rule: Rule
    subject: str
    status: str
    faults: tuple[Fault, ...] = ()
    fault_count: int = 0
    why: str | None = None

    def document(self) -> dict[str, Any]:
        """Return the check as it stands in verify.json."""
        return {
            "rule": self.rule.number,
            "check": self.rule.name,
            "subject": self.subject,
            "status": self.status,
            "proves": self.rule.proves,
            "why": self.why,
            "fault_count": self.fault_count,
            "faults": [{"file": f.file, "id": f.id, "value": f.value, "remedy": self.rule.remedy} for f in self.faults],
        }

    def sentence(self, fault: Fault) -> str:
        """Return a fault in one sentence."""
        where = ", ".join(filter(None, (fault.file, fault.id)))
        return f"{where}: {fault.value}; {self.rule.remedy}"


@dataclass(slots=True)
class Gate:
    """Collects checks; the verdict is `passed` only when at least one ran and none failed."""

    checks: list[Check] = field(default_factory=list)

    def prove(self, case: Case, subject: str, rules: Iterable[Rule] = RULES) -> None:
        """Ask every rule of one folder."""
        self.checks += [_check(rule, case, subject) for rule in rules]

    @property
    def failed(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.status == FAILED]

    @property
    def verdict(self) -> str:
        """`passed` or `failed`."""
        ran = any(check.status == PASSED for check in self.checks)
        return PASSED if ran and not self.failed else FAILED


def _check(rule: Rule, case: Case, subject: str) -> Check:
    why = rule.not_for(case.reading.kind) or _unmet(rule, case)
    if why:
        return Check(rule, subject, NOT_APPLICABLE, why=why)
    found, kept = 0, list[Fault]()
    try:
        for fault in rule.find(case):
            found += 1
            kept += [fault] if found <= MOST_FAULTS else []
    except NotApplicableError as reason:
        if not found:
            return Check(rule, subject, NOT_APPLICABLE, why=str(reason))
    except (CapturesetError, ImportError) as error:
        found, kept = found + 1, [*kept, Fault("", "", f"could not run: {str(error).rstrip('.')}")]
    if not found and not case.reading.images and rule.name not in ABOUT_DOCUMENTS:
        return Check(rule, subject, NOT_APPLICABLE, why="there is no image")
    return Check(rule, subject, FAILED if found else PASSED, tuple(kept), found)


def _unmet(rule: Rule, case: Case) -> str | None:
    """Return which need of a rule a stranger's folder cannot meet; in the repository every need must be met."""
    if case.origin is not None:
        return None
    if rule.needs == REPOSITORY:
        return REPOSITORY_ONLY
    return None if rule.needs != TRAINER or trainer_installed() else "ultralytics is not installed (extra `train`)"


def trainer_installed() -> bool:
    """Say whether the trainer can be asked."""
    from importlib.util import find_spec  # noqa: PLC0415 - a test puts another in its place

    return find_spec("ultralytics") is not None


def failures(gate: Gate) -> Iterator[str]:
    """Give the first fault of every failed check in one sentence."""
    for check in gate.failed:
        more = f" (and {check.fault_count - 1} more)" if check.fault_count > 1 else ""
        yield f"rule {check.rule.number} {check.rule.name} ({check.subject}): {check.sentence(check.faults[0])}{more}"
