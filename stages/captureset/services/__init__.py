"""The app's own doors: drop-in services that answer with a dict and never raise; docs/app.md shows them."""

from captureset.services.data_quality import DataQualityService
from captureset.services.dataset_manager import DatasetManagerService
from captureset.services.image_metadata import ImageMetadataService
from captureset.services.labeling import LabelingService
from captureset.services.labeling_data import LabelingDataService
from captureset.services.measurement import vision_result

__all__ = [
    "DataQualityService",
    "DatasetManagerService",
    "ImageMetadataService",
    "LabelingDataService",
    "LabelingService",
    "vision_result",
]
