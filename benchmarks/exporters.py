"""How exporters do on the torture set, side by side: `python benchmarks/exporters.py`.

The set is a stranger's COCO folder with dirt in it (tests/torture.py). Three tools convert it;
ours comes out of the real pipeline. `captureset verify` then judges every folder as a stranger's, ours too; inside
its repository all 31 rules are asked of it (tests/test_torture.py).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import apart
import torture
from captureset.verification.case import Policy
from captureset.verification.gate import FAILED, PASSED
from captureset.verification.proving import Proof, verify_folder
from captureset.verification.rules import RULES
from pipeline import NOBODY

TOOLS = ("labelformat", "supervision", "datumaro")
CLIENTS = Path(__file__).resolve().parents[1] / "tests/clients/requirements.txt"


def converted(work: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Return the folder of every exporter and format, and what a tool said that refused the set as it is."""
    torture.write_coco(work / "set")
    script = str(Path(__file__).with_name("converting.py"))
    command = [str(apart.python(CLIENTS)), script, str(work / "set"), str(work / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    ours = torture.built(work / "ours").root / "data/exports"
    folders = {"captureset coco": work / "coco", "captureset yolo": work / "yolo"}
    for kind in ("coco", "yolo"):
        shutil.copytree(ours / f"{kind}_format", work / kind, ignore=shutil.ignore_patterns("manifest.json"))
    folders |= {f"{tool} {kind}": work / "out" / f"{tool}_{kind}" for tool in TOOLS for kind in ("coco", "yolo")}
    return folders, json.loads(done.stdout.splitlines()[-1])


def line(name: str, proof: Proof) -> str:
    """Return how one exporter did: rules passed, failed, and which."""
    status = {check.rule.number: check.status for check in proof.gate.checks}
    failed = [rule for rule in RULES if status[rule.number] == FAILED]
    passed = sum(found == PASSED for found in status.values())
    listed = ", ".join(f"{rule.number} {rule.name}" for rule in failed)
    return f"{name:<20}{passed:>7}{len(failed):>8}  {listed or 'none'}"


def main() -> None:
    """Print the table."""
    os.environ.update(NOBODY)
    work = Path(tempfile.mkdtemp(prefix="captureset-exporters-"))
    try:
        folders, refused = converted(work)
        print(f"{'exporter':<20}{'passed':>7}{'failed':>8}  rules failed")
        for name, folder in folders.items():
            print(line(name, verify_folder(folder, Policy())))
        for tool, said in refused.items():
            print(f"{tool} refused the set; above, without the photos whose names collide: {said.partition(':')[0]}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
