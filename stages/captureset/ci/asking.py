"""The parts that a pull request and a tag have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from captureset.ci import pipeline
from captureset.ci.exports import Exports
from captureset.ci.parts import Panel
from captureset.errors import CapturesetError
from captureset.inspection.check import check
from captureset.release.remote import lacking
from captureset.store.repository import Repository

DATA_PARTS = ("remote", "tables", "exports")
MOST_SAID = 3


def soundness(clone: Repository, against: str, *, with_data: bool) -> str:
    """Say that `captureset check` finds nothing.

    Raises:
        CapturesetError: it does; the sentence has the first findings.
    """
    found = [
        f"{finding.check}: {finding.message.rstrip('.')}" for finding in check(clone, against, with_data=with_data)
    ]
    if found:
        more = f"; and {len(found) - MOST_SAID} more" if len(found) > MOST_SAID else ""
        raise CapturesetError("; ".join(found[:MOST_SAID]).replace(f"{clone.root}/", "") + f"{more}.")
    grown = "pointers only grow" if with_data else "pointers only grow, by their counts; their lists are out of reach"
    return f"params, taxonomy, schemas and ledgers are sound, {grown} (against {against})"


def ask_pipeline(panel: Panel, clone: Repository) -> bool:
    """Ask whether anything would run again; no data is fetched."""
    return panel.ask("pipeline", lambda: pipeline.require_up_to_date(pipeline.stale(clone)))


def presence(clone: Repository) -> str:
    """Say that the remote has every object this commit names.

    Raises:
        CapturesetError: it lacks some, or cannot be asked.
    """
    found = lacking(clone)
    if found.paths:
        shown = ", ".join(list(found.paths)[:MOST_SAID])
        raise CapturesetError(
            f"the remote lacks {len(found.paths)} of {found.needed} objects of this commit, or has them damaged "
            f"({shown}{', …' if len(found.paths) > MOST_SAID else ''}); run `dvc push` where it was built."
        )
    return f"all {found.needed} objects of this commit are there"


def ask_exports(
    panel: Panel, clone: Repository, addresses: Mapping[str, str], names: Sequence[str], *, up_to_date: bool
) -> None:
    """Fetch and verify exports, each a part of its own.

    Args:
        panel: hears the answers.
        clone: without data.
        addresses: of every output in dvc.lock.
        names: the exports to look at.
        up_to_date: what the part `pipeline` found; where it failed, the rule about it is left to it.
    """
    if not names:
        return
    exports = Exports(clone, addresses, list if up_to_date else None)  # no stage is stale
    panel.ask("tables", exports.fetch_tables)
    for name in names:
        panel.ask(f"export {name.removeprefix('data/exports/')}", partial(exports.fetch_and_verify, name))
