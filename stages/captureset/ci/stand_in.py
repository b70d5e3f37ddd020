"""A quickstart repository in place of data that CI cannot have: the parts that need data are asked of it instead.

That is so with the embedded default, a remote that is a folder inside the repository: a clone on another machine has
nothing of it.
"""

from __future__ import annotations

import configparser
import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml

from captureset import params
from captureset.capture import adding
from captureset.ci.parts import Panel, Part
from captureset.formats import jsontext
from captureset.formats.schema import schemas_folder
from captureset.formats.taxonomy import load_taxonomy
from captureset.quickstart import quickstart
from captureset.quickstart.answers import MISTAKEN_NAMES
from captureset.records.taxonomy import Category
from captureset.release.remote import embedded
from captureset.store import git
from captureset.store.repository import Repository

WHY_NOT = "needs the data, which stand in a folder of somebody's clone"
CONFIG = ".dvc/config"
REMOTE = "storage"  # as quickstart names it

Make = Callable[[Path], Repository]
Judge = Callable[[Repository, Panel], None]


def out_of_reach(repository: Repository) -> Path | None:
    """Return the embedded remote when this clone has nothing of it, None when there is something to ask."""
    folder = embedded(repository)
    there = folder is not None and any(path.is_file() for path in folder.rglob("*"))
    return None if there else folder


def taken_away(repository: Repository, against: str) -> bool:
    """Say whether a branch had a remote elsewhere, as .dvc/config in Git has it, which this one no longer has."""
    text = git.committed_text(repository.root, CONFIG, against)
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.read_string(text or "")
    name = config.get("core", "remote", fallback="")
    url = config.get(f"'remote \"{name}\"'", "url", fallback="")
    elsewhere = "://" in url or repository.root not in (repository.root / ".dvc" / url).resolve().parents
    return bool(url) and elsewhere


def sentence(folder: Path, repository: Repository) -> str:
    """Return what a person must know: nobody looked at their data."""
    place = folder.relative_to(repository.root).parts[0]
    return (
        f"The data of this repository were NOT verified: its DVC remote is a folder inside it ({place}), which this "
        f"clone has nothing of. A quickstart repository of synthetic captures was judged in their place. "
        "Give CI a remote it can reach: `dvc remote modify storage url s3://bucket/prefix`, commit .dvc/config, "
        "`dvc push --all-tags` (docs/ci.md)."
    )


def make(folder: Path, captures: int, step: Callable[[str], None]) -> Repository:
    """Return a quickstart repository whose remote is a folder outside it, built and pushed.

    It has this repository's code and its categories, and the standard parameters: a filter of one's own would leave
    nothing of drawn photos.

    Raises:
        CapturesetError: it cannot be made here; the sentence says why.
    """
    root = folder / "quickstart"
    quickstart.run(root, captures, step=step, note=step, prepare=prepare)
    git.dvc(root, "remote", "modify", "--quiet", REMOTE, "url", str(folder / "remote"))
    git.commit_paths(root, [CONFIG], "A remote outside the repository")
    git.dvc(root, "push", "--quiet")
    return Repository(root)


def prepare(root: Path) -> None:
    """Give a new repository the standard parameters and the categories that are drawn, and commit them."""
    document = jsontext.read(schemas_folder() / "examples" / "params.json")
    jsontext.write_text(root / params.PARAMS_FILE, yaml.safe_dump(document, allow_unicode=True, sort_keys=False))
    _add_drawn_categories(Repository(root).categories)
    changed = git.changed_paths(root)
    if changed:
        git.commit_paths(root, changed, "Standard parameters, and the categories that are drawn")


def _add_drawn_categories(path: Path) -> None:
    taxonomy = load_taxonomy(path)
    known = {category.code for category in taxonomy.categories}
    under, first = taxonomy.supercategories[0].code, len(known) + 1
    lacking = [code for code in MISTAKEN_NAMES if code not in known]
    added = [Category(number, code, code, code, under) for number, code in enumerate(lacking, start=first)]
    if added:
        jsontext.write_text(path, adding.appended_text(path.read_text(encoding="utf-8"), added))


def judged(make_one: Make, judge: Judge, tell: Callable[[Part], None]) -> tuple[Part, ...]:
    """Make a quickstart repository, judge it, and return the parts; that it could not be made is one that failed."""
    panel = Panel(tell, "quickstart: ")
    with tempfile.TemporaryDirectory(prefix="captureset-ci-") as folder:
        made: list[Repository] = []

        def ask() -> str:
            made.append(make_one(Path(folder)))
            return "made, built and pushed"

        if panel.ask("made", ask):
            judge(made[0], panel)
    return tuple(panel.parts)
