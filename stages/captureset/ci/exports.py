"""Exports that changed: fetched from the remote like a consumer does, then asked every rule of the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from captureset import params
from captureset.ci.fetching import fetch
from captureset.errors import CapturesetError
from captureset.exporting.layouts import LAYOUTS
from captureset.formats import yamltext
from captureset.store import git, locked
from captureset.store.objects import ObjectStore
from captureset.store.repository import Repository
from captureset.verification.case import Policy
from captureset.verification.gate import failures
from captureset.verification.proving import Background, Proof, verify_exports
from captureset.verify import VerifyParams, background

FOLDER = "data/exports/"
TABLES = ("data/catalog", "data/quality", "data/split")
KIND_OF = {layout.out: kind for kind, layout in LAYOUTS.items()}


def outs(clone: Repository, revision: str) -> dict[str, str]:
    """Return path and address of every output that dvc.lock names at a revision; none where there is no dvc.lock."""
    return locked.addresses(yamltext.parse(git.committed_text(clone.root, "dvc.lock", revision) or "") or {})


def changed(now: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    """Return the exports whose address is another, or that are new."""
    return sorted(path for path, md5 in now.items() if path.startswith(FOLDER) and before.get(path) != md5)


@dataclass
class Exports:
    """The exports of a clone, and what the repository knows about them; its tables are fetched once."""

    clone: Repository
    addresses: Mapping[str, str]
    status: Callable[[], list[str]] | None  # gives the stages that are stale

    @cached_property
    def store(self) -> ObjectStore:
        """The clone's cache, empty at first, and its remote."""
        return ObjectStore(self.clone.root)

    def fetch_tables(self) -> str:
        """Bring the tables that exports are held against."""
        files = sum(fetch(self.store, path, self._address(path)) for path in TABLES)
        return f"{files} files of {', '.join(TABLES)} fetched"

    def _address(self, path: str) -> str:
        if path not in self.addresses:
            raise CapturesetError(f"dvc.lock does not name {path}; run `dvc repro` and commit dvc.lock.")
        return self.addresses[path]

    @cached_property
    def known(self) -> Background:
        """What stands behind the exports."""
        return background(self.clone.root, self.status)

    def fetch_and_verify(self, path: str) -> str:
        """Fetch one export and ask it every rule.

        Raises:
            CapturesetError: a byte is not to be had, a rule found a fault, or nobody can read that format.
        """
        kind = KIND_OF.get(path)
        if kind is None:
            raise CapturesetError(f"{path} is of no format captureset reads; verify it in a stage of its own.")
        files = fetch(self.store, path, self.addresses[path])
        settings = params.record(VerifyParams, "verify", self.clone.root / params.PARAMS_FILE)
        policy = Policy(settings.tolerance_px, settings.min_side_px)
        found = verify_exports(self.clone.root, [kind], policy, self.known)
        return _verdict(found, files, wanted=self.known.settings.wants(kind))


def _verdict(found: Proof, files: int, *, wanted: bool) -> str:
    if found.switched_off and not wanted:
        return "switched off in params.yaml"
    if found.gate.verdict != "passed":
        said = list(failures(found.gate)) or ["params.yaml wants it, but its manifest says it is switched off"]
        more = f" (and {len(said) - 1} more rules)" if len(said) > 1 else ""
        raise CapturesetError(f"{len(said)} rules failed, the first: {said[0].rstrip('.')}{more}.")
    rules = sum(check.status == "passed" for check in found.gate.checks)
    return f"{files} files fetched, {rules} rules passed"
