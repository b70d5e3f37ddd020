"""cleanvision's scores of photos, by the environment of requirements.txt in this folder.

`python cleanvision_scores.py LIST OUT [blurry]`: LIST has a path a line; OUT gets JSON: the blurry score of each path,
and how long it took.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from cleanvision import Imagelab


def main() -> None:
    """Score the photos by all default issues, or by one."""
    paths = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    started = time.perf_counter()
    lab = Imagelab(filepaths=paths, verbose=False)
    issues = {name: {} for name in sys.argv[3:]} or None  # type: ignore[var-annotated]
    lab.find_issues(issue_types=issues, verbose=False)
    seconds = time.perf_counter() - started
    scores = {str(path): float(score) for path, score in lab.issues["blurry_score"].items()}
    Path(sys.argv[2]).write_text(json.dumps({"seconds": seconds, "blurry_score": scores}), encoding="utf-8")


if __name__ == "__main__":  # it starts processes that import this file again
    main()
