"""What should a person see? One HTML page, DVC metrics and plots, from everything the stages before made.

Reads the tables, data/splits.csv (what is released), the manifests, the verdicts, params.yaml as a whole, and by hash
the photos it shows.
Writes data/report. The same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from captureset import params, stage
from captureset.formats import jsontext, schema
from captureset.records.rows import CaptureRow
from captureset.reporting import samples
from captureset.reporting.collection_sections import shown_pairs
from captureset.reporting.contact_sheet import choose, contact_sheet
from captureset.reporting.dataset import Dataset, load
from captureset.reporting.kpis import Targets
from captureset.reporting.metrics import metrics
from captureset.reporting.page import Pictures, page
from captureset.reporting.plots import plots
from captureset.store.objects import ObjectStore

OUT = "data/report"


@dataclass(frozen=True, slots=True)
class ReportParams:
    """Section `report` of params.yaml."""

    contact_sheet: int  # captures
    thumbnail_px: int  # long side


def files(dataset: Dataset, settings: ReportParams, targets: Targets, read: Callable[[str], bytes]) -> dict[str, str]:
    """Return every file of the report by its name in the folder.

    Args:
        dataset: what the report is about.
        settings: how its pictures are.
        targets: what its figures are held to.
        read: gives the bytes of an address; asked for the photos of `pictured` only.
    """
    chosen = choose(dataset, settings.contact_sheet)
    pictures = Pictures(
        contact_sheet(dataset, chosen, read, settings.thumbnail_px),
        len(chosen),
        samples.crops(samples.mistaken(dataset.captures, dataset.trust), dataset.annotations, read),
        samples.photos(_alike(dataset), read),
    )
    return {
        "report.html": page(dataset, targets, pictures),
        "metrics.json": jsontext.dump(metrics(dataset, targets)),
        **{f"plots/{name}": text for name, text in plots(dataset).items()},
    }


def pictured(dataset: Dataset, settings: ReportParams) -> list[CaptureRow]:
    """Return the captures whose photos the page shows: on the contact sheet, mistaken by a model, looking alike."""
    mistaken = samples.mistaken(dataset.captures, dataset.trust)
    return [*choose(dataset, settings.contact_sheet), *mistaken, *_alike(dataset)]


def _alike(dataset: Dataset) -> list[CaptureRow]:
    pairs = shown_pairs(dataset.duplicates)
    wanted = {name for row in pairs for name in (row.one_id, row.other_id)}
    return [capture for capture in dataset.captures if capture.capture_id in wanted]


def main() -> None:
    """Write the page, the metrics and the plots."""
    settings, targets = params.record(ReportParams, "report"), params.record(Targets, "report")
    document = schema.read_yaml(params.PARAMS_FILE)
    dataset = load(Path("data"), document, params.PARAMS_FILE.read_text(encoding="utf-8"))
    store = ObjectStore(Path.cwd())
    store.fetch_missing([capture.image_md5 for capture in pictured(dataset, settings)])
    with stage.output(Path(OUT)) as folder:
        (folder / "plots").mkdir()
        for name, text in files(dataset, settings, targets, store.read).items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    stage.run(main, "report")
