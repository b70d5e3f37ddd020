from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from captureset.formats import yamltext

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["dvc.yaml", "params.yaml", "data/categories.yaml"])
def test_libyaml_reads_what_python_reads(name: str) -> None:
    """The fast reader gives the very objects of PyYAML's own safe one."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert yamltext.parse(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: [", "!!python/object/apply:os.system [true]"])
def test_what_is_no_plain_yaml_is_refused(text: str) -> None:
    """Broken text, and tags that would run code."""
    with pytest.raises(yaml.YAMLError):
        yamltext.parse(text)
