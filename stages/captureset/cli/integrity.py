"""Commands that look after the bytes: fsck, gc."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from captureset.cli import console
from captureset.cli.console import JsonOption, RepoOption, counted
from captureset.integrity import fsck as checking
from captureset.integrity import gc as collecting
from captureset.integrity import repair as repairing
from captureset.integrity.fsck import Checked, Finding
from captureset.integrity.gc import Rules
from captureset.integrity.repair import Step

SHOWN, NAMED = 20, 3


def fsck(
    remote: Annotated[bool, typer.Option("--remote", help="Look at the DVC remote too: one listing, ETags.")] = False,
    at: Annotated[
        str | None, typer.Option("--at", metavar="NAME", help="Another remote instead, such as a backup.")
    ] = None,
    sample: Annotated[
        str, typer.Option(metavar="SHARE", help="Read this share of the bytes, such as 1%; the next run goes on there.")
    ] = "100%",
    repair: Annotated[bool, typer.Option("--repair", help="Say what would be repaired from the other copy.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="With --repair: do it. Nothing is deleted.")] = False,
    absent: Annotated[bool, typer.Option("--absent", help="With --repair: bring what the cache lacks, too.")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read every object that any tag, branch or the workspace needs; name what is damaged, its captures and releases.

    Example: `captureset fsck --remote --repair`
    """
    if (apply or absent) and not repair:
        raise typer.BadParameter("--apply and --absent go with --repair")
    repository, share = console.found(repo), _share(sample)
    with console.progress("Comparing", None) as progress:
        checked = checking.fsck(repository, remote=remote or repair, at=at, share=share, progress=progress)
    steps = repairing.plan(repository, checked.findings, absent=absent, at=at) if repair else []
    changed = repairing.carry_out(repository, steps, at=at) if apply else 0
    lines = [_line(finding) for finding in checked.findings[:SHOWN]]
    lines += [f"and {len(checked.findings) - SHOWN} more: --json lists all"] if len(checked.findings) > SHOWN else []
    lines += [f"{step.finding.oid}: {step.why}" for step in steps[:SHOWN]]
    lines += [*checking.summary(checked), _closing(checked, planned=len(steps), changed=changed, apply=apply)]
    document = {**asdict(checked), "repair": [asdict(step) for step in steps], "repaired": changed}
    console.answer("\n".join(lines), document, as_json=as_json)
    if not checked.sound and not (apply and _all_mended(steps)):
        raise typer.Exit(1)


def _all_mended(steps: Sequence[Step]) -> bool:
    """Say whether nothing is left; a copy mends whatever else was wrong with that object there."""
    copied = {(step.finding.place, step.finding.oid) for step in steps if step.action == "copy"}
    left = [step.finding for step in steps if step.action == "none"]
    return all(found.fault in checking.HARMLESS or (found.place, found.oid) in copied for found in left)


def _share(text: str) -> float:
    number = text.removesuffix("%")
    try:
        share = float(number) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = 0.0
    if not 0 < share <= 1:
        raise typer.BadParameter(f"--sample {text!r} is no share; write 1% or 0.01, up to 100%")
    return share


def _line(found: Finding) -> str:
    where = found.paths[0] if found.paths else "nothing that Git names"
    more = f" and {len(found.paths) - 1} more places" if len(found.paths) > 1 else ""
    parts = [f"{found.fault} in the {found.place}: {found.oid}", f"part of {where}{more}"]
    parts += [f"captures {_some(found.captures)}"] if found.captures else []
    parts += [f"releases {_some(found.releases)}"] if found.releases else []
    return "; ".join(parts)


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _closing(checked: Checked, *, planned: int, changed: int, apply: bool) -> str:
    read = ", ".join(f"{checked.read[place]} of {number} in the {place}" for place, number in checked.listed.items())
    text = f"{counted(checked.needed, 'object')} needed; compared {read}."
    if not checked.complete:
        text += " The round is not over: run it again to go on."
    if apply:
        return f"{text} {counted(changed, 'repair')} done; run `captureset fsck` again to see."
    return f"{text} Nothing was changed; repeat with --apply to do it." if planned else text


def gc(
    remote: Annotated[bool, typer.Option("--remote", help="The DVC remote instead of the local cache.")] = False,
    most: Annotated[float, typer.Option(help="Refuse when more than this share of the objects would go.")] = 0.2,
    grace: Annotated[float, typer.Option(metavar="DAYS", help="Keep what was written in the last days.")] = 14,
    alone: Annotated[bool, typer.Option("--alone", help="Nobody else uses a cache outside this repository.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Remove them; without it nothing is changed.")] = False,
    repo: RepoOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove objects that nothing in Git names: no ref, stash, reflog, worktree; refuse on any doubt.

    Example: `captureset gc` says what would go, `captureset gc --apply` removes it.
    """
    if not 0 <= most <= 1:
        raise typer.BadParameter(f"--most {most} is no share, 0 to 1")
    if grace < 0:
        raise typer.BadParameter(f"--grace {grace} is no number of days")
    repository = console.found(repo)
    waste = collecting.plan(repository, remote=remote, rules=Rules(most, grace, alone))
    gone = collecting.carry_out(repository, waste) if apply else 0
    what = f"{counted(len(waste.unneeded), 'object')} ({waste.size_bytes} bytes) of the {waste.place}"
    text = f"{gone} of {what} removed, {waste.kept} kept." if apply else f"{what} would go, {waste.kept} stay."
    if waste.young:
        text += f" {waste.young} of them only because they are younger than {grace:g} days (--grace)."
    if not apply and waste.unneeded:
        text += " Nothing was changed; repeat with --apply to do it."
    document = {
        "place": waste.place,
        "unneeded": [copy.oid for copy in waste.unneeded],
        "size_bytes": waste.size_bytes,
        "kept": waste.kept,
        "young": waste.young,
        "removed": gone,
    }
    console.answer(text, document, as_json=as_json)
