"""docs/measuring.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from captureset import measure
from captureset.engines.cluster import SCHEDULER
from captureset.engines.settings import NOT_REMEMBERED, PATIENCE
from captureset.pixels.picture import LONG_SIDE_PX, SIZE_TOLERANCE

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/measuring.md").read_text(encoding="utf-8")


def test_the_document_names_what_there_is() -> None:
    """Tables, failures, the variable, sizes, patience and scripts are those of the code."""
    assert set(re.findall(r"`(\w+\.parquet)`", TEXT)) == set(measure.TABLES)
    assert {f"`{failure}`" for failure in NOT_REMEMBERED} <= set(re.findall(r"`[^`]+`", TEXT))
    assert f"{SCHEDULER}=tcp://" in TEXT
    low, high = (LONG_SIDE_PX * (1 + sign * SIZE_TOLERANCE) for sign in (-1, 1))
    assert f"{LONG_SIDE_PX} px ({low:.0f} to {high:.0f} where" in TEXT
    assert (PATIENCE, "ten times as long on the clock" in TEXT) == (10, True)
    scripts = re.findall(r"`python (benchmarks/\w+\.py) DIR`", TEXT)
    assert len(scripts) == 3
    assert all((ROOT / script).is_file() for script in scripts)
