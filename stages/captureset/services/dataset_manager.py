"""`DatasetManagerService`: a training dataset by criteria, built in a temporary clone; it never tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from captureset.formats.taxonomy import load_taxonomy
from captureset.services.answers import Answer, answered
from captureset.services.criteria import complete
from captureset.services.settings import settings_of


class DatasetManagerService:
    """Needs the extra `pipeline`, and `train` for the check by the trainer's own loader. No method raises."""

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = config

    def create_training_dataset(self, name: str, version: str, criteria: Any = None) -> Answer:
        """Build a dataset of the committed captures that meet the criteria, verified, in data/datasets/<dataset_id>.

        The last Git commit is cloned, the criteria are written into its params.yaml, `dvc repro verify` runs with the
        repository's own cache, the exports are moved out, the clone is removed. Nothing else in the repository
        changes; `captureset release` is what names a version for ever.

        Args:
            name: such as `ecoguide_waste_classification`.
            version: `1.0.0`; `1.0` means the same.
            criteria: keys of `services.criteria.DEFAULTS`; what is not named has its default.

        Returns:
            `success`, `dataset_id` (`<name>_v<version>`), `metadata`, `export_paths`, `statistics`; or `success`
            False, `error`, `dataset_id`. The same call again returns what is there; other criteria or other captures
            need another version.
        """
        return answered(lambda known: self._created(known, name, version, criteria), dataset_id=None)

    def _created(self, known: Answer, name: str, version: str, criteria: Any) -> Answer:
        known["dataset_id"] = f"{name}_v{version}"
        from captureset.release.version import parse_version  # noqa: PLC0415 - needs the extra `pipeline`
        from captureset.services.building import build  # noqa: PLC0415

        repository = settings_of(self.config).repository
        number = parse_version(str(name), str(version))
        known["dataset_id"] = f"{number.name}_v{number.number}"
        return build(repository, number, complete(criteria, load_taxonomy(repository.categories)))
