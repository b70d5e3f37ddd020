"""The gate: nothing is passed that did not run."""

from __future__ import annotations

import pytest

from captureset.verification.gate import MOST_FAULTS, Gate


def test_nothing_checked_is_not_passed() -> None:
    """A gate through which nothing went has failed, and so has one where nothing applied."""
    gate = Gate()
    assert gate.verdict == "failed"
    gate.not_applicable("coco.all", "coco_format", "switched off")
    assert gate.verdict == "failed"


def test_one_fault_fails_the_whole() -> None:
    """A single failed check makes the verdict, however many passed."""
    gate = Gate()
    assert gate.check("a", "x", "proves a", [])
    assert gate.verdict == "passed"
    assert not gate.check("b", "x", "proves b", ["wrong"])
    assert gate.check("c", "x", "proves c", [])
    assert gate.verdict == "failed"
    assert [check.check for check in gate.failed] == ["b"]


def test_a_check_that_cannot_run_is_no_pass() -> None:
    """A checker that breaks raises; it is never noted as passed."""
    gate = Gate()
    with pytest.raises(ZeroDivisionError):
        gate.check("a", "x", "proves a", (str(1 // number) for number in (0,)))
    assert gate.checks == []


def test_faults_are_kept_within_reason() -> None:
    """Of a million faults the first twenty are kept, in order."""
    gate = Gate()
    gate.check("a", "x", "proves a", (f"fault {number}" for number in range(1_000_000)))
    assert gate.checks[0].faults == tuple(f"fault {number}" for number in range(MOST_FAULTS))


def test_a_check_as_json() -> None:
    """A row of verify.json names check, subject, status, what it proves and its faults."""
    gate = Gate()
    gate.check("a", "x", "proves a", ["wrong"])
    assert gate.checks[0].document() == {
        "check": "a",
        "subject": "x",
        "status": "failed",
        "proves": "proves a",
        "faults": ["wrong"],
    }
