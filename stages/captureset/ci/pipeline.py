"""Is what stands in dvc.lock what the recipe, the parameters and the pointers give? Asked without any data."""

from __future__ import annotations

import re

from captureset.errors import CapturesetError, CommandFailedError
from captureset.formats.schema import read_yaml
from captureset.store import git
from captureset.store.repository import Repository

UP_TO_DATE = "Data and pipelines are up to date."
STOPPED = re.compile(r"failed to reproduce '([^']+)': \[Errno 2\]")  # it would run, but what it reads is not here
WOULD_RUN = re.compile(r"^Running stage '([^']+)'", re.MULTILINE)


def stale(clone: Repository) -> list[str]:
    """Return the stages that would run in a clone without data, as far as DVC tells.

    `dvc repro --dry` exits 0 either way, so its words decide; what is neither is refused. It stops at a stage that
    would run and reads another's output, which is not here.

    Raises:
        CapturesetError: there is no dvc.lock, a stage is frozen, or DVC said something else.
    """
    if not (clone.root / "dvc.lock").exists():
        raise CapturesetError("dvc.lock does not exist, nothing was built; run `dvc repro` and commit dvc.lock.")
    _require_none_frozen(clone)
    try:
        said = git.dvc(clone.root, "repro", "--dry", "--allow-missing")
    except CommandFailedError as error:
        stopped_at = STOPPED.findall(str(error))
        if not stopped_at:
            raise
        return stopped_at
    found = WOULD_RUN.findall(said)
    if not found and UP_TO_DATE not in said:
        raise CapturesetError(f"`dvc repro --dry` said neither up to date nor what would run: {said.strip()[-300:]}.")
    return found


def _require_none_frozen(clone: Repository) -> None:
    """Return when no stage is frozen: DVC passes over one that is, and calls the pipeline up to date."""
    stages = (read_yaml(clone.root / "dvc.yaml") or {}).get("stages") or {}
    frozen = sorted(name for name, body in stages.items() if (body.get("do") or body).get("frozen"))
    if frozen:
        raise CapturesetError(
            f"dvc.yaml freezes {', '.join(frozen)}, so nobody can say whether it is up to date; remove `frozen: true` "
            "and run `dvc repro`."
        )


def require_up_to_date(stages: list[str]) -> str:
    """Return when nothing would run.

    Raises:
        CapturesetError: some stage would; the sentence names it.
    """
    if stages:
        raise CapturesetError(
            f"the pipeline is out of date ({', '.join(stages)} would run); run `dvc repro`, `dvc push`, and commit "
            "dvc.lock."
        )
    return "up to date"
