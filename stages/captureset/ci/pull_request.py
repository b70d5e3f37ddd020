"""Is this commit fit to be merged? Every part is asked in a fresh clone; nothing of the person's own is touched."""

from __future__ import annotations

from collections.abc import Callable

from captureset.ci import since_release, stand_in
from captureset.ci.asking import DATA_PARTS, ask_exports, ask_pipeline, presence, soundness
from captureset.ci.exports import changed, outs
from captureset.ci.fresh import clone, commit_of
from captureset.ci.parts import Judged, Panel, Part
from captureset.ci.stand_in import Make
from captureset.store import git
from captureset.store.repository import Repository

SUBJECT = "pull-request"
NOTHING_YET = "there is no capture yet"


def judge(repository: Repository, against: str, make: Make, tell: Callable[[Part], None]) -> Judged:
    """Return what was found of HEAD against the branch it would be merged into.

    Args:
        repository: whose commit.
        against: revision that pointers and ledgers may only grow from; exports that differ from it are verified.
        make: makes a quickstart repository, for where the data are out of reach.
        tell: hears each part when it ends.

    Raises:
        CapturesetError: a revision does not exist, or no clone can be made.
    """
    commit = commit_of(repository, "HEAD")
    commit_of(repository, against)
    away = None if stand_in.taken_away(repository, against) else stand_in.out_of_reach(repository)
    panel = Panel(tell)
    with clone(repository, commit) as fresh:
        ask = ask_all if away is None else _ask_without_data
        changes = ask(panel, fresh, against)
    stood_in = () if away is None else stand_in.judged(make, _judge_first, tell)
    said = "" if away is None else stand_in.sentence(away, repository)
    return Judged(SUBJECT, commit, tuple(panel.parts), said, tuple(changes), stood_in)


def _judge_first(repository: Repository, panel: Panel) -> None:
    """Ask everything of a quickstart repository as if all of it came by one pull request."""
    first = git.git(repository.root, "rev-list", "--max-parents=0", "HEAD").strip()
    with clone(repository, commit_of(repository, "HEAD")) as fresh:
        ask_all(panel, fresh, first)


def ask_all(panel: Panel, fresh: Repository, against: str) -> list[str]:
    """Ask every part, and return what changed since the last release, line by line."""
    panel.ask("check", lambda: soundness(fresh, against, with_data=True))
    if _nothing_yet(fresh):
        panel.leave_out(("pipeline", *DATA_PARTS, "changes"), NOTHING_YET)
        return []
    up_to_date = ask_pipeline(panel, fresh)
    panel.ask("remote", lambda: presence(fresh))
    _ask_exports(panel, fresh, against, up_to_date=up_to_date)
    lines: list[str] = []
    panel.ask("changes", lambda: _changes(lines, fresh))
    return lines


def _ask_without_data(panel: Panel, fresh: Repository, against: str) -> list[str]:
    panel.ask("check", lambda: soundness(fresh, against, with_data=False))
    if _nothing_yet(fresh):
        panel.leave_out(("pipeline", *DATA_PARTS, "changes"), NOTHING_YET)
        return []
    ask_pipeline(panel, fresh)
    panel.leave_out(DATA_PARTS, stand_in.WHY_NOT)
    lines: list[str] = []
    panel.ask("changes", lambda: _told(lines, since_release.from_git(fresh)))
    return lines


def _nothing_yet(fresh: Repository) -> bool:
    return not (fresh.root / "dvc.lock").exists() and not any(fresh.pointers.glob("*.dvc"))


def _ask_exports(panel: Panel, fresh: Repository, against: str, *, up_to_date: bool) -> None:
    names: list[str] = []
    addresses: dict[str, str] = {}

    def ask() -> str:
        addresses.update(outs(fresh, "HEAD"))
        names.extend(changed(addresses, outs(fresh, against)))
        return f"{len(names)} of them changed since {against}" if names else f"none changed since {against}"

    panel.ask("exports", ask)
    ask_exports(panel, fresh, addresses, names, up_to_date=up_to_date)


def _changes(lines: list[str], fresh: Repository) -> str:
    told = since_release.from_tables(fresh)
    return _told(lines, [*told, *since_release.settings(fresh)])


def _told(lines: list[str], told: list[str]) -> str:
    lines.extend(told)
    return told[0]
