"""A newcomer's machine: Git knows nobody, and there is no home folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

KNOWN_BY = ("HOME", "XDG_CONFIG_HOME", "EMAIL", "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")
WHO = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE")]


def pytest_configure(config: pytest.Config) -> None:
    """Name the marker of the one test that runs everything."""
    config.addinivalue_line("markers", "e2e: the whole quickstart, from nothing to a verified dataset")


@pytest.fixture(scope="package")
def nobody() -> Iterator[None]:
    """No Git identity from any place, and no home folder."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*KNOWN_BY, *WHO):
            patch.delenv(name, raising=False)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield
