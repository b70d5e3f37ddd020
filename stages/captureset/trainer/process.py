"""Runs a task of the trainer in a process of its own: offline, silent, writing nowhere but in the view.

Importing ultralytics replaces `PIL.Image.open`, sets thread counts, writes settings into the home folder and
asks the network for fonts. A process of its own keeps all of that away from ours, and its licence too.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from captureset.errors import CapturesetError
from captureset.formats import jsontext

Task = Callable[[Path, Any], Any]

WORK_FOLDER = ".trainer"
INSTALL = "install the train extra: uv sync --extra train (or pip install 'captureset[train]')"
LONGEST_REASON = 400
# Names of variables that a process needs to start at all; no credential and no trainer setting passes.
KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "LC_ALL", "OMP_NUM_THREADS", "SYSTEMROOT")


def run_apart(task: Task, view: Path, argument: Any = None) -> Any:
    """Return what `task(view, argument)` returns in a new process; both ways it must be JSON.

    Whatever the process prints goes to `.trainer/log.txt` in the view, and its home and temporary
    folders are there too.

    Args:
        task: a function at the top of a module; it may import ultralytics.
        view: from `trainer_view`.
        argument: JSON.

    Raises:
        CapturesetError: ultralytics is not installed, the task refused, or it failed or died.
    """
    _require_trainer()
    work = view / WORK_FOLDER
    for name in ("home", "tmp"):
        (work / name).mkdir(parents=True, exist_ok=True)
    answer, log = work / "answer.json", work / "log.txt"
    answer.unlink(missing_ok=True)
    jsontext.write(work / "argument.json", argument)
    command = [sys.executable, "-P", "-m", __name__, f"{task.__module__}:{task.__name__}", str(view)]
    with log.open("wb") as output:
        ended = subprocess.run(
            command,
            cwd=work,
            env=_environment(work),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            check=False,
        )
    if not answer.exists():
        raise CapturesetError(_how_it_died(ended.returncode, log.read_text(encoding="utf-8", errors="replace")))
    return _unfold(jsontext.read(answer))


def one_line(text: str, view: Path) -> str:
    """Return a message of the trainer as one line: no colours, no view path, cut when long."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).replace(f"{view}{os.sep}", "")
    return " ".join(plain.split())[:LONGEST_REASON].rstrip(" .")


def _require_trainer() -> None:
    if importlib.util.find_spec("ultralytics") is None:
        raise CapturesetError(f"The trainer (ultralytics) is not installed, so nothing was checked; {INSTALL}.")


def _environment(work: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    home, temporary = str(work / "home"), str(work / "tmp")
    return kept | {
        "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path),
        "PYTHONUTF8": "1",
        "HOME": home,
        "USERPROFILE": home,
        "TMPDIR": temporary,
        "TEMP": temporary,
        "CUDA_VISIBLE_DEVICES": "",
        "NO_ALBUMENTATIONS_UPDATE": "1",
        "YOLO_CONFIG_DIR": home,
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
    }


def _how_it_died(exit_code: int, log: str) -> str:
    last = one_line((log.strip().splitlines() or ["it said nothing"])[-1], Path("/"))
    cause = f"signal {-exit_code}" if exit_code < 0 else f"exit code {exit_code}"
    return f"The trainer ended by {cause} and gave no answer ({last}); free some memory and try again."


def _unfold(answer: dict[str, Any]) -> Any:
    if "refused" in answer:
        raise CapturesetError(answer["refused"])
    return answer["result"]


def main() -> None:
    """Run the task named on the command line and leave its answer in the view: the child's side."""
    task, view = sys.argv[1], Path(sys.argv[2])
    work = view / WORK_FOLDER
    sys.addaudithook(_refuse_network)
    jsontext.write(work / "answer.json", _answer(task, view, jsontext.read(work / "argument.json")))


def _answer(task: str, view: Path, argument: Any) -> dict[str, Any]:
    module, _, name = task.partition(":")
    try:
        _calm_trainer()
        return {"result": getattr(importlib.import_module(module), name)(view, argument)}
    except CapturesetError as error:
        return {"refused": str(error)}
    except ImportError as error:
        traceback.print_exc()
        return {"refused": f"The trainer (ultralytics) cannot be imported: {one_line(str(error), view)}; {INSTALL}."}
    except Exception as error:  # noqa: BLE001 - whatever the trainer raises must reach the user as one sentence
        traceback.print_exc()
        reason = one_line(f"{type(error).__name__}: {error}", view)
        return {"refused": f"The trainer (ultralytics) failed: {reason}; correct what it names and try again."}


def _calm_trainer() -> None:
    """Switch off what the trainer would start by itself: trackers, telemetry, its search for fonts."""
    from ultralytics.data import utils as data_utils  # noqa: PLC0415 - only this process may import it
    from ultralytics.utils import SETTINGS  # noqa: PLC0415

    SETTINGS.update({name: False for name, value in SETTINGS.items() if value is True})
    data_utils.check_font = lambda *_: None


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.getaddrinfo" or (event == "socket.connect" and isinstance(arguments[1], tuple)):
        _refuse(event)


def _refuse(event: str) -> NoReturn:
    raise PermissionError(f"the trainer works offline and tried {event}")


if __name__ == "__main__":
    main()
