from mmpsearch.datasets.reid.adaptation import AdaptationDataset
from mmpsearch.datasets.reid.base import ReIDDataset
from mmpsearch.datasets.reid.bounding_boxes import (
    DukeMTMCReID,
    Market1501,
    OccludedDuke,
    PersonX,
)
from mmpsearch.datasets.reid.crops import Counts, Crops
from mmpsearch.datasets.reid.cuhk03 import CUHK03
from mmpsearch.datasets.reid.custom import CustomReID
from mmpsearch.datasets.reid.feature_probe_set import FeatureProbeSet
from mmpsearch.datasets.reid.joint import JointReIDDataset
from mmpsearch.datasets.reid.luperson import LUPerson
from mmpsearch.datasets.reid.msmt17 import MSMT17
from mmpsearch.datasets.reid.scene_crops import SceneCrops
from mmpsearch.errors import DataLayoutError

__all__ = [
    "AdaptationDataset",
    "CUHK03",
    "Counts",
    "Crops",
    "CustomReID",
    "DataLayoutError",
    "DukeMTMCReID",
    "FeatureProbeSet",
    "JointReIDDataset",
    "LUPerson",
    "MSMT17",
    "Market1501",
    "OccludedDuke",
    "PersonX",
    "ReIDDataset",
    "SceneCrops",
]
