"""A new split set: the one way in which released captures get other splits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from captureset import params
from captureset.errors import CapturesetError
from captureset.formats import jsontext, ledgers, schema
from captureset.records.rows import FrozenSplit
from captureset.store.repository import Repository


@dataclass(frozen=True, slots=True)
class Resplit:
    """A split set that now is the current one; nothing is frozen in it yet."""

    split_set: str
    before: str
    frozen_before: int  # captures that the set before holds in place, and still does


def resplit(repository: Repository, name: str, changes: Mapping[str, float | str]) -> Resplit:
    """Begin a split set of a new name in params.yaml, with new ratios or another salt.

    Nothing else is written: `dvc repro` divides everything anew, the next release freezes it under the new name. The
    rows of the set before stay in data/splits.csv, and its releases as they are; written back into params.yaml, its
    name brings its splits back.

    Args:
        repository: whose params.yaml is changed.
        name: of the new set.
        changes: other keys of section `split` and their values.

    Raises:
        CapturesetError: the name is taken or no name, a value is out of range, or params.yaml is not laid out as ours.
    """
    path = repository.root / params.PARAMS_FILE
    before = str(params.load("split", path)["split_set"])
    rows = ledgers.read(repository.frozen_splits, FrozenSplit)
    taken = {before, *(row.split_set for row in rows)}
    if name in taken:
        raise CapturesetError(
            f"the split set {name!r} exists ({', '.join(sorted(taken))}); choose a new name, or write it as "
            "split.split_set into params.yaml to go back to it."
        )
    _change_params(path, {**changes, "split_set": name})
    return Resplit(name, before, sum(row.split_set == before for row in rows))


def _change_params(path: Path, changes: Mapping[str, float | str]) -> None:
    """Write values into section `split`, whose comments and order stay; the file is replaced when all is right."""
    wanted = schema.read_yaml(path)
    wanted["split"].update(changes)
    params.require(wanted, str(path))
    text = path.read_text(encoding="utf-8")
    expected = yaml.safe_load(text)
    expected["split"].update(changes)
    for key, value in changes.items():
        text = _with_value(text, key, value)
    if yaml.safe_load(text) != expected:
        keys = ", ".join(f"{key}: {value}" for key, value in changes.items())
        raise CapturesetError(f"{path} is not laid out key by key; write {keys} into its section split yourself.")
    jsontext.write_text(path, text)


def _with_value(text: str, key: str, value: float | str) -> str:
    """Return params.yaml with one value of section `split` changed."""
    section = re.search(r"(?ms)^split:.*?(?=^[^\s#]|\Z)", text)
    if section is None:
        return text
    plain = str(value) if yaml.safe_load(str(value)) == value else json.dumps(value, ensure_ascii=False)
    changed = re.sub(rf"(?m)^(  {key}:).*$", lambda found: f"{found[1]} {plain}", section[0], count=1)
    return text[: section.start()] + changed + text[section.end() :]
