"""The gate: nothing is passed that did not run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from captureset.errors import CapturesetError
from captureset.records.reading import ReadImage, Reading
from captureset.verification.case import Case, Fault, NotApplicableError, Policy
from captureset.verification.gate import MOST_FAULTS, Gate, failures
from captureset.verification.rules import Rule

IMAGE = ReadImage("a.jpg", "train", "a.jpg", ())
CASE = Case(Reading("coco", Path(), (IMAGE,), {}), Policy())


def clean(_: Case) -> Iterator[Fault]:
    """Find nothing."""
    return iter(())


def endless(_: Case) -> Iterator[Fault]:
    """Find a fault a thousand times."""
    return (Fault("a.json", str(number), "is wrong") for number in range(1000))


def broken(_: Case) -> Iterator[Fault]:
    """Not run."""
    raise CapturesetError("the reader is not installed.")


def idle(_: Case) -> Iterator[Fault]:
    """Have nothing to look at."""
    raise NotApplicableError("there is no box")


def half(_: Case) -> Iterator[Fault]:
    """Find a fault before it turns out that the rest does not apply."""
    yield Fault("a.json", "1", "is wrong")
    raise NotApplicableError("the rest needs a repository")


def gate_of(*finds: object) -> Gate:
    """Return a gate through which these rules went."""
    gate = Gate()
    kinds = frozenset({"coco"})
    gate.prove(CASE, "x", [Rule(n, find, kinds, "proves", "mend it") for n, find in enumerate(finds, 1)])  # type: ignore[arg-type]
    return gate


def test_nothing_checked_is_not_passed() -> None:
    """A gate through which nothing went has failed, and so has one where nothing applied."""
    assert Gate().verdict == "failed"
    assert gate_of(idle).verdict == "failed"


def test_one_fault_fails_the_whole() -> None:
    """A single failed check makes the verdict, however many passed."""
    assert gate_of(clean, clean).verdict == "passed"
    gate = gate_of(clean, endless, clean)
    assert gate.verdict == "failed"
    assert [check.rule.name for check in gate.failed] == ["endless"]


def test_a_check_that_cannot_run_has_failed() -> None:
    """A rule whose reader is missing is no pass and no exception; its fault says why."""
    gate = gate_of(clean, broken)
    assert gate.verdict == "failed"
    assert [fault.value for fault in gate.failed[0].faults] == ["could not run: the reader is not installed"]


def test_what_does_not_apply_says_why() -> None:
    """It is neither passed nor failed."""
    (check,) = gate_of(idle).checks
    assert (check.status, check.why) == ("not_applicable", "there is no box")


def test_of_no_image_nothing_is_proved() -> None:
    """A folder that leads to no image passes no rule about images."""
    gate = Gate()
    gate.prove(Case(Reading("coco", Path(), (), {}), Policy()), "x", [Rule(1, clean, frozenset({"coco"}), "", "")])
    assert (gate.checks[0].status, gate.checks[0].why) == ("not_applicable", "there is no image")


def test_a_fault_outweighs_what_does_not_apply() -> None:
    """A rule that found something and could not look at the rest has failed."""
    assert gate_of(half).checks[0].status == "failed"


def test_faults_are_kept_within_reason() -> None:
    """Of a thousand faults the first hundred are kept, in order; all are counted."""
    (check,) = gate_of(endless).checks
    assert [fault.id for fault in check.faults] == [str(number) for number in range(MOST_FAULTS)]
    assert check.fault_count == 1000


def test_a_check_as_json_and_as_a_sentence() -> None:
    """A row of verify.json has rule, file, id, value and remedy; so has the sentence."""
    gate = gate_of(half)
    assert gate.checks[0].document() == {
        "rule": 1,
        "check": "half",
        "subject": "x",
        "status": "failed",
        "proves": "proves",
        "why": None,
        "fault_count": 1,
        "faults": [{"file": "a.json", "id": "1", "value": "is wrong", "remedy": "mend it"}],
    }
    assert list(failures(gate)) == ["rule 1 half (x): a.json, 1: is wrong; mend it"]
    assert next(failures(gate_of(endless))).endswith("(and 999 more)")
