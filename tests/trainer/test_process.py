from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from captureset.errors import CapturesetError
from captureset.trainer.process import WORK_FOLDER, one_line, run_apart


def look_around(view: Path, argument: Any) -> dict[str, Any]:
    """Print, try the network and return what the process has."""
    print("noise on stdout")  # noqa: T201
    os.write(2, b"noise on stderr\n")
    refused = []
    for host in ("127.0.0.1", "localhost"):
        try:
            socket.create_connection((host, 9), timeout=1).close()
        except PermissionError as error:
            refused.append(str(error))
    from ultralytics.utils import ONLINE, SETTINGS  # noqa: PLC0415

    switched_on = [name for name, value in SETTINGS.items() if value is True]
    return {
        "argument": argument,
        "refused": len(refused),
        "online": ONLINE,
        "switched_on": switched_on,
        "home": str(Path.home().relative_to(view)),
        "secret": os.environ.get("AWS_SECRET_ACCESS_KEY"),
    }


def fail(_: Path, __: Any) -> NoReturn:
    """Fail as the trainer does: long, coloured, over several lines."""
    raise ValueError("\x1b[31mfirst line\x1b[0m\n  second line " + "x" * 1000)


def die(_: Path, __: Any) -> NoReturn:
    """End without a word, as when memory runs out."""
    os._exit(3)


def test_task_runs_offline_silent_and_without_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The process knows no network, no tracker and no credential; its noise goes to its log."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    found = run_apart(look_around, tmp_path, {"이름": [1.5]})
    assert found == {
        "argument": {"이름": [1.5]},
        "refused": 2,
        "online": False,
        "switched_on": [],
        "home": f"{WORK_FOLDER}/home",
        "secret": None,
    }
    assert capfd.readouterr() == ("", "")
    log = (tmp_path / WORK_FOLDER / "log.txt").read_text(encoding="utf-8")
    assert "noise on stdout" in log
    assert "noise on stderr" in log


def test_failure_comes_back_as_one_short_sentence(tmp_path: Path) -> None:
    """An exception of the trainer keeps its type and first words and loses colours, lines and length."""
    with pytest.raises(CapturesetError, match="ValueError: first line second line x") as refused:
        run_apart(fail, tmp_path)
    assert len(str(refused.value)) < 600
    assert "\n" not in str(refused.value)


def test_death_is_told(tmp_path: Path) -> None:
    """A process that ends without an answer is an error with its exit code."""
    with pytest.raises(CapturesetError, match="exit code 3"):
        run_apart(die, tmp_path)


def test_missing_trainer_is_a_failed_check_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra nothing is skipped: the sentence says how to install it."""
    monkeypatch.setitem(sys.modules, "ultralytics", None)
    with pytest.raises(CapturesetError, match="uv sync --extra train"):
        run_apart(die, tmp_path)


def test_message_loses_colours_and_the_views_path() -> None:
    """What a user reads names files as the export does."""
    assert one_line("\x1b[31m/v/images/a.jpg:\n bad\x1b[0m. ", Path("/v")) == "images/a.jpg: bad"
