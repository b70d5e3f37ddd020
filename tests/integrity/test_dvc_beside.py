"""Why `captureset fsck` is there: what DVC's own commands say of the same damages. Fails when a DVC says more."""

from __future__ import annotations

from pathlib import Path

import pytest

import dvc_beside as beside
from dvc_beside import World, damage, dvc, verdict
from object_damages import CONTENT

EACH = 2


@pytest.fixture
def here(two_versions: Path, tmp_path: Path) -> World:
    """Two pushed versions that may be damaged."""
    return beside.world(two_versions, tmp_path)


def spoilt(here: World, place: str) -> list[str]:
    """Damage some objects in every way that leaves a file there, and return those whose bytes are wrong."""
    victims = beside.chosen(here, EACH * (len(CONTENT) + 1))
    for number, kind in enumerate((*CONTENT, "extra")):
        damage(here, place, kind, victims[number * EACH :][:EACH])
    return victims[: EACH * len(CONTENT)]


def test_dvc_hands_out_what_is_damaged_in_its_cache(here: World) -> None:
    """status, push and fetch find everything in order, checkout and a new remote get the damaged bytes."""
    wrong = spoilt(here, "cache")
    assert "up to date" in dvc(here.root, "status", "dvc.yaml").text
    assert "in sync" in dvc(here.root, "status", "--cloud").text
    assert "up to date" in dvc(here.root, "push").text
    said, where = beside.push_anew(here)
    assert verdict(here, "cache", wrong, said, (said, where)) == f"silent, hands out {len(wrong)} of {len(wrong)}"
    said, where = beside.checkout(here)
    assert said.code == 0
    assert verdict(here, "cache", wrong, said, (said, where)) == f"silent, hands out {len(wrong)} of {len(wrong)}"
    assert beside.found_by_fsck(here, "cache") == len(wrong) + EACH


def test_dvc_says_what_its_cache_lacks(here: World) -> None:
    """The one damage it notices by itself."""
    (gone,) = beside.chosen(here, 1)
    damage(here, "cache", "delete", [gone])
    said = dvc(here.root, "data", "status", "--granular")
    assert here.names[gone].rpartition("/")[2] in said.text


def test_dvc_believes_its_remote(here: World) -> None:
    """Status and push find everything in order, whatever is damaged or even gone; fsck names each."""
    wrong = spoilt(here, "remote")
    damage(here, "remote", "delete", beside.chosen(here, 50)[-1:])
    assert "in sync" in dvc(here.root, "status", "--cloud").text
    assert "up to date" in dvc(here.root, "push").text
    assert beside.found_by_fsck(here, "remote") == len(wrong) + EACH + 1


@pytest.mark.parametrize(("verify", "out"), [(True, 0), (False, 2 * len(CONTENT))])
def test_verify_as_committed_is_what_stops_a_damaged_remote(here: World, verify: bool, out: int) -> None:  # noqa: FBT001
    """With it a fresh clone gets nothing wrong and says so, without it every damaged byte, silently."""
    wrong = spoilt(here, "remote")
    said, where = beside.pull(here, verify=verify)
    assert (said.code != 0) is verify
    delivered = verdict(here, "remote", wrong, said, (said, where))
    assert delivered == (f"silent, hands out {out} of {out}" if out else "silent")


def test_the_parts_are_what_the_benchmark_prints() -> None:
    """Every command of the table of docs/integrity.md is one that runs here."""
    page = (Path(__file__).resolve().parents[2] / "docs/integrity.md").read_text(encoding="utf-8")
    for named in beside.COMMANDS.values():
        assert all(f"| `{name}` |" in page for name in named)
    assert sum(map(len, beside.COMMANDS.values())) == 14
