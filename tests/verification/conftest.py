"""One small dataset exported once; each test spoils a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import exported
from captureset.verification.truth import Truth


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The three exports as the stage wrote them."""
    return exported.write(tmp_path_factory.mktemp("pristine"), exported.dataset())


@pytest.fixture
def exports(pristine: Path, tmp_path: Path) -> Path:
    """A copy that may be spoilt."""
    return Path(shutil.copytree(pristine, tmp_path / "exports"))


@pytest.fixture(scope="session")
def truths() -> dict[str, Truth]:
    """What the tables say must be in each export."""
    return exported.truths(exported.dataset())
