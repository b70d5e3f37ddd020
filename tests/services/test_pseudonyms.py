"""Where the secret of the pseudonyms is, who may read it, and that it is never committed."""

from __future__ import annotations

import re
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from captureset.errors import CapturesetError
from captureset.services.pseudonyms import VARIABLE, pseudonym, secret_of
from captureset.services.settings import Settings, settings_of
from captureset.store import git
from captureset.store.repository import Repository

LONG = "a long random text, 32 characters"


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own environment reaches these tests."""
    monkeypatch.delenv(VARIABLE, raising=False)


def settings(repository: Repository, **more: Any) -> Settings:
    """Return an app's settings."""
    return settings_of({"data_storage_path": str(repository.root), **more})


def test_a_secret_is_made_once_readable_by_its_owner_only_and_ignored_by_git(git_repository: Repository) -> None:
    """Also in a repository whose .gitignore does not know the folder."""
    (git_repository.root / ".gitignore").write_text("", encoding="ascii")
    secret = secret_of(settings(git_repository))
    path = git_repository.root / "data" / "private" / "pseudonym.key"
    assert secret == path.read_bytes().strip() == secret_of(settings(git_repository))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [name for name in git.changed_paths(git_repository.root) if "private" in name]
    assert [one.name for one in path.parent.iterdir() if ".partial" in one.name] == []


def test_many_at_once_make_one_secret(repository: Repository) -> None:
    """Processes of an app start together; none keeps a secret of its own."""
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: secret_of(settings(repository)), range(64)))
    assert len(found) == 1


def test_config_goes_before_the_environment_before_the_file(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a secret that is told is not written anywhere."""
    monkeypatch.setenv(VARIABLE, LONG)
    assert secret_of(settings(repository)) == LONG.encode()
    assert secret_of(settings(repository, pseudonym_key=b"0123456789abcdef")) == b"0123456789abcdef"
    assert not (repository.root / "data" / "private").exists()


@pytest.mark.parametrize("where", ["config", "environment", "file"])
def test_a_secret_that_can_be_tried_out_is_refused(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The sentence names the place."""
    config, said = {}, "pseudonym.key has 5 bytes"
    if where == "config":
        config, said = {"pseudonym_key": "short"}, "config: pseudonym_key has 5 bytes"
    elif where == "environment":
        monkeypatch.setenv(VARIABLE, "short")
        said = f"${VARIABLE} has 5 bytes"
    else:
        (repository.root / "data" / "private").mkdir()
        (repository.root / "data" / "private" / "pseudonym.key").write_text("short\n", encoding="ascii")
    with pytest.raises(CapturesetError, match=re.escape(said)):
        secret_of(settings(repository, **config))


def test_a_pseudonym_depends_on_secret_kind_and_identifier() -> None:
    """It is what the schema allows, and the plain identifier is no part of it."""
    found = {
        pseudonym(secret, kind, name)
        for secret in (b"0123456789abcdef", b"0123456789abcdeF")
        for kind in ("session", "user")
        for name in ("kim", "kim2")
    }
    assert len(found) == 8
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in found)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "names no data_storage_path"),
        ([], "names no data_storage_path"),
        ({"data_storage_path": 7}, "names no data_storage_path"),
        ({"data_storage_path": "no/such"}, "is no folder"),
        ({"data_storage_path": "/"}, "in no captureset repository"),
        ({"timezone": "Asia/Pyongyang2"}, "timezone 'Asia/Pyongyang2' is unknown"),
        ({"timezone": 7}, "timezone 7 is unknown"),
        ({"pseudonym_key": 7}, "neither text nor bytes"),
    ],
)
def test_a_config_that_leads_nowhere_is_said(repository: Repository, config: Any, said: str) -> None:
    """One sentence with the key and the remedy."""
    own = {"data_storage_path": str(repository.root)} if isinstance(config, dict) and config else {}
    with pytest.raises(CapturesetError, match=re.escape(said)):
        settings_of({**own, **config} if isinstance(config, dict) else config)


def test_without_a_config_it_is_the_repository_around(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the command line has it."""
    monkeypatch.chdir(repository.root / "data")
    assert settings_of(None).repository == repository
    assert settings_of({"data_storage_path": Path("captures")}).repository == repository
