"""What should a person see? One HTML page, DVC metrics and plots, from everything the stages before made.

Reads the tables, the manifests, the verdicts, params.yaml as a whole, and by hash the photos of the contact sheet.
Writes data/report. The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from captureset import params, stage
from captureset.formats import jsontext, schema
from captureset.reporting.contact_sheet import choose, contact_sheet
from captureset.reporting.dataset import Dataset, load
from captureset.reporting.metrics import metrics
from captureset.reporting.page import page
from captureset.reporting.plots import plots
from captureset.store.objects import ObjectStore

OUT = "data/report"


@dataclass(frozen=True, slots=True)
class ReportParams:
    """Section `report` of params.yaml."""

    contact_sheet: int  # captures
    thumbnail_px: int  # long side


def files(dataset: Dataset, settings: ReportParams, read: Callable[[str], bytes]) -> dict[str, str]:
    """Return every file of the report by its name in the folder.

    Args:
        dataset: what the report is about.
        settings: section `report` of params.yaml.
        read: gives the bytes of an address; asked for the photos of the contact sheet only.
    """
    chosen = choose(dataset, settings.contact_sheet)
    sheet = contact_sheet(dataset, chosen, read, settings.thumbnail_px)
    return {
        "report.html": page(dataset, sheet, len(chosen)),
        "metrics.json": jsontext.dump(metrics(dataset)),
        **{f"plots/{name}": text for name, text in plots(dataset).items()},
    }


def main() -> None:
    """Write the page, the metrics and the plots."""
    settings = ReportParams(**params.load("report"))
    document = schema.read_yaml(params.PARAMS_FILE)
    dataset = load(Path("data"), document, params.PARAMS_FILE.read_text(encoding="utf-8"))
    store = ObjectStore(Path.cwd())
    store.fetch_missing([capture.image_md5 for capture in choose(dataset, settings.contact_sheet)])
    with stage.output(Path(OUT)) as folder:
        (folder / "plots").mkdir()
        for name, text in files(dataset, settings, store.read).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    stage.run(main, "report")
