"""What must hold before a version may be named: refused in one sentence, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator

from captureset.errors import CapturesetError
from captureset.formats import jsontext
from captureset.inspection.check import check, stale_stages
from captureset.release.version import Version, released
from captureset.store import git
from captureset.store.repository import Repository

GATES = ("data/verify/verify.json", "data/smoke_train/verdict.json")


def require_ready(repository: Repository, version: Version) -> None:
    """Return when this version may be released from this very state.

    Raises:
        CapturesetError: the tag exists or is not later, the tree is dirty, a check fails, the pipeline is out of date,
            or the gate did not pass.
    """
    git.require_identity(repository.root)
    _require_new(repository, version)
    dirty = git.changed_paths(repository.root)
    if dirty:
        shown = ", ".join(dirty[:5])
        raise CapturesetError(f"the tree has uncommitted changes ({shown}); commit or undo them, then release.")
    found = check(repository)
    if found:
        raise CapturesetError(f"`captureset check` finds {len(found)} problems, the first: {found[0].message}")
    if not (repository.root / "dvc.lock").exists():
        raise CapturesetError("dvc.lock does not exist, nothing was built yet; run `dvc repro` and commit dvc.lock.")
    stale = stale_stages(repository)
    if stale:
        raise CapturesetError(
            f"the pipeline is out of date ({', '.join(stale)}); run `dvc repro` (or `dvc pull` the outputs) and commit."
        )
    _require_gate(repository)


def _require_new(repository: Repository, version: Version) -> None:
    earlier = released(repository, version.name)
    if version.order in {other.order for other in earlier}:
        raise CapturesetError(f"the tag {version.tag} exists; a released version never changes, choose a later one.")
    if earlier and version.order < earlier[-1].order:
        raise CapturesetError(f"{version.tag} is older than {earlier[-1].tag}; choose a later version.")
    if earlier and not git.git(repository.root, "tag", "--list", earlier[-1].tag, "--merged", "HEAD").strip():
        raise CapturesetError(
            f"this branch does not contain {earlier[-1].tag}, so data/splits.csv lacks what it froze; "
            f"`git merge {earlier[-1].tag}`, run `dvc repro`, commit, then release."
        )


def _require_gate(repository: Repository) -> None:
    for gate, verdict in closed_gates(repository):
        raise CapturesetError(f"the gate {gate} is {verdict}, not passed; run `dvc repro` and mend what it names.")


def closed_gates(repository: Repository) -> Iterator[tuple[str, str]]:
    """Give every gate that did not pass when the pipeline ran, with its verdict or `missing`."""
    for gate in GATES:
        path = repository.root / gate
        verdict = str(jsontext.read(path)["verdict"]) if path.is_file() else "missing"
        if verdict != "passed":
            yield gate, verdict
