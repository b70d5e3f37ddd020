"""Does a released tag keep its promise? Everything is asked anew, in a fresh clone at the tag."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import yaml

from captureset.ci import stand_in
from captureset.ci.asking import DATA_PARTS, ask_exports, ask_pipeline, presence, soundness
from captureset.ci.exports import changed, outs
from captureset.ci.fresh import clone, commit_of
from captureset.ci.parts import Judged, Panel, Part
from captureset.ci.rebuilds import ask_rebuilds
from captureset.ci.stand_in import Make
from captureset.errors import CapturesetError
from captureset.formats import jsontext, schema
from captureset.formats.schema import read_yaml
from captureset.release import card
from captureset.release.manifest import exports
from captureset.release.preflight import closed_gates
from captureset.release.release import release
from captureset.release.version import Version, of_tag, parse_version
from captureset.store import pointers
from captureset.store.repository import Repository

STAND_IN = ("quickstart", "v0.1.0")


def judge(repository: Repository, tag: str, make: Make, tell: Callable[[Part], None], last: int = 2) -> Judged:
    """Return what was found of a released tag.

    Args:
        repository: that has the tag.
        tag: `ecoguide-waste@v0.1.0`.
        make: makes a quickstart repository, for where the data are out of reach.
        tell: hears each part when it ends.
        last: how many versions to rebuild, this one first.

    Raises:
        CapturesetError: it is no tag of a release, or no clone can be made.
    """
    version = _version(tag)
    commit = commit_of(repository, f"refs/tags/{version.tag}")
    away = stand_in.out_of_reach(repository)
    panel = Panel(tell)
    with clone(repository, commit) as fresh:
        ask_documents(panel, fresh, version, with_data=away is None)
        up_to_date = ask_pipeline(panel, fresh)
        if away is None:
            _ask_data(panel, fresh, up_to_date=up_to_date)
            ask_rebuilds(panel, fresh, version.name, last)
        else:
            panel.leave_out((*DATA_PARTS, "rebuilds"), stand_in.WHY_NOT)
    stood_in = () if away is None else stand_in.judged(make, partial(_judge_released, last), tell)
    said = "" if away is None else stand_in.sentence(away, repository)
    return Judged(version.tag, commit, tuple(panel.parts), said, (), stood_in)


def _version(tag: str) -> Version:
    version = of_tag(tag)
    if version is None:
        raise CapturesetError(f"{tag!r} is no tag of a release; name one such as ecoguide-waste@v0.1.0.")
    return version


def _judge_released(last: int, repository: Repository, panel: Panel) -> None:
    """Release a quickstart repository, and ask everything of that tag."""
    version = parse_version(*STAND_IN)

    def ask() -> str:
        return f"{release(repository, *STAND_IN).tag} is tagged"

    if panel.ask("released", ask):
        with clone(repository, commit_of(repository, f"refs/tags/{version.tag}")) as fresh:
            ask_documents(panel, fresh, version, with_data=True)
            _ask_data(panel, fresh, up_to_date=ask_pipeline(panel, fresh))
            ask_rebuilds(panel, fresh, version.name, last)


def ask_documents(panel: Panel, fresh: Repository, version: Version, *, with_data: bool) -> None:
    """Ask what Git alone can answer: manifest, card, check, and the gates as they were when it was built."""
    panel.ask("manifest", lambda: _manifest(fresh, version))
    panel.ask("card", lambda: _card(fresh, version))
    panel.ask("check", lambda: soundness(fresh, _parent(fresh, version), with_data=with_data))
    panel.ask("gates", lambda: _gates(fresh))


def _ask_data(panel: Panel, fresh: Repository, *, up_to_date: bool) -> None:
    panel.ask("remote", lambda: presence(fresh))
    addresses: dict[str, str] = {}
    names: list[str] = []

    def ask() -> str:
        addresses.update(outs(fresh, "HEAD"))
        names.extend(changed(addresses, {}))
        if not names:
            raise CapturesetError("dvc.lock names no export, so a consumer gets nothing; run `dvc repro`.")
        return f"{len(names)} in dvc.lock"

    panel.ask("exports", ask)
    ask_exports(panel, fresh, addresses, names, up_to_date=up_to_date)


def _read_manifest(fresh: Repository, version: Version) -> dict[str, Any]:
    path = fresh.manifests / f"{version.file_stem}.json"
    if not path.is_file():
        raise CapturesetError(
            f"{path.relative_to(fresh.root)} does not exist at {version.tag}; make versions with `captureset release`."
        )
    document: dict[str, Any] = jsontext.read(path)
    return document


def _manifest(fresh: Repository, version: Version) -> str:
    document = _read_manifest(fresh, version)
    schema.require("release", document, f"{version.file_stem}.json")
    found = list(_disagreements(fresh, version, document))
    if found:
        raise CapturesetError(f"{version.file_stem}.json {'; '.join(found)}; a released version never changes.")
    return f"{version.file_stem}.json satisfies its schema and says what dvc.lock and the pointers say"


def _disagreements(fresh: Repository, version: Version, document: dict[str, Any]) -> Iterator[str]:
    named = {"name": version.name, "version": version.number, "tag": version.tag}
    for key, value in named.items():
        if document[key] != value:
            yield f"has {key} {document[key]!r}, not {value!r}"
    held = {
        "exports": ("dvc.lock", exports(read_yaml(fresh.root / "dvc.lock"))),
        "months": ("data/captures", {pointer.month: pointer.manifest for pointer in pointers.read(fresh.pointers)}),
        "criteria": ("params.yaml", read_yaml(fresh.root / "params.yaml")),
    }
    for key, (place, value) in held.items():
        other = [
            name for name in sorted(document[key].keys() | value.keys()) if document[key].get(name) != value.get(name)
        ]
        if other:
            yield f"disagrees with {place} about {', '.join(other)}"


def _card(fresh: Repository, version: Version) -> str:
    path = fresh.manifests / f"{version.file_stem}.md"
    if not path.is_file():
        raise CapturesetError(f"{path.name}, the dataset card, does not exist at {version.tag}; release it again.")
    _, *rest = path.read_text(encoding="utf-8").split("---\n", 2)
    try:
        front = yaml.safe_load(rest[0]) if len(rest) > 1 else None
    except yaml.YAMLError:
        front = None
    if front != card.front_matter(_read_manifest(fresh, version)):
        raise CapturesetError(
            f"the front matter of {path.name} is not what the manifest says; restore it from the tag."
        )
    return f"the front matter of {path.name} is what the manifest says"


def _parent(fresh: Repository, version: Version) -> str:
    """Return what pointers and ledgers may only have grown from: the version before, or the commit before."""
    parent = _read_manifest(fresh, version)["parent"]
    if parent is None:
        return "HEAD~1"
    commit_of(fresh, f"refs/tags/{parent}")
    return str(parent)


def _gates(fresh: Repository) -> str:
    for gate, verdict in closed_gates(fresh):
        raise CapturesetError(f"{gate} is {verdict}, not passed; such a state is no version, make a later one.")
    return "verify and smoke_train passed when it was built"
