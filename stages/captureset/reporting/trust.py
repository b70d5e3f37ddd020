"""Model against person, ready to show: the tables of judgement/reliability.py, ranked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from captureset.formats import tables
from captureset.judgement import reliability
from captureset.judgement.reliability import Case
from captureset.records.quality_rows import CalibrationRow, ConfusionRow, ReliabilityRow

FEWEST_JUDGED = 3  # answers, to call a category reliable


@dataclass(frozen=True, slots=True)
class Trust:
    """What people made of the answers of models."""

    reliability: Sequence[ReliabilityRow]
    confusions: Sequence[ConfusionRow]  # right answers included
    calibration: Sequence[CalibrationRow]

    @classmethod
    def of(cls, found: Sequence[Case]) -> Trust:
        """Return what people made of these answers."""
        return cls(reliability.reliability(found), reliability.confusions(found), reliability.calibration(found))

    @classmethod
    def read(cls, quality: Path) -> Trust:
        """Return what the tables in data/quality say of all answers.

        Raises:
            CapturesetError: a table is missing or of another version.
        """
        return cls(
            tables.read(quality / "reliability.parquet", ReliabilityRow),
            tables.read(quality / "confusions.parquet", ConfusionRow),
            tables.read(quality / "calibration.parquet", CalibrationRow),
        )

    @property
    def models(self) -> list[ReliabilityRow]:
        """One row a model version, over all categories, that people have judged an answer of."""
        return [row for row in self.reliability if row.category is None and row.judged]

    @property
    def categories(self) -> list[ReliabilityRow]:
        """One row a model version and category it named, that people have judged an answer of."""
        return [row for row in self.reliability if row.category is not None and row.judged]

    @property
    def judged(self) -> int:
        """How many answers people have judged."""
        return sum(row.judged for row in self.models)

    @property
    def most_reliable(self) -> list[ReliabilityRow]:
        """Categories that do at least as well as all together, the surest first: 19 of 20 go before 3 of 3."""
        right, judged = sum(row.category_right for row in self.models), self.judged
        good = [row for row in self.categories if row.judged >= FEWEST_JUDGED]
        good = [row for row in good if row.category_right * judged >= right * row.judged]
        return sorted(good, key=lambda row: (-(row.category_right_low or 0.0), row.category or ""))

    @property
    def least_reliable(self) -> list[ReliabilityRow]:
        """Categories with a mistake, by the best they can be, the worst first."""
        mistaken = [row for row in self.categories if row.category_right < row.judged]
        return sorted(mistaken, key=lambda row: (row.category_right_high or 0.0, row.category or ""))

    @property
    def mistakes(self) -> list[ConfusionRow]:
        """What models took for what, the most frequent first."""
        wrong = [row for row in self.confusions if row.said != row.person]
        return sorted(wrong, key=lambda row: (-row.captures, row.said, row.person, row.model_version or ""))


def model_name(row: ReliabilityRow | ConfusionRow | CalibrationRow) -> str:
    """Return name and version of a model."""
    return " ".join(filter(None, (row.model_name or "unnamed model", row.model_version)))


def several(rows: Iterable[ReliabilityRow | CalibrationRow]) -> bool:
    """Say whether rows are of more than one model version."""
    return len({model_name(row) for row in rows}) > 1
