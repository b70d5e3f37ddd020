"""YAML of ours and DVC's, read safely by libyaml: a dvc.lock of many stages takes PyYAML alone half a second."""

from __future__ import annotations

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same documents; a build without libyaml is slower


def parse(text: str) -> Any:
    """Return the object in YAML text.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - a SafeLoader
