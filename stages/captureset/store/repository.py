"""Where things stand in a captureset repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from captureset.errors import CapturesetError


@dataclass(frozen=True, slots=True)
class Repository:
    """The paths of one repository, all below `root`."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Repository:
        """Return the repository that holds a folder (the current one by default).

        Raises:
            CapturesetError: no folder from there upwards has data/categories.yaml.
        """
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if (folder / "data" / "categories.yaml").is_file():
                return cls(folder)
        raise CapturesetError(
            f"{here} is in no captureset repository (no data/categories.yaml from there upwards); "
            "go into one, name one with --repo, or make one with `captureset quickstart DIR`."
        )

    @property
    def categories(self) -> Path:
        """The taxonomy."""
        return self.root / "data" / "categories.yaml"

    @property
    def pointers(self) -> Path:
        """The folder of month pointers, which holds nothing else."""
        return self.root / "data" / "captures"

    @property
    def inbox(self) -> Path:
        """Where captures and feedback land."""
        return self.root / "data" / "inbox"

    @property
    def quarantine(self) -> Path:
        """Where refused ones are kept, each with its reason."""
        return self.root / "data" / "quarantine"

    @property
    def exclusions(self) -> Path:
        """The ledger of captures a person set aside."""
        return self.root / "data" / "exclusions.csv"

    @property
    def erasures(self) -> Path:
        """The ledger of captures that are erased: their tombstones."""
        return self.root / "data" / "erasures.csv"

    @property
    def checks(self) -> Path:
        """The ledger of quality checks."""
        return self.root / "data" / "checks.csv"

    @property
    def frozen_splits(self) -> Path:
        """The ledger of released captures and their split."""
        return self.root / "data" / "splits.csv"

    @property
    def manifests(self) -> Path:
        """One JSON per release."""
        return self.root / "data" / "metadata" / "datasets"

    @property
    def release_manifests(self) -> list[Path]:
        """The manifests of all releases, by name; Croissant metadata beside them is none."""
        return sorted(path for path in self.manifests.glob("*.json") if "." not in path.stem)

    @property
    def quality_reports(self) -> Path:
        """Weekly and monthly quality reports, JSON and HTML."""
        return self.root / "data" / "metadata" / "quality_reports"

    @property
    def scratch(self) -> Path:
        """Work in progress, ignored by Git and DVC: finished shards, a release under way, what a repair moved aside."""
        return self.root / ".dvc" / "tmp" / "captureset"
